/** What goes in and out of the API, as zod: validation, types and the OpenAPI document come from here. */
import { z } from '@hono/zod-openapi';
import { locales, option } from '../options.ts';
import { foldInWays } from '../serving/foldIn/taste.ts';
import { attributionSchema, pathSchema, ruleMarks, ruleVerdicts } from './evidenceSchemas.ts';
import { numberFrom } from './numberFrom.ts';
import { experimentArm, pipelineName, traceSchema } from './pipelineSchemas.ts';

/** Most interactions of one batch. */
export const mostPosted = 10_000;

/** Whether a path can name it: a URL leaves out '.' and '..', however they are encoded. */
export const isAddressable = (text: string): boolean => !/^\.\.?$/.test(text);

const id = (what: string) =>
  z
    .string()
    .min(1)
    .max(256)
    // A half of a surrogate pair cannot be stored: it would come back as another id.
    .refine((text) => !/\p{Surrogate}/u.test(text), 'holds half a character')
    .refine(isAddressable, 'is a step in a path')
    .meta({ description: `Id of the ${what}, as it came from outside` });

/** ms since 1970. */
export const moment = z.number().int().min(0).max(8.64e15);

/** What is taken in one request, all of it or nothing. */
export const batchOf = <T extends z.ZodType>(one: T) => z.array(one).min(1).max(mostPosted);

export const userId = id('user');
export const itemId = id('item');

type BooleanOption = typeof option.explain;

// What is no truth stays text, which the option's own schema then refuses.
const booleanFrom = (schema: BooleanOption) =>
  z.preprocess(
    (text) => (text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text),
    schema,
  );

export const limit = numberFrom(option.limit);
export const explain = booleanFrom(option.explain);
export const block = booleanFrom(option.block);
export const trace = booleanFrom(option.trace);
export const pipeline = option.pipeline;
export const experiment = option.experiment;
export const arm = option.arm;
export const named = z.string().max(64).optional().meta({
  description:
    'A published version to ask in place of the served one, to compare them; a few of them stay open. Its ids are those of `/v1/versions`',
});
export const preview = booleanFrom(z.boolean().default(false)).meta({
  description: 'Only a look: what is answered is not noted as shown to the user',
});
export const filter = option.filter;
export const locale = z.enum(locales).optional().meta({
  description: 'Language of sentences; what Accept-Language asks for, where not given',
});

const ruleUses = z.array(z.string().min(1).max(1000)).max(10).optional();

/** One rule, or several under the same name in the query. */
export const rules = z.preprocess(
  (given) => (typeof given === 'string' ? [given] : given),
  ruleUses.openapi({ type: 'array', items: { type: 'string' } }).meta({
    description:
      'Registered rules that the items go by, each as NAME or NAME:param=value,param=value; again for each further one',
  }),
);

/** What a body may ask of a list, whoever it is for. */
export const listAsked = {
  filter,
  rules: ruleUses.meta({
    description: 'Registered rules that the items go by, each as NAME or NAME:param=value,param=value',
  }),
  pipeline,
  experiment,
  arm,
  trace: option.trace,
};

export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string().meta({ description: 'Name of the status' }),
    status: z.number().int(),
    detail: z.string().meta({ description: 'What was given, what was expected, what to do' }),
    code: z.string().meta({ description: 'Stable name of the error' }),
    retryable: z.boolean().meta({ description: 'Whether the same request can succeed later' }),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem', { description: 'RFC 9457' });

export const fallback = z.literal('popular').optional().meta({
  description: 'There, where nothing is known of the taste: what most people chose, with their number as score',
});
export const foldedIn = z
  .object({
    interactions: z.number().int().meta({ description: 'Items that the taste is made of' }),
    how: z.enum(foldInWays).meta({
      description:
        "'item-weights', 'filter', 'propagation', 'item-vectors' and 'sequence': as the model does it itself; 'least-squares': the vector that says best what was done, item vectors held fixed",
    }),
    leftOut: z
      .literal('own-vector')
      .optional()
      .meta({ description: 'There, where a training would find a vector of her own too' }),
    prior: z.number().min(0).max(1).optional().meta({
      description:
        'Share of the score that says what most people choose: there for who was not trained with, the greater the less is known',
    }),
  })
  .optional()
  .meta({ description: 'There, where the taste was made at the time of the request, of what was done up to now' });
