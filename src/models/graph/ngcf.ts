import { z } from 'zod';
import { unitRows } from '../../compute/tensors/contrast.ts';
import { dense, dropout } from '../../compute/tensors/operations.ts';
import type { Tensor, Tf } from '../../compute/tensors.ts';
import { option } from '../../options.ts';
import { RandomStream } from '../../random.ts';
import { cosineWithoutCosines, drawnPerPair, groupOf, learnsCosines, lossOptions } from '../losses/pairLoss.ts';
import { defineModel } from '../model.ts';
import { hasHopOfEachLayer, hopsAndLayersDiffer } from '../sampledPropagation.ts';
import { type GraphStep, tensorGraph } from '../tensorGraph.ts';
import type { GraphLayers } from '../tensorPropagation.ts';
import type { Named } from '../tensorStep.ts';

/** Slope of the leaky rectifier below zero: that of the authors' code. */
const SLOPE = 0.2;

/**
 * NGCF: Wang et al., "Neural Graph Collaborative Filtering", SIGIR 2019.
 *
 *   E^l = LeakyReLU((Â + I) E^{l−1} W₁^l + (Â E^{l−1}) ⊙ E^{l−1} W₂^l)        (eq. 7, 8)
 *   e_v = E⁰_v ‖ E¹_v / ‖E¹_v‖ ‖ … ‖ E^L_v / ‖E^L_v‖,   score(u, i) = ⟨e_u, e_i⟩        (eq. 9, 10)
 *   loss = BPR (eq. 11) or another of `losses/`, + l2 · ½‖E⁰ of the batch‖² / b
 *
 * Layers are normalised as in the authors' code. While it trains, `dropout` leaves out parts of each layer's rows (message dropout,
 * section 2.4.2) and `nodeDropout` all that some nodes send out. With fan-outs, steps propagate over subgraphs that are sampled around their pairs;
 * scores are those of the whole graph all the same.
 *
 * The rows of layer 0 have any length and those of the others length 1, so a dot product would be layer 0's for the most part: the score is
 * the cosine that the softmax loss learns, beside the logarithm of popularity (see `lightgcn`), unless `score` is `dot`.
 *
 * Table: nodes [|U| + |I|, dim], users first. Weights of each layer: W1, W2 [dim, dim]. Batch: pairs [b].
 */
export const ngcf = defineModel({
  name: 'ngcf',
  family: 'graph',
  paper: 'Wang et al., "Neural Graph Collaborative Filtering", SIGIR 2019',
  summary: 'Graph convolution with dense layers, and products of users with their items, over the user–item graph',
  options: z
    .strictObject({
      dim: option.dim,
      layers: option.layers,
      fanouts: option.fanouts,
      dropout: option.dropout.default(0.1),
      nodeDropout: option.nodeDropout,
      ...lossOptions,
      negativeGroup: option.negativeGroup.default(256),
      score: option.score.default('cosine'),
      popularityWeight: option.popularityWeight,
      batchSize: option.batchSize.default(4096),
      learningRate: option.learningRate.default(5e-3),
      l2: option.l2,
    })
    .refine((options) => options.score === 'dot' || learnsCosines(options), cosineWithoutCosines)
    .refine(hasHopOfEachLayer, hopsAndLayersDiffer),
  needs: [],
  learns: 'pairs',
  weighsPairs: true,
  tensors: true,
  unattributed: 'NGCF multiplies and rectifies what interactions bring, so a score is no sum of parts, one for each',
  subgraphs: ({ fanouts }) => fanouts.length > 0,
  memory({ train, options }) {
    const { dim, layers, batchSize, fanouts } = options;
    const nodes = train.rows + train.cols;
    const width = dim * (layers + 1);
    const positions = batchSize * (2 + drawnPerPair(options));
    const reached = fanouts.reduce((count, fanout) => Math.min(nodes, count * (1 + fanout)), positions);
    // Of each layer but the last some twelve arrays live at once, with their gradients; of the last, rows of the batch.
    const inner = 12 * dim * (fanouts.length > 0 ? reached : nodes) * Math.max(1, layers - 1);
    return {
      tables: [{ rows: nodes, dim }, ...Array.from({ length: 2 * layers }, () => ({ rows: dim, dim }))],
      batchBytes: 4 * (inner + positions * 8 * width + 2 * batchSize * groupOf(options)),
    };
  },
  create: (context) => {
    const { options, seed, parameters, tensors } = context;
    const { tf } = tensors!;
    const { dim, layers } = options;
    const names = Array.from({ length: layers }, (_, l) => [`layer${l + 1}.W1`, `layer${l + 1}.W2`]).flat();
    const weights = names.map((name) => parameters.add(name, [dim, dim], 'xavier-uniform'));
    const encode = (graph: GraphLayers, initial: Tensor, w: Named, step?: GraphStep): Tensor => {
      const random = step && new RandomStream(seed, 'dropout', step.epoch, step.step);
      const thin = (x: Tensor) => (random ? dropout(x, options.dropout, random.next() & 0x3fffffff) : x);
      const silence = (x: Tensor) =>
        random && options.nodeDropout > 0 ? silenceRows(tf, x, options.nodeDropout, random.next() & 0x3fffffff) : x;
      let x = initial;
      let rows = graph.batch(initial, 0);
      const parts = [rows];
      for (let layer = 1; layer <= layers; layer++) {
        const received = graph.neighbours(silence(x), layer); // Â E
        const own = layer === layers ? rows : graph.own(x, layer);
        const linear = dense(tf.add(received, own), w[`layer${layer}.W1`]!);
        const products = dense(tf.mul(received, own), w[`layer${layer}.W2`]!);
        x = thin(tf.leakyRelu(tf.add(linear, products), SLOPE));
        rows = graph.batch(x, layer); // [n, dim]
        parts.push(unitRows(rows));
      }
      return tf.concat(parts, 1); // [n, dim · (layers + 1)]
    };
    return tensorGraph(context, { weights, encode });
  },
});

/** Rows that are zero with probability `rate`, the others divided by 1 − rate. x: [rows, dim]. */
function silenceRows(tf: Tf, x: Tensor, rate: number, seed: number): Tensor {
  return tf.mul(x, dropout(tf.ones([x.shape[0]!, 1]), rate, seed));
}
