import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuBackend } from './program.ts';

export interface Call {
  readonly inputs: Readonly<Record<string, TensorInfo | undefined>>;
  readonly attributes: NamedAttrMap;
  readonly backend: GpuBackend;
}

/** A kernel of ours under its TensorFlow.js name; undefined where it leaves a case to the one that the backend came with. */
export interface Operation {
  readonly name: string;
  run(call: Call): TensorInfo | TensorInfo[] | undefined;
}
