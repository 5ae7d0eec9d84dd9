/** Rows of features with a label, for models that score a pair with its features (factorization machines and their kin). */
import type { Csr } from '../compute/csr.ts';
import { EpochOrder } from './epochOrder.ts';
import { ownMemory, type SharedArray, sharedArray } from './memory.ts';
import { NegativeSampler } from './negatives.ts';
import { type BatchSource, checkStep, type Room, type SourcePlan } from './source.ts';

/** What a field's values stand beside: each point, or its user or item. */
export type FieldOwner = 'point' | 'user' | 'item';

/** One index for each owner. */
export interface PointField {
  readonly name: string;
  readonly owner: FieldOwner;
  /** Known values: indices are below it, and it is itself the index of "unknown". A table for the field has size + 1 rows. */
  readonly size: number;
  readonly values: Int32Array; // [owners], negative where missing
}

/** Any number of indices for each owner, such as the genres of an item. */
export interface PointBag {
  readonly name: string;
  readonly owner: FieldOwner;
  readonly values: Csr; // owners × size; weights where they count differently
}

/** Columns of labelled points. */
export interface PointColumns {
  readonly users: Int32Array; // [n]
  readonly items: Int32Array; // [n]
  readonly labels: Float32Array; // [n]
  readonly fields: readonly PointField[];
  readonly bags: readonly PointBag[];
}

export interface PointOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** Negatives for each point whose label is over 0: another item for the same user, exact against `train`, with label 0. */
  readonly negatives?: { readonly perPoint: number; readonly train: Csr };
  /** Whether epochs go through the points in random order; in their own where false, for evaluation. */
  readonly shuffle?: boolean;
}

export interface PointBatch {
  readonly users: Int32Array; // [b]
  readonly items: Int32Array; // [b]
  readonly fields: Int32Array; // [b, f], each within its field
  readonly labels: Float32Array; // [b]
  readonly bags: readonly {
    readonly offsets: Int32Array; // [b + 1]
    readonly indices: Int32Array; // [offsets[b]]
    readonly weights?: Float32Array; // [offsets[b]]
  }[];
}

export interface PointPlan extends SourcePlan {
  readonly kind: 'points';
  readonly columns: PointColumns;
  readonly options: PointOptions;
}

/** Each point once an epoch, its negatives after it in the same batch. */
export class PointSource implements BatchSource<PointBatch> {
  readonly batchesPerEpoch: number;
  readonly #columns: PointColumns;
  readonly #options: PointOptions;
  readonly #order: EpochOrder;
  readonly #negatives: NegativeSampler | undefined;
  /** Points of a batch, each with room for its negatives. */
  readonly #points: number;
  readonly #perPoint: number;
  readonly #longest: readonly number[]; // of each bag

  constructor(columns: PointColumns, options: PointOptions) {
    const { batchSize, seed, negatives } = options;
    this.#columns = columns;
    this.#options = options;
    this.#perPoint = negatives?.perPoint ?? 0;
    this.#points = Math.max(1, Math.floor(batchSize / (1 + this.#perPoint)));
    this.#order = new EpochOrder(columns.labels.length, seed, 'points');
    this.#negatives = negatives && new NegativeSampler(negatives.train, { kind: 'uniform', seed });
    this.#longest = columns.bags.map(({ values }) => longestRow(values));
    this.batchesPerEpoch = Math.ceil(columns.labels.length / this.#points);
  }

  plan(): PointPlan {
    return { kind: 'points', columns: this.#columns, options: this.#options };
  }

  room(): Room {
    const rows = this.#points * (1 + this.#perPoint);
    const ints = (length: number) => sharedArray('i32', length, ownMemory);
    const room: Record<string, SharedArray> = {
      users: ints(rows),
      items: ints(rows),
      fields: ints(rows * this.#columns.fields.length),
      labels: sharedArray('f32', rows, ownMemory),
    };
    for (const [b, longest] of this.#longest.entries()) {
      room[`offsets${b}`] = ints(rows + 1);
      room[`indices${b}`] = ints(rows * longest);
      room[`weights${b}`] = sharedArray('f32', this.#columns.bags[b]!.values.weights ? rows * longest : 0, ownMemory);
    }
    return room;
  }

  fill(epoch: number, step: number, room: Room): readonly number[] {
    checkStep(step, this.batchesPerEpoch);
    const { users, items, labels } = this.#columns;
    const order = this.#options.shuffle === false ? undefined : this.#order.at(epoch);
    const start = step * this.#points;
    const end = Math.min(start + this.#points, labels.length);
    let row = 0;
    for (let place = start; place < end; place++) {
      const point = order ? order[place]! : place;
      this.#write(room, row++, point, users[point]!, items[point]!, labels[point]!);
      if (!this.#negatives || !(labels[point]! > 0)) continue;
      for (let n = 0; n < this.#perPoint; n++) {
        const item = this.#negatives.draw(users[point]!, items[point]!, epoch, point * this.#perPoint + n);
        if (item !== items[point]) this.#write(room, row++, point, users[point]!, item, 0);
      }
    }
    return [row];
  }

  #write(room: Room, row: number, point: number, user: number, item: number, label: number): void {
    const { fields, bags } = this.#columns;
    const owners = { point, user, item };
    room.users![row] = user;
    room.items![row] = item;
    room.labels![row] = label;
    const at = row * fields.length;
    for (let f = 0; f < fields.length; f++) {
      const { owner, size, values } = fields[f]!;
      const value = values[owners[owner]];
      room.fields![at + f] = value === undefined || value < 0 || value >= size ? size : value;
    }
    for (let b = 0; b < bags.length; b++) {
      const { owner, values } = bags[b]!;
      const offsets = room[`offsets${b}`]!;
      if (row === 0) offsets[0] = 0;
      let out = offsets[row]!;
      const from = values.offsets[owners[owner]] ?? 0;
      const to = values.offsets[owners[owner] + 1] ?? from;
      for (let entry = from; entry < to; entry++, out++) {
        room[`indices${b}`]![out] = values.indices[entry]!;
        if (values.weights) room[`weights${b}`]![out] = values.weights[entry]!;
      }
      offsets[row + 1] = out;
    }
  }

  view(room: Room, [size = 0]: readonly number[]): PointBatch {
    const ints = (name: string, length: number) => (room[name] as Int32Array).subarray(0, length);
    return {
      users: ints('users', size),
      items: ints('items', size),
      fields: ints('fields', size * this.#columns.fields.length),
      labels: (room.labels as Float32Array).subarray(0, size),
      bags: this.#columns.bags.map(({ values }, b) => {
        const offsets = ints(`offsets${b}`, size + 1);
        const indices = ints(`indices${b}`, offsets[size]!);
        if (!values.weights) return { offsets, indices };
        return { offsets, indices, weights: (room[`weights${b}`] as Float32Array).subarray(0, offsets[size]) };
      }),
    };
  }
}

function longestRow({ rows, offsets }: Csr): number {
  let longest = 0;
  for (let row = 0; row < rows; row++) longest = Math.max(longest, offsets[row + 1]! - offsets[row]!);
  return longest;
}
