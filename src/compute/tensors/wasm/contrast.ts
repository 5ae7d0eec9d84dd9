import type { TensorInfo } from '@tensorflow/tfjs-core';
import { inside, type Operation, rowsAChunk } from './operation.ts';

interface InBatchAttributes {
  readonly count: number;
  readonly size: number;
  readonly temperature: number;
  readonly decoupled: boolean;
  readonly pull: number;
}

/** The kernels of losses over cosines, on tensors. */
export const contrast: readonly Operation[] = [
  {
    name: 'UnitRows',
    run({ inputs, backend }) {
      const x = inputs.x!;
      const [rows, dim] = x.shape as [number, number];
      const from = backend.floats(x);
      const [unit, inverse] = [backend.output(x.shape), backend.output([rows, 1])];
      backend.kernels.run('unitRows', rows, rowsAChunk(dim), from, unit.at, inverse.at, dim);
      return [unit.info, inverse.info];
    },
  },
  {
    name: 'UnitRowsGradient',
    run({ inputs, backend }) {
      const { unit, inverse, dy } = inputs as Record<'unit' | 'inverse' | 'dy', TensorInfo>;
      const [rows, dim] = dy.shape as [number, number];
      const [of, factors, from] = [unit, inverse, dy].map((tensor) => backend.floats(tensor)) as [
        number,
        number,
        number,
      ];
      const { info, at } = backend.output(dy.shape);
      // The kernel works in place, and the result's gradient is another's to read.
      backend.kernels.run('copyRows', rows, rowsAChunk(dim), from, dim * 4, at, dim * 4, dim * 4);
      backend.kernels.run('unitRowsGradient', rows, rowsAChunk(dim), of, factors, at, dim);
      return info;
    },
  },
  {
    // The loss, and its gradient at each position's user and item: [loss, [2 · groups · size, dim]].
    name: 'InBatchSoftmax',
    run({ inputs, attributes, backend }) {
      const { x, left, right } = inputs as Record<'x' | 'left' | 'right', TensorInfo>;
      const { count, size, temperature, decoupled, pull } = attributes as unknown as InBatchAttributes;
      const dim = x.shape[1]!;
      const [loss, sides] = [backend.output([]), backend.output([2 * left.shape[0]!, dim])];
      const positions = {
        count,
        size,
        decoupled,
        pull,
        left: inside<Int32Array>(backend, left),
        right: inside<Int32Array>(backend, right),
      };
      const gradient = backend.view(sides.info) as Float32Array;
      const mean = backend.kernels.softmaxLoss(positions, inside<Float32Array>(backend, x), dim, temperature, gradient);
      (backend.view(loss.info) as Float32Array)[0] = mean;
      return [loss.info, sides.info];
    },
  },
];
