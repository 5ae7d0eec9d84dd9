import { z } from 'zod';
import { dense, dropout } from '../../compute/tensors/operations.ts';
import type { Tensor } from '../../compute/tensors.ts';
import { option } from '../../options.ts';
import { RandomStream } from '../../random.ts';
import { type PointColumns, PointSource } from '../../sampling/points.ts';
import { candidatePoints, rowPoints, snapshotFields } from '../../sampling/snapshotPoints.ts';
import { drawOne } from '../../sampling/source.ts';
import { defineModel } from '../model.ts';
import { type Named, tensorForward, tensorForwardSync, tensorStep } from '../tensorStep.ts';
import { someRows } from '../vectors.ts';
import { embedFields, fieldLayout, fieldLookups, fieldRowNames } from './embedFields.ts';

/** Points scored at once: some tens of MB of activations. */
const block = 8192;

/**
 * DeepFM: Guo et al., "DeepFM: A Factorization-Machine based Neural Network for CTR Prediction", IJCAI 2017.
 *
 *   p(x) = σ( w_0 + Σ_f w_f + Σ_{f < g} ⟨v_f, v_g⟩ + MLP([v_1; …; v_F]) )                      (eq. 1, 2, 4)
 *   loss = −1/b · Σ y ln p + (1 − y) ln (1 − p),  + l2 · ½‖v, w of the batch's distinct rows‖²
 *
 * Batch: points [b] of fields [b, F]. Table: fields [indices, dim + 1] (last column is w). Where all training rows are liked,
 * `negatives` unseen items are drawn for each.
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
    negatives: option.negatives,
    batchSize: option.batchSize.default(1024),
    learningRate: option.learningRate,
    l2: option.l2.default(0.01),
  }),
  needs: [],
  learns: 'rows',
  tensors: true,
  unattributed: 'DeepFM lets all fields of a row act on each other, so a score is no sum of parts, one for each',
  memory({ snapshot, options: { dim, hidden, batchSize } }) {
    const { rows, width } = fieldLayout(snapshotFields(snapshot));
    const wide = hidden.reduce((sum, units) => sum + units, width * (dim + 1));
    return { tables: [{ rows, dim: dim + 1 }], batchBytes: 4 * Math.max(batchSize, block) * wide * 6 };
  },
  published: ({ snapshot }) => ({ rows: { fields: fieldRowNames(snapshot, snapshotFields(snapshot)) } }),
  create: ({ snapshot, train, rows, options, seed, kernels, store, parameters, pace, feed, tensors }) => {
    const { dim, hidden, batchSize, learningRate, l2 } = options;
    const { tf } = tensors!;
    const known = snapshotFields(snapshot);
    const layout = fieldLayout(known);
    const table = store.table('fields', { rows: layout.rows, dim: dim + 1 }, { kind: 'normal', deviation: 0.01 });
    const widths = [layout.width * dim, ...hidden];
    const weights = hidden.flatMap((units, n) => [
      parameters.add(`W${n + 1}`, [widths[n]!, units], 'xavier-uniform'),
      parameters.add(`b${n + 1}`, [units], 'zeros'),
    ]);
    weights.push(parameters.add('w', [widths.at(-1)!, 1], 'xavier-uniform'), parameters.add('w0', [1], 'zeros'));
    const side = { tensors: tensors!, kernels, weights, parameters, pace };

    /** Fields [b, F, dim + 1] → logits [b]; `drop` is a seed while it trains. */
    const logits = (fields: Tensor, w: Named, drop?: number): Tensor => {
      const [v, first] = tf.split(fields, [dim, 1], 2) as [Tensor, Tensor];
      const sum = tf.sum(v, 1); // [b, dim]
      const pairs = tf.mul(0.5, tf.sum(tf.sub(tf.square(sum), tf.sum(tf.square(v), 1)), 1)); // [b]
      let h: Tensor = tf.reshape(v, [-1, layout.width * dim]);
      for (let n = 1; n <= hidden.length; n++) {
        h = dense(h, w[`W${n}`]!, w[`b${n}`]!, 'relu'); // [b, units]
        if (drop !== undefined) h = dropout(h, options.dropout, drop + n);
      }
      const deep = tf.reshape(dense(h, w.w!, w.w0!), [-1]); // [b]
      return tf.addN([tf.reshape(tf.sum(first, 1), [-1]), pairs, deep] as Tensor[]);
    };
    /** Points in order, a block at a time, each with what looks it up and gives its logits. */
    function* blocksOf(columns: PointColumns) {
      const source = new PointSource(columns, { batchSize: block, seed, shuffle: false });
      for (let step = 0; step < source.batchesPerEpoch; step++) {
        const batch = drawOne(source, 0, step);
        const forward = ([looked]: readonly Tensor[], w: Named) => logits(embedFields(tf, layout, batch, looked!), w);
        yield { from: step * block, lookups: fieldLookups(table, layout, batch), forward };
      }
    }

    const probabilities = async (columns: PointColumns): Promise<Float32Array> => {
      const found = new Float32Array(columns.labels.length);
      for (const { from, lookups, forward } of blocksOf(columns))
        found.set(await tensorForward(side, lookups, (looked, w) => tf.sigmoid(forward(looked, w))), from);
      return found;
    };

    const points = rows && rowPoints(snapshot, known, rows);
    const drawn = points?.labels.includes(0) === false ? { negatives: { perPoint: options.negatives, train } } : {};
    const batches = points && feed.batches(new PointSource(points, { batchSize, seed, ...drawn }));
    return {
      trained: {
        stepsPerEpoch: batches?.perEpoch ?? 0,
        async step(epoch, step) {
          const batch = await batches!.at(epoch, step);
          const drop = new RandomStream(seed, 'dropout', epoch, step).next() & 0x3fffffff;
          const update = {
            learningRate,
            step: epoch * batches!.perEpoch + step + 1,
            l2,
          };
          return await tensorStep(side, fieldLookups(table, layout, batch), update, ([looked], w) => {
            const z = logits(embedFields(tf, layout, batch, looked!), w, drop);
            // −y ln σ(z) − (1 − y) ln (1 − σ(z)) = ln (1 + e^z) − y z
            return tf.mean(tf.sub(tf.softplus(z), tf.mul(z, tf.tensor1d(batch.labels))));
          });
        },
      },
      scoreRows: (part) => probabilities(rowPoints(snapshot, known, part)),
      scorePairs: (user, items) => probabilities(candidatePoints(snapshot, known, user, items)),
      scoreItems(user, out) {
        for (const { from, lookups, forward } of blocksOf(candidatePoints(snapshot, known, user)))
          out.set(tensorForwardSync(side, lookups, forward), from);
      },
      /** Embeddings, by which items are alike; their dot product is one of the score's summands. */
      vectors() {
        const take = (first: number, count: number) =>
          someRows(table, first, count).filter((_, at) => at % (dim + 1) < dim);
        const [users, items] = [
          take(layout.fields[0]!, snapshot.users.count),
          take(layout.fields[1]!, snapshot.items.count),
        ];
        return { dim, users, items };
      },
      dispose() {},
    };
  },
});
