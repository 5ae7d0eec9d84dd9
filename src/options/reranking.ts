/** What shapes a ranked list before it is shown: one schema for each re-ranker, told apart by `kind`. */
import { z } from 'zod';
import { about, count } from './meta.ts';

const share = () => z.number().min(0).max(1);
const featureKind = z.string().min(1).meta(about('Kind of feature that it goes by, as in the data: genre'));
const seedless = 'draws come from the seed of the request: the same seed, the same list';

/** How alike two items are. */
const likeness = {
  by: z
    .enum(['vectors', 'features'])
    .default('vectors')
    .meta(about('What two items are compared by: cosine of their vectors, or of their features of one kind')),
  feature: featureKind.optional(),
};
const needsFeature = <T extends { by: string; feature?: string | undefined }>({ by, feature }: T) =>
  by !== 'features' || feature !== undefined;
const featureMissing = { error: "comparing by features needs 'feature', a kind of feature: genre", path: ['feature'] };

const mmr = z
  .strictObject({
    kind: z.literal('mmr'),
    strength: share()
      .default(0.3)
      .meta(
        about('How much likeness to what stands above counts beside the score: 1 − λ; 0 changes nothing', {
          reason:
            'a tenth of a list is replaced for a twentieth of Recall@10, as measured on validation data of ml-100k',
        }),
      ),
    ...likeness,
  })
  .refine(needsFeature, featureMissing);

const dpp = z
  .strictObject({
    kind: z.literal('dpp'),
    strength: share()
      .default(0.1)
      .meta(
        about('How much the volume that the items span counts beside the score: 1 − θ; 0 changes nothing', {
          reason: 'a logarithm of volumes has a wider range than scores: as measured on ml-100k',
        }),
      ),
    ...likeness,
  })
  .refine(needsFeature, featureMissing);

const calibration = z.strictObject({
  kind: z.literal('calibration'),
  feature: featureKind,
  strength: share()
    .default(0.2)
    .meta(
      about("How much the list's mix of features counts beside the score: λ; 0 changes nothing", {
        reason: 'a third less divergence for a fiftieth of NDCG@10, as measured on validation data of ml-100k',
      }),
    ),
});

const cap = z.strictObject({
  kind: z.literal('cap'),
  feature: featureKind,
  max: count()
    .max(1000)
    .default(3)
    .meta(about('Most items that share a value of the feature', { unit: 'items' })),
  window: count(2)
    .max(1000)
    .optional()
    .meta(
      about('Among how many items in a row they are counted', {
        unit: 'items',
        reason: 'the whole list where not given',
      }),
    ),
  over: z
    .enum(['later', 'remove'])
    .default('later')
    .meta(
      about('What becomes of those that are too many: they come after all that fit, or are taken out', {
        reason: 'a list is not cut short by a cap; taken out, no later stage can bring them back',
      }),
    ),
});

const freshness = z.strictObject({
  kind: z.literal('freshness'),
  boost: z
    .number()
    .min(0)
    .max(10)
    .default(0.2)
    .meta(
      about('What an item that came out now gains, as a share of the range of scores; 0 changes nothing', {
        reason: 'enough to pass neighbours, not to pass everything',
      }),
    ),
  halfLifeDays: z
    .number()
    .positive()
    .max(36_500)
    .default(30)
    .meta(about('Age at which half of that is left', { unit: 'days' })),
});

const popularity = z.strictObject({
  kind: z.literal('popularity'),
  power: z
    .number()
    .min(0)
    .max(2)
    .default(0.05)
    .meta(
      about('Power of the number of people who chose an item that its score is divided by; 0 changes nothing', {
        reason:
          'twice the places for the long tail at an eighth of Recall@10, as measured on validation data of ml-100k',
      }),
    ),
});

