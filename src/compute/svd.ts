/** The largest singular values of a sparse matrix with their vectors. */
import { RandomStream } from '../random.ts';
import { type Csr, transposeCsr } from './csr.ts';
import { gramOf, multiplyDense } from './dense.ts';
import { symmetricEigen } from './eigen.ts';
import { inKernels, releaseCopy } from './inKernels.ts';
import type { Kernels } from './kernels.ts';
import { orthonormalise } from './orthonormal.ts';

/** A ≈ U Σ Vᵀ. In ordinary memory; where A has fewer singular values above rounding, the rest are 0, with columns of zeros. */
export interface TruncatedSvd {
  readonly rank: number;
  readonly left: Float32Array; // U [rows, rank]
  readonly values: Float32Array; // σ [rank], descending
  readonly right: Float32Array; // V [cols, rank]
}

export interface SvdOptions {
  /** Times that the subspace is multiplied by AᵀA: more where singular values fall slowly. */
  readonly rounds?: number;
  /** Vectors beside those that are asked for. */
  readonly oversampling?: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Called after each round with the rounds that are done. */
  readonly look?: (done: number) => void;
}

/** Singular values below this share of the largest are rounding: by orthonormal factors, and by squares in single precision. */
const ROUNDING = { factors: 1e-6, squares: 1e-3 } as const;

/**
 * Randomised subspace iteration: Halko, Martinsson & Tropp, "Finding Structure with Randomness", SIAM Review 2011, algorithms 4.4
 * and 5.1, on the side of the columns. `rank` is cut to what the matrix can have. A row of the matrix with no entries is fine.
 * Memory: about 3 · max(rows, cols) · (rank + oversampling) floats of the kernels'. Errors: compute/memory.
 */
export async function truncatedSvd(
  kernels: Kernels,
  matrix: Csr,
  rank: number,
  options: SvdOptions,
): Promise<TruncatedSvd> {
  const { rows } = matrix;
  let left: Float32Array | undefined;
  const found = await rangeOf(kernels, matrix, rank, options, ({ image, dim, kept }) => {
    // A X = Q R, R = W Σ Zᵀ: then U = Q W and V = X Z.
    const { columns, factor } = orthonormalise(kernels, image, rows, dim);
    const squares = gramOfUpper(factor, dim);
    const { values, vectors } = largest(squares, dim, kept, ROUNDING.factors);
    const turned = new Float32Array(dim * kept);
    for (let k = 0; k < kept; k++) {
      for (let i = 0; i < dim && values[k]! > 0; i++) {
        let sum = 0;
        for (let j = i; j < dim; j++) sum += factor[i * dim + j]! * vectors[j * kept + k]!;
        turned[i * kept + k] = sum / values[k]!;
      }
    }
    left = turnedBy(kernels, columns, turned, dim, kept);
    kernels.release(columns);
    return { values, vectors };
  });
  return { ...found, left: left ?? new Float32Array(rows * found.rank) };
}

/** The same without U, at half the cost; values far below the largest are less exact. */
export async function rightSingularVectors(
  kernels: Kernels,
  matrix: Csr,
  rank: number,
  options: SvdOptions,
): Promise<Omit<TruncatedSvd, 'left'>> {
  return await rangeOf(kernels, matrix, rank, options, ({ image, dim, kept }) => {
    const squares = gramOf(kernels, image, matrix.rows, dim);
    kernels.release(image);
    return largest(squares, dim, kept, ROUNDING.squares);
  });
}

/** A X for orthonormal X whose columns all but span the right singular vectors. */
interface Projected {
  readonly image: Float32Array; // A X [rows, dim], to be released
  readonly dim: number;
  readonly kept: number;
}

/** V = X Z, where `solve` finds σ and Z [dim, kept] from A X. */
async function rangeOf(
  kernels: Kernels,
  matrix: Csr,
  rank: number,
  { rounds = 6, oversampling = 64, seed, signal, look }: SvdOptions,
  solve: (projected: Projected) => { readonly values: Float32Array; readonly vectors: Float32Array },
): Promise<Omit<TruncatedSvd, 'left'>> {
  const { rows, cols } = matrix;
  const kept = Math.min(rank, rows, cols);
  if (kept === 0 || matrix.indices.length === 0)
    return { rank: kept, values: new Float32Array(kept), right: new Float32Array(cols * kept) };
  const inside = inKernels(kernels, matrix);
  const turned = transposeCsr(inside, kernels);
  // Multiples of 8 are the fastest; more columns than there are rows could not be orthonormal.
  const dim = Math.min(Math.ceil((kept + oversampling) / 8) * 8, rows, cols);
  const times = (by: Csr, x: Float32Array): Float32Array => {
    const product = kernels.unfilled(by.rows * dim);
    kernels.multiplySparse(by, x, product, dim);
    return product;
  };
  let basis = kernels.unfilled(cols * dim);
  const { keys } = new RandomStream(seed, 'svd');
  kernels.drawNormal(keys, 0, { low: 0, deviation: 1 }, basis, { rows: cols, dim });
  for (let round = 1; round <= rounds; round++) {
    const image = times(inside, basis);
    kernels.release(basis);
    basis = times(turned, image);
    kernels.release(image);
    // Columns come close to each other by the square of the ratio of values a round: single precision bears two rounds of it.
    if (round === rounds) basis = orthonormalise(kernels, basis, cols, dim).columns;
    else if ((rounds - round) % 2 === 0) basis = orthonormalise(kernels, basis, cols, dim, 1).columns;
    look?.(round);
    await new Promise(setImmediate);
    signal?.throwIfAborted();
  }
  const { values, vectors } = solve({ image: times(inside, basis), dim, kept });
  const right = turnedBy(kernels, basis, vectors, dim, kept);
  kernels.release(basis, turned.offsets, turned.indices, turned.weights);
  releaseCopy(kernels, inside, matrix);
  return { rank: kept, values, right };
}

/** RᵀR for R upper triangular. [dim, dim], its lower half */
function gramOfUpper(upper: Float64Array, dim: number): Float64Array {
  const squares = new Float64Array(dim * dim);
  for (let k = 0; k < dim; k++)
    for (let i = k; i < dim; i++) {
      const along = upper[k * dim + i]!;
      if (along === 0) continue;
      for (let j = k; j <= i; j++) squares[i * dim + j]! += along * upper[k * dim + j]!;
    }
  return squares;
}

/** σ [kept] and Z [dim, kept] from (A X)ᵀ A X; columns of zeros where σ is but rounding. */
function largest(squares: Float64Array, dim: number, kept: number, rounding: number) {
  const eigen = symmetricEigen(squares, dim);
  const values = Float32Array.from({ length: kept }, (_, k) => Math.sqrt(Math.max(0, eigen.values[k]!)));
  const vectors = new Float32Array(dim * kept);
  for (let k = 0; k < kept; k++) {
    if (values[k]! <= rounding * values[0]!) values[k] = 0;
    else for (let i = 0; i < dim; i++) vectors[i * kept + k] = eigen.vectors[k * dim + i]!;
  }
  return { values, vectors };
}

/** columns [rows, dim] × by [dim, kept], in ordinary memory. */
function turnedBy(kernels: Kernels, columns: Float32Array, by: Float32Array, dim: number, kept: number): Float32Array {
  const rows = columns.length / dim;
  const b = kernels.put(by);
  const product = kernels.unfilled(rows * kept);
  multiplyDense(kernels, { a: columns, b, rows, columns: kept, depth: dim }, product);
  const found = product.slice();
  kernels.release(b, product);
  return found;
}
