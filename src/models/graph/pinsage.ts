import { z } from 'zod';
import { sparseMatrix, sparseProduct } from '../../compute/tensors/operations.ts';
import type { Tensor, Tf } from '../../compute/tensors.ts';
import { option } from '../../options.ts';
import { RandomStream } from '../../random.ts';
import { HistorySource, historyOfItems } from '../../sampling/histories.ts';
import { defineModel, type NewItem } from '../model.ts';
import { type Named, tensorForward, tensorStep } from '../tensorStep.ts';
import { Contests, hardScores, marginOf, softmaxOf } from './pinsage/contest.ts';
import { convolutionWeights, convolve, INNER, unitRows } from './pinsage/convolve.ts';
import { Inputs, inputOf } from './pinsage/inputs.ts';
import { levelsAround, Neighbourhoods, type Neighbours, Places, sharesOf } from './pinsage/neighbourhoods.ts';
import { lengthOfUsers, popularityBias, usersOf } from './pinsage/users.ts';

type Matrix = ReturnType<Tf['tensor2d']>;

/** Items of one forward pass where all are wanted. */
const CHUNK = 4096;

/**
 * PinSage: Ying et al., "Graph Convolutional Neural Networks for Web-Scale Recommender Systems", KDD 2018.
 *
 *   neighbours  the items that random walks with restart visit most, weighted by their share of visits (section 3.1)
 *   vectors     convolve.ts: z_i of length 1 from an item's input and its neighbours' (algorithms 1, 2)
 *   query       q = Σ_j z_j / ‖…‖ over a user's items but the one that is asked for; with one other the paper's pairs of items
 *   max-margin  Σ_n max(0, ⟨q, z_n⟩ − ⟨q, z_i⟩ + Δ), n uniform                                        (eq. 1)
 *   softmax     −ln softmax(⟨q, z⟩ / τ)[i], among positives of the batch
 *
 * Hard negatives are visited too, but less than the neighbours; the n-th epoch has n − 1 for each query. A user's vector is the
 * query of all she has done. Of some items of a batch the own row is withheld, and where there are features the neighbours too
 * (Volkovs et al., "DropoutNet", NeurIPS 2017), so that what is left alone comes to give a vector: an item that came after the
 * training gets one. Tables: ids [|I|, dim], features [|features|, dim]. Batch: histories [h] with items [b].
 */
