import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TastegraphError } from '../../errors.ts';
import { packageRoot } from '../../package.ts';
import type { Tf } from '../tensors.ts';

const gradients = join(packageRoot, 'dist', 'kernels', 'gradients.js');

/**
 * TensorFlow.js with the gradients of its operations, and no backend yet. Its engine and registries are global to the process,
 * so whoever asks gets the same. Errors: compute/not-built.
 */
export async function loadTfjs(): Promise<Tf> {
  const { default: tf } = (await import('@tensorflow/tfjs-core')) as unknown as { readonly default: Tf };
  // It warns of every second copy of its modules, of which the file of gradients is one, and praises other packages.
  tf.env().set('PROD', true);
  try {
    await import(pathToFileURL(gradients).href);
  } catch (thrown) {
    throw new TastegraphError('compute/not-built', { path: gradients }, thrown);
  }
  return tf;
}
