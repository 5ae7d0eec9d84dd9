import { z } from 'zod';
import { option } from '../../options.ts';
import { PairSource } from '../../sampling/pairSource.ts';
import { drawShared } from '../../sampling/sharedNegatives.ts';
import { groupOf } from '../losses/pairLoss.ts';
import { defineModel } from '../model.ts';
import { someRows } from '../vectors.ts';
import { ConstraintLoss } from './constraintLoss.ts';
import { type ItemNeighbours, itemConstraints, pairConstraints } from './constraintWeights.ts';

/**
 * UltraGCN: Mao et al., "UltraGCN: Ultra Simplification of Graph Convolutional Networks for Recommendation", CIKM 2021: no layers at
 * all, but constraints whose solution is what infinitely many would give.
 *
 *   score(u, i) = ⟨e_u, e_i⟩,   loss: `constraintLoss.ts`, + l2 · ½‖rows of the batch‖² / b
 *
 * Negatives are drawn uniformly, anew for each group of pairs, which all of its pairs share. Tables are read by rows, so they may lie
 * on disk. What a score is made of lies in no interaction: there is no attribution.
 *
 * Table: nodes [|U| + |I|, dim], users first. Batch: pairs [b].
 */
export const ultragcn = defineModel({
  name: 'ultragcn',
  family: 'graph',
  paper: 'Mao et al., "UltraGCN: Ultra Simplification of Graph Convolutional Networks for Recommendation", CIKM 2021',
  summary: 'Embeddings alone under constraints of the graph, user–item and item–item; no propagation, tables by rows',
  options: z.strictObject({
    dim: option.dim,
    negativeGroup: option.negativeGroup,
    negativeWeight: option.negativeWeight.default(10),
    neighbours: option.neighbours.default(10),
    neighbourWeight: option.neighbourWeight,
    batchSize: option.batchSize.default(512),
    learningRate: option.learningRate.default(1e-2),
    l2: option.l2,
  }),
  needs: [],
  learns: 'pairs',
  weighsPairs: true,
  tensors: false,
  memory({ train, options: { dim, batchSize, neighbours } }) {
    const positions = batchSize * (3 + neighbours);
    return {
      tables: [{ rows: train.rows + train.cols, dim }],
      batchBytes: 4 * dim * (3 * positions + 8 * batchSize) + 48 * positions + 8 * train.cols * neighbours,
    };
  },
  create({ train, options, seed, kernels, store, pace, feed }) {
    const { dim, batchSize, neighbours, learningRate, l2 } = options;
    const users = train.rows;
    const size = groupOf(options);
    const constraints = pairConstraints(train);
    let around: ItemNeighbours | undefined;
    const table = store.table('nodes', { rows: users + train.cols, dim }, { kind: 'normal', deviation: 1e-2 });
    const batches = feed.batches(new PairSource(train, { batchSize, seed, kind: 'uniform', perPair: 0 }));
    const loss = new ConstraintLoss(kernels, { ...options, capacity: batchSize, size });
    const positions = batchSize * (2 + neighbours) + Math.ceil(batchSize / size) * size;
    const [vectors, gradient] = [kernels.floats(positions * dim), kernels.floats(positions * dim)];
    return {
      trained: {
        stepsPerEpoch: batches.perEpoch,
        async step(epoch, step) {
          around ??= await itemConstraints(kernels, train, neighbours);
          const { users: ofUsers, positives } = await batches.at(epoch, step);
          const count = ofUsers.length;
          const negatives = drawShared(train.cols, Math.ceil(count / size) * size, seed, epoch, step);
          const ids = nodesOf(ofUsers, positives, negatives, around, users);
          const { rows, places } = table.unique(ids);
          const length = rows.length * dim;
          table.gather(rows, vectors.subarray(0, length));
          const batch = { users: ofUsers, positives, negatives, places, rows: rows.length };
          const mean = loss.compute(batch, constraints, around, vectors, gradient);
          const number = epoch * batches.perEpoch + step + 1;
          const update = { learningRate: learningRate * pace.rate(number), step: number, l2: l2 / count };
          table.apply(rows, gradient.subarray(0, length), update);
          return mean;
        },
      },
      vectors: () => ({ dim, users: someRows(table, 0, users), items: someRows(table, users, train.cols) }),
      dispose() {
        loss.dispose();
        kernels.release(vectors, gradient);
      },
    };
  },
});

/** Nodes of a batch in the order of `ConstraintBatch.places`. */
function nodesOf(
  users: Int32Array,
  positives: Int32Array,
  negatives: Int32Array,
  { count: neighbours, items }: ItemNeighbours,
  firstItem: number,
): Int32Array {
  const count = users.length;
  const ids = new Int32Array(count * (2 + neighbours) + negatives.length);
  ids.set(users);
  for (let p = 0; p < count; p++) {
    const item = positives[p]!;
    ids[count + p] = firstItem + item;
    for (let k = 0; k < neighbours; k++) ids[(2 + k) * count + p] = firstItem + items[item * neighbours + k]!;
  }
  for (const [n, item] of negatives.entries()) ids[(2 + neighbours) * count + n] = firstItem + item;
  return ids;
}
