/** What models over pairs learn by, and how they score. */
import { z } from 'zod';
import { about, count } from './meta.ts';

export const lossesOption = {
  loss: z
    .enum(['softmax', 'bpr', 'sampled-softmax', 'bsl', 'ccl'])
    .default('softmax')
    .meta(
      about(
        'Loss over pairs: over the positives of a batch (softmax; bsl, with two temperatures) or over drawn negatives (bpr, sampled-softmax, ccl: cosine contrastive)',
        { reason: 'softmax needs a fortieth of the epochs that bpr needs' },
      ),
    ),
  temperature: z
    .number()
    .gt(0)
    .max(10)
    .default(0.12)
    .meta(about('Temperature of the softmax losses; of the negatives in bsl')),
  positiveTemperature: z
    .number()
    .gt(0)
    .max(10)
    .default(0.12)
    .meta(
      about('Temperature of the positives (loss bsl)', {
        reason: 'below that of the negatives, items keep some of their popularity',
      }),
    ),
  negativeGroup: count(8)
    .max(1 << 16)
    .multipleOf(8)
    .default(512)
    .meta(
      about('Positions of a batch that serve each other as negatives (softmax, bsl)', {
        unit: 'interactions',
        reason: 'the same quality as the whole batch at a quarter of the products',
      }),
    ),
  negativesPerPair: count()
    .max(4096)
    .optional()
    .meta(
      about('Unseen items drawn for each pair (losses bpr, sampled-softmax and ccl)', {
        unit: 'items',
        reason: 'where not given 1 for bpr, as in its paper, and 64 for the others',
      }),
    ),
  negativeKind: z
    .enum(['uniform', 'popularity'])
    .default('uniform')
    .meta(
      about(
        'How they are drawn (loss sampled-softmax): `popularity` in proportion to its power of 0.75, for which scores are corrected',
      ),
    ),
  margin: z
    .number()
    .min(-1)
    .max(1)
    .default(0.8)
    .meta(
      about(
        'Cosine up to which a negative is left alone (ccl), or by how much the right item must score over it (max-margin)',
        { reason: 'chosen on validation data' },
      ),
    ),
  negativeWeight: z
    .number()
    .gt(0)
    .max(10_000)
    .default(8)
    .meta(
      about('Weight of the mean over negatives beside the positive (loss ccl; ultragcn)', {
        reason: 'chosen on validation data',
      }),
    ),
  neighbourWeight: z
    .number()
    .min(0)
    .max(1000)
    .default(0.1)
    .meta(about("Weight of a positive's neighbours, items that users share with it, beside the positive")),
  contrastWeight: z
    .number()
    .min(0)
    .max(100)
    .default(0.2)
    .meta(about('Weight of the contrast between views beside the loss over pairs')),
  contrastTemperature: z.number().gt(0).max(10).default(0.15).meta(about('Temperature of the contrast between views')),
  contrastGroup: count(8)
    .max(1 << 16)
    .multipleOf(8)
    .default(512)
    .meta(
      about('Users, and items, of a batch that serve each other as negatives of the contrast', {
        reason: 'the same quality as the whole batch at a quarter of the products',
      }),
    ),
  contrastLayer: count().max(8).default(1).meta(about('Layer that is contrasted with the mean of all')),
  noise: z.number().min(0).max(10).default(0.2).meta(about('Length of the noise that each layer adds to a vector')),
  score: z
    .enum(['dot', 'cosine'])
    .default('dot')
    .meta(
      about('How vectors make a score: `dot` as in the paper, `cosine` with `popularityWeight`', {
        reason: 'cosine wins where later data is like earlier data, dot where what is popular changes',
      }),
    ),
  popularityWeight: z
    .number()
    .min(0)
    .max(2)
    .default(0.8)
    .meta(
      about("Weight of the logarithm of an item's popularity beside the cosine", {
        reason: 'in-batch negatives come as often as they are popular, so their loss takes popularity out of cosines',
      }),
    ),
};
