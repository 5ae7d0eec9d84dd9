/**
 * Batches of (user, positive item), with any number of negatives of any kind: BPR (Rendle et al., UAI 2009) takes one, in-batch
 * softmax has its own.
 */
import type { Csr } from '../compute/csr.ts';
import { RandomStream } from '../random.ts';
import { AliasTable } from './aliasTable.ts';
import { EpochOrder } from './epochOrder.ts';
import { ownMemory, sharedArray } from './memory.ts';
import { type NegativeOptions, NegativeSampler } from './negatives.ts';
import { type BatchSource, checkStep, type Room, type SourcePlan } from './source.ts';

export interface PairSourceOptions extends NegativeOptions {
  readonly batchSize: number;
  /** Negatives of each pair: 0 for losses that have their own, several for `hardestNegatives`. */
  readonly perPair: number;
}

export interface Pairs {
  readonly users: Int32Array; // [b]
  readonly positives: Int32Array; // [b]
  readonly negatives: Int32Array; // [b, perPair]
}

export interface PairPlan extends SourcePlan {
  readonly kind: 'pairs';
  readonly train: Csr;
  readonly options: PairSourceOptions;
}

/**
 * An epoch is a random permutation of all training pairs: each is a positive once. Where pairs have weights, an epoch draws as many
 * pairs as there are with repetition, each as often as its weight says.
 */
export class PairSource implements BatchSource<Pairs> {
  readonly batchesPerEpoch: number;
  readonly #train: Csr;
  readonly #options: PairSourceOptions;
  readonly #userOf: Int32Array; // [nnz]
  readonly #order: EpochOrder;
  readonly #negatives: NegativeSampler;
  readonly #byWeight: AliasTable | undefined;

  constructor(train: Csr, options: PairSourceOptions) {
    this.#train = train;
    this.#options = options;
    this.#userOf = new Int32Array(train.indices.length);
    for (let user = 0; user < train.rows; user++) this.#userOf.fill(user, train.offsets[user], train.offsets[user + 1]);
    this.#order = new EpochOrder(train.indices.length, options.seed, 'pairs');
    this.#negatives = new NegativeSampler(train, options);
    this.#byWeight = train.weights && new AliasTable(train.weights);
    this.batchesPerEpoch = Math.ceil(train.indices.length / options.batchSize);
  }

  plan(): PairPlan {
    return { kind: 'pairs', train: this.#train, options: this.#options };
  }

  room(): Room {
    const { batchSize, perPair } = this.#options;
    const ints = (length: number) => sharedArray('i32', length, ownMemory);
    return { users: ints(batchSize), positives: ints(batchSize), negatives: ints(batchSize * perPair) };
  }

  fill(epoch: number, step: number, room: Room): readonly number[] {
    checkStep(step, this.batchesPerEpoch);
    const { batchSize, perPair } = this.#options;
    const { users, positives, negatives } = room as { [column in keyof Pairs]: Int32Array };
    const count = this.#order.length;
    const order = this.#byWeight ? undefined : this.#order.at(epoch);
    const cells = new RandomStream(this.#options.seed, 'pairs', 'cells', epoch);
    const coins = new RandomStream(this.#options.seed, 'pairs', 'coins', epoch);
    const start = step * batchSize;
    const size = Math.min(batchSize, count - start);
    for (let p = 0; p < size; p++) {
      const pair = order
        ? order[start + p]!
        : this.#byWeight!.pick(cells.at(start + p) / 2 ** 32, coins.at(start + p) / 2 ** 32);
      const user = this.#userOf[pair]!;
      const item = this.#train.indices[pair]!;
      users[p] = user;
      positives[p] = item;
      for (let n = 0; n < perPair; n++) {
        negatives[p * perPair + n] = this.#negatives.draw(user, item, epoch, (start + p) * perPair + n);
      }
    }
    return [size];
  }

  view(room: Room, [size = 0]: readonly number[]): Pairs {
    const { users, positives, negatives } = room as { [column in keyof Pairs]: Int32Array };
    return {
      users: users.subarray(0, size),
      positives: positives.subarray(0, size),
      negatives: negatives.subarray(0, size * this.#options.perPair),
    };
  }
}
