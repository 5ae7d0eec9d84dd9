/** Models that are computed at once. */
import { z } from 'zod';
import { about, count } from './meta.ts';

export const closedFormOption = {
  alpha: z
    .number()
    .min(0)
    .max(3)
    .default(0.6)
    .meta(about('Exponent of the probability of each step of a walk', { reason: 'chosen on validation data' })),
  beta: z
    .number()
    .min(0)
    .max(3)
    .default(0.2)
    .meta(
      about('Exponent by which the popularity of the item at the end of a walk is held back', {
        reason: 'chosen on validation data',
      }),
    ),
  normalised: z
    .boolean()
    .default(false)
    .meta(
      about('Let the weights with which an item leads to others sum to 1', { reason: 'no better on validation data' }),
    ),
  neighbours: count()
    .max(100_000)
    .default(300)
    .meta(about('Items whose weight for an item is kept, the largest', { unit: 'items' })),
  order: count()
    .max(64)
    .default(8)
    .meta(about('Degree of the polynomial that stands for the filter', { reason: 'as in the paper' })),
  flatness: z
    .number()
    .gt(0)
    .max(100)
    .default(1.5)
    .meta(
      about('How flat the filter is in the middle of the spectrum; 1 is a straight line', {
        reason: 'as in the paper',
      }),
    ),
  rank: count(0)
    .max(4096)
    .optional()
    .meta(
      about('Singular vectors that the low-rank part of the graph keeps: an ideal low-pass filter, or a view', {
        unit: 'vectors',
        reason:
          "for filters the paper's number for large data (512 for chebycf, 256 for gfcf) where not given, or a sixth of the users or items where that is fewer",
      }),
    ),
  idealWeight: z
    .number()
    .min(0)
    .max(10)
    .default(0.2)
    .meta(about('Weight of the ideal low-pass filter beside the other one', { reason: 'as in the paper' })),
  degreePower: z
    .number()
    .min(-2)
    .max(2)
    .default(0.4)
    .meta(
      about('Power of the popularity of items that is taken out before the filter and put back after it', {
        reason: 'as in the paper',
      }),
    ),
  svdRounds: count()
    .max(100)
    .default(4)
    .meta(
      about('Rounds in which singular vectors are made exact', {
        unit: 'rounds',
        reason: 'more change no figure of ranking',
      }),
    ),
  userPower: z
    .number()
    .min(0)
    .max(1)
    .default(0.6)
    .meta(
      about("Power of a user's activity that her interactions are divided by; an item's popularity has the rest to 1", {
        reason: 'as in the paper; 0.5 is the usual normalisation',
      }),
    ),
  sharpness: z
    .number()
    .gt(0)
    .max(10)
    .default(0.7)
    .meta(about('Power that each similarity of two items is taken to', { reason: 'as in the paper' })),
  ridge: z
    .number()
    .gt(0)
    .max(1e6)
    .default(150)
    .meta(
      about('Weight of the squared weights between items, beside the squared error', {
        unit: 'users',
        reason: 'chosen on validation data',
      }),
    ),
  inputDropout: z
    .number()
    .min(0)
    .max(0.95)
    .default(0)
    .meta(
      about(
        "Share of a user's interactions that what predicts the others goes without, on average over all that may be",
      ),
    ),
};
