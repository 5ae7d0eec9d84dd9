import { z } from 'zod';
import type { Csr } from '../../compute/csr.ts';
import { adamConstants } from '../../compute/kernels.ts';
import type { Tensors } from '../../compute/tensors.ts';
import { TastegraphError } from '../../errors.ts';
import { option } from '../../options.ts';
import { PairSource } from '../../sampling/pairSource.ts';
import { NodeBatch } from '../batch.ts';
import { linearContributions, nodeTable, sidesOf } from '../linearScores.ts';
import {
  cosineWithoutCosines,
  drawnPerPair,
  learnsCosines,
  lossOptions,
  pairLoss,
  pairsOf,
} from '../losses/pairLoss.ts';
import { defineModel, type Model, type ModelContext, type WholeTable } from '../model.ts';
import { LightPropagation, normalisedAdjacency } from '../propagation.ts';
import { hasHopOfEachLayer, hopsAndLayersDiffer, SampledPropagation } from '../sampledPropagation.ts';
import { type GraphEncoder, logPopularity, type TensorGraphOptions, tensorGraph } from '../tensorGraph.ts';
import { lightPropagation } from '../tensorPropagation.ts';

/**
 * LightGCN: He et al., "LightGCN: Simplifying and Powering Graph Convolution Network for Recommendation", SIGIR 2020.
 *
 *   E = 1/(L+1) · Σ_{l=0..L} Â^l E⁰        score(u, i) = ⟨e_u, e_i⟩        (eq. 8 and 4, 6)
 *   loss = BPR (eq. 15) or another of `losses/`, + l2 · ½‖E⁰ of the batch‖² / b
 *
 * In-batch negatives are drawn in proportion to popularity, which the softmax loss therefore takes out of the cosines. The
 * norms of the items' vectors put it back in the dot product. The cosine score puts it back as Yi et al. correct for
 * sampling (RecSys 2019, eq. 3), with a weight, since a cosine is bounded:
 *
 *   score(u, i) = cos(e_u, e_i) / τ + popularityWeight · ln((d_i + 1) / (mean d + 1))        (cosine; d_i: users who have i)
 *
 * Losses whose negatives are drawn uniformly, or corrected, leave popularity in: for them the cosine alone is the score.
 *
 * With fan-outs, steps propagate over subgraphs that are sampled around their pairs, in place of the whole graph; scores are then
 * those of the whole graph all the same.
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
      fanouts: option.fanouts,
      ...lossOptions,
      score: option.score,
      popularityWeight: option.popularityWeight,
      batchSize: option.batchSize,
      learningRate: option.learningRate,
      l2: option.l2,
      lazyAdam: option.lazyAdam,
    })
    .refine((options) => options.score === 'dot' || learnsCosines(options), cosineWithoutCosines)
    .refine(hasHopOfEachLayer, hopsAndLayersDiffer),
  needs: [],
  learns: 'pairs',
  weighsPairs: true,
  tensors: 'too',
  subgraphs: ({ fanouts }) => fanouts.length > 0,
  memory({ train, options }) {
    const { dim, layers, batchSize, fanouts } = options;
    const nodes = train.rows + train.cols;
    const positions = batchSize * (2 + drawnPerPair(options));
    const reached = fanouts.reduce((count, fanout) => Math.min(nodes, count * (1 + fanout)), positions);
    const batch = 16 * batchSize + 4 * Math.min(nodes, positions);
    const rows = nodes * Math.max(1, layers) + batch + (fanouts.length > 0 ? 4 * reached : 0);
    return { tables: [{ rows: nodes, dim }], batchBytes: 4 * dim * rows + 48 * positions };
  },
  create: (context) => {
    const { train, options, seed, kernels, store, pace, feed } = context;
    const { dim, batchSize, learningRate, l2 } = options;
    const users = train.rows;
    const nodes = users + train.cols;
    const adjacency = normalisedAdjacency(train, kernels);
    const propagation = new LightPropagation(kernels, adjacency, options.layers, dim);
    const table = nodeTable(store, train, dim);
    const loss = pairLoss(kernels, dim, train, options);
    const drawn = pairsOf(loss, batchSize, seed);
    const around = { hops: options.fanouts, seed };
    const links =
      options.fanouts.length > 0
        ? feed.links({ relations: ['user-item', 'item-user'], pairs: drawn, neighbours: around })
        : undefined;
    const batches = feed.batches(new PairSource(train, drawn)); // the same pairs, alone
    const sampled = links && new SampledPropagation(kernels, degreesOf(adjacency), dim);
    const batch = new NodeBatch(kernels, nodes, batchSize, loss.roles, loss.perPair);
    const vectors = kernels.floats(batch.capacity * dim);
    const gradient = kernels.floats(batch.capacity * dim);
    /** 1 / length of each node's vector, where the score is a cosine. */
    const lengths = kernels.floats(nodes);
    const bases = [0, users, users];
    const model: Model = {
      trained: {
        stepsPerEpoch: batches.perEpoch,
        async step(epoch, step) {
          const link = await links?.at(epoch, step);
          const pairs = link?.pairs ?? (await batches.at(epoch, step));
          const size = pairs.users.length;
          batch.fill([pairs.users, pairs.positives, pairs.negatives].slice(0, loss.roles), bases, size, l2 / size);
          const count = epoch * batches.perEpoch + step + 1;
          const rate = learningRate * pace.rate(count);
          if (link) {
            const held = sampled!.forward(link.subgraph, table, vectors);
            const mean = loss.compute(batch, size, vectors, gradient);
            sampled!.backward(held, table, batch, gradient, { learningRate: rate, step: count });
            return mean;
          }
          propagation.forward(table.parameters, batch.nodes, batch.count, vectors);
          const mean = loss.compute(batch, size, vectors, gradient);
          const adam = { ...adamConstants, learningRate: rate, step: count };
          propagation.backward(table, batch, gradient, adam, options.lazyAdam);
          return mean;
        },
      },
      vectors() {
        const all = kernels.floats(nodes * dim);
        propagation.forwardAll(table.parameters, all);
        if (options.score === 'cosine') kernels.unitRows(nodes, all, all, lengths, dim);
        const rows = sidesOf(all, users, dim);
        kernels.release(all);
        if (options.score === 'dot') return rows;
        if (!loss.takesOutPopularity) return rows;
        const items = rows.items.map((value) => value / options.temperature);
        return { ...rows, items, itemBias: logPopularity(train, options.popularityWeight) };
      },
      contributions() {
        const own = table.parameters.slice(0, users * dim).map((value) => value / (options.layers + 1));
        const found = linearContributions(train, adjacency, dim, propagation.messages(table.parameters), own);
        const { weights } = found;
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
        if (options.layers === 0) weights.fill(0);
        return found;
      },
      dispose() {
        propagation.dispose();
        loss.dispose();
        batch.dispose();
        kernels.release(vectors, gradient, lengths, adjacency.offsets, adjacency.indices, adjacency.weights);
      },
    };
    return context.tensors ? { ...model, ...onTensors(context, context.tensors, table, model) } : model;
  },
});

/** The same steps on tensors, for GPUs. Errors: options/invalid where an option has no form there. */
function onTensors(
  context: ModelContext<TensorGraphOptions & { readonly lazyAdam: boolean }>,
  { tf }: Tensors,
  table: WholeTable,
  onKernels: Model,
): Partial<Model> {
  const { lazyAdam, fanouts } = context.options;
  if (lazyAdam && fanouts.length === 0) {
    const problem = 'on --device cpu, cuda and webgpu Adam moves every row; leave one of the two out';
    throw new TastegraphError('options/invalid', { name: 'lazyAdam', where: 'the options', problem, given: 'true' });
  }
  const encode: GraphEncoder['encode'] = (layers, initial) => lightPropagation(tf, layers, initial);
  const { dispose, ...steps } = tensorGraph(context, { weights: [], encode }, table);
  return {
    ...steps,
    dispose() {
      dispose();
      onKernels.dispose();
    },
  };
}

/** Entries of each row. [rows] */
function degreesOf({ rows, offsets }: Csr): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => offsets[row + 1]! - offsets[row]!);
}
