import type { Kernels } from '../../compute/kernels.ts';
import { StepMatrix } from '../batch.ts';
import type { PairLoss } from './pairLoss.ts';

export interface InBatchOptions {
  readonly temperature: number;
  /** Positions of a batch that serve each other as negatives; a multiple of 8. */
  readonly size: number;
  /** The positive is left out of what it is held against. */
  readonly decoupled: boolean;
  /** Weight of the positive's score beside the logarithm of the sum. */
  readonly pull?: number;
}

/**
 * What the losses over in-batch negatives share: cosines of a group's users with its positives, by one kernel. Groups of `size`
 * positions share their negatives: a quarter of the batch costs a quarter of the products.
 */
export function inBatchLoss(
  kernels: Kernels,
  dim: number,
  capacity: number,
  { temperature, size, ...against }: InBatchOptions,
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
    perPair: 0,
    takesOutPopularity: true,
    compute(batch, count, x, gradient) {
      const [users, positives] = batch.places as [Int32Array, Int32Array];
      const sidesOf = Math.ceil(count / size) * size;
      left.fill(0).set(users.subarray(0, count));
      right.fill(-1).set(positives.subarray(0, count));
      kernels.unitRows(batch.count, x, unit, inverse, dim);
      const loss = kernels.softmaxLoss({ count, size, left, right, ...against }, unit, dim, temperature, sides);
      for (let p = 0; p < count; p++) {
        row[p] = users[p]!;
        column[p] = p;
        row[count + p] = positives[p]!;
        column[count + p] = sidesOf + p;
      }
      const entries = matrix.fill(batch.count, 2 * count, row, column);
      kernels.multiplySparse(entries, sides, gradient, dim);
      kernels.unitRowsGradient(batch.count, unit, inverse, gradient, dim);
      return loss;
    },
    dispose() {
      kernels.release(unit, inverse, sides, left, right);
      matrix.dispose();
    },
  };
}
