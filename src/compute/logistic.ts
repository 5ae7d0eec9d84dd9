/** Logistic regression on a handful of columns. */
import { cholesky, invertUpper } from './orthonormal.ts';

export interface LogisticModel {
  readonly bias: number;
  readonly weights: Float64Array; // [columns]
}

export interface LogisticOptions {
  /** λ of λ/2 · ‖weights‖²; the bias is not held back. */
  readonly l2?: number;
  readonly mostSteps?: number;
}

/**
 * Maximum likelihood by Newton's method (iteratively re-weighted least squares; Hastie, Tibshirani & Friedman, "The Elements of
 * Statistical Learning", 2nd ed., § 4.4.1). Rows [n, columns], row-major; targets [n] in 0 … 1. Without rows all are 0.
 */
export function fitLogistic(
  rows: Float64Array,
  targets: ArrayLike<number>,
  columns: number,
  { l2 = 1e-3, mostSteps = 50 }: LogisticOptions = {},
): LogisticModel {
  const dim = columns + 1; // the bias stands first
  const beta = new Float64Array(dim);
  const count = targets.length;
  const value = (row: number, column: number) => (column === 0 ? 1 : rows[row * columns + column - 1]!);
  for (let step = 0; step < mostSteps && count > 0; step++) {
    const gradient = new Float64Array(dim);
    const hessian = new Float64Array(dim * dim);
    for (let column = 0; column < dim; column++) {
      const held = column === 0 ? 0 : l2;
      gradient[column] = -held * beta[column]!;
      hessian[column * dim + column] = held + 1e-9; // never singular, also where a column is 0 everywhere
    }
    for (let row = 0; row < count; row++) {
      let logit = 0;
      for (let column = 0; column < dim; column++) logit += beta[column]! * value(row, column);
      const p = sigmoid(logit);
      const curvature = Math.max(p * (1 - p), 1e-12);
      for (let i = 0; i < dim; i++) {
        const x = value(row, i);
        if (x === 0) continue;
        gradient[i]! += (targets[row]! - p) * x;
        for (let j = i; j < dim; j++) hessian[i * dim + j]! += curvature * x * value(row, j);
      }
    }
    const move = solve(hessian, gradient, dim);
    // Where the data can be told apart without error, whole steps run away: none is longer than this.
    const longest = Math.max(...move.map(Math.abs));
    const scale = longest > 5 ? 5 / longest : 1;
    for (let i = 0; i < dim; i++) beta[i]! += scale * move[i]!;
    if (longest < 1e-8) break;
  }
  return { bias: beta[0]!, weights: beta.slice(1) };
}

export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** x of H x = g by H = RᵀR; of H only the upper half is read. */
function solve(hessian: Float64Array, gradient: Float64Array, dim: number): Float64Array {
  const inverse = invertUpper(cholesky(hessian, dim, 0).upper, dim); // R⁻¹, upper
  const half = Float64Array.from({ length: dim }, (_, j) => {
    let sum = 0;
    for (let i = 0; i <= j; i++) sum += inverse[i * dim + j]! * gradient[i]!;
    return sum;
  });
  return Float64Array.from({ length: dim }, (_, i) => {
    let sum = 0;
    for (let j = i; j < dim; j++) sum += inverse[i * dim + j]! * half[j]!;
    return sum;
  });
}
