/** Users, items, features and interactions as they go in and out of the API. */
import { z } from '@hono/zod-openapi';
import { maxFeatureLength } from '../data/cells.ts';
import { batchOf, interactionSchema, isAddressable, itemId, moment, userId } from './schemas.ts';

const whole = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** Text of a line: without halves of characters, and without what ends a line, which stands between keys of features. */
const lineOf = (longest: number, refused: RegExp, problem: string) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine(whole, 'holds half a character')
    .refine(isAddressable, 'is a step in a path')
    .refine((text) => !refused.test(text), problem);

// A colon stands between kind and value.
export const featureKind = lineOf(64, /[\p{Cc}:]/u, 'holds a colon or a control character').meta({
  description: "'genre', 'occupation' and so on",
  example: 'genre',
});
export const featureValue = lineOf(maxFeatureLength, /\p{Cc}/u, 'holds a control character').meta({
  description: 'What nodes share',
  example: 'Action',
});

const feature = z
  .strictObject({
    kind: featureKind,
    value: featureValue,
    weight: z.number().min(-1e9).max(1e9).optional().meta({ description: '1 where absent' }),
  })
  .openapi('FeatureValue');

const attributeName = z.string().regex(/^[\p{L}\p{N}_][\p{L}\p{N}_ .-]{0,63}$/u);
const attributeValue = z.union([
  z.number(),
  z.string().max(20_000).refine(whole, 'holds half a character'),
  z.array(z.number()).min(1).max(4096),
]);
const attributes = z
  .record(attributeName, attributeValue)
  .meta({ description: 'What is no token that nodes share: numbers, texts, vectors. By name' });
const features = z.array(feature).max(1000);
const title = z.string().min(1).max(maxFeatureLength).refine(whole, 'holds half a character');
const releasedAt = moment.meta({ description: 'Release or first availability, ms since 1970' });
const available = z.boolean().meta({ description: 'Whether it may be recommended; lists go by it from then on' });

const asAnswer = { features: z.array(feature).readonly(), attributes };

export const userResource = z.object({ id: z.string(), ...asAnswer }).openapi('User');
export const itemResource = z
  .object({ id: z.string(), title: title.optional(), at: releasedAt.optional(), available, ...asAnswer })
  .openapi('Item');
export const featureResource = z
  .object({
    kind: z.string(),
    value: z.string(),
    items: z.number().int().meta({ description: 'How many have it' }),
    users: z.number().int(),
  })
  .openapi('Feature');

/** The whole of a user or item: what is not said is not there. */
export const userBody = z
  .strictObject({ features: features.default([]), attributes: attributes.default({}) })
  .openapi('UserBody');
export const itemBody = z
  .strictObject({
    title: title.optional(),
    at: releasedAt.optional(),
    available: available.default(true),
    features: features.default([]),
    attributes: attributes.default({}),
  })
  .openapi('ItemBody');

const patchedAttributes = z
  .record(attributeName, attributeValue.nullable())
  .optional()
  .meta({ description: 'What is not named stays; null takes away' });
const patchedFeatures = features.optional().meta({ description: 'All features, in place of those there are' });
export const userPatch = z
  .strictObject({ features: patchedFeatures, attributes: patchedAttributes })
  .openapi('UserPatch', { description: 'RFC 7396: what is not named stays' });
export const itemPatch = z
  .strictObject({
    title: title.nullable().optional(),
    at: releasedAt.nullable().optional(),
    available: available.optional(),
    features: patchedFeatures,
    attributes: patchedAttributes,
  })
  .openapi('ItemPatch', { description: 'RFC 7396: what is not named stays, null takes away' });

/** A line of an upload, and an element of a batch: what is not said stays. */
export const userLine = z.strictObject({
  id: userId,
  features: features.default([]),
  attributes: attributes.optional(),
});
export const itemLine = z.strictObject({
  id: itemId,
  title: title.optional(),
  at: releasedAt.optional(),
  available: available.optional(),
  features: features.default([]),
  attributes: attributes.optional(),
});
export const usersBatch = z.strictObject({ users: batchOf(userLine) }).openapi('Users');
export const itemsBatch = z.strictObject({ items: batchOf(itemLine) }).openapi('Items');

export const interactionResource = z
  .object({
    user: z.string(),
    item: z.string(),
    type: z.string(),
    at: z.number().meta({ description: 'ms since 1970' }),
    value: z.number(),
  })
  .openapi('Interaction');

/** Which interactions, and their new values. */
export const valuesBatch = z
  .strictObject({
    interactions: batchOf(
      interactionSchema.extend({ type: z.string().min(1).max(64), at: moment, value: interactionSchema.shape.value }),
    ),
  })
  .openapi('InteractionValues');

export const next = z.string().optional().meta({
  description: '`cursor` of the next page; absent on the last. A page may be short, or empty, and not the last',
});

export const writtenSchema = z
  .object({ created: z.boolean().meta({ description: 'Whether it was not there before' }) })
  .openapi('Written');
export const countsSchema = z
  .object({
    accepted: z.number().int().meta({ description: 'What the batch holds; all of it is in Neo4j' }),
    created: z
      .object({ users: z.number().int(), items: z.number().int(), features: z.number().int() })
      .meta({ description: 'What was not there before' }),
  })
  .openapi('AcceptedBatch');
