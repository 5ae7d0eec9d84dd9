/** Our own operations where the tensors are TensorFlow's, as on a GPU: those that it has a kernel for and TensorFlow.js does not know. */
import * as tf from '@tensorflow/tfjs-core';
import type { Attribute, Binding } from './binding.ts';
import { sparse } from './sparse.ts';

/** What of tfjs-node's backend is called here; it has more. */
export interface NodeBackend extends tf.KernelBackend {
  readonly binding: Binding;
  executeSingleOutput(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
  ): tf.TensorInfo;
  executeMultipleOutputs(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.TensorInfo[];
}

/** What tfjs-node registers its kernels for. */
export const backendName = 'tensorflow';
const names = ['RectifierGradient', ...sparse.map(({ kernelName }) => kernelName)];

export function registerKernels(): void {
  unregisterKernels();
  // dy where the rectifier's result is above zero: TensorFlow.js composes a step function of seven operations.
  tf.registerKernel({
    kernelName: 'RectifierGradient',
    backendName,
    kernelFunc({ inputs, backend }) {
      const node = backend as NodeBackend;
      const type = { name: 'T', type: node.binding.TF_ATTR_TYPE, value: node.binding.TF_FLOAT };
      return node.executeSingleOutput('ReluGrad', [type], [inputs.a!, inputs.b!]);
    },
  });
  for (const kernel of sparse) tf.registerKernel({ ...kernel, backendName });
}

export function unregisterKernels(): void {
  for (const name of names) if (tf.getKernel(name, backendName)) tf.unregisterKernel(name, backendName);
}
