/** Rows of length one, and the softmax over a batch's own positives: what losses over cosines need. */
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy } from './operations.ts';

type Tensor = tf.Tensor;

/** Far below any logit, so that its exponential is 0, and no infinity, whose products with 0 are none. */
const NEVER = 1e9;

/** x / ‖x‖ for each row; rows of zeros stay zeros and have no gradient. x: [rows, dim]. */
export function unitRows(x: Tensor): Tensor {
  const isFused = tf.getKernel('UnitRows', tf.getBackend()) !== undefined && x.shape[1]! % 8 === 0;
  return tf.customGrad((...args) => {
    const [x, save] = args as unknown as [Tensor, tf.GradSaveFunc];
    const [unit, inverse] = isFused
      ? (tf.engine().runKernel('UnitRows', { x }) as unknown as [Tensor, Tensor])
      : composedUnitRows(x);
    save([unit, inverse]);
    return {
      value: unit,
      gradFunc: (dy, saved) => {
        const [unit, inverse] = saved as [Tensor, Tensor];
        if (isFused) return tf.engine().runKernel('UnitRowsGradient', { unit, inverse, dy: dy as Tensor }) as Tensor;
        const along = tf.sum(tf.mul(unit, dy as Tensor), 1, true); // [rows, 1]
        return tf.mul(tf.sub(dy as Tensor, tf.mul(unit, along)), inverse);
      },
    };
  })(x);
}

/** Unit rows [rows, dim] and 1 / ‖x‖ [rows, 1], 0 where the row is. */
function composedUnitRows(x: Tensor): [Tensor, Tensor] {
  const square = tf.sum(tf.square(x), 1, true);
  const inverse = tf.mul(tf.rsqrt(tf.maximum(square, 1e-30)), tf.step(square));
  return [tf.mul(x, inverse), inverse];
}

/** Positions of a batch in groups that serve each other as negatives. */
export interface InBatch {
  /** Row of each position's user, and of its positive item, padded with 0 and −1 to whole groups. int32 [groups · size] */
  readonly left: Tensor;
  readonly right: Tensor;
  /** Place of each position in its group, −1 for the padding. int32 [groups · size] */
  readonly labels: Tensor;
  /** Positions that are none of the padding. */
  readonly count: number;
  /** Positions of a group, a multiple of 8. */
  readonly size: number;
  /** The positive is left out of what it is held against: a position without another item has then no loss. */
  readonly decoupled?: boolean;
  /** Weight of the positive's score beside the logarithm of the sum; 1 where absent, and of use only where it is `decoupled`. */
  readonly pull?: number;
}

/**
 * −1/count · Σ_p ln ( e^{⟨x_left[p], x_right[p]⟩ / τ} / Σ_q e^{⟨x_left[p], x_right[q]⟩ / τ} ), q over the positions of p's group whose
 * item is another, and p itself where that is not `decoupled`; the score above the line is weighed by `pull`. x: [rows, dim], dim a multiple of 8; result: a scalar.
 */
export function inBatchSoftmax(x: Tensor, batch: InBatch, temperature: number): Tensor {
  if (!tf.getKernel('InBatchSoftmax', tf.getBackend())) return composedSoftmax(x, batch, temperature);
  const { left, right, count, size, decoupled = false, pull = 1 } = batch;
  return tf.customGrad((...args) => {
    const [x, save] = args as unknown as [Tensor, tf.GradSaveFunc];
    const made = tf
      .engine()
      .runKernel('InBatchSoftmax', { x, left, right }, { count, size, temperature, decoupled, pull });
    const [loss, sides] = made as unknown as [Tensor, Tensor]; // and the gradient of each position's two rows
    save([sides]);
    return {
      value: loss,
      gradFunc: (dy, saved) => {
        const places = tf.concat([left, right]) as tf.Tensor1D;
        return tf.mul(tf.unsortedSegmentSum(saved[0]!, places, x.shape[0]!), dy as Tensor);
      },
    };
  })(x);
}

function composedSoftmax(x: Tensor, batch: InBatch, temperature: number): Tensor {
  const { left, right, labels, count, size, decoupled, pull = 1 } = batch;
  const groups = left.size / size;
  const rowsAt = (places: Tensor) => tf.reshape(tf.gather(x, places as tf.Tensor1D), [groups, size, x.shape[1]!]);
  const items = tf.reshape(tf.cast(right, 'float32'), [groups, size]);
  const isPadding = tf.expandDims(tf.relu(tf.neg(items)), 1); // [groups, 1, size]; its item is −1
  // Where they differ: all of it computed where the tensors are, since a mask as large as the logits takes long to upload.
  const differ = (a: Tensor, b: Tensor) => tf.minimum(tf.square(tf.sub(a, b)), 1);
  const isOther = differ(tf.expandDims(items, 2), tf.expandDims(items, 1)); // [groups, size, size]
  const places = tf.range(0, size);
  const isElsewhere = differ(tf.expandDims(places, 1), tf.expandDims(places, 0)); // [size, size]
  const itself = tf.sub(1, isElsewhere);
  const isAllowed = decoupled ? isOther : tf.add(isOther, itself);
  const mask = tf.mul(tf.sub(tf.sub(isAllowed, 1), isPadding), NEVER);
  // A gather below zero has no row: the padding takes the first.
  const products = tf.matMul(rowsAt(left), rowsAt(tf.relu(right)), false, true); // [groups, size, size]
  const scores = tf.div(products, temperature);
  const logits = tf.add(scores, mask);
  if (decoupled) {
    const own = tf.sum(tf.mul(scores, itself), 2); // [groups, size]
    const hasOthers = tf.max(tf.relu(tf.sub(isOther, isPadding)), 2);
    const isReal = tf.reshape(tf.step(tf.add(tf.cast(labels, 'float32'), 1)), [groups, size]);
    const losses = tf.mul(tf.sub(tf.logSumExp(logits, 2), tf.mul(own, pull)), tf.mul(hasOthers, isReal));
    return tf.div(tf.sum(losses), count);
  }
  return tf.div(tf.sum(crossEntropy(tf.reshape(logits, [groups * size, size]), labels)), count);
}
