import type { Kernels } from '../compute/kernels.ts';
import { type NodeBatch, StepMatrix } from './batch.ts';

/** A loss over a batch of node vectors: writes the gradient at each of the batch's nodes, returns the mean loss. */
export interface PairLoss {
  /** Columns of the batch: 2 for users and positives, 3 with negatives. */
  readonly roles: 2 | 3;
  /** x, gradient: [batch.count, dim]. */
  compute(batch: NodeBatch, size: number, x: Float32Array, gradient: Float32Array): number;
  dispose(): void;
}

/**
 * Softmax cross-entropy of cosines over in-batch negatives (Wu et al., "On the Effectiveness of Sampled Softmax Loss for
 * Item Recommendation", TOIS 2023, eq. 4):
 *
 *   loss = −1/b · Σ_p ln ( e^{cos(u_p, i_p) / τ} / Σ_{q in p's group} e^{cos(u_p, i_q) / τ} )
 *
 * Groups of `size` positions share their negatives: a quarter of the batch costs a quarter of the products.
 */
export function softmaxLoss(
  kernels: Kernels,
  dim: number,
  capacity: number,
  size: number,
  temperature: number,
): PairLoss {
  const padded = Math.ceil(capacity / size) * size;
  const unit = kernels.floats(2 * capacity * dim);
  const inverse = kernels.floats(2 * capacity);
  const sides = kernels.floats(2 * padded * dim);
  const left = kernels.ints(padded);
  const right = kernels.ints(padded);
  const matrix = new StepMatrix(kernels, 2 * capacity, 2 * capacity);
  const row = new Int32Array(2 * capacity);
  const column = new Int32Array(2 * capacity);
  return {
    roles: 2,
    compute(batch, count, x, gradient) {
      const [users, positives] = batch.places as [Int32Array, Int32Array];
      const sidesOf = Math.ceil(count / size) * size;
      left.fill(0).set(users.subarray(0, count));
      right.fill(-1).set(positives.subarray(0, count));
      kernels.unitRows(batch.count, x, unit, inverse, dim);
      const loss = kernels.softmaxLoss({ count, size, left, right }, unit, dim, temperature, sides);
      for (let p = 0; p < count; p++) {
        row[p] = users[p]!;
        column[p] = p;
        row[count + p] = positives[p]!;
        column[count + p] = sidesOf + p;
      }
      kernels.multiplySparse(matrix.fill(batch.count, 2 * count, row, column), sides, gradient, dim);
      kernels.unitRowsGradient(batch.count, unit, inverse, gradient, dim);
      return loss;
    },
    dispose() {
      kernels.release(unit, inverse, sides, left, right);
      matrix.dispose();
    },
  };
}

/**
 * BPR: Rendle et al., "BPR: Bayesian Personalized Ranking from Implicit Feedback", UAI 2009, eq. 4:
 *
 *   loss = −1/b · Σ_p ln σ(⟨u_p, i_p⟩ − ⟨u_p, j_p⟩)
 *
 * Its gradient is a sparse matrix of the pairs' coefficients times the same vectors.
 */
export function bprLoss(kernels: Kernels, dim: number, capacity: number): PairLoss {
  const positive = kernels.floats(capacity);
  const negative = kernels.floats(capacity);
  const matrix = new StepMatrix(kernels, 3 * capacity, 4 * capacity);
  const row = new Int32Array(4 * capacity);
  const column = new Int32Array(4 * capacity);
  const weight = new Float32Array(4 * capacity);
  return {
    roles: 3,
    compute(batch, count, x, gradient) {
      const [users, positives, negatives] = batch.places as [Int32Array, Int32Array, Int32Array];
      kernels.dotPairs(count, x, users, x, positives, positive, dim);
      kernels.dotPairs(count, x, users, x, negatives, negative, dim);
      let loss = 0;
      let e = 0;
      const enter = (r: number, c: number, w: number) => {
        row[e] = r;
        column[e] = c;
        weight[e++] = w;
      };
      for (let p = 0; p < count; p++) {
        const margin = positive[p]! - negative[p]!;
        // ln(1 + e^−m), without overflow for large |m|
        loss += Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
        const coefficient = -1 / (1 + Math.exp(margin)) / count;
        const [u, i, j] = [users[p]!, positives[p]!, negatives[p]!];
        enter(u, i, coefficient);
        enter(u, j, -coefficient);
        enter(i, u, coefficient);
        enter(j, u, -coefficient);
      }
      kernels.multiplySparse(matrix.fill(batch.count, e, row, column, weight), x, gradient, dim);
      return loss / count;
    },
    dispose() {
      kernels.release(positive, negative);
      matrix.dispose();
    },
  };
}
