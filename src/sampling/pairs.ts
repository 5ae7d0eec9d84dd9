/**
 * Batches of (user, positive item), with a negative item where the loss wants one: BPR (Rendle et al., UAI 2009) takes
 * sampled negatives, in-batch softmax has its own.
 */
import type { Csr } from '../compute/csr.ts';
import { RandomStream } from '../random.ts';
import { EpochOrder } from './epochOrder.ts';
import { missingColumn } from './negatives.ts';

export interface PairOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** Whether to draw a negative for each pair. */
  readonly negatives: boolean;
}

/** Room for one batch, filled again and again. */
export interface PairBatch {
  readonly users: Int32Array; // [batchSize]
  readonly positives: Int32Array; // [batchSize]
  /** Uniform over the items that the user has no training pair with. */
  readonly negatives: Int32Array; // [batchSize], or [0] where none are drawn
}

/**
 * An epoch is a random permutation of all training pairs: each is a positive once. Batches depend on seed, epoch and step
 * alone, so any of them can be had at any time, and training goes on anywhere.
 */
export class PairSampler {
  readonly batchesPerEpoch: number;
  readonly #train: Csr;
  readonly #options: PairOptions;
  readonly #userOf: Int32Array; // [nnz]
  readonly #order: EpochOrder; // of the pairs
  #epoch = -1;
  #negatives: RandomStream;

  constructor(train: Csr, options: PairOptions) {
    const pairs = train.indices.length;
    this.#train = train;
    this.#options = options;
    this.batchesPerEpoch = Math.ceil(pairs / options.batchSize);
    this.#userOf = new Int32Array(pairs);
    for (let user = 0; user < train.rows; user++) {
      this.#userOf.fill(user, train.offsets[user], train.offsets[user + 1]);
    }
    this.#order = new EpochOrder(pairs, options.seed, 'pairs');
    this.#negatives = new RandomStream(options.seed, 'negatives', 0);
  }

  /** Room for a batch of this sampler. */
  batch(): PairBatch {
    const { batchSize, negatives } = this.#options;
    return {
      users: new Int32Array(batchSize),
      positives: new Int32Array(batchSize),
      negatives: new Int32Array(negatives ? batchSize : 0),
    };
  }

  /**
   * Fills `out` with batch `step` (from 0) of `epoch` (from 0) and returns its size: `batchSize`, or less for an epoch's
   * last batch. Throws RangeError outside the epoch. Going from epoch to epoch costs a permutation; steps within one are cheap.
   */
  fill(epoch: number, step: number, out: PairBatch): number {
    if (!(step >= 0 && step < this.batchesPerEpoch))
      throw new RangeError(`step ${step} outside [0, ${this.batchesPerEpoch})`);
    const { batchSize, negatives, seed } = this.#options;
    if (epoch !== this.#epoch) this.#negatives = new RandomStream(seed, 'negatives', epoch);
    this.#epoch = epoch;
    const order = this.#order.at(epoch);
    const start = step * batchSize;
    const size = Math.min(batchSize, order.length - start);
    const { indices } = this.#train;
    for (let p = 0; p < size; p++) {
      const pair = order[start + p]!;
      const user = this.#userOf[pair]!;
      out.users[p] = user;
      out.positives[p] = indices[pair]!;
      if (negatives) out.negatives[p] = this.#negative(user, indices[pair]!, start + p);
    }
    return size;
  }

  /**
   * The r-th of the items that are not in the user's row, r uniform: exact, one draw, nothing to reject. A user who has
   * all items gets the positive back, a pair from which no loss over differences of scores learns anything.
   */
  #negative(user: number, positive: number, counter: number): number {
    const { offsets, cols } = this.#train;
    const length = offsets[user + 1]! - offsets[user]!;
    if (length === cols) return positive;
    return missingColumn(this.#train, user, this.#negatives.integerAt(counter, cols - length));
  }
}
