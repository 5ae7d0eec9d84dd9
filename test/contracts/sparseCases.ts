/** Products of sparse matrices, gathered rows and their sums, which every tensor backend must agree on. */
import * as tf from '@tensorflow/tfjs-core';
import type { Csr } from '../../src/compute/csr.ts';
import { RandomStream } from '../../src/random.ts';

/** Columns of each row, and a weight for each entry where `weighed`. */
export function csrOf(rows: number, cols: number, columnsOf: (row: number) => readonly number[], weighed = true): Csr {
  const stream = new RandomStream(4, 'sparse');
  const offsets = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let r = 0; r < rows; r++) {
    indices.push(...columnsOf(r));
    offsets[r + 1] = indices.length;
  }
  const matrix = { rows, cols, offsets, indices: Int32Array.from(indices) };
  return weighed ? { ...matrix, weights: Float32Array.from(indices, () => stream.normal()) } : matrix;
}

/** A matrix where each place holds an entry with this probability. */
export function drawnCsr(rows: number, cols: number, density: number, weighed = true): Csr {
  const stream = new RandomStream(5, 'places');
  const columns = columnsBelow(cols);
  return csrOf(rows, cols, () => columns.filter(() => stream.uniform() < density), weighed);
}

/** A matrix and the width of what it is multiplied by. */
export interface SparseCase {
  readonly name: string;
  readonly csr: Csr;
  readonly dim: number;
}

const columnsBelow = (count: number): number[] => Array.from({ length: count }, (_, column) => column);

/** Every third row is empty, and one is long. */
const uneven = csrOf(9, 7, (row) => (row % 3 === 1 ? [] : row === 5 ? [0, 1, 2, 3, 4, 5, 6] : [row % 7]));

export const sparseCases: readonly SparseCase[] = [
  { name: 'rows without entries, four numbers at a time', csr: uneven, dim: 8 },
  { name: 'a width that is no multiple of four', csr: uneven, dim: 5 },
  { name: 'one column', csr: uneven, dim: 1 },
  { name: 'more rows than columns', csr: drawnCsr(70, 13, 0.3), dim: 12 },
  { name: 'weights of one', csr: drawnCsr(11, 30, 0.2, false), dim: 6 },
  { name: 'a row of hundreds of entries', csr: csrOf(5, 700, (row) => columnsBelow(row === 2 ? 700 : row)), dim: 4 },
  { name: 'no entries', csr: csrOf(4, 6, () => []), dim: 3 },
  { name: 'no rows', csr: csrOf(0, 6, () => []), dim: 4 },
  { name: 'no columns', csr: csrOf(4, 0, () => []), dim: 4 },
  { name: 'rows of no width', csr: uneven, dim: 0 },
];

/** A x, place by place. */
export function denseProduct({ rows, offsets, indices, weights }: Csr, x: Float32Array, dim: number): Float32Array {
  const y = new Float32Array(rows * dim);
  for (let r = 0; r < rows; r++)
    for (let e = offsets[r]!; e < offsets[r + 1]!; e++)
      for (let d = 0; d < dim; d++) y[r * dim + d]! += (weights?.[e] ?? 1) * x[indices[e]! * dim + d]!;
  return y;
}

/** Rows taken from a table, and rows summed by id, beside what they should give. */
export interface RowCase {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  readonly ids: readonly number[];
}

export const rowCases: readonly RowCase[] = [
  { name: 'repeated ids', rows: 6, dim: 8, ids: [3, 0, 3, 5, 3] },
  { name: 'an odd width', rows: 6, dim: 7, ids: [5, 5, 0] },
  { name: 'many of few', rows: 5, dim: 4, ids: Array.from({ length: 1000 }, (_, i) => (i * i) % 5) },
  { name: 'no ids', rows: 5, dim: 4, ids: [] },
  { name: 'rows of no width', rows: 5, dim: 0, ids: [1, 2] },
];

export const ints = (ids: readonly number[]): tf.Tensor1D => tf.tensor1d(Int32Array.from(ids), 'int32');
