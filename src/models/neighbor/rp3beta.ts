import { z } from 'zod';
import { inKernels, releaseCopy } from '../../compute/inKernels.ts';
import type { Kernels } from '../../compute/kernels.ts';
import { option } from '../../options.ts';
import { defineModel, type ItemWeights } from '../model.ts';
import { columnPowers, coOccurrenceBytes, coOccurrenceWeights, degreePowers } from './coOccurrence.ts';
import { itemWeightsOf, sparseColumns } from './itemWeights.ts';

/**
 * RP3β: Paudel, Christoffel, Newell & Bernstein, "Updatable, Accurate, Diverse, and Scalable Recommendations for Interactive
 * Applications", TiiS 7(1), 2017: walks of three steps, user → item → user → item, popular ends held back.
 *
 *   W[j, i] = d_i^−β Σ_{u ∈ N(j) ∩ N(i)} (1 / d_j)^α (1 / d_u)^α          (eq. 3, with the first step left to the score)
 *
 * Of each column the largest are kept. Normalised, as Anelli et al. have it ("Challenging the Myth of Graph Collaborative Filtering",
 * RecSys 2023), the largest of each row are kept first and made to sum to 1. Attribution is exact: what an item of the user's adds to
 * a score is its weight.
 */
export const rp3beta = defineModel({
  name: 'rp3beta',
  family: 'neighbor',
  paper:
    'Paudel et al., "Updatable, Accurate, Diverse, and Scalable Recommendations for Interactive Applications", TiiS 2017',
  summary: 'Random walks of three steps, in closed form; fitted in seconds, every score exactly attributable',
  options: z.strictObject({
    alpha: option.alpha,
    beta: option.beta,
    neighbours: option.neighbours,
    normalised: option.normalised,
  }),
  needs: [],
  learns: 'pairs',
  tensors: false,
  memory: ({ train, options }) => ({ tables: [], batchBytes: coOccurrenceBytes(train, options.neighbours) }),
  create({ train, kernels, options }) {
    let weights: ItemWeights | undefined;
    return {
      async fit(report, signal) {
        const { neighbours, normalised } = options;
        const [ofItem, held] = [columnPowers(train, -options.alpha), columnPowers(train, -options.beta)];
        const made = await coOccurrenceWeights(kernels, train, {
          ofRow: degreePowers(train, -options.alpha),
          // Normalised, the columns that are made first are W's rows.
          ofFrom: normalised ? held : ofItem,
          ofTo: normalised ? ofItem : held,
          neighbours,
          look(done) {
            signal.throwIfAborted();
            report({ phase: 'walks', done, total: train.cols, unit: 'items' });
          },
        });
        weights = normalised ? await normalisedColumns(kernels, made, neighbours) : made;
      },
      itemWeights() {
        if (!weights) throw new Error('it has not been fitted');
        return weights;
      },
      dispose() {},
    };
  },
});

/** The largest of each column of W, from the transpose of W with what is kept of its rows, once those sum to 1. */
async function normalisedColumns(kernels: Kernels, made: ItemWeights, neighbours: number): Promise<ItemWeights> {
  const { cols, indices, weights } = made;
  const sums = new Float64Array(cols);
  for (const [e, from] of indices.entries()) sums[from]! += weights[e]!;
  const shares = sums.map((sum) => (sum > 0 ? 1 / sum : 0));
  const rows = inKernels(kernels, made);
  const most = Math.min(neighbours, cols);
  try {
    const columns = sparseColumns(cols, (first, count) => kernels.largestOfRows(rows, shares, most, first, count));
    return await itemWeightsOf(cols, columns);
  } finally {
    releaseCopy(kernels, rows, made);
  }
}
