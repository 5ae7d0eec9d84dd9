/** Our own operations on TensorFlow, where it has a kernel for what would otherwise be many, or where one pass here beats ten there. */
import * as tf from '@tensorflow/tfjs-core';
import { type AdamStep, adamArguments } from '../../kernels.ts';
import { sparse } from './sparse.ts';

/** What of tfjs-node's backend is called here; it has more. */
export interface NodeBackend extends tf.KernelBackend {
  readonly binding: { readonly TF_ATTR_TYPE: number; readonly TF_FLOAT: number; deleteTensor(id: number): void };
  /** What lies behind each tensor: TensorFlow's handle, or values that are yet to be given to it. */
  readonly tensorMap: { get(dataId: object): { id: number; values: tf.TypedArray | null } };
  executeSingleOutput(
    operation: string,
    attributes: readonly object[],
    inputs: readonly tf.TensorInfo[],
  ): tf.TensorInfo;
}

const backendName = 'tensorflow';
const names = ['RectifierGradient', 'AdamDense', ...sparse.map(({ kernelName }) => kernelName)];

/** Registers them; Adam on the processor alone, since its numbers would travel from a GPU and back. */
export function registerKernels({ isGpu }: { readonly isGpu: boolean }): void {
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
  if (isGpu) return;
  tf.registerKernel({
    kernelName: 'AdamDense',
    backendName,
    kernelFunc({ inputs, attrs, backend }) {
      const { decay, ...adam } = attrs as unknown as AdamStep & { readonly decay: number };
      const node = backend as NodeBackend;
      // Reading copies, so that these are ours to write to and then to hand back.
      const [p, m, v] = [inputs.parameter!, inputs.first!, inputs.second!].map(({ dataId }) =>
        (node.readSync(dataId) as Float32Array).slice(),
      ) as [Float32Array, Float32Array, Float32Array];
      adamDense(p, m, v, node.readSync(inputs.gradient!.dataId) as Float32Array, decay, adam);
      for (const [name, values] of Object.entries({ parameter: p, first: m, second: v }))
        replace(node, inputs[name]!, values);
      return [];
    },
  });
}

export function unregisterKernels(): void {
  for (const name of names) if (tf.getKernel(name, backendName)) tf.unregisterKernel(name, backendName);
}

/** Gives a tensor other values, as if it had been made of them: TensorFlow takes them over when it next needs them. */
function replace({ binding, tensorMap }: NodeBackend, { dataId }: tf.TensorInfo, values: Float32Array): void {
  const held = tensorMap.get(dataId);
  if (held.values === null) binding.deleteTensor(held.id);
  held.id = -1;
  held.values = values;
}

/** Adam on all of a parameter in one pass (Kingma & Ba, ICLR 2015, algorithm 1), in place. All arrays have one length. */
function adamDense(
  parameters: Float32Array,
  first: Float32Array,
  second: Float32Array,
  gradients: Float32Array,
  decay: number,
  adam: AdamStep,
): void {
  const [step, beta1, beta2, epsilon] = adamArguments(adam);
  for (let i = 0; i < parameters.length; i++) {
    const gradient = gradients[i]! + decay * parameters[i]!;
    const m = beta1 * first[i]! + (1 - beta1) * gradient;
    const v = beta2 * second[i]! + (1 - beta2) * gradient * gradient;
    first[i] = m;
    second[i] = v;
    parameters[i] = parameters[i]! - (step * m) / (Math.sqrt(v) + epsilon);
  }
}
