/**
 * Fold-in of users for versions that give them vectors which only training finds: the vector whose scores are nearest to 1 for what
 * was done and to 0 for all else, as implicit ALS solves a user's row with item vectors fixed (Hu, Koren & Volinsky, ICDM 2008,
 * eq. 4; the weight of what was not done as in Rendle et al., "Revisiting the Performance of iALS", RecSys 2022, eq. 4):
 *
 *   p = argmin Σ_j w_j (1 − ⟨p, q_j⟩)² + α Σ_i ⟨p, q_i⟩² + λ‖p‖² = (Σ_j w_j q_j q_jᵀ + α QᵀQ + λI)⁻¹ Σ_j w_j q_j
 *
 * α QᵀQ is an average item's, times `unobserved`; λ is `ridge` times the mean square length of an item. The vector is then as long as
 * those of users are on average, so that an item's bias weighs as much against it as against theirs.
 */
import type { Vectors } from '../../models/model.ts';
import type { UserFolder } from './users.ts';

/**
 * The best for the first three to ten interactions of held-out users of ml-100k's validation part, of 0.01 to 10 and of 0.01 to 100
 * (`npm run bench -- coldstart --validation ultragcn`).
 */
export const leastSquaresDefaults = { unobserved: 10, ridge: 0.1 } as const;

/** Items that QᵀQ is taken of: more say the same. */
const most = 8192;

export function byLeastSquares(
  { dim, users, items }: Vectors,
  { unobserved, ridge }: { readonly unobserved: number; readonly ridge: number } = leastSquaresDefaults,
): UserFolder {
  let base: Float64Array | undefined;
  let length = 0;
  return (history) => {
    if (!base) {
      const mean = meanProducts(items, dim);
      const trace = Array.from({ length: dim }, (_, d) => mean[d * dim + d]!).reduce((sum, value) => sum + value, 0);
      base = mean.map((value, at) => unobserved * value + (at % (dim + 1) === 0 ? ridge * trace : 0));
      length = meanLength(users, dim);
    }
    const [matrix, target] = [Float64Array.from(base), new Float64Array(dim)];
    for (const [n, item] of history.items.entries()) {
      const weight = history.weights?.[n] ?? 1;
      const row = items.subarray(item * dim, (item + 1) * dim);
      for (let a = 0; a < dim; a++) {
        target[a]! += weight * row[a]!;
        for (let b = 0; b <= a; b++) matrix[a * dim + b]! += weight * row[a]! * row[b]!;
      }
    }
    const found = solvePositive(matrix, target, dim);
    const size = Math.sqrt(found.reduce((squares, value) => squares + value * value, 0));
    if (!(size > 0)) return undefined;
    return { how: 'least-squares', vector: Float32Array.from(found, (value) => (value * length) / size) };
  };
}

/** QᵀQ / |I|, of items at even distances. [dim, dim], its lower half */
function meanProducts(items: Float32Array, dim: number): Float64Array {
  const count = items.length / dim;
  const step = Math.max(1, Math.floor(count / most));
  const sums = new Float64Array(dim * dim);
  let taken = 0;
  for (let item = 0; item < count; item += step, taken++) {
    const row = items.subarray(item * dim, (item + 1) * dim);
    for (let a = 0; a < dim; a++) for (let b = 0; b <= a; b++) sums[a * dim + b]! += row[a]! * row[b]!;
  }
  return sums.map((sum) => sum / Math.max(1, taken));
}

/** Of the rows that are no zeros. */
function meanLength(rows: Float32Array, dim: number): number {
  let [sum, count] = [0, 0];
  for (let from = 0; from < rows.length; from += dim) {
    let squares = 0;
    for (let d = from; d < from + dim; d++) squares += rows[d]! * rows[d]!;
    if (squares === 0) continue;
    sum += Math.sqrt(squares);
    count++;
  }
  return count > 0 ? sum / count : 1;
}

/** x with A x = b by Cholesky's decomposition, A positive definite and given by its lower half, which is written over. */
function solvePositive(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / a[j * n + j]!;
    }
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= a[i * n + k]! * x[k]!;
    x[i] = sum / a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let k = i + 1; k < n; k++) sum -= a[k * n + i]! * x[k]!;
    x[i] = sum / a[i * n + i]!;
  }
  return x;
}
