import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Operation, sizeOf } from './operation.ts';

const ROWS = 64; // of a chunk

export const sparse: readonly Operation[] = [
  {
    // A x: the kernel of the graph models' propagation, on tensors.
    name: 'SparseProduct',
    run({ inputs, backend }) {
      const { offsets, indices, weights, x } = inputs as Record<'offsets' | 'indices' | 'x', TensorInfo> & {
        weights?: TensorInfo;
      };
      const rows = sizeOf(offsets.shape) - 1;
      const dim = x.shape[1]!;
      const { info, at } = backend.output([rows, dim]);
      const [starts, columns] = [backend.ints(offsets), backend.ints(indices)];
      const factors = weights ? backend.floats(weights) : 0;
      const from = backend.floats(x);
      backend.kernels.run('multiplySparse', rows, ROWS, 0, starts, columns, factors, from, 0, at, dim, 1);
      return info;
    },
  },
];
