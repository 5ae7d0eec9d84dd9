import { z } from 'zod';
import { option } from '../../options.ts';
import { defineModel, type ItemWeights } from '../model.ts';
import { columnPowers, coOccurrenceBytes, coOccurrenceWeights, degreePowers } from './coOccurrence.ts';

/**
 * Turbo-CF: Park, Shin & Shin, "Turbo-CF: Matrix Decomposition-Free Graph Filtering for Fast Recommendation", SIGIR 2024, with its
 * linear filter.
 *
 *   R̃ = D_u^−α R D_i^(α−1)        P̄ = (R̃ᵀR̃)^∘s        scores of x = x P̄        (eq. 3, 4 and 6)
 *
 * where ^∘s takes each entry to the power s. Of each column the largest entries are kept, where the paper keeps all (fewer do better on
 * small data); what an item of the user's adds to a score is its entry. The filters of higher order that the paper has beside it need
 * products of P̄ with itself, and win on one data set.
 */
export const turbocf = defineModel({
  name: 'turbocf',
  family: 'neighbor',
  paper: 'Park et al., "Turbo-CF: Matrix Decomposition-Free Graph Filtering for Fast Recommendation", SIGIR 2024',
  summary:
    'A linear filter of a sharpened item graph, in closed form; fitted in seconds, every score exactly attributable',
  options: z.strictObject({
    userPower: option.userPower,
    sharpness: option.sharpness,
    neighbours: option.neighbours,
  }),
  needs: [],
  learns: 'pairs',
  tensors: false,
  memory: ({ train, options }) => ({ tables: [], batchBytes: coOccurrenceBytes(train, options.neighbours) }),
  create({ train, kernels, options: { userPower, sharpness, neighbours } }) {
    let weights: ItemWeights | undefined;
    return {
      async fit(report, signal) {
        const ofItem = columnPowers(train, userPower - 1);
        weights = await coOccurrenceWeights(kernels, train, {
          ofRow: degreePowers(train, -2 * userPower),
          ofFrom: ofItem,
          ofTo: ofItem,
          sharpened: (weight) => weight ** sharpness,
          neighbours,
          look(done) {
            signal.throwIfAborted();
            report({ phase: 'item graph', done, total: train.cols, unit: 'items' });
          },
        });
      },
      itemWeights() {
        if (!weights) throw new Error('it has not been fitted');
        return weights;
      },
      dispose() {},
    };
  },
});
