import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { TastegraphError } from '../../errors.ts';
import { packageRoot } from '../../package.ts';

let registered = false;

/**
 * Registers the gradients of all TensorFlow.js operations, for every backend of this process; further calls do nothing. They come
 * from a bundle made by the build, since Node cannot import them as they are shipped. Errors: compute/not-built.
 */
export async function registerGradients(): Promise<void> {
  if (registered) return;
  const path = join(packageRoot, 'dist', 'kernels', 'gradients.js');
  if (!existsSync(path)) throw new TastegraphError('compute/not-built', { path });
  await import(pathToFileURL(path).href);
  tf.registerGradient({ kernelName: 'Sum', saveAllInputs: false, inputsToSave: ['x'], gradFunc: spread('Sum') });
  tf.registerGradient({ kernelName: 'Mean', saveAllInputs: false, inputsToSave: ['x'], gradFunc: spread('Mean') });
  registerGather();
  registered = true;
}

/**
 * Gradient of a sum or mean: the result's gradient, broadcast to the input's shape. The ones that TensorFlow.js has multiply by a
 * tensor of ones that is made anew for each call, several times the cost of the sum itself.
 */
function spread(kernel: 'Sum' | 'Mean'): tf.GradConfig['gradFunc'] {
  return (dy, [x], { axis }) => ({
    x: () => {
      const { shape } = x!;
      if (x!.size === 0) return tf.zeros(shape);
      const axes = tf.util.parseAxisParam(axis as number | number[], shape);
      const kept = shape.map((size, dimension) => (axes.includes(dimension) ? 1 : size));
      const count = axes.reduce((product, dimension) => product * shape[dimension]!, 1);
      const part = tf.reshape(dy as tf.Tensor, kept);
      return tf.broadcastTo(kernel === 'Mean' ? tf.div(part, count) : part, shape);
    },
  });
}

/**
 * Gradient of rows taken from a table: the result's gradient, added up by row. What TensorFlow.js has is for any axis, and copies both
 * in two transpositions that change nothing where it is the first.
 */
function registerGather(): void {
  const forAnyAxis = tf.getGradient('GatherV2');
  tf.registerGradient({
    ...forAnyAxis,
    gradFunc(dy, saved, attributes) {
      const { axis, batchDims } = attributes as { readonly axis: number; readonly batchDims: number };
      const [x, indices] = saved as [tf.Tensor, tf.Tensor];
      if (axis !== 0 || batchDims) return forAnyAxis.gradFunc(dy, saved, attributes);
      return {
        x: () => {
          const rows = tf.reshape(dy as tf.Tensor, [indices.size, ...x.shape.slice(1)]);
          return tf.unsortedSegmentSum(rows, tf.reshape(indices, [indices.size]), x.shape[0]!);
        },
        indices: () => indices,
      };
    },
  });
}
