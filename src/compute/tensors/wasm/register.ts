import * as tf from '@tensorflow/tfjs-core';
import { TastegraphError } from '../../../errors.ts';
import type { SharedMemoryBackend } from './backend.ts';
import { creation } from './creation.ts';
import { elementwise } from './elementwise.ts';
import { layout } from './layout.ts';
import { normalisation } from './normalisation.ts';
import type { Operation } from './operation.ts';
import { products } from './products.ts';
import { reductions } from './reductions.ts';
import { sparse } from './sparse.ts';

const operations = new Map<string, Operation>(
  [...products, ...elementwise, ...reductions, ...normalisation, ...layout, ...creation, ...sparse].map((operation) => [
    operation.name,
    operation,
  ]),
);

/** Registers every kernel for the backend `name`: ours, before or instead of the plain JavaScript one that tfjs-backend-cpu has. */
export function registerKernels(name: string): void {
  const plain = new Map(tf.getKernelsForBackend('cpu').map((config) => [config.kernelName, config]));
  for (const [kernelName, config] of plain)
    if (!operations.has(kernelName)) tf.registerKernel({ ...config, backendName: name });
  for (const [kernelName, operation] of operations) {
    const fallback = plain.get(kernelName);
    tf.registerKernel({
      kernelName,
      backendName: name,
      kernelFunc(call) {
        const backend = call.backend as SharedMemoryBackend;
        try {
          const own = operation.run({ inputs: call.inputs, attributes: call.attrs ?? {}, backend });
          if (own) return own;
          if (fallback) return fallback.kernelFunc(call);
          throw new TastegraphError('compute/worker-failed', {
            problem: `the kernel '${kernelName}' has no form for these shapes`,
          });
        } finally {
          backend.sweep();
        }
      },
    });
  }
}

export function unregisterKernels(name: string): void {
  for (const { kernelName } of tf.getKernelsForBackend(name)) tf.unregisterKernel(kernelName, name);
}
