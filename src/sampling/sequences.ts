/**
 * What users met, in time order, in windows: next items as targets (Kang & McAuley, "Self-Attentive Sequential Recommendation",
 * ICDM 2018) or masked ones (Sun et al., "BERT4Rec", CIKM 2019).
 */
import type { Csr } from '../compute/csr.ts';
import { RandomStream } from '../random.ts';
import { EpochOrder } from './epochOrder.ts';
import { firstMeetings } from './meetings.ts';
import { ownMemory, sharedArray } from './memory.ts';
import { countingPass, identity } from './relations.ts';
import type { Snapshot } from './snapshot.ts';
import { type BatchSource, checkStep, type Room, type SourcePlan } from './source.ts';

export interface Sequences {
  readonly offsets: Int32Array; // [users + 1]
  readonly items: Int32Array; // [pairs], in time order for each user
}

/**
 * The items of each row of a training part by the time of the pair's first interaction (of at least `minValue`), ties in the order of
 * the interactions. Lies in shared memory.
 */
export function userSequences(snapshot: Pick<Snapshot, 'interactions'>, part: Csr, minValue?: number): Sequences {
  const { users, items } = firstMeetings(snapshot, part, minValue);
  const order = countingPass(users, part.rows, identity(users.length)); // stable: by time for each user
  const ordered = sharedArray('i32', order.length, ownMemory);
  for (let i = 0; i < order.length; i++) ordered[i] = items[order[i]!]!;
  return { offsets: part.offsets, items: ordered };
}

export interface SequenceOptions {
  /** Number of items: the padding index; items are below it. The mask is one more. */
  readonly itemCount: number;
  /** Positions of a window. */
  readonly length: number;
  /** Items between the ends of two windows of a user; the window's length where absent: each target comes once an epoch. */
  readonly stride?: number;
  /** Probability that an item is masked and becomes a target; next items are the targets where absent. */
  readonly mask?: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** Padded on the left: position t − 1 is the latest. */
export interface SequenceBatch {
  readonly users: Int32Array; // [b]
  readonly items: Int32Array; // [b, t], padding index where there is none
  readonly targets: Int32Array; // [b, t], padding index where there is nothing to predict
  readonly lengths: Int32Array; // [b], items of each window
}

export interface SequencePlan extends SourcePlan {
  readonly kind: 'sequences';
  readonly sequences: Sequences;
  readonly options: SequenceOptions;
}

/** Each window once an epoch, in random order. Users with fewer than two items have none. */
export class SequenceSource implements BatchSource<SequenceBatch> {
  readonly batchesPerEpoch: number;
  /** Windows of an epoch. */
  readonly windows: number;
  readonly #sequences: Sequences;
  readonly #options: SequenceOptions;
  readonly #userOf: Int32Array; // [windows]
  readonly #endOf: Int32Array; // [windows], in `items`, exclusive
  readonly #order: EpochOrder;

  constructor(sequences: Sequences, options: SequenceOptions) {
    const { length, batchSize, stride = length, seed, mask } = options;
    if (!(length >= 1 && stride >= 1))
      throw new RangeError(`windows of ${length} every ${stride}: both must be at least 1`);
    if (mask !== undefined && !(mask > 0 && mask < 1)) throw new RangeError(`mask ${mask} outside (0, 1)`);
    this.#sequences = sequences;
    this.#options = options;
    const { offsets } = sequences;
    const users: number[] = [];
    const ends: number[] = [];
    // A window that predicts next items needs the item after its last as a target.
    const ahead = mask === undefined ? 1 : 0;
    for (let user = 0; user + 1 < offsets.length; user++) {
      const from = offsets[user]!;
      if (offsets[user + 1]! - from < 2) continue;
      for (let end = offsets[user + 1]! - ahead; end > from; end -= stride) {
        users.push(user);
        ends.push(end);
        if (end - length <= from) break;
      }
    }
    this.#userOf = Int32Array.from(users);
    this.#endOf = Int32Array.from(ends);
    this.windows = users.length;
    this.#order = new EpochOrder(this.windows, seed, 'sequences');
    this.batchesPerEpoch = Math.ceil(this.windows / batchSize);
  }

  plan(): SequencePlan {
    return { kind: 'sequences', sequences: this.#sequences, options: this.#options };
  }

  room(): Room {
    const { batchSize, length } = this.#options;
    const ints = (size: number) => sharedArray('i32', size, ownMemory);
    return {
      users: ints(batchSize),
      items: ints(batchSize * length),
      targets: ints(batchSize * length),
      lengths: ints(batchSize),
    };
  }

  fill(epoch: number, step: number, room: Room): readonly number[] {
    checkStep(step, this.batchesPerEpoch);
    const { batchSize, length, itemCount, mask, seed } = this.#options;
    const columns = room as { [column in keyof SequenceBatch]: Int32Array };
    const order = this.#order.at(epoch);
    const start = step * batchSize;
    const size = Math.min(batchSize, this.windows - start);
    const masking = mask === undefined ? undefined : new RandomStream(seed, 'mask', epoch);
    columns.items.fill(itemCount, 0, size * length);
    columns.targets.fill(itemCount, 0, size * length);
    for (let p = 0; p < size; p++) {
      const window = order[start + p]!;
      const user = this.#userOf[window]!;
      const end = this.#endOf[window]!;
      const from = Math.max(this.#sequences.offsets[user]!, end - length);
      columns.users[p] = user;
      columns.lengths[p] = end - from;
      const shift = (p + 1) * length - end; // place of an item in the batch, less its place in `items`
      if (masking) this.#mask(columns, from, end, shift, masking, window);
      else this.#next(columns, from, end, shift);
    }
    return [size];
  }

  #next(
    { items, targets }: { items: Int32Array; targets: Int32Array },
    from: number,
    end: number,
    shift: number,
  ): void {
    const { items: all } = this.#sequences;
    for (let i = from; i < end; i++) {
      items[i + shift] = all[i]!;
      targets[i + shift] = all[i + 1]!;
    }
  }

  /** At least one item of a window is masked, else it would teach nothing. */
  #mask(
    { items, targets }: { items: Int32Array; targets: Int32Array },
    from: number,
    end: number,
    shift: number,
    masking: RandomStream,
    window: number,
  ): void {
    const { length, itemCount, mask } = this.#options;
    const counter = window * (length + 1);
    const forced = from + masking.integerAt(counter + length, end - from);
    let masked = 0;
    for (let pass = 0; pass < 2 && masked === 0; pass++) {
      for (let i = from; i < end; i++) {
        const item = this.#sequences.items[i]!;
        const isMasked = pass === 1 ? i === forced : masking.at(counter + i - from) / 2 ** 32 < mask!;
        items[i + shift] = isMasked ? itemCount + 1 : item;
        targets[i + shift] = isMasked ? item : itemCount;
        if (isMasked) masked++;
      }
    }
  }

  view(room: Room, [size = 0]: readonly number[]): SequenceBatch {
    const { length } = this.#options;
    const { users, items, targets, lengths } = room as { [column in keyof SequenceBatch]: Int32Array };
    return {
      users: users.subarray(0, size),
      items: items.subarray(0, size * length),
      targets: targets.subarray(0, size * length),
      lengths: lengths.subarray(0, size),
    };
  }
}