export const pinsage = defineModel({
  name: 'pinsage',
  family: 'graph',
  paper: 'Ying et al., "Graph Convolutional Neural Networks for Web-Scale Recommender Systems", KDD 2018',
  summary:
    'Graph convolution over neighbours by random walks; gives new items vectors from their features and neighbours',
  options: z.strictObject({
    dim: option.dim,
    layers: option.layers,
    neighbours: option.neighbours.default(10),
    walkSteps: option.walkSteps,
    walkRestart: option.walkRestart,
    itemInput: option.itemInput,
    newShare: option.newShare,
    history: option.history,
    itemLoss: option.itemLoss,
    temperature: option.temperature,
    margin: option.margin.default(0.1),
    sharedNegatives: option.sharedNegatives,
    hardNegatives: option.hardNegatives,
    hardPool: option.hardPool,
    popularityWeight: option.popularityWeight,
    batchSize: option.batchSize,
    learningRate: option.learningRate.default(3e-3),
    l2: option.l2.default(0),
  }),
  needs: [],
  learns: 'pairs',
  tensors: true,
  unattributed: 'PinSage rectifies and normalises what neighbours bring, so a score is no sum of parts, one for each',
  subgraphs: () => true,
  memory({ snapshot, train, options: { dim, layers, neighbours, batchSize, sharedNegatives } }) {
    const items = train.cols;
    const seeds = Math.min(items, batchSize);
    const reached = Math.min(items, seeds * (1 + neighbours) ** layers);
    const inside = dim * 10 * INNER * reached + 6 * batchSize * Math.min(items, sharedNegatives);
    return {
      tables: [items, snapshot.features.count].map((rows) => ({ rows, dim })),
      batchBytes: 4 * inside,
    };
  },
  published: ({ snapshot: { features } }) => ({
    rows: { features: Array.from({ length: features.count }, (_, feature) => features.id(feature)) },
  }),
  usersOfItems: (options) => (seen, items, dim) => usersOf(seen, items, dim, lengthOfUsers(options)),
  create: ({ snapshot, train, options, seed, kernels, store, parameters, pace, feed, tensors }) => {
    const { dim, layers, batchSize, history, learningRate, l2 } = options;
    const { tf } = tensors!;
    const items = train.cols;
    const inputs = new Inputs(tensors!, store, snapshot, inputOf(snapshot, options.itemInput), dim);
    const newShare = options.newShare ?? (inputs.hasFeatures ? 0.1 : 0);
    const weights = convolutionWeights(parameters, layers, dim);
    const side = { tensors: tensors!, kernels, weights, parameters, pace };
    const batches = feed.batches(new HistorySource(train, { length: history, batchSize, seed }));
    const width = options.neighbours + (options.hardNegatives > 0 ? options.hardPool : 0);
    const walks = { steps: options.walkSteps, restart: options.walkRestart, top: width, batchSize: 1024, seed };
    const visits = feed.visits(walks);
    let drawn: Promise<Neighbourhoods> | undefined;
    /** The walks are taken once, when the first batch needs them: the graph that is learned from does not change. */
    const neighbourhoods = () => {
      drawn ??= Neighbourhoods.draw(visits, { items, width, top: options.neighbours });
      return drawn;
    };
    /** An item that nobody has chosen was not learned: its own row is as it was drawn. */
    const learned = new Uint8Array(items);
    for (const item of train.indices) learned[item] = 1;
    const contests = new Contests(train);
    const places = new Places(items + 1); // the last for an item that is none of them

    /** How the vectors of the items in `places`, which come first, are computed: [count, dim]. */
    const forward = (isKnown: (item: number) => boolean, hoods: Neighbourhoods, fresh?: NewItem) => {
      const none: Neighbours = { items: [], shares: [] };
      const met = fresh && { items: fresh.neighbours, shares: sharesOf(fresh.visits) };
      const levels = levelsAround(places, layers, (item) =>
        item === items ? met! : isKnown(item) || !inputs.hasFeatures ? hoods.of(item) : none,
      );
      const known = Float32Array.from(levels.items, (item) => (isKnown(item) ? 1 : 0));
      const rows = inputs.rows(levels.items, known, (item) => (item === items ? fresh! : inputs.featuresOf(item)));
      const blocks = levels.blocks.map((block) => sparseMatrix(tensors!, block));
      return {
        lookups: rows.lookups,
        vectors: (looked: readonly Tensor[], w: Named) => convolve(tf, rows.embed(looked), blocks, w),
        dispose() {
          rows.dispose();
          for (const block of blocks) block.dispose();
        },
      };
    };

    /** Vectors of some items, or of a new one, without an update. `places` is free again at once: others may ask meanwhile. */
    const vectorsOf = async (list: Iterable<number>, hoods: Neighbourhoods, fresh?: NewItem): Promise<Float32Array> => {
      places.clear();
      for (const item of list) places.of(item);
      const pass = forward((item) => learned[item] === 1, hoods, fresh);
      places.clear();
      try {
        return await tensorForward(side, pass.lookups, pass.vectors);
      } finally {
        pass.dispose();
      }
    };

    return {
      trained: {
        stepsPerEpoch: batches.perEpoch,
        async step(epoch, step) {
          const hoods = await neighbourhoods();
          const batch = await batches.at(epoch, step);
          const random = new RandomStream(seed, 'pinsage', epoch, step);
          const isSoftmax = options.itemLoss === 'softmax';
          const perQuery = Math.min(epoch, options.hardNegatives);
          const from = isSoftmax ? ('batch' as const) : ('all' as const);
          const kind = { shared: options.sharedNegatives, from, perQuery };
          const contest = contests.draw(batch, hoods, kind, random, (length) => kernels.floats(length));
          places.clear();
          const [positive, shared, hard] = [batch.items, contest.shared, contest.hard].map((list) =>
            list.map((item) => places.of(item)),
          ) as [Int32Array, Int32Array, Int32Array];
          const [b, seeds] = [positive.length, places.items.length];
          const withheld = new Set<number>();
          for (const item of places.items) if (random.uniform() < newShare) withheld.add(item);
          const pass = forward((item) => learned[item] === 1 && !withheld.has(item), hoods);
          places.clear();
          const [offsets, histories] = [batch.offsets.slice(), batch.users.length];
          const sums = sparseMatrix(tensors!, { rows: histories, cols: seeds, offsets, indices: positive });
          const historyOf = historyOfItems(batch);
          const mask = tensors!.adopt(contest.mask, [b, shared.length]);
          const update = { learningRate, step: epoch * batches.perEpoch + step + 1, l2: l2 / b };
          const mean = await tensorStep(side, pass.lookups, update, (looked, w) => {
            const z = pass.vectors(looked, w); // [seeds, dim]
            const rowsOf = (x: Tensor, at: Int32Array) => tf.gather(x, tf.tensor1d(at, 'int32'));
            const own = rowsOf(z, positive); // [b, dim]
            // All of the history but the item that is asked for.
            const q = unitRows(tf, tf.sub(rowsOf(sparseProduct(sums, z), historyOf), own));
            const against = tf.matMul(q as Matrix, rowsOf(z, shared) as Matrix, false, true); // [b, c]
            const scores = {
              positive: tf.sum(tf.mul(q, own), 1, true),
              shared: tf.add(against, mask),
              hard: perQuery > 0 ? hardScores(tf, q, rowsOf(z, hard), contest.hardMask) : undefined,
            };
            if (isSoftmax) return softmaxOf(tf, scores, options.temperature);
            return marginOf(tf, scores, options.margin);
          });
          mask.dispose();
          sums.dispose();
          pass.dispose();
          return mean;
        },
      },
      async vectors(seen) {
        const hoods = await neighbourhoods();
        const rows = new Float32Array(items * dim);
        for (let from = 0; from < items; from += CHUNK) {
          const chunk = Array.from({ length: Math.min(CHUNK, items - from) }, (_, n) => from + n);
          rows.set(await vectorsOf(chunk, hoods), from * dim);
        }
        const users = usersOf(seen, rows, dim, lengthOfUsers(options));
        if (options.itemLoss !== 'softmax') return { dim, users, items: rows };
        return { dim, users, items: rows, itemBias: popularityBias(train, options.popularityWeight) };
      },
      embedNew: async (item) => await vectorsOf([items], await neighbourhoods(), item),
      dispose() {},
    };
  },
});