export const version = z.string().meta({ description: 'Id of the version that answered' });
export const graphState = z.enum(['none', 'reached', 'unreachable']).meta({
  description:
    "Whether Neo4j answered. Where it did not, what the user did since the version's snapshot is not left out, and evidence from the graph is missing",
});
export const stale = z.literal(true).optional().meta({
  description:
    'There, where Neo4j does not answer: what was written since the list, or the version, was made may be missing',
});

const ranked = {
  item: z.string(),
  title: z.string(),
  score: z.number(),
};

export const explanationSchema = z
  .object({
    user: z.string(),
    ...ranked,
    version,
    fallback,
    attribution: attributionSchema.optional(),
    unattributed: z
      .string()
      .optional()
      .meta({ description: 'Why there is no exact attribution, for scores that are no sum of parts' }),
    paths: z.array(pathSchema).max(3),
    reasons: z.array(z.string()),
    graph: graphState,
    rules: ruleVerdicts,
  })
  .openapi('Explanation');

/** What an answer says of how its list was made. */
export const listMade = {
  notes: z.array(z.string()).readonly().optional().meta({
    description:
      'Sources that failed and were left out, and versions that could not go by what was done since their training',
  }),
  pipeline: pipelineName.optional(),
  experiment: experimentArm.optional(),
  degraded: z
    .literal('ranking')
    .optional()
    .meta({ description: 'There, where the ranking was not ready in time: items are in the order of the retrieval' }),
};

export const recommendationsSchema = z
  .object({
    user: z.string(),
    version,
    fallback,
    foldedIn,
    graph: graphState,
    stale,
    items: z.array(
      z.object({
        ...ranked,
        reasons: z.array(z.string()).optional(),
        paths: z.array(pathSchema).optional(),
        rules: ruleMarks,
      }),
    ),
    ...listMade,
    trace: traceSchema.optional(),
  })
  .openapi('Recommendations');

export const similarSchema = z
  .object({
    item: z.string(),
    title: z.string(),
    version,
    items: z.array(z.object(ranked)),
    unseen: z
      .object({
        features: z.number().int(),
        neighbours: z.number().int(),
        how: z
          .enum(['model', 'mean'])
          .meta({ description: "The model's own, or between the vectors of items like it" }),
      })
      .optional()
      .meta({ description: 'There for an item that came after the training: how many of each its vector is made of' }),
  })
  .openapi('SimilarItems');

/** Few kinds, not free text. */
export const interactionType = z
  .string()
  // Without a flag, which no JSON schema has.
  .regex(/^[A-Za-z0-9][A-Za-z0-9_ -]{0,63}$/);

export const interactionSchema = z.strictObject({
  user: userId,
  item: itemId,
  type: interactionType
    .default('interaction')
    .meta({ description: "'rating', 'view' and so on: few kinds, not free text" }),
  value: z.number().min(-1e9).max(1e9).default(1),
  at: moment.optional().meta({
    description: 'ms since 1970; the moment of arrival where absent, so that a repeated request counts again: say it',
  }),
});

export const postedSchema = z.strictObject({ interactions: batchOf(interactionSchema) }).openapi('Interactions');

export const similarUsersSchema = z
  .object({
    user: z.string(),
    version,
    foldedIn,
    users: z.array(z.object({ id: z.string(), score: z.number().meta({ description: 'Cosine, −1 to 1' }) })).readonly(),
  })
  .openapi('SimilarUsers');

/** Most users of one request: each line is made when the one before has been read. */
export const batchAskedSchema = z
  .strictObject({
    users: batchOf(userId),
    limit: option.limit,
    explain: option.explain.default(false),
    filter: option.filter,
    rules: listAsked.rules,
    pipeline: option.pipeline,
    experiment: option.experiment,
  })
  .openapi('RecommendationsBatch');

export const acceptedSchema = z
  .object({
    accepted: z.number().int().meta({ description: 'Interactions of the batch; all are in Neo4j' }),
    created: z
      .object({ interactions: z.number().int(), users: z.number().int(), items: z.number().int() })
      .meta({ description: 'What was not there before' }),
  })
  .openapi('Accepted');
