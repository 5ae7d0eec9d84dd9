import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { type AdamStep, adamArguments } from '../../kernels.ts';
import { denseBlock } from '../../tables.ts';
import type { SharedMemoryBackend } from './backend.ts';
import { areFloats, CHUNK, type Operation, sizeOf } from './operation.ts';

function filled(backend: SharedMemoryBackend, shape: readonly number[], value: number): TensorInfo {
  const { info, at } = backend.output(shape);
  backend.kernels.run('fill', sizeOf(shape), CHUNK, at, value);
  return info;
}

export const creation: readonly Operation[] = [
  {
    name: 'Fill',
    run({ attributes, backend }) {
      const { shape, value, dtype } = attributes as unknown as { shape: number[]; value: unknown; dtype?: DataType };
      const isFloat = typeof value === 'number' && (dtype === undefined || dtype === 'float32');
      return isFloat ? filled(backend, shape, value) : undefined;
    },
  },
  {
    name: 'ZerosLike',
    run: ({ inputs, backend }) => (areFloats(inputs.x) ? filled(backend, inputs.x!.shape, 0) : undefined),
  },
  {
    name: 'OnesLike',
    run: ({ inputs, backend }) => (areFloats(inputs.x) ? filled(backend, inputs.x!.shape, 1) : undefined),
  },
  {
    name: 'Cast',
    run({ inputs, attributes, backend }) {
      const x = inputs.x!;
      if (attributes.dtype !== 'float32' || (x.dtype !== 'int32' && x.dtype !== 'bool')) return undefined;
      const { info, at } = backend.output(x.shape);
      if (x.dtype === 'int32') backend.kernels.run('floatsOfInts', sizeOf(x.shape), CHUNK, backend.ints(x), at);
      else (backend.view(info) as Float32Array).set(backend.view(x) as Uint8Array);
      return info;
    },
  },
  {
    // Writes the parameter and its moments in place: only for data that no other tensor shares.
    name: 'AdamDense',
    run({ inputs, attributes, backend }) {
      const { parameter, first, second, gradient } = inputs as Record<string, TensorInfo>;
      const { decay, ...adam } = attributes as unknown as AdamStep & { decay: number };
      const [p, m, v, d] = [parameter, first, second, gradient].map((tensor) => backend.floats(tensor!));
      const count = sizeOf(parameter!.shape);
      const blocks = Math.ceil(count / denseBlock);
      backend.kernels.run('adamDense', blocks, 1, d!, count, 1, decay, p!, m!, v!, ...adamArguments(adam), 1);
      return [];
    },
  },
];
