/** What Gorse's REST API takes and gives: gorse.io, `server/rest.go`. */
import { z } from '@hono/zod-openapi';
import type { Stretch } from '../../../pipeline/gorseLists.ts';
import { featureValue } from '../../resourceSchemas.ts';
import { interactionType, userId } from '../../schemas.ts';
import { json, problems } from '../answers.ts';

export const tags = ['Gorse'];

export const success = z
  .object({ RowAffected: z.number().int() })
  .openapi('GorseSuccess', { description: 'How many were given' });

const text = z.string();
/** Text, lists of text, numbers, vectors, by name or not: as the reader of Gorse's dumps takes them. */
const labels = z
  .unknown()
  .meta({ description: 'A list of labels, or an object of labels, numbers and vectors by name' });
const comment = text.nullish().meta({ description: "An item's title, a user's comment" });

export const gorseUserBody = z
  .looseObject({ UserId: z.union([text, z.number()]), Labels: labels.optional(), Comment: comment })
  .openapi('GorseUserBody');
export const gorseUserPatch = z.looseObject({ Labels: labels.optional(), Comment: comment }).openapi('GorseUserPatch');
export const gorseItemBody = z
  .looseObject({
    ItemId: z.union([text, z.number()]),
    IsHidden: z.boolean().nullish(),
    Categories: z.array(text).nullish(),
    Timestamp: text.nullish(),
    Labels: labels.optional(),
    Comment: comment,
  })
  .openapi('GorseItemBody');
export const gorseItemPatch = gorseItemBody.omit({ ItemId: true }).openapi('GorseItemPatch');
export const gorseFeedbackBody = z
  .looseObject({
    FeedbackType: interactionType,
    UserId: z.union([text, z.number()]),
    ItemId: z.union([text, z.number()]),
    Value: z.number().nullish(),
    Timestamp: text.nullish().meta({ description: 'The moment of arrival where absent' }),
    Comment: text.nullish().meta({ description: 'Not kept' }),
  })
  .openapi('GorseFeedbackBody');

export const gorseUserSchema = z.object({ UserId: text, Labels: labels, Comment: text }).openapi('GorseUser');
export const gorseItemSchema = z
  .object({
    ItemId: text,
    IsHidden: z.boolean(),
    Categories: z.array(text).readonly(),
    Timestamp: text,
    Labels: labels,
    Comment: text,
  })
  .openapi('GorseItem');
export const gorseFeedbackSchema = z
  .object({
    FeedbackType: text,
    UserId: text,
    ItemId: text,
    Value: z.number().meta({ description: 'Sum of all of this user, item and type' }),
    Timestamp: text.meta({ description: 'Of the last' }),
    Comment: text,
  })
  .openapi('GorseFeedback');
export const scoresSchema = z
  .array(z.object({ Id: text, Score: z.number() }))
  .openapi('GorseScores', { description: 'Best first' });

const whole = (least: number, usual: number) =>
  z.preprocess(
    (given) => (typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : given),
    z.number().int().min(least).max(1000).default(usual),
  );
export const n = whole(1, 10).meta({ description: 'How many' });
export const offset = whole(0, 0).meta({ description: 'How many to pass over' });
/** Gorse's client for Node writes it with a capital letter. */
export const cursors = {
  cursor: z.string().max(4096).optional().meta({ description: '`Cursor` of the page before' }),
  Cursor: z.string().max(4096).optional().meta({ description: 'The same' }),
};

export const stretch = { n, offset };
export const category = featureValue;
/** What lists of items take. */
export const itemsQuery = z.object({
  ...stretch,
  category: z
    .preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(category).max(10).optional())
    .openapi({ type: 'array', items: { type: 'string' } })
    .meta({ description: 'Items of all these categories' }),
  'user-id': userId.optional().meta({ description: 'Without what this user has done' }),
});
export const scores = { 200: json('Ids and scores', scoresSchema), ...problems(404, 422) };

type ItemsQuery = z.infer<typeof itemsQuery>;

/** A stretch as it is asked for; of the path's category, where it has one. */
export function stretchOf(
  { n, offset, category, 'user-id': reader }: Pick<ItemsQuery, 'n' | 'offset'> & Partial<ItemsQuery>,
  ofPath?: string,
): Stretch {
  return { n, offset, categories: ofPath === undefined ? category : [ofPath], reader };
}
