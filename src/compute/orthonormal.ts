/**
 * Orthonormal columns for tall matrices by Cholesky factors of their Gram matrix, a pass of which is two dense products:
 * CholeskyQR2 (Yamamoto et al., "Roundoff error analysis of the CholeskyQR2 algorithm", ETNA 2015), with the diagonal shifted
 * where the columns are nearly dependent (Fukaya et al., "Shifted Cholesky QR", SISC 2020).
 */
import { gramOf, multiplyByUpper } from './dense.ts';
import type { Kernels } from './kernels.ts';

/** Pivots of a Gram matrix of unit diagonal below which single precision says nothing of a column's direction. */
const LEAST_PIVOT = 1e-3;
/** Added to the unit diagonal then: above the rounding of the Gram matrix. A pass brings small columns up by its root. */
const SHIFT = 1e-4;
/** What the smallest pivot is before the last pass: then the columns leave it orthonormal to rounding. */
const SETTLED = 0.99;
const MOST_PASSES = 8;

export interface Orthonormal {
  /** In the kernels' memory, the caller's to release. */
  readonly columns: Float32Array; // [rows, dim]
  /** What was given is columns × factor; upper triangular. */
  readonly factor: Float64Array; // [dim, dim]
}

/**
 * Orthonormal columns that span what those of x [rows, dim] do, dim ≤ rows. Columns that depend on others come out in
 * whatever direction rounding left, orthonormal too; columns of zeros stay. Takes x over: it is released. With `passes`, no
 * more than so many are made: enough to keep powers of a matrix apart.
 */
export function orthonormalise(
  kernels: Kernels,
  x: Float32Array,
  rows: number,
  dim: number,
  passes = MOST_PASSES,
): Orthonormal {
  let columns = x;
  let factor: Float64Array | undefined;
  for (let pass = 0; pass < passes; pass++) {
    const gram = gramOf(kernels, columns, rows, dim);
    const lengths = Float64Array.from({ length: dim }, (_, d) => Math.sqrt(gram[d * dim + d]!));
    for (let i = 0; i < dim; i++)
      for (let j = 0; j < dim; j++)
        gram[i * dim + j] = i === j ? 1 : gram[i * dim + j]! / (lengths[i]! * lengths[j]! || 1);
    let { upper, leastPivot } = cholesky(gram, dim, 0);
    const settled = leastPivot > SETTLED;
    if (!(leastPivot > LEAST_PIVOT)) ({ upper, leastPivot } = cholesky(gram, dim, SHIFT));
    const inverse = invertUpper(upper, dim);
    for (let i = 0; i < dim; i++)
      for (let j = i; j < dim; j++) {
        upper[i * dim + j]! *= lengths[j]!;
        inverse[i * dim + j]! *= lengths[i]! > 0 ? 1 / lengths[i]! : 0;
      }
    const small = kernels.put(Float32Array.from(inverse));
    const next = kernels.unfilled(rows * dim);
    multiplyByUpper(kernels, columns, small, { rows, dim }, next);
    kernels.release(columns, small);
    columns = next;
    factor = factor ? multiplyUpper(upper, factor, dim) : upper;
    if (settled) break;
  }
  return { columns, factor: factor! };
}

/** R with RᵀR = G + shift · I; the pivots are what is left of the diagonal, 1 at most. Negative ones end it. */
export function cholesky(gram: Float64Array, dim: number, shift: number): { upper: Float64Array; leastPivot: number } {
  const upper = gram.slice();
  let leastPivot = 1;
  for (let i = 0; i < dim; i++) {
    const pivot = upper[i * dim + i]! + shift;
    leastPivot = Math.min(leastPivot, pivot);
    if (!(pivot > 0)) return { upper, leastPivot };
    const inverse = 1 / Math.sqrt(pivot);
    upper[i * dim + i] = Math.sqrt(pivot);
    upper.fill(0, i * dim, i * dim + i);
    for (let j = i + 1; j < dim; j++) upper[i * dim + j]! *= inverse;
    for (let k = i + 1; k < dim; k++) {
      const along = upper[i * dim + k]!;
      for (let j = k; j < dim; j++) upper[k * dim + j]! -= along * upper[i * dim + j]!;
    }
  }
  return { upper, leastPivot };
}

/** The inverse of an upper triangular matrix, row by row from the last. */
export function invertUpper(upper: Float64Array, dim: number): Float64Array {
  const inverse = new Float64Array(dim * dim);
  for (let i = dim - 1; i >= 0; i--) {
    const row = inverse.subarray(i * dim, (i + 1) * dim);
    for (let k = i + 1; k < dim; k++) {
      const along = upper[i * dim + k]!;
      if (along === 0) continue;
      for (let j = k; j < dim; j++) row[j]! -= along * inverse[k * dim + j]!;
    }
    const scale = 1 / upper[i * dim + i]!;
    for (let j = i + 1; j < dim; j++) row[j]! *= scale;
    row[i] = scale;
  }
  return inverse;
}

function multiplyUpper(left: Float64Array, right: Float64Array, dim: number): Float64Array {
  const product = new Float64Array(dim * dim);
  for (let i = 0; i < dim; i++)
    for (let k = i; k < dim; k++) {
      const along = left[i * dim + k]!;
      for (let j = k; j < dim; j++) product[i * dim + j]! += along * right[k * dim + j]!;
    }
  return product;
}
