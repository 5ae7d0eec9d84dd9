import { z } from 'zod';
import type { Csr } from '../../compute/csr.ts';
import { option } from '../../options.ts';
import { ownMemory } from '../../sampling/memory.ts';
import { transpose } from '../../sampling/relations.ts';
import { defineModel, type ItemWeights } from '../model.ts';
import { BestOf, itemWeightsOf } from './itemWeights.ts';

/**
 * RP3β: Paudel, Christoffel, Newell & Bernstein, "Updatable, Accurate, Diverse, and Scalable Recommendations for Interactive
 * Applications", TiiS 7(1), 2017: walks of three steps, user → item → user → item, popular ends held back.
 *
 *   W[j, i] = d_i^−β Σ_{u ∈ N(j) ∩ N(i)} (1 / d_j)^α (1 / d_u)^α          (eq. 3, with the first step left to the score)
 *
 * Of each column the largest are kept. Attribution is exact: what an item of the user's adds to a score is its weight.
 */
export const rp3beta = defineModel({
  name: 'rp3beta',
  family: 'neighbor',
  paper:
    'Paudel et al., "Updatable, Accurate, Diverse, and Scalable Recommendations for Interactive Applications", TiiS 2017',
  summary: 'Random walks of three steps, in closed form; fitted in seconds, every score exactly attributable',
  options: z.strictObject({ alpha: option.alpha, beta: option.beta, neighbours: option.neighbours }),
  needs: [],
  learns: 'pairs',
  tensors: false,
  memory: ({ train: { cols }, options: { neighbours } }) => ({
    tables: [],
    batchBytes: 24 * cols * Math.min(neighbours, cols),
  }),
  create({ train, options }) {
    let weights: ItemWeights | undefined;
    return {
      async fit(report, signal) {
        weights = await walkWeights(train, options, (done) => {
          signal.throwIfAborted();
          report({ phase: 'walks', done, total: train.cols, unit: 'items' });
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

interface WalkOptions {
  readonly alpha: number;
  readonly beta: number;
  readonly neighbours: number;
}

/** Column by column; `look` is called now and then with the columns that are done. */
async function walkWeights(
  train: Csr,
  { alpha, beta, neighbours }: WalkOptions,
  look: (done: number) => void,
): Promise<ItemWeights> {
  const { rows: users, cols: items, offsets, indices } = train;
  const people = transpose(train, ownMemory); // items × users
  const ofUser = Float64Array.from({ length: users }, (_, u) => (offsets[u + 1]! - offsets[u]!) ** -alpha);
  const degree = (item: number) => people.offsets[item + 1]! - people.offsets[item]!;
  const ofItem = Float64Array.from({ length: items }, (_, item) => degree(item) ** -alpha);
  const sums = new Float64Array(items);
  const met: number[] = [];
  const best = new BestOf(neighbours);
  return await itemWeightsOf(items, async (item) => {
    if (item % 512 === 0) {
      look(item);
      await new Promise(setImmediate);
    }
    for (let p = people.offsets[item]!; p < people.offsets[item + 1]!; p++) {
      const user = people.indices[p]!;
      const share = ofUser[user]!;
      for (let e = offsets[user]!; e < offsets[user + 1]!; e++) {
        const from = indices[e]!;
        if (sums[from] === 0) met.push(from);
        sums[from]! += share;
      }
    }
    const held = degree(item) ** -beta;
    for (const from of met) {
      if (from !== item) best.offer(from, sums[from]! * ofItem[from]! * held);
      sums[from] = 0;
    }
    met.length = 0;
    return best.take();
  });
}
