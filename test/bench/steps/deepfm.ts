import type { Kernels } from '../../../src/compute/kernels.ts';
import { dense, denseAdam } from '../../../src/compute/tensors/operations.ts';
import type { Tensors } from '../../../src/compute/tensors.ts';
import { RandomStream } from '../../../src/random.ts';
import { drawBelow, Rows } from './rows.ts';

/** Sizes that the step is measured at: those of the Frappe set. */
export const deepfmShape = { rows: 4096, fields: 10, dim: 16, features: 5382, hidden: [400, 400], learningRate: 1e-3 };

/**
 * One training step of DeepFM (Guo et al., IJCAI 2017): forward, backward and Adam on all parameters, those of the embedding
 * rows that the batch names among them. Returns the loss.
 */
export function deepfmStep(
  { tf, ...tensors }: Tensors,
  kernels: Kernels,
  seed: number,
  shape = deepfmShape,
): () => Promise<number> {
  const { rows, fields, dim, features, hidden, learningRate } = shape;
  const stream = new RandomStream(seed, 'deepfm');
  const normal = (shape: [number, number], deviation: number) =>
    tf.variable(
      tf.tensor(
        Float32Array.from({ length: shape[0] * shape[1] }, () => deviation * stream.normal()),
        shape,
      ),
    );
  const sizes = [fields * dim, ...hidden, 1];
  const weights = sizes.slice(1).map((size, i) => normal([sizes[i]!, size], Math.sqrt(2 / sizes[i]!)));
  const biases = sizes.slice(1).map((size) => tf.variable(tf.zeros([size])));
  const linear = normal([features, 1], 0.05);
  const adam = denseAdam([...weights, ...biases, linear], { learningRate });
  const embedding = new Rows({ tf, ...tensors }, kernels, features, dim);
  let step = 0;

  return async () => {
    step++;
    const ids = drawBelow(stream, features, rows * fields);
    const { unique, rows: embedded, places } = embedding.read(ids);
    const idTensor = tf.tensor1d(ids, 'int32');
    const labels = tf.tensor1d(Float32Array.from(drawBelow(stream, 2, rows)));
    const loss = (table: InstanceType<typeof tf.Tensor>) => {
      const each = tf.reshape(tf.gather(table, places), [rows, fields, dim]);
      const sum = tf.sum(each, 1); // [rows, dim]
      const interactions = tf.mul(0.5, tf.sum(tf.sub(tf.square(sum), tf.sum(tf.square(each), 1)), 1)); // [rows]
      const first = tf.sum(tf.reshape(tf.gather(linear, idTensor), [rows, fields]), 1);
      let hiddenLayer = tf.reshape(each, [rows, fields * dim]);
      for (const [i, weight] of weights.entries()) {
        hiddenLayer = dense(
          hiddenLayer,
          weight,
          biases[i],
          i < hidden.length ? 'relu' : 'linear',
        ) as typeof hiddenLayer;
      }
      const logits = tf.add(tf.add(first, interactions), tf.reshape(hiddenLayer, [rows]));
      return tf.mean(tf.sub(tf.softplus(logits), tf.mul(labels, logits)));
    };
    const table = tf.variable(embedded);
    const { value, grads } = tf.variableGrads(() => loss(table) as ReturnType<typeof tf.scalar>);
    adam.apply(grads);
    await embedding.update(unique, grads[table.name]!, learningRate, step);
    const [result] = await value.data();
    tf.dispose([value, grads, table, embedded, places, idTensor, labels] as Parameters<typeof tf.dispose>[0]);
    return result!;
  };
}
