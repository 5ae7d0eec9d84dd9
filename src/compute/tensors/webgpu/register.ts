import * as tf from '@tensorflow/tfjs-core';
import { TastegraphError } from '../../../errors.ts';
import { elementwise } from './elementwise.ts';
import { normalisation } from './normalisation.ts';
import type { Operation } from './operation.ts';
import { multiplyInOrder } from './products.ts';
import type { GpuBackend } from './program.ts';
import { reductions } from './reductions.ts';
import { rows } from './rows.ts';
import { softmaxes } from './softmax.ts';
import { sparse } from './sparse.ts';

const backendName = 'webgpu';
let isDone = false;

/**
 * Registers our WGSL kernels, before the backend's own where it has one under the same name, which then takes what ours leave.
 * Further calls do nothing.
 */
export function registerKernels(): void {
  if (isDone) return;
  isDone = true;
  multiplyInOrder('BatchMatMul');
  multiplyInOrder('_FusedMatMul');
  for (const operation of [...sparse, ...rows, ...elementwise, ...normalisation, ...softmaxes, ...reductions])
    register(operation);
}

function register({ name, run }: Operation): void {
  const theirs = tf.getKernel(name, backendName);
  if (theirs) tf.unregisterKernel(name, backendName);
  tf.registerKernel({
    kernelName: name,
    backendName,
    kernelFunc(call) {
      const { inputs, attrs = {} } = call;
      const ours = run({ inputs, attributes: attrs, backend: call.backend as GpuBackend });
      if (ours) return ours;
      if (theirs) return theirs.kernelFunc(call);
      throw new TastegraphError('compute/worker-failed', {
        problem: `the kernel '${name}' has no form for these shapes`,
      });
    },
  });
}
