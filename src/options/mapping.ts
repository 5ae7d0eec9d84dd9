/** A graph that somebody else modelled: which of its labels, relationship types and properties are what; and what interactions mean. */
import { z } from 'zod';
import { about } from './meta.ts';

/**
 * A label, relationship type or property as it is in the database. It is written into statements between backticks; a backslash
 * could end those (Cypher reads `\u0060` as a backtick before anything else), so that no name with one is taken.
 */
const name = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\\\p{Cc}]*$/u, 'a name has no backslash and no control character');

const timeUnits = ['ms', 's', 'date', 'text', 'year'] as const;

/** A property that holds a time, and in what form. */
const time = z.strictObject({
  property: name,
  /** ms or s since 1970; a DATE or DATETIME of the database; text in ISO 8601; a year. */
  unit: z.enum(timeUnits),
});

const direction = z.enum(['out', 'in']).default('out');

export const mappingSchema = z.strictObject({
  users: z.strictObject({ label: name, key: name, properties: z.array(name).default([]) }),
  items: z.strictObject({
    label: name,
    key: name,
    title: name.optional(),
    /** When the item came out. */
    time: time.optional(),
    /** A property that is false where the item cannot be recommended. */
    available: name.optional(),
    /** Properties that are features: each value of each, and each element of a list. */
    properties: z.array(name).default([]),
  }),
  interactions: z
    .array(
      z.strictObject({
        relationship: name,
        /** 'out' from user to item, 'in' from item to user. */
        direction,
        /** A number; 1 where there is none. */
        value: name.optional(),
        time: time.optional(),
        /** A property that tells kinds of interaction apart; the relationship's type does where there is none. */
        type: name.optional(),
      }),
    )
    .min(1),
  features: z
    .array(
      z.strictObject({
        of: z.enum(['items', 'users']).default('items'),
        relationship: name,
        /** 'out' from the item or user to the feature, 'in' the other way. */
        direction,
        label: name,
        /** The property that tells one feature from another. */
        value: name,
        /** What such a feature is called in explanations: 'genre'. */
        kind: name.regex(/^[^:]*$/, 'a kind has no colon'),
        weight: name.optional(),
      }),
    )
    .default([]),
  social: z
    .array(
      z.strictObject({
        relationship: name,
        /** 'out' from who trusts to whom, 'both' where it holds both ways. */
        direction: z.enum(['out', 'in', 'both']).default('out'),
        weight: name.optional(),
      }),
    )
    .default([])
    .refine((edges) => new Set(edges.map((edge) => edge.direction)).size <= 1, 'all have one direction'),
});

/** What one type of interaction means. */
const meaning = z.strictObject({
  /** How much a pair of user and item counts in training whose strongest interaction is of this type; 1 is usual. */
  weight: z.number().positive().max(1000).default(1),
  /** Least value that is liked; `minValue` where not given. */
  positiveFrom: z.number().optional(),
  /** The user does not want the item: it is never liked, and takes back what was liked before it. */
  negative: z.boolean().default(false),
  /** Days after which it does not count any more; it always counts where not given. */
  expiryDays: z.number().positive().optional(),
});

export const mappingOption = {
  mapping: mappingSchema.optional().meta(
    about('Labels, relationship types and properties of a graph that somebody else modelled', {
      reason: "the graph of 'tastegraph ingest' where not given; 'tastegraph inspect' proposes one",
    }),
  ),
  writeBack: z
    .boolean()
    .default(false)
    .meta(
      about('Write versions and vectors into a mapped graph too', {
        reason: 'without it nothing at all is added to a graph that somebody else modelled',
      }),
    ),
  interactions: z
    .record(z.string().min(1), meaning)
    .optional()
    .meta(
      about('What types of interaction mean: for each `weight`, `positiveFrom`, `negative`, `expiryDays`', {
        reason: 'all count alike where not given; training, evaluation and serving go by it',
      }),
    ),
  write: z.string().optional().meta(about('Config file to write the proposed mapping into; other keys in it stay')),
};

/** As it is after the defaults. */
export type Mapping = z.output<typeof mappingSchema>;
export type TimeProperty = z.output<typeof time>;
export type InteractionMeaning = z.output<typeof meaning>;
/** By type of interaction. */
export type InteractionMeanings = Readonly<Record<string, InteractionMeaning>>;
