/** Serving pipelines: where candidates come from, how they are brought together, what ranks them, what shapes the list. */
import { z } from 'zod';
import { about, count } from './meta.ts';
import { rerankerSchema } from './reranking.ts';

/** A name in requests, traces and metrics. */
export const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'takes small letters, digits and dashes, at most 63');

const source = {
  /** How the trace and the weights of the fusion call it; its kind where not given. */
  name: name.optional(),
  /** Most items it brings; where not given 100, or as many as the list is to have where those are more. */
  quota: count().max(10_000).optional(),
  /** Ask it only for users of whose taste the version knows nothing, or only for the others. */
  only: z.enum(['strangers', 'known']).optional(),
};
/** Of how many of the last things she liked. */
const last = (most: number) => count().max(100).default(most);

const sourceSchemas = [
  /** The ranking of the version that answers, or of another published one. */
  z.strictObject({ kind: z.literal('version'), ...source, version: z.string().min(1).optional() }),
  /** Items most like the last ones liked. */
  z.strictObject({
    kind: z.literal('item-to-item'),
    ...source,
    last: last(10),
    neighbours: count().max(500).default(50),
  }),
  /** What the users liked whose vectors are nearest. */
  z.strictObject({ kind: z.literal('user-to-user'), ...source, neighbours: count().max(1000).default(50) }),
  z.strictObject({ kind: z.literal('popular'), ...source }),
  /** An interaction counts half as much for each `halfLifeDays` that it is older. */
  z.strictObject({
    kind: z.literal('trending'),
    ...source,
    halfLifeDays: z.number().positive().max(36_500).default(7),
  }),
  z.strictObject({ kind: z.literal('newest'), ...source }),
  /** Items that share features with the last ones liked, rare features counting more. */
  z.strictObject({
    kind: z.literal('content-similar'),
    ...source,
    last: last(20),
    features: count().max(200).default(32),
  }),
  /** The most popular items of the feature values of one kind that she liked most often. */
  z.strictObject({
    kind: z.literal('same-feature'),
    ...source,
    feature: z.string().min(1),
    values: count().max(50).default(3),
  }),
  /** What those liked whom she trusts. */
  z.strictObject({ kind: z.literal('trusted'), ...source }),
  /** What a registered rule of kind source brings. */
  z.strictObject({
    kind: z.literal('rule'),
    ...source,
    rule: z.string().min(1),
    parameters: z.record(z.string(), z.unknown()).default({}),
    timeoutMs: count().max(60_000).default(1000),
  }),
  /** What goes with the last few things she did: chosen by the same people, or near to the mean of their vectors. */
  z.strictObject({
    kind: z.literal('session'),
    ...source,
    last: last(5),
    by: z.enum(['co-occurrence', 'embedding']).default('co-occurrence'),
  }),
] as const;

const weights = z.record(name, z.number().finite());
/** Places count as 1 / (k + place), the first place being 1. */
const k = z.number().positive().max(10_000).default(60);

const fuseSchema = z.discriminatedUnion(
  'kind',
  [
    /** Σ weight / (k + place): a source without a weight counts 1. */
    z.strictObject({ kind: z.literal('reciprocal-rank'), k, weights: weights.default({}) }),
    /** The probability of a liking, by weights that were fitted: `tastegraph pipelines fit NAME` says them. */
    z.strictObject({ kind: z.literal('learned'), k, bias: z.number().finite(), weights }),
  ],
  { error: "has no such kind: 'reciprocal-rank' or 'learned'" },
);

const deadlineMs = count().max(60_000).default(50);
const rankSchema = z.discriminatedUnion(
  'by',
  [
    /** As the fusion left them. */
    z.strictObject({ by: z.literal('fusion') }),
    /** By the score of the version that answers. */
    z.strictObject({ by: z.literal('embedding'), deadlineMs }),
    /** By another published version: the probability that it gives a pair, calibrated where it left the validation part out, or its score. */
    z.strictObject({
      by: z.literal('version'),
      version: z.string().min(1),
      deadlineMs,
      calibrate: z.boolean().default(true),
    }),
  ],
  { error: "ranks by no such thing: 'fusion', 'embedding' or 'version'" },
);

const kindsOf = (schemas: readonly { readonly shape: { readonly kind: z.ZodLiteral<string> } }[]): string =>
  schemas.map(({ shape }) => `'${shape.kind.value}'`).join(', ');

export const pipelineSchema = z
  .strictObject({
    sources: z
      .array(
        z.discriminatedUnion('kind', sourceSchemas, {
          error: `has no such kind. There are: ${kindsOf(sourceSchemas)}`,
        }),
      )
      .min(1)
      .max(20),
    fuse: fuseSchema.prefault({ kind: 'reciprocal-rank' }),
    rank: rankSchema.prefault({ by: 'embedding' }),
    rerank: z.array(rerankerSchema).max(20).default([]),
  })
  .superRefine(({ sources, fuse }, context) => {
    const names = sources.map((each) => each.name ?? each.kind);
    for (const [at, each] of names.entries()) {
      if (names.indexOf(each) < at)
        context.addIssue({
          code: 'custom',
          path: ['sources', at, 'name'],
          message: `two sources are called '${each}'; give one another name`,
        });
    }
    for (const weighed of Object.keys(fuse.weights)) {
      if (!names.includes(weighed))
        context.addIssue({
          code: 'custom',
          path: ['fuse', 'weights', weighed],
          message: `no source is called so. There are: ${names.join(', ')}`,
        });
    }
  });

export const pipelinesOption = {
  pipelines: z
    .record(name, pipelineSchema)
    .optional()
    .meta(
      about('Serving pipelines by name: for each its `sources`, `fuse`, `rank` and `rerank`', {
        reason:
          "'default' is there without being declared, and answers by the version's own ranking; one of that name takes its place",
      }),
    ),
  pipeline: name.default('default').meta(about('The pipeline that makes the list')),
  trace: z.boolean().default(false).meta(about('Say what each stage did, and who found each item')),
  whyNot: z.boolean().default(false).meta(about('Say where the pipeline lost the item instead of why it suits')),
};

/** As declared, after the defaults. */
export type PipelineOptions = z.output<typeof pipelineSchema>;
export type DeclaredPipelines = Readonly<Record<string, PipelineOptions>>;
export type SourceOptions = PipelineOptions['sources'][number];
export type FuseOptions = PipelineOptions['fuse'];
export type RankOptions = PipelineOptions['rank'];
export type SourceKind = SourceOptions['kind'];

/** What is answered without a declaration: the version's ranking, and to strangers what most people chose. */
export const builtInPipeline: PipelineOptions = pipelineSchema.parse({
  sources: [
    { kind: 'version', only: 'known' },
    { kind: 'popular', only: 'strangers' },
  ],
  rank: { by: 'fusion' },
});
