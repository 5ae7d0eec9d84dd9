import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../../src/compute/kernels.ts';
import { openTensors } from '../../src/compute/tensors/open.ts';
import { askForGpu } from '../../src/compute/tensors/webgpu.ts';
import type { Device, Tensors } from '../../src/compute/tensors.ts';

/** A tensor backend that takes part in a comparison. */
export interface Contender {
  readonly device: Device;
  readonly tensors: Tensors;
  /** The backend's name in TensorFlow.js. */
  readonly backend: string;
}

/** Opens every device that is on this machine; why the others are absent. Software adapters of WebGPU are left out. */
export async function openContenders(
  kernels: Kernels,
): Promise<{ readonly contenders: readonly Contender[]; readonly absent: readonly string[] }> {
  const contenders: Contender[] = [];
  const absent: string[] = [];
  const gpu = await askForGpu();
  for (const device of ['wasm', 'cpu', 'cuda', 'webgpu'] as const) {
    try {
      if (device === 'webgpu' && gpu.ok && gpu.isSoftware) throw new Error('webgpu answers in software alone');
      // A process has one TensorFlow: on a machine with a GPU it is that for CUDA.
      if (device === 'cuda' && contenders.some(({ tensors }) => tensors.backend === 'tensorflow')) continue;
      const tensors = await openTensors({ device, kernels });
      contenders.push({ device, tensors, backend: tf.getBackend() });
    } catch (thrown) {
      absent.push(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
  return { contenders, absent };
}
