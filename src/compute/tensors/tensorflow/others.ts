/**
 * Operations that our kernels lack and that plain JavaScript takes long for, by tfjs-node's kernels: on tensors of ours, which TensorFlow
 * reads in place and whose results are copied.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { SharedMemoryBackend } from '../wasm/backend.ts';
import type { Operation } from '../wasm/operation.ts';
import type { Attribute, Binding } from './binding.ts';
import { backendName, type NodeBackend } from './kernels.ts';

/** Convolutions and pooling with their gradients, and what sorts, selects or adds up along an axis. */
const names = [
  ...['Conv2D', 'Conv2DBackpropFilter', 'Conv2DBackpropInput'],
  ...['DepthwiseConv2dNative', 'DepthwiseConv2dNativeBackpropFilter', 'DepthwiseConv2dNativeBackpropInput'],
  ...['MaxPool', 'MaxPoolGrad', 'AvgPool', 'AvgPoolGrad'],
  ...['ArgMax', 'ArgMin', 'Cumsum', 'GatherNd', 'ScatterNd', 'TopK'],
];

export type NodeBackendClass = new (binding: Binding, packageName: string) => NodeBackend;

/** Those operations; `load` brings tfjs-node's kernels, when the first of them is asked for. */
export function tensorflowOthers(binding: Binding, load: () => NodeBackendClass): readonly Operation[] {
  let bridge: NodeBackend | undefined; // one, since these belong to one backend
  return names.map((name) => ({
    name,
    run({ inputs, attributes, backend }) {
      bridge ??= bridgeTo(backend, binding, load());
      const named = bridge;
      // The kernels look their constants up in the backend of this name, which is not made the active one.
      if (!tf.findBackendFactory(backendName)) tf.registerBackend(backendName, () => named);
      const kernel = tf.getKernel(name, backendName);
      try {
        return kernel?.kernelFunc({ inputs: inputs as tf.NamedTensorInfoMap, attrs: attributes, backend: bridge });
      } catch {
        return undefined; // a case that it has not: plain JavaScript computes it, or says what is wrong
      }
    },
  }));
}

/** A backend for tfjs-node's kernels whose tensors are those of `backend`. */
function bridgeTo(backend: SharedMemoryBackend, binding: Binding, Node: NodeBackendClass): NodeBackend {
  type Input = Parameters<NodeBackend['executeSingleOutput']>[2][number];
  const upload = ({ dataId, shape, dtype }: Input): number => {
    const values = backend.view({ dataId });
    if (dtype === 'float32' && values instanceof Float32Array)
      return binding.createTensor(shape, binding.TF_FLOAT, values);
    if (dtype === 'int32' && values instanceof Int32Array) return binding.createTensor(shape, binding.TF_INT32, values);
    throw new TypeError(`a tensor of ${dtype} stays with plain JavaScript`);
  };
  const download = ({ id, shape }: ReturnType<Binding['executeOp']>[number]): tf.Tensor => {
    const values = numbers(binding.tensorDataSync(id));
    const dtype = values instanceof Float32Array ? 'float32' : 'int32';
    const dataId = backend.write(values, [...shape], dtype);
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype }, backend);
  };
  const execute = (operation: string, attributes: readonly Attribute[], inputs: readonly Input[], outputs: number) => {
    const ids: number[] = [];
    try {
      for (const input of inputs) ids.push(upload(input));
      const results = binding.executeOp(operation, attributes, ids, outputs);
      ids.push(...results.map(({ id }) => id));
      return results.map(download);
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  };
  return new (class extends Node {
    override executeSingleOutput(operation: string, attributes: readonly Attribute[], inputs: readonly Input[]) {
      return execute(operation, attributes, inputs, 1)[0]!;
    }
    override executeMultipleOutputs(
      operation: string,
      attributes: readonly Attribute[],
      inputs: readonly Input[],
      outputs: number,
    ) {
      return execute(operation, attributes, inputs, outputs);
    }
  })(binding, '@tensorflow/tfjs-node');
}

/** TensorFlow's places are of 64 bits here and there; TensorFlow.js has them of 32. */
function numbers(values: Float32Array | Int32Array | BigInt64Array): Float32Array | Int32Array {
  return values instanceof BigInt64Array ? Int32Array.from(values, Number) : values;
}
