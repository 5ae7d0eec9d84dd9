/**
 * GPUs of any vendor as a tensor backend: `@tensorflow/tfjs-backend-webgpu` over Dawn, which the npm package `webgpu` brings
 * ready-made and which speaks Vulkan, Metal or Direct3D.
 */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { problemOf } from '../../errors.ts';
import type { Kernels } from '../kernels.ts';
import type { Tensors } from '../tensors.ts';
import { copying } from './copying.ts';
import { registerGradients } from './gradients.ts';
import { limitFreeBuffers } from './webgpu/buffers.ts';
import { hasDriver } from './webgpu/driver.ts';
import { takeEmptyTensors } from './webgpu/empty.ts';
import { registerKernels } from './webgpu/register.ts';

/** What to install for it. */
export const webgpuPackages = 'webgpu@0.6.2 @tensorflow/tfjs-backend-webgpu@4.22.0';

/** Whether a GPU answers, or why none does. */
export type GpuAnswer =
  | { readonly ok: true; readonly name: string; readonly isSoftware: boolean }
  | { readonly ok: false; readonly problem: string; readonly arePackagesHere: boolean };

const require = createRequire(import.meta.url);

let gpu: GPU | undefined;
let factory: ReturnType<typeof tf.findBackendFactory> | undefined;

/** Dawn's entry, put where the backend looks for a browser's. Throws where the package is not installed. */
async function dawn(): Promise<GPU> {
  if (gpu) return gpu;
  const { create, globals } = await import('webgpu');
  require.resolve('@tensorflow/tfjs-backend-webgpu');
  Object.assign(globalThis, globals);
  gpu = create([]);
  // Node 20 has no navigator, later ones have one without a GPU.
  const world = globalThis as { navigator?: object };
  const navigator = world.navigator ?? {};
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  if (!world.navigator) Object.defineProperty(world, 'navigator', { value: navigator, configurable: true });
  return gpu;
}

/** Asks for the adapter that the backend would take. About 50 ms. */
export async function askForGpu(): Promise<GpuAnswer> {
  let entry: GPU;
  try {
    entry = await dawn();
  } catch (thrown) {
    const isMissing = /MODULE_NOT_FOUND/.test((thrown as NodeJS.ErrnoException).code ?? '');
    const problem = isMissing ? 'its packages are not installed' : `its library does not load: ${problemOf(thrown)}`;
    return { ok: false, problem, arePackagesHere: !isMissing };
  }
  const none: GpuAnswer = {
    ok: false,
    problem: 'no GPU answers over Vulkan, Metal or Direct3D',
    arePackagesHere: true,
  };
  if (!hasDriver()) return none;
  const adapter = await entry.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return none;
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const name = [vendor, architecture, description].filter(Boolean).join(' ');
  return { ok: true, name, isSoftware: isFallbackAdapter };
}

/** Opens WebGPU on the adapter that `askForGpu` told of. */
export async function openWebgpu(kernels: Kernels, { name, isSoftware }: GpuAnswer & { ok: true }): Promise<Tensors> {
  await registerGradients();
  await dawn();
  require('@tensorflow/tfjs-backend-webgpu');
  // It registers itself when it is loaded, which is once; closing takes it out.
  factory ??= tf.findBackendFactory('webgpu');
  if (!tf.findBackendFactory('webgpu')) tf.registerBackend('webgpu', factory!);
  takeEmptyTensors();
  registerKernels();
  await tf.setBackend('webgpu');
  await tf.ready();
  limitFreeBuffers(tf.backend());
  const { version } = require('webgpu/package.json') as { readonly version: string };
  return {
    tf,
    backend: 'webgpu',
    device: 'webgpu',
    reason: `${isSoftware ? 'a GPU in software, for checks alone' : 'a GPU'} answers over WebGPU: ${name}`,
    version: `Dawn ${version}`,
    ...copying(kernels),
    close() {
      tf.removeBackend('webgpu');
    },
  };
}
