import { z } from 'zod';
import type { Tensor } from '../../src/compute/tensors.ts';
import { defineModel } from '../../src/models/model.ts';
import { tensorStep } from '../../src/models/tensorStep.ts';
import { allRows } from '../../src/models/vectors.ts';
import { option } from '../../src/options.ts';
import { PairSource } from '../../src/sampling/pairSource.ts';

/** Rendle et al., "BPR", UAI 2009:  loss = −ln σ(⟨p_u, q_i⟩ − ⟨p_u, q_j⟩), j an item that u has not met. */
export const bprMf = defineModel({
  name: 'bpr-mf',
  family: 'factor',
  paper: 'Rendle et al., "BPR: Bayesian Personalized Ranking from Implicit Feedback", UAI 2009',
  summary: 'Matrix factorization, by pairs of a liked and an unseen item',
  options: z.strictObject({
    dim: option.dim,
    batchSize: option.batchSize,
    learningRate: option.learningRate,
    l2: option.l2,
  }),
  needs: [],
  learns: 'pairs',
  tensors: true,
  memory: ({ train: { rows, cols }, options: { dim, batchSize } }) => ({
    tables: [rows, cols].map((count) => ({ rows: count, dim })),
    batchBytes: 64 * batchSize * dim,
  }),
  create({ train, options, seed, kernels, store, parameters, pace, feed, tensors }) {
    const { dim, batchSize, learningRate, l2 } = options;
    const { tf } = tensors!;
    const [users, items] = (['users', 'items'] as const).map((name) =>
      store.table(name, { rows: name === 'users' ? train.rows : train.cols, dim }, { kind: 'normal', deviation: 0.1 }),
    ) as [ReturnType<typeof store.table>, ReturnType<typeof store.table>];
    const batches = feed.batches(new PairSource(train, { batchSize, seed, kind: 'uniform', perPair: 1 }));
    const side = { tensors: tensors!, kernels, weights: [], parameters, pace };
    return {
      trained: {
        stepsPerEpoch: batches.perEpoch,
        async step(epoch, step) {
          const pairs = await batches.at(epoch, step);
          const lookups = [
            { table: users, ids: pairs.users },
            { table: items, ids: Int32Array.of(...pairs.positives, ...pairs.negatives) },
          ];
          const update = { learningRate, l2: l2 / pairs.users.length, step: epoch * batches.perEpoch + step + 1 };
          return tensorStep(side, lookups, update, ([u, rows]) => {
            const [i, j] = tf.split(rows!, 2) as [Tensor, Tensor]; // [b, dim] each
            return tf.mean(tf.softplus(tf.sum(tf.mul(u!, tf.sub(j, i)), 1))); // −ln σ(x) = ln (1 + e^−x)
          });
        },
      },
      vectors: () => ({ dim, users: allRows(users), items: allRows(items) }),
      dispose() {},
    };
  },
});
