/**
 * Fold-in of users for versions that give them vectors which only training finds: the vector whose scores are nearest to 1 for what
 * was done and to 0 for all else, as implicit ALS solves a user's row with item vectors fixed (Hu, Koren & Volinsky, ICDM 2008,
 * eq. 4; the weight of what was not done as in Rendle et al., "Revisiting the Performance of iALS", RecSys 2022, eq. 4):
 *
 *   p = argmin Σ_j w_j (1 − ⟨p, q_j⟩)² + α Σ_i ⟨p, q_i⟩² + λ‖p‖² = (Σ_j w_j q_j q_jᵀ + α QᵀQ + λI)⁻¹ Σ_j w_j q_j
 *
 * α QᵀQ is an average item's, times `unobserved`; λ is `ridge` times the mean square length of an item. The vector is then as long as
 * those of users are on average, so that an item's bias weighs as much against it as against theirs.
 *
 * Of whom the version was trained with, what she was trained with is evidence already, and her vector u what came of it: what has come
 * since, and what has gone, moves it as recursive least squares moves an estimate (Plackett, "Some theorems in least squares",
 * Biometrika 1950), a prior around u whose precision is that of her history:
 *
 *   p = u + A⁻¹ (Σ_come w_j (m − ⟨u, q_j⟩) q_j − Σ_gone max(0, ⟨u, q_j⟩ − o) q_j)
 *
 * A is the matrix above over her history of now, m the mean of ⟨u, q_j⟩ over what she was trained with, and o over all items. What has come
 * is to score as the others of hers do, and what has gone no more than anything, so that u may be of any length and place. Then p is made
 * as long as u, which it is where nothing has changed. `npm run bench -- warmstart` has it beside the vector from nothing; μI for the
 * precision, μ from 0.1 to 100 times the mean eigenvalue of her items, kept less of u.
 */
import type { Csr } from '../../compute/csr.ts';
import type { Vectors } from '../../models/model.ts';
import type { History } from './taste.ts';
import type { UserFolder } from './users.ts';

/**
 * The best for the first three to ten interactions of held-out users of ml-100k's validation part, of 0.01 to 10 and of 0.01 to 100
 * (`npm run bench -- coldstart --validation ultragcn`).
 */
export const leastSquaresDefaults = { unobserved: 10, ridge: 0.1 } as const;

/** Items that QᵀQ is taken of: more say the same. */
const most = 8192;

/** `train`: what the vectors of `users` were trained with; where it is absent nobody is held to be among them. */
export function byLeastSquares(
  { dim, users, items }: Vectors,
  { unobserved, ridge }: { readonly unobserved: number; readonly ridge: number } = leastSquaresDefaults,
  train?: Csr,
): UserFolder {
  let base: Float64Array | undefined;
  let usual = 0;
  let centre: Float64Array | undefined;
  const rowOf = (item: number) => items.subarray(item * dim, (item + 1) * dim);
  const addRow = (target: Float64Array, row: Float32Array, weight: number): void => {
    for (let d = 0; d < dim; d++) target[d]! += weight * row[d]!;
  };
  /** What a history of now asks of a vector that was trained with another. [dim] */
  const changes = ({ items: now, weights }: History, before: Int32Array, own: Float32Array): Float64Array => {
    const target = new Float64Array(dim);
    const scoreOf = (item: number) => dot(own, rowOf(item));
    const mean = before.reduce((sum, item) => sum + scoreOf(item), 0) / before.length;
    const common = dot(own, centre!);
    const [had, has] = [new Set(before), new Set(now)];
    for (const [n, item] of now.entries())
      if (!had.has(item)) addRow(target, rowOf(item), (weights?.[n] ?? 1) * (mean - scoreOf(item)));
    for (const item of before) if (!has.has(item)) addRow(target, rowOf(item), -Math.max(0, scoreOf(item) - common));
    return target;
  };
  return (history, user) => {
    const entries = Array.from(history.items, (item, n) => ({
      vector: rowOf(item),
      weight: history.weights?.[n] ?? 1,
    }));
    entries.push(...(history.unseen ?? []));
    if (entries.length === 0) return undefined;
    if (!base) {
      const mean = meanProducts(items, dim);
      const trace = Array.from({ length: dim }, (_, d) => mean[d * dim + d]!).reduce((sum, value) => sum + value, 0);
      base = mean.map((value, at) => unobserved * value + (at % (dim + 1) === 0 ? ridge * trace : 0));
      usual = meanLength(users, dim);
      centre = meanRow(items, dim);
    }
    const [matrix, target] = [Float64Array.from(base), new Float64Array(dim)];
    for (const { vector: row, weight } of entries) {
      addRow(target, row, weight);
      for (let a = 0; a < dim; a++) for (let b = 0; b <= a; b++) matrix[a * dim + b]! += weight * row[a]! * row[b]!;
    }
    const before =
      user === undefined || !train ? [] : train.indices.subarray(train.offsets[user], train.offsets[user + 1]);
    const own = before.length > 0 ? users.subarray(user! * dim, (user! + 1) * dim) : undefined;
    const moved = solvePositive(matrix, own ? changes(history, Int32Array.from(before), own) : target, dim);
    const found = own ? moved.map((value, d) => own[d]! + value) : moved;
    const size = Math.sqrt(dot(found, found));
    if (!(size > 0)) return undefined;
    const length = own ? Math.sqrt(dot(own, own)) : usual;
    return { how: 'least-squares', vector: Float32Array.from(found, (value) => (value * length) / size) };
  };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!;
  return sum;
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

/** [dim] */
function meanRow(rows: Float32Array, dim: number): Float64Array {
  const sums = new Float64Array(dim);
  for (let from = 0; from < rows.length; from += dim) for (let d = 0; d < dim; d++) sums[d]! += rows[from + d]!;
  return sums.map((sum) => (sum * dim) / rows.length);
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
