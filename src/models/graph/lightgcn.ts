import { z } from 'zod';
import type { Csr } from '../../compute/csr.ts';
import { adamConstants } from '../../compute/kernels.ts';
import { option } from '../../options.ts';
import { PairSampler } from '../../sampling/pairs.ts';
import { NodeBatch } from '../batch.ts';
import { bprLoss, softmaxLoss } from '../losses.ts';
import { defineModel } from '../model.ts';
import { LightPropagation, normalisedAdjacency } from '../propagation.ts';

/**
 * LightGCN: He et al., "LightGCN: Simplifying and Powering Graph Convolution Network for Recommendation", SIGIR 2020.
 *
 *   E = 1/(L+1) · Σ_{l=0..L} Â^l E⁰        score(u, i) = ⟨e_u, e_i⟩        (eq. 8 and 4, 6)
 *   loss = BPR (eq. 15) or in-batch softmax of cosines, + l2 · ½‖E⁰ of the batch‖² / b
 *
 * In-batch negatives are drawn in proportion to popularity, which the softmax loss therefore takes out of the cosines. The
 * norms of the items' vectors put it back in the dot product. The cosine score puts it back as Yi et al. correct for
 * sampling (RecSys 2019, eq. 3), with a weight, since a cosine is bounded:
 *
 *   score(u, i) = cos(e_u, e_i) / τ + popularityWeight · ln((d_i + 1) / (mean d + 1))        (cosine; d_i: users who have i)
 *
 * Table: nodes [|U| + |I|, dim], users first. Batch: pairs [b].
 */
export const lightgcn = defineModel({
  name: 'lightgcn',
  family: 'graph',
  paper: 'He et al., "LightGCN: Simplifying and Powering Graph Convolution Network for Recommendation", SIGIR 2020',
  summary: 'Linear graph convolution over the user–item graph; every score is exactly attributable to interactions',
  options: z
    .strictObject({
      dim: option.dim,
      layers: option.layers,
      loss: option.loss,
      temperature: option.temperature,
      score: option.score,
      popularityWeight: option.popularityWeight,
      negativeGroup: option.negativeGroup,
      batchSize: option.batchSize,
      learningRate: option.learningRate,
      l2: option.l2,
      lazyAdam: option.lazyAdam,
    })
    .refine(({ loss, score }) => loss === 'softmax' || score === 'dot', {
      path: ['score'],
      message: 'cosine goes with the softmax loss, which learns cosines',
    }),
  needs: [],
  learns: 'pairs',
  tensors: false,
  memory({ train, options: { dim, layers, batchSize } }) {
    const nodes = train.rows + train.cols;
    return { tables: [{ rows: nodes, dim }], batchBytes: 4 * dim * (nodes * Math.max(1, layers) + 16 * batchSize) };
  },
  create: ({ train, options, seed, kernels, store, pace }) => {
    const { dim, batchSize, learningRate, l2 } = options;
    const users = train.rows;
    const nodes = users + train.cols;
    const adjacency = normalisedAdjacency(train, kernels);
    const propagation = new LightPropagation(kernels, adjacency, options.layers, dim);
    // Xavier-uniform a side: Glorot & Bengio, AISTATS 2010, eq. 16.
    const bounds = { user: Math.sqrt(6 / (users + dim)), item: Math.sqrt(6 / (train.cols + dim)) };
    const table = store.whole('nodes', { rows: nodes, dim }, (row) => (row < users ? bounds.user : bounds.item));
    const loss =
      options.loss === 'bpr'
        ? bprLoss(kernels, dim, batchSize)
        : softmaxLoss(
            kernels,
            dim,
            batchSize,
            Math.min(options.negativeGroup, Math.ceil(batchSize / 8) * 8),
            options.temperature,
          );
    const sampler = new PairSampler(train, { batchSize, seed, negatives: loss.roles === 3 });
    const batch = new NodeBatch(kernels, nodes, batchSize, loss.roles);
    const vectors = kernels.floats(loss.roles * batchSize * dim);
    const gradient = kernels.floats(loss.roles * batchSize * dim);
    const pairs = sampler.batch();
    /** 1 / length of each node's vector, where the score is a cosine. */
    const lengths = kernels.floats(nodes);
    const columns = [pairs.users, pairs.positives, pairs.negatives].slice(0, loss.roles);
    const bases = [0, users, users];
    return {
      trained: {
        stepsPerEpoch: sampler.batchesPerEpoch,
        step(epoch, step) {
          const size = sampler.fill(epoch, step, pairs);
          batch.fill(columns, bases, size, l2 / size);
          propagation.forward(table.parameters, batch.nodes, batch.count, vectors);
          const mean = loss.compute(batch, size, vectors, gradient);
          const count = epoch * sampler.batchesPerEpoch + step + 1;
          const adam = { ...adamConstants, learningRate: learningRate * pace.rate(count), step: count };
          propagation.backward(table, batch, gradient, adam, options.lazyAdam);
          return mean;
        },
      },
      vectors() {
        const all = kernels.floats(nodes * dim);
        propagation.forwardAll(table.parameters, all);
        if (options.score === 'cosine') kernels.unitRows(nodes, all, all, lengths, dim);
        const rows = { dim, users: all.slice(0, users * dim), items: all.slice(users * dim) };
        kernels.release(all);
        if (options.score === 'dot') return rows;
        const items = rows.items.map((value) => value / options.temperature);
        return { ...rows, items, itemBias: logPopularity(train, options.popularityWeight) };
      },
      contributions() {
        const messages = propagation.messages(table.parameters).slice(users * dim);
        const own = table.parameters.slice(0, users * dim).map((value) => value / (options.layers + 1));
        // The users' rows of Â come first, in the training matrix's own order.
        const weights = adjacency.weights.slice(0, train.indices.length);
        if (options.score === 'cosine') {
          // The user's vector has length 1: her parts are divided by the length that it had.
          const all = kernels.floats(nodes * dim);
          propagation.forwardAll(table.parameters, all);
          kernels.unitRows(users, all, all, lengths, dim);
          kernels.release(all);
          for (let u = 0; u < users; u++) {
            for (let at = u * dim; at < (u + 1) * dim; at++) own[at]! *= lengths[u]!;
            for (let e = train.offsets[u]!; e < train.offsets[u + 1]!; e++) weights[e]! *= lengths[u]!;
          }
        }
        return { dim, own, messages, weights: options.layers === 0 ? weights.fill(0) : weights };
      },
      dispose() {
        propagation.dispose();
        loss.dispose();
        batch.dispose();
        kernels.release(vectors, gradient, lengths, adjacency.offsets, adjacency.indices, adjacency.weights);
      },
    };
  },
});

/** weight · ln((d_i + 1) / (mean d + 1)), d_i the number of users who have item i. [|I|] */
function logPopularity(train: Csr, weight: number): Float32Array {
  const bias = new Float32Array(train.cols).fill(1);
  for (const item of train.indices) bias[item]! += 1;
  const mean = 1 + train.indices.length / train.cols;
  return bias.map((users) => weight * Math.log(users / mean));
}