const fairness = z
  .strictObject({
    kind: z.literal('fairness'),
    protect: z
      .enum(['tail', 'feature'])
      .default('tail')
      .meta(about('Which items get their share of places: the least chosen, or those of a feature')),
    tailShare: share()
      .default(0.2)
      .meta(
        about('Share of all choices that the least chosen items hold together, who are the long tail', {
          reason: 'the short head holds four fifths',
        }),
      ),
    feature: featureKind.optional(),
    value: z.string().optional().meta(about('Value of the feature that protected items have')),
    proportion: share().max(0.99).default(0.3).meta(about('Share of places that they are to have; 0 changes nothing')),
    significance: z
      .number()
      .gt(0)
      .max(0.5)
      .default(0.1)
      .meta(about('How often a list drawn by that share alone may fail the test', { reason: 'as in the paper' })),
  })
  .refine(({ protect, feature, value }) => protect !== 'feature' || (feature !== undefined && value !== undefined), {
    error: "protecting by feature needs 'feature' and 'value'",
    path: ['feature'],
  });

const among = count()
  .max(10_000)
  .default(100)
  .meta(
    about('How many of the best candidates can be drawn', {
      unit: 'items',
      reason: 'what is far below would be shown at the cost of the user',
    }),
  );

const epsilonGreedy = z.strictObject({
  kind: z.literal('epsilon-greedy'),
  epsilon: share()
    .default(0.05)
    .meta(
      about('Probability with which a place goes to an item drawn evenly; 0 changes nothing', { reason: seedless }),
    ),
  among,
});

const plackettLuce = z.strictObject({
  kind: z.literal('plackett-luce'),
  temperature: z
    .number()
    .min(0)
    .max(10)
    .default(0.02)
    .meta(about('How far chance goes, in shares of the range of scores; 0 changes nothing', { reason: seedless })),
  among,
});

const impressions = z.strictObject({
  kind: z.literal('impressions'),
  decay: z
    .number()
    .min(0)
    .max(10)
    .default(0.03)
    .meta(
      about('What each showing without effect takes off, as the rate of an exponential; 0 changes nothing', {
        unit: '1/showing',
        reason: 'three showings in vain replace two fifths of a list, as measured on validation data of ml-100k',
      }),
    ),
  halfLifeDays: z
    .number()
    .positive()
    .max(36_500)
    .default(30)
    .meta(about('Time since the last showing after which half of the discount is forgiven', { unit: 'days' })),
});

const pins = z.strictObject({
  kind: z.literal('pins'),
  items: z
    .array(
      z.strictObject({
        item: z.string().min(1).meta(about('Id of the item')),
        position: count().max(1000).meta(about('Where it is to stand, from 1')),
      }),
    )
    .max(1000)
    .refine((items) => new Set(items.map(({ item }) => item)).size === items.length, 'an item has one place')
    .refine((items) => new Set(items.map(({ position }) => position)).size === items.length, 'a place has one item')
    .meta(about('Items and where they stand, unless another stage has taken them out')),
});

const available = z.strictObject({
  kind: z.literal('available'),
  maxAgeDays: z
    .number()
    .positive()
    .max(36_500)
    .optional()
    .meta(about('Age from which an item has expired; items of unknown age never do', { unit: 'days' })),
  expiryFeature: featureKind.optional().meta(
    about('Kind of feature whose value says when an item expires: 2024-05-01T12:00:00Z or ms since 1970', {
      reason: 'items without one never do',
    }),
  ),
  hidden: z.array(z.string().min(1)).max(100_000).default([]).meta(about('Ids of items that nobody is shown')),
});

const featureValue = z.strictObject({ kind: featureKind, values: z.array(z.string().min(1)).min(1).max(1000) });

const features = z.strictObject({
  kind: z.literal('features'),
  include: z.array(featureValue).max(20).default([]).meta(about('An item must have a value of each of these')),
  exclude: z.array(featureValue).max(20).default([]).meta(about('And none of these')),
});

const kinds = [
  available,
  cap,
  calibration,
  dpp,
  epsilonGreedy,
  fairness,
  features,
  freshness,
  impressions,
  mmr,
  pins,
  plackettLuce,
  popularity,
] as const;

export const rerankerSchema = z.discriminatedUnion('kind', kinds, {
  error: `has no such kind. There are: ${kinds.map(({ shape }) => `'${shape.kind.value}'`).join(', ')}`,
});

/** As it is after the defaults. */
export type RerankerConfig = z.output<typeof rerankerSchema>;
export type RerankerKind = RerankerConfig['kind'];
/** Of one kind. */
export type ConfigOf<K extends RerankerKind> = Extract<RerankerConfig, { readonly kind: K }>;
