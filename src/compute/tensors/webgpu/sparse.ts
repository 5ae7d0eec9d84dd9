import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Operation } from './operation.ts';
import { type GpuBackend, run, sizeOf, zeros } from './program.ts';

/** A matrix in compressed sparse rows; weights of one where there are none. */
export interface SparseRows {
  readonly offsets: TensorInfo; // int32 [rows + 1]
  readonly indices: TensorInfo; // int32 [nnz]
  readonly weights?: TensorInfo | undefined; // float32 [nnz]
  /** What `partsOf` gives. */
  readonly parts?: readonly TensorInfo[];
}

/** Entries that an invocation adds up by itself: for one that has thousands all others would wait. */
const PART = 256;

/**
 * Long rows cut into parts of at most `PART` entries, as int32 tensors: where each part begins [parts + 1], each row's first part
 * [rows + 1], and the parts' numbers [parts]. None where no row is long. offsets: [rows + 1].
 */
export function partsOf(backend: GpuBackend, offsets: Int32Array): TensorInfo[] {
  if (offsets.every((end, r) => r === 0 || end - offsets[r - 1]! <= PART)) return [];
  const firsts = new Int32Array(offsets.length);
  for (let r = 1; r < offsets.length; r++)
    firsts[r] = firsts[r - 1]! + Math.ceil((offsets[r]! - offsets[r - 1]!) / PART);
  const count = firsts.at(-1)!;
  const starts = new Int32Array(count + 1);
  for (let r = 1; r < offsets.length; r++)
    for (let part = firsts[r - 1]!; part < firsts[r]!; part++)
      starts[part + 1] = Math.min(offsets[r]!, starts[part]! + PART);
  const numbers = Int32Array.from({ length: count }, (_, part) => part);
  return [starts, firsts, numbers].map((values) => backend.makeTensorInfo([values.length], 'int32', values));
}

/** A x: [rows, ...] of x [cols, ...], the parts of long rows first and then their sums. */
export function multiplySparse(backend: GpuBackend, matrix: SparseRows, x: TensorInfo): TensorInfo {
  const { offsets, indices, weights, parts = [] } = matrix;
  const [starts, firsts, numbers] = parts;
  if (!starts || !firsts || !numbers) return multiply(backend, offsets, indices, weights, x);
  const sums = multiply(backend, starts, indices, weights, x);
  const product = multiply(backend, firsts, numbers, undefined, sums);
  backend.disposeData(sums.dataId);
  return product;
}

/**
 * An invocation sums one place of a row, or four where rows divide by four, over the row's entries in order: neighbours in a workgroup
 * read neighbouring numbers of the same row of x, and the result is the same at every run.
 */
function multiply(
  backend: GpuBackend,
  offsets: TensorInfo,
  indices: TensorInfo,
  weights: TensorInfo | undefined,
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
    // Asked for before the first product, when the offsets still lie on this side.
    name: 'SparseMatrix',
    run({ inputs, backend }) {
      const offsets = backend.tensorMap.get(inputs.offsets!.dataId).values as Int32Array | null | undefined;
      return offsets ? partsOf(backend, offsets) : [];
    },
  },
  {
    name: 'SparseProduct',
    run({ inputs, backend }) {
      const { own0, own1, own2, x, ...matrix } = inputs;
      const parts = own0 && own1 && own2 ? [own0, own1, own2] : [];
      return multiplySparse(backend, { ...(matrix as unknown as SparseRows), parts }, x!);
    },
  },
];
