import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Operation } from './operation.ts';
import { type GpuBackend, run, sizeOf, zeros } from './program.ts';

/** A matrix in compressed sparse rows; weights of one where there are none. */
export interface SparseRows {
  readonly offsets: TensorInfo; // int32 [rows + 1]
  readonly indices: TensorInfo; // int32 [nnz]
  readonly weights?: TensorInfo | undefined; // float32 [nnz]
}

/**
 * A x: [rows, ...] of x [cols, ...]. An invocation sums one place of a row, or four where rows divide by four, over the row's
 * entries in order: neighbours in a workgroup read neighbouring numbers of the same row of x, and the result is the same at every run.
 */
export function multiplySparse(
  backend: GpuBackend,
  { offsets, indices, weights }: SparseRows,
  x: TensorInfo,
): TensorInfo {
  const row = x.shape.slice(1);
  const shape = [sizeOf(offsets.shape) - 1, ...row];
  if (sizeOf(indices.shape) === 0) return zeros(backend, shape);
  const dim = sizeOf(row);
  const [components, type] = dim % 4 === 0 ? [4, 'vec4<f32>'] : [1, 'f32'];
  return run(backend, {
    name: weights ? 'sparseProduct' : 'sparseProductOfOnes',
    inputs: { offsets, indices, ...(weights ? { weights } : {}), x },
    fourfold: components === 4 ? ['x'] : [],
    shape,
    integers: { width: dim / components, count: sizeOf(shape) / components },
    code: `
      fn main(index : i32) {
        if (index >= uniforms.count) { return; }
        let row = index / uniforms.width;
        let column = index - row * uniforms.width;
        var sum = ${type}(0.0);
        let end = offsets[row + 1];
        for (var entry = offsets[row]; entry < end; entry++) {
          sum += ${weights ? 'f32(weights[entry]) * ' : ''}${type}(x[indices[entry] * uniforms.width + column]);
        }
        result[index] = sum;
      }`,
  });
}

export const sparse: readonly Operation[] = [
  {
    name: 'SparseProduct',
    run: ({ inputs, backend }) => multiplySparse(backend, inputs as unknown as SparseRows, inputs.x!),
  },
];
