/** How a WGSL kernel of ours is run by the backend, whose own way of naming shapes it does without: to it, all arrays are flat. */
import type * as tf from '@tensorflow/tfjs-core';

/** What of TensorFlow.js's WebGPU backend is called here; it has more. */
export interface GpuBackend extends tf.KernelBackend {
  makeTensorInfo(shape: readonly number[], dtype: tf.DataType, values?: tf.TypedArray): tf.TensorInfo;
  /** What lies behind each tensor: numbers that are yet to be uploaded or were downloaded, a buffer on the GPU, or both. */
  readonly tensorMap: {
    get(dataId: object): { values: tf.backend_util.BackendValues | null | undefined; resource?: unknown };
  };
  runWebGPUProgram(
    program: BackendProgram,
    inputs: readonly tf.TensorInfo[],
    dtype: tf.DataType,
    uniforms: readonly { readonly type: UniformType; readonly data: readonly number[] }[],
    output?: tf.TensorInfo,
  ): tf.TensorInfo;
}

/** The backend's form of a program (`WebGPUProgram` there). */
interface BackendProgram {
  readonly variableNames: string[];
  readonly variableComponents: number[];
  readonly outputComponent: number;
  readonly outputShape: number[];
  readonly uniforms: string;
  readonly workgroupSize: [number, number, number];
  readonly dispatchLayout: { readonly x: number[] };
  readonly dispatch: [number, number, number];
  readonly shaderKey: string;
  getUserCode(): string;
}

type UniformType = 'int32' | 'float32';

/** Invocations of a workgroup, everywhere. */
export const GROUP = 64;

export interface Program {
  /** Names the compiled kernel: another `code` needs another name. */
  readonly name: string;
  /** Arrays that the code reads under these names, all of them flat. */
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  /** Of the array `result` that it writes. */
  readonly shape: readonly number[];
  /** Inputs that are read four numbers at a time, as `result` then is written. */
  readonly fourfold?: readonly string[];
  /** Written in place of a new tensor. */
  readonly output?: tf.TensorInfo;
  /** Numbers that the code knows as `uniforms.NAME`. */
  readonly integers?: Readonly<Record<string, number>>;
  readonly floats?: Readonly<Record<string, number>>;
  /** Workgroups of 64; as many as give each number of `result`, or each four of them, an invocation where absent. */
  readonly groups?: number;
  /** `fn main(index : i32)` in WGSL. There may be more invocations than were asked for: it must not write past its end. */
  readonly code: string;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, dimension) => size * dimension, 1);

const flat = (info: tf.TensorInfo): tf.TensorInfo => ({ ...info, shape: [sizeOf(info.shape)] });

/** Runs a kernel and gives its result, float32. With an empty result nothing is run; no input may be empty otherwise. */
export function run(backend: GpuBackend, program: Program): tf.TensorInfo {
  const { name, inputs, shape, fourfold = [], output, integers = {}, floats = {}, code } = program;
  const size = sizeOf(shape);
  const width = fourfold.length > 0 ? 4 : 1;
  const groups = program.groups ?? Math.ceil(size / width / GROUP);
  const names = Object.keys(inputs);
  const result = backend.runWebGPUProgram(
    {
      variableNames: names,
      variableComponents: names.map((input) => (fourfold.includes(input) ? 4 : 1)),
      outputComponent: width,
      outputShape: [size],
      uniforms: [
        ...Object.keys(integers).map((uniform) => `${uniform} : i32, `),
        ...Object.keys(floats).map((uniform) => `${uniform} : f32, `),
      ].join(''),
      workgroupSize: [GROUP, 1, 1],
      // One dimension, which the backend folds into two or three where a GPU takes no more groups in it.
      dispatchLayout: { x: [0] },
      dispatch: [groups, 1, 1],
      shaderKey: `tastegraph ${name} ${width} ${Object.keys(integers)} ${Object.keys(floats)}`,
      getUserCode: () => code,
    },
    Object.values(inputs).map(flat),
    'float32',
    [
      ...Object.values(integers).map((value) => ({ type: 'int32' as const, data: [value] })),
      ...Object.values(floats).map((value) => ({ type: 'float32' as const, data: [value] })),
    ],
    output && flat(output),
  );
  return { ...result, shape: [...shape] };
}

/** A tensor of zeros, made where an input is empty and there is nothing to run. */
export const zeros = (backend: GpuBackend, shape: readonly number[]): tf.TensorInfo =>
  backend.makeTensorInfo([...shape], 'float32', new Float32Array(sizeOf(shape)));
