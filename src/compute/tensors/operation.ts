import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';

export interface CallOn<Backend> {
  readonly inputs: Readonly<Record<string, TensorInfo | undefined>>;
  readonly attributes: NamedAttrMap;
  readonly backend: Backend;
}

/** A kernel of ours under its TensorFlow.js name; undefined where it leaves a case to the one that comes after it. */
export interface OperationOn<Backend> {
  readonly name: string;
  run(call: CallOn<Backend>): TensorInfo | TensorInfo[] | undefined;
}
