/** Losses over pairs on tensors: the same as those of `losses/` on the kernels, for models whose layers are tensors. */
import type { Csr } from '../compute/csr.ts';
import { type InBatch, inBatchSoftmax, unitRows } from '../compute/tensors/contrast.ts';
import type { Tensor, Tensors, Tf } from '../compute/tensors.ts';
import type { NodeBatch } from './batch.ts';
import { drawnPerPair, groupOf, type LossChoice, logDrawn, type PairLoss } from './losses/pairLoss.ts';

/** A loss over the vectors of a batch's nodes. Tensors that a batch needs are made before the step and belong to its caller. */
export interface TensorLoss extends Pick<PairLoss, 'roles' | 'perPair' | 'kind' | 'takesOutPopularity'> {
  /** What `compute` needs of a batch with `size` pairs, as tensors. */
  place(batch: NodeBatch, size: number): Readonly<Record<string, Tensor>>;
  /** x: [batch.count, width] → the mean loss, a scalar. */
  compute(x: Tensor, places: Readonly<Record<string, Tensor>>, size: number): Tensor;
}

type Places = ReturnType<Tf['tensor1d']>;

/** The loss that options name, over pairs of `train`. Nodes of the batch are users, then items. */
export function tensorLoss(tensors: Tensors, train: Csr, options: LossChoice): TensorLoss {
  const { tf } = tensors;
  const { temperature, positiveTemperature, margin, negativeWeight } = options;
  switch (options.loss) {
    case 'softmax':
      return inBatchLoss(tensors, options, { decoupled: false });
    case 'bsl':
      return inBatchLoss(tensors, options, { decoupled: true, pull: temperature / positiveTemperature });
    case 'bpr':
      return drawnLoss(tensors, options, unchanged, (positive, negatives) =>
        tf.mean(tf.softplus(tf.sub(negatives, positive))),
      );
    case 'ccl':
      return drawnLoss(tensors, options, unitRows, (positive, negatives) => {
        const over = tf.mul(tf.mean(tf.relu(tf.sub(negatives, margin))), negativeWeight);
        return tf.add(tf.sub(1, tf.mean(positive)), over);
      });
    case 'sampled-softmax': {
      const logProbability = options.negativeKind === 'popularity' ? logDrawn(train) : undefined;
      const kind = logProbability ? 'popularity' : 'uniform';
      const shift = Math.log(train.cols);
      const correction = logProbability && ((node: number) => logProbability[node - train.rows]! + shift);
      const compute: DrawnScores = (positive, negatives, corrections) => {
        const own = tf.div(positive, temperature);
        const logits = tf.div(negatives, temperature);
        const all = tf.concat([own, corrections ? tf.sub(logits, corrections) : logits], 1);
        return tf.mean(tf.sub(tf.logSumExp(all, 1, true), own));
      };
      return { ...drawnLoss(tensors, options, unitRows, compute, correction), kind };
    }
  }
}

const unchanged = (x: Tensor): Tensor => x;

/** Softmax of cosines over the positives of a batch, in groups: see `losses/inBatch.ts`. */
function inBatchLoss(tensors: Tensors, options: LossChoice, against: Pick<InBatch, 'decoupled' | 'pull'>): TensorLoss {
  const size = groupOf(options);
  return {
    roles: 2,
    perPair: 0,
    takesOutPopularity: true,
    place(batch, count) {
      const [users, positives] = batch.places as [Int32Array, Int32Array];
      const padded = Math.ceil(count / size) * size;
      const left = new Int32Array(padded);
      const right = new Int32Array(padded).fill(-1);
      left.set(users.subarray(0, count));
      right.set(positives.subarray(0, count));
      const labels = new Int32Array(padded).fill(-1);
      for (let p = 0; p < count; p++) labels[p] = p % size;
      const tensorOf = (values: Int32Array) => tensors.adopt(values, [padded]);
      return { left: tensorOf(left), right: tensorOf(right), labels: tensorOf(labels) };
    },
    compute(x, { left, right, labels }, count) {
      const batch = { left: left!, right: right!, labels: labels!, count, size, ...against };
      return inBatchSoftmax(unitRows(x), batch, options.temperature);
    },
  };
}

/** The mean loss of pairs from the scores of their positives [b, 1] and negatives [b, n], with their corrections [b, n]. */
type DrawnScores = (positive: Tensor, negatives: Tensor, corrections: Tensor | undefined) => Tensor;

/** Over drawn negatives, by dot products of what `rowsOf` makes of the vectors: see `losses/drawn.ts`. */
function drawnLoss(
  tensors: Tensors,
  options: LossChoice,
  rowsOf: (x: Tensor) => Tensor,
  loss: DrawnScores,
  correction?: (node: number) => number,
): TensorLoss {
  const { tf } = tensors;
  const perPair = drawnPerPair(options);
  return {
    roles: 3,
    perPair,
    takesOutPopularity: false,
    place(batch, size) {
      const [users, positives, negatives] = batch.places as [Int32Array, Int32Array, Int32Array];
      const drawn = negatives.subarray(0, size * perPair);
      const corrections = correction && Float32Array.from(drawn, (place) => correction(batch.nodes[place]!));
      return {
        user: tensors.borrow(users.subarray(0, size), [size]),
        positive: tensors.borrow(positives.subarray(0, size), [size]),
        negative: tensors.borrow(drawn, [size * perPair]),
        ...(corrections && { corrections: tensors.adopt(corrections, [size, perPair]) }),
      };
    },
    compute(x, { user, positive, negative, corrections }, size) {
      const rows = rowsOf(x);
      const at = (places: Tensor | undefined) => tf.gather(rows, places as Places); // [·, width]
      const users = at(user);
      const width = x.shape[1]!;
      const ofPositives = tf.sum(tf.mul(users, at(positive)), 1, true); // [b, 1]
      const negatives = tf.reshape(at(negative), [size, perPair, width]);
      const ofNegatives = tf.sum(tf.mul(tf.reshape(users, [size, 1, width]), negatives), 2); // [b, n]
      return loss(ofPositives, ofNegatives, corrections);
    },
  };
}

/** `main` as the value, the gradients of both: what is added for its gradient alone is not shown. Scalars. */
export function withPenalty(tf: Tf, main: Tensor, penalty: Tensor): Tensor {
  return tf.customGrad((...args) => {
    const [main] = args as unknown as [Tensor];
    return { value: main.clone(), gradFunc: (dy) => [dy as Tensor, dy as Tensor] };
  })(main, penalty);
}
