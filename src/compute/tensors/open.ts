/** Which backend runs the models' tensors: the one that was asked for, or the fastest that is here. */
import { problemOf, TastegraphError } from '../../errors.ts';
import type { Kernels } from '../kernels.ts';
import type { Device, DeviceChoice, Tensors } from '../tensors.ts';
import { type TensorflowBuild, tensorflowBuilds } from './builds.ts';
import { openTensorflow } from './tensorflow.ts';
import { openWasm } from './wasm.ts';
import { askForGpu, openWebgpu, webgpuPackages } from './webgpu.ts';

export interface TensorOptions {
  readonly device: DeviceChoice;
  /** Say how many threads compute, and are what `wasm` computes with. They stay their owner's to close. */
  readonly kernels: Kernels;
}

const elsewhere = "'--device auto' takes what is here";

/**
 * Opens a tensor backend and makes it the active one of this process. 'auto' takes, in this order, an NVIDIA GPU, native
 * TensorFlow on the processor, a GPU over WebGPU, and WebAssembly, which is always there; `reason` says why.
 * Errors: compute/device-absent, compute/tensorflow-broken, compute/not-built.
 */
export async function openTensors({ device, kernels }: TensorOptions): Promise<Tensors> {
  if (device === 'auto') return await openFastest(kernels);
  const tensors = await openers[device](kernels);
  return { ...tensors, reason: `asked for; ${tensors.reason}` };
}

const openers: Readonly<Record<Device, (kernels: Kernels) => Promise<Tensors>>> = {
  cuda: (kernels) => openNative('cuda', kernels),
  cpu: (kernels) => openNative('cpu', kernels),
  async webgpu(kernels) {
    const answer = await askForGpu();
    if (answer.ok) return await openWebgpu(kernels, answer);
    const { problem, arePackagesHere } = answer;
    const todo = arePackagesHere
      ? "Install the GPU's driver, or look with 'vulkaninfo'"
      : `npm install ${webgpuPackages}`;
    throw absent('webgpu', problem, todo);
  },
  wasm: (kernels) => openWasm(kernels),
};

async function openNative(device: 'cuda' | 'cpu', kernels: Kernels): Promise<Tensors> {
  const flag = device === 'cuda' ? ' --gpu' : '';
  // For the processor rather a build without CUDA, which loads faster.
  const builds = device === 'cuda' ? tensorflowBuilds().filter(({ gpu }) => gpu) : tensorflowBuilds().toReversed();
  const build = builds[0];
  if (!build) {
    const problem = `native TensorFlow${device === 'cuda' ? ' for CUDA' : ''} is not installed`;
    throw absent(device, problem, `'tastegraph setup tensorflow${flag}' builds it`);
  }
  const tensors = await openTensorflow(build, { kernels, device });
  if (tensors.device === device) return tensors;
  tensors.close();
  throw device === 'cuda'
    ? absent(device, 'no NVIDIA GPU answers', "See that 'nvidia-smi' lists it and that its driver is for CUDA 12")
    : absent(device, 'this process has opened TensorFlow on a GPU', 'Set CUDA_VISIBLE_DEVICES=-1');
}

const absent = (device: Device, problem: string, todo: string) =>
  new TastegraphError('compute/device-absent', { device, problem, todo: `${todo}; ${elsewhere}` });

async function openFastest(kernels: Kernels): Promise<Tensors> {
  const builds = tensorflowBuilds();
  const broken: string[] = [];
  for (const build of builds) {
    const tensors = await tryTensorflow(build, kernels, broken);
    if (tensors) return tensors;
  }
  const native = broken.length
    ? `native TensorFlow does not work (${broken.join('; ')})`
    : "native TensorFlow is not installed ('tastegraph setup tensorflow' builds it)";
  const answer = await askForGpu();
  if (answer.ok && !answer.isSoftware) {
    const tensors = await openWebgpu(kernels, answer);
    return { ...tensors, reason: `${tensors.reason}; ${native}` };
  }
  const tensors = await openWasm(kernels);
  return { ...tensors, reason: `${native}, and no GPU answers over WebGPU` };
}

async function tryTensorflow(build: TensorflowBuild, kernels: Kernels, broken: string[]): Promise<Tensors | undefined> {
  try {
    return await openTensorflow(build, { kernels });
  } catch (thrown) {
    broken.push(problemOf(thrown instanceof Error && thrown.cause ? thrown.cause : thrown));
    return undefined;
  }
}
