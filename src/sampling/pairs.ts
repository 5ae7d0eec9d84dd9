/**
 * Batches of (user, positive item), with a negative item where the loss wants one: BPR (Rendle et al., UAI 2009) takes
 * sampled negatives, in-batch softmax has its own.
 */
import type { Csr } from '../compute/csr.ts';
import { RandomStream } from '../random.ts';

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
  readonly #order: Uint32Array; // [nnz], of the epoch below
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
    this.#order = new Uint32Array(pairs);
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
    if (epoch !== this.#epoch) this.#shuffle(epoch);
    const { batchSize, negatives } = this.#options;
    const start = step * batchSize;
    const size = Math.min(batchSize, this.#order.length - start);
    const { indices } = this.#train;
    for (let p = 0; p < size; p++) {
      const pair = this.#order[start + p]!;
      const user = this.#userOf[pair]!;
      out.users[p] = user;
      out.positives[p] = indices[pair]!;
      if (negatives) out.negatives[p] = this.#negative(user, indices[pair]!, start + p);
    }
    return size;
  }

  #shuffle(epoch: number): void {
    const { seed } = this.#options;
    const order = this.#order;
    for (let pair = 0; pair < order.length; pair++) order[pair] = pair;
    const random = new RandomStream(seed, 'pairs', epoch);
    // RandomStream.shuffle, over a typed array of its own: three times as fast.
    for (let last = order.length - 1; last > 0; last--) {
      const other = random.integerAt(last, last + 1);
      const kept = order[last]!;
      order[last] = order[other]!;
      order[other] = kept;
    }
    this.#negatives = new RandomStream(seed, 'negatives', epoch);
    this.#epoch = epoch;
  }

  /** A user who has all items gets the positive back, a pair from which no loss over differences of scores learns anything. */
  #negative(user: number, positive: number, counter: number): number {
    return unseenItem(this.#train, user, (count) => this.#negatives.integerAt(counter, count)) ?? positive;
  }
}

/**
 * The r-th of the items that are not in the user's row, r being drawn from [0, count) for their count: exact, one draw, nothing
 * to reject. Undefined where the user has all items.
 */
export function unseenItem(seen: Csr, user: number, draw: (count: number) => number): number | undefined {
  const { offsets, indices, cols } = seen;
  const start = offsets[user]!;
  const length = offsets[user + 1]! - start;
  if (length === cols) return undefined;
  const r = draw(cols - length);
  // Before the row's k-th item lie indices[k] − k items that are not in the row: find the first k where that exceeds r.
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (indices[start + middle]! - middle <= r) low = middle + 1;
    else high = middle;
  }
  return r + low;
}
