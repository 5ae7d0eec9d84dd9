import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernels } from '../../../src/compute/kernels.ts';
import { dense, denseAdam, dropout, layerNorm, maskedSoftmax } from '../../../src/compute/tensors/operations.ts';
import type { Tensors } from '../../../src/compute/tensors.ts';
import { RandomStream } from '../../../src/random.ts';
import { drawBelow, Rows } from './rows.ts';

/** Sizes that the step is measured at: those of the Beauty set. */
export const sasrecShape = { batch: 128, length: 50, dim: 64, blocks: 2, items: 12_101, rate: 0.2, learningRate: 1e-3 };

/**
 * One training step of SASRec (Kang & McAuley, ICDM 2018) with its own loss, binary cross-entropy with one negative a position:
 * forward, backward and Adam on all parameters, those of the item rows that the batch names among them. Returns the loss.
 */
export function sasrecStep(
  { tf, ...tensors }: Tensors,
  kernels: Kernels,
  seed: number,
  heads: number,
  size = sasrecShape,
): () => Promise<number> {
  const { batch, length, dim, blocks, items, rate, learningRate } = size;
  const stream = new RandomStream(seed, 'sasrec');
  const normal = (...shape: number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return tf.variable(
      tf.tensor(
        Float32Array.from({ length: size }, () => 0.05 * stream.normal()),
        shape,
      ),
    );
  };
  const norm = () => ({ gamma: tf.variable(tf.ones([dim])), beta: tf.variable(tf.zeros([dim])) });
  const layer = () => ({ weights: normal(dim, dim), bias: tf.variable(tf.zeros([dim])) });
  const position = normal(length, dim);
  const layers = Array.from({ length: blocks }, () => ({
    before: norm(),
    query: layer(),
    key: layer(),
    value: layer(),
    out: layer(),
    between: norm(),
    inner: layer(),
    outer: layer(),
  }));
  const last = norm();
  const parameters = [
    position,
    ...[...layers.flatMap((block) => Object.values(block)), last].flatMap((part) => Object.values(part)),
  ];
  const adam = denseAdam(parameters, { learningRate });
  const embedding = new Rows({ tf, ...tensors }, kernels, items, dim);
  const future = Float32Array.from({ length: length * length }, (_, at) =>
    at % length > Math.floor(at / length) ? -1e9 : 0,
  );
  const mask = tf.tensor(future, [1, 1, length, length]);
  const shape = [batch, length, heads, dim / heads];
  let step = 0;

  const attention = (x: Tensor, queries: Tensor, { query, key, value, out }: (typeof layers)[number]): Tensor => {
    const split = (y: Tensor) => tf.transpose(tf.reshape(y, shape), [0, 2, 1, 3]); // [batch, heads, length, dim / heads]
    const q = split(dense(queries, query.weights, query.bias));
    const k = split(dense(x, key.weights, key.bias));
    const v = split(dense(x, value.weights, value.bias));
    const share = maskedSoftmax(tf.matMul(q, k, false, true), mask, 1 / Math.sqrt(dim / heads)); // [batch, heads, length, length]
    const mixed = tf.transpose(tf.matMul(dropout(share, rate, stream.integer(2 ** 31)), v), [0, 2, 1, 3]);
    return dense(tf.reshape(mixed, [batch, length, dim]), out.weights, out.bias);
  };

  return async () => {
    step++;
    const count = batch * length;
    const ids = drawBelow(stream, items, 3 * count); // inputs, positives, negatives
    const { unique, rows, places } = embedding.read(ids);
    const table = tf.variable(rows);
    const drop = (x: Tensor) => dropout(x, rate, stream.integer(2 ** 31));
    const { value, grads } = tf.variableGrads(() => {
      const [inputs, positives, negatives] = tf.split(tf.gather(table, places), 3) as [Tensor, Tensor, Tensor]; // [count, dim] each
      let x = drop(tf.add(tf.mul(tf.reshape(inputs, [batch, length, dim]), Math.sqrt(dim)), position));
      for (const block of layers) {
        const queries = layerNorm(x, block.before.gamma, block.before.beta);
        x = tf.add(queries, attention(x, queries, block));
        x = layerNorm(x, block.between.gamma, block.between.beta);
        const inner = drop(dense(x, block.inner.weights, block.inner.bias, 'relu'));
        x = tf.add(x, drop(dense(inner, block.outer.weights, block.outer.bias)));
      }
      const states = tf.reshape(layerNorm(x, last.gamma, last.beta), [count, dim]);
      const score = (rows: Tensor) => tf.sum(tf.mul(states, rows), 1); // [count]
      return tf.add(
        tf.mean(tf.softplus(tf.neg(score(positives)))),
        tf.mean(tf.softplus(score(negatives))),
      ) as ReturnType<typeof tf.scalar>;
    });
    adam.apply(grads);
    await embedding.update(unique, grads[table.name]!, learningRate, step);
    const [result] = await value.data();
    tf.dispose([value, grads, table, rows, places] as Parameters<typeof tf.dispose>[0]);
    return result!;
  };
}
