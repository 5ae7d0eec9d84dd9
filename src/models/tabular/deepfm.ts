import { z } from 'zod';
import { dense, dropout } from '../../compute/tensors/operations.ts';
import type { Tensor } from '../../compute/tensors.ts';
import { option } from '../../options.ts';
import { RandomStream } from '../../random.ts';
import type { LabelledRows } from '../../sampling/rows.ts';
import { defineModel } from '../model.ts';
import { tensorForward, tensorForwardSync, tensorStep } from '../tensorStep.ts';
import { fieldsOf } from './fields.ts';

/**
 * DeepFM: Guo et al., "DeepFM: A Factorization-Machine based Neural Network for CTR Prediction", IJCAI 2017.
 *
 *   p(x) = σ( w_0 + Σ_f w_f + Σ_{f < g} ⟨v_f, v_g⟩ + MLP([v_1; …; v_F]) )                      (eq. 1, 2, 4)
 *   loss = −1/b · Σ y ln p + (1 − y) ln (1 − p),  + l2 · ½‖v, w of the batch's distinct rows‖² / b
 *
 * Batch: rows [b] of fields [b, F]. Tables: fields [indices, dim + 1] (last column is w), and the dense weights.
 */
export const deepfm = defineModel({
  name: 'deepfm',
  family: 'tabular',
  paper: 'Guo et al., "DeepFM: A Factorization-Machine based Neural Network for CTR Prediction", IJCAI 2017',
  summary:
    'Factorization machine and deep network over shared embeddings of user, item, their features and the context',
  options: z.strictObject({
    dim: option.dim.default(16),
    hidden: option.hidden,
    dropout: option.dropout,
    batchSize: option.batchSize.default(1024),
    learningRate: option.learningRate,
    l2: option.l2.default(0),
  }),
  needs: [],
  learns: 'rows',
  tensors: true,
  memory({ snapshot, options: { dim, hidden, batchSize } }) {
    const { names, size } = fieldsOf(snapshot);
    const wide = hidden.reduce((sum, units) => sum + units, names.length * (dim + 1));
    return { tables: [{ rows: size, dim: dim + 1 }], batchBytes: 4 * batchSize * wide * 6 };
  },
  create: ({ snapshot, rows, options, seed, kernels, store, parameters, pace, tensors }) => {
    const { dim, hidden, batchSize, learningRate } = options;
    const { tf } = tensors!;
    const fields = fieldsOf(snapshot);
    const width = fields.names.length;
    const table = store.table('fields', { rows: fields.size, dim: dim + 1 }, { kind: 'normal', deviation: 0.01 });
    const widths = [width * dim, ...hidden];
    const weights = hidden.flatMap((units, n) => [
      parameters.add(`W${n + 1}`, [widths[n]!, units], 'xavier-uniform'),
      parameters.add(`b${n + 1}`, [units], 'zeros'),
    ]);
    weights.push(parameters.add('w', [widths.at(-1)!, 1], 'xavier-uniform'), parameters.add('w0', [1], 'zeros'));
    const side = { tensors: tensors!, kernels, weights, parameters, pace };

    /** Logits [b]; `drop` is a seed while it trains. */
    const logits = (looked: Tensor, weights: Readonly<Record<string, Tensor>>, drop?: number): Tensor => {
      const rowsIn = tf.reshape(looked, [-1, width, dim + 1]); // [b, F, dim + 1]
      const [v, w] = tf.split(rowsIn, [dim, 1], 2) as [Tensor, Tensor];
      const sum = tf.sum(v, 1); // [b, dim]
      const pairs = tf.mul(0.5, tf.sum(tf.sub(tf.square(sum), tf.sum(tf.square(v), 1)), 1)); // [b]
      let h: Tensor = tf.reshape(v, [-1, width * dim]);
      for (let n = 1; n <= hidden.length; n++) {
        h = dense(h, weights[`W${n}`]!, weights[`b${n}`]!, 'relu'); // [b, units]
        if (drop !== undefined) h = dropout(h, options.dropout, drop + n);
      }
      const deep = tf.reshape(dense(h, weights.w!, weights.w0!), [-1]); // [b]
      return tf.addN([tf.reshape(tf.sum(w, 1), [-1]), pairs, deep] as Tensor[]);
    };
    const lookup = (part: LabelledRows, from: number, to: number, order?: Uint32Array) => {
      const ids = new Int32Array((to - from) * width);
      for (let place = from; place < to; place++) {
        const row = order ? order[place]! : place;
        const interaction = part.interactions[row]!;
        fields.fill(
          snapshot.interactions.users[interaction]!,
          part.items[row]!,
          interaction,
          ids,
          (place - from) * width,
        );
      }
      return { table, ids };
    };
    const order = Uint32Array.from(rows?.labels.keys() ?? []);
    let shuffled = -1;
    return {
      trained: {
        stepsPerEpoch: Math.ceil(order.length / batchSize),
        async step(epoch, step) {
          if (epoch !== shuffled) {
            for (let row = 0; row < order.length; row++) order[row] = row;
            new RandomStream(seed, 'rows', epoch).shuffle(order);
            shuffled = epoch;
          }
          const [from, to] = [step * batchSize, Math.min((step + 1) * batchSize, order.length)];
          const count = epoch * Math.ceil(order.length / batchSize) + step + 1;
          const labels = Float32Array.from(order.subarray(from, to), (row) => rows!.labels[row]!);
          const drop = new RandomStream(seed, 'dropout', epoch, step).next() & 0x7fffffff;
          return await tensorStep(
            side,
            [lookup(rows!, from, to, order)],
            { learningRate, step: count, l2: options.l2 / (to - from) },
            ([looked], weights) => {
              const z = logits(looked!, weights, drop);
              // −y ln σ(z) − (1 − y) ln (1 − σ(z)) = ln (1 + e^z) − y z
              return tf.mean(tf.sub(tf.softplus(z), tf.mul(z, tf.tensor1d(labels))));
            },
          );
        },
      },
      async scoreRows(part) {
        const scores = new Float32Array(part.labels.length);
        const block = 8192;
        for (let from = 0; from < scores.length; from += block) {
          const looked = [lookup(part, from, Math.min(from + block, scores.length))];
          scores.set(await tensorForward(side, looked, ([rows], weights) => tf.sigmoid(logits(rows!, weights))), from);
        }
        return scores;
      },
      scoreItems(user, out) {
        const ids = new Int32Array(out.length * width);
        for (let item = 0; item < out.length; item++) fields.fill(user, item, -1, ids, item * width);
        out.set(tensorForwardSync(side, [{ table, ids }], ([rows], weights) => logits(rows!, weights)));
      },
      /** Embeddings, by which items are alike; their dot product is one of the score's summands. */
      vectors() {
        const take = (count: number, index: (node: number) => number): Float32Array => {
          const rows = new Float32Array(count * (dim + 1));
          table.gather(
            Int32Array.from({ length: count }, (_, node) => index(node)),
            rows,
          );
          return rows.filter((_, at) => at % (dim + 1) < dim);
        };
        const { users, items } = snapshot;
        return { dim, users: take(users.count, fields.userIndex), items: take(items.count, fields.itemIndex) };
      },
      dispose() {},
    };
  },
});
