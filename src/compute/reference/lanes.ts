/** Plain twins of the kernels that go sixteen columns at a time: dense matrices, double precision, no blocks. */
import type { Csr } from '../csr.ts';

/** D_i⁻¹ Rᵀ D_u⁻¹ R as a dense matrix [items, items]. */
export function walkMatrix({ rows, cols, offsets, indices }: Csr): Float64Array {
  const walk = new Float64Array(cols * cols);
  const degrees = new Float64Array(cols);
  for (const item of indices) degrees[item]!++;
  for (let u = 0; u < rows; u++) {
    const items = indices.subarray(offsets[u], offsets[u + 1]);
    for (const i of items) for (const j of items) walk[i * cols + j]! += 1 / (degrees[i]! * items.length);
  }
  return walk;
}

export interface PlainFilter {
  readonly coefficients: ArrayLike<number>;
  readonly end: number;
  readonly pre: ArrayLike<number>;
  readonly post: ArrayLike<number>;
}

/** scores[i, q] = post_i · Σ_k c_k (T_k(I − 2/end · S) (pre ⊙ x_q))_i. [items, histories] */
export function filterLanes(
  train: Csr,
  { coefficients, end, pre, post }: PlainFilter,
  histories: Pick<Csr, 'rows' | 'offsets' | 'indices'>,
): Float64Array {
  const items = train.cols;
  const walk = walkMatrix(train);
  const mapped = (x: Float64Array) =>
    x.map((own, i) => {
      let sum = 0;
      for (let j = 0; j < items; j++) sum += walk[i * items + j]! * x[j]!;
      return own - (2 / end) * sum;
    });
  const scores = new Float64Array(items * histories.rows);
  for (let q = 0; q < histories.rows; q++) {
    let before: Float64Array = new Float64Array(items);
    for (let h = histories.offsets[q]!; h < histories.offsets[q + 1]!; h++)
      before[histories.indices[h]!]! += pre[histories.indices[h]!]!;
    let present: Float64Array = mapped(before);
    for (let k = 0; k < coefficients.length; k++) {
      for (let i = 0; i < items; i++) scores[i * histories.rows + q]! += post[i]! * coefficients[k]! * before[i]!;
      const next = mapped(present).map((value, i) => 2 * value - before[i]!);
      [before, present] = [present, next];
    }
  }
  return scores;
}

/** (RᵀR + diag(λ))⁻¹ by elimination. lambda: [items]; [items, items] */
export function ridgeInverse({ rows, cols, offsets, indices }: Csr, lambda: ArrayLike<number>): Float64Array {
  const matrix = new Float64Array(cols * cols);
  for (let u = 0; u < rows; u++) {
    const items = indices.subarray(offsets[u], offsets[u + 1]);
    for (const i of items) for (const j of items) matrix[i * cols + j]! += 1;
  }
  const inverse = new Float64Array(cols * cols);
  for (let i = 0; i < cols; i++) {
    matrix[i * cols + i]! += lambda[i]!;
    inverse[i * cols + i] = 1;
  }
  for (let k = 0; k < cols; k++) {
    const pivot = matrix[k * cols + k]!;
    for (let j = 0; j < cols; j++) {
      matrix[k * cols + j]! /= pivot;
      inverse[k * cols + j]! /= pivot;
    }
    for (let i = 0; i < cols; i++) {
      const along = i === k ? 0 : matrix[i * cols + k]!;
      if (along === 0) continue;
      for (let j = 0; j < cols; j++) {
        matrix[i * cols + j]! -= along * matrix[k * cols + j]!;
        inverse[i * cols + j]! -= along * inverse[k * cols + j]!;
      }
    }
  }
  return inverse;
}
