/** What models share whose scores are sums of weights between items. */
import type { Csr } from '../../compute/csr.ts';
import type { SparseRows } from '../../compute/pairs.ts';
import { entryOf } from '../../sampling/meetings.ts';
import { ownMemory } from '../../sampling/memory.ts';
import { transpose } from '../../sampling/relations.ts';
import type { ItemWeights } from '../model.ts';

/** Entries of one row or column. */
export interface Entries {
  readonly ids: ArrayLike<number>; // [n]
  readonly values: ArrayLike<number>; // [n]
}

/** Keeps the `most` largest of what it is offered; of equals the smaller ids. */
export class BestOf {
  readonly #most: number;
  // A heap by value with the least on top; of equals the greatest id.
  #ids: number[] = [];
  #values: number[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  offer(id: number, value: number): void {
    const [ids, values] = [this.#ids, this.#values];
    if (ids.length < this.#most) {
      ids.push(id);
      values.push(value);
      let at = ids.length - 1;
      while (at > 0 && this.#isLess(at, (at - 1) >> 1)) {
        this.#swap(at, (at - 1) >> 1);
        at = (at - 1) >> 1;
      }
      return;
    }
    if (!(value > values[0]! || (value === values[0] && id < ids[0]!))) return;
    ids[0] = id;
    values[0] = value;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < ids.length && this.#isLess(left, least)) least = left;
      if (right < ids.length && this.#isLess(right, least)) least = right;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  /** What was kept, by id; it is empty afterwards. */
  take(): { readonly ids: number[]; readonly values: number[] } {
    const order = Array.from(this.#ids.keys()).sort((a, b) => this.#ids[a]! - this.#ids[b]!);
    const taken = { ids: order.map((at) => this.#ids[at]!), values: order.map((at) => this.#values[at]!) };
    this.#ids = [];
    this.#values = [];
    return taken;
  }

  #isLess(a: number, b: number): boolean {
    const [ids, values] = [this.#ids, this.#values];
    return values[a]! < values[b]! || (values[a] === values[b] && ids[a]! > ids[b]!);
  }

  #swap(a: number, b: number): void {
    const [ids, values] = [this.#ids, this.#values];
    [ids[a], ids[b]] = [ids[b]!, ids[a]!];
    [values[a], values[b]] = [values[b]!, values[a]!];
  }
}

/** W from its columns, which `column` gives one after the other. */
export async function itemWeightsOf(
  items: number,
  column: (item: number) => Entries | Promise<Entries>,
): Promise<ItemWeights> {
  const offsets = new Int32Array(items + 1);
  let indices = new Int32Array(items);
  let weights = new Float32Array(items);
  let count = 0;
  for (let item = 0; item < items; item++) {
    const { ids, values } = await column(item);
    if (count + ids.length > indices.length) {
      const room = 2 * (count + ids.length);
      const [moreIndices, moreWeights] = [new Int32Array(room), new Float32Array(room)];
      moreIndices.set(indices);
      moreWeights.set(weights);
      [indices, weights] = [moreIndices, moreWeights];
    }
    indices.set(ids, count);
    weights.set(values, count);
    count += ids.length;
    offsets[item + 1] = count;
  }
  const columns: Csr = {
    rows: items,
    cols: items,
    offsets,
    indices: indices.subarray(0, count),
    weights: weights.subarray(0, count),
  };
  return transpose(columns, ownMemory) as ItemWeights;
}

/** Columns that are made at a time. */
const block = 1024;

/** Columns for `itemWeightsOf`, some of which are made at a time. */
export function sparseColumns(
  items: number,
  make: (first: number, count: number) => SparseRows,
): (item: number) => Promise<Entries> {
  let made: SparseRows | undefined;
  return async (item) => {
    const place = item % block;
    if (place === 0) {
      await new Promise(setImmediate);
      made = make(item, Math.min(block, items - item));
    }
    const { ids, weights, counts, most } = made!;
    const [from, end] = [place * most, place * most + counts[place]!];
    return { ids: ids.subarray(from, end), values: weights.subarray(from, end) };
  };
}

/** W[from, to]; 0 where it has no entry. */
export function weightBetween(weights: ItemWeights, from: number, to: number): number {
  const entry = entryOf(weights, from, to);
  return entry < 0 ? 0 : weights.weights[entry]!;
}

/** Scores that a user's items give: Σ_j W[j, i]. Only what they reach is ever looked at. */
export class WeightScores {
  readonly #weights: ItemWeights;
  readonly #scores: Float64Array; // [|I|], 0 but for `met`
  /** Whether an item is among `met`: weights of both signs may add up to nothing on the way. */
  readonly #isMet: Uint8Array; // [|I|]
  #met: number[] = [];

  constructor(weights: ItemWeights) {
    this.#weights = weights;
    this.#scores = new Float64Array(weights.cols);
    this.#isMet = new Uint8Array(weights.cols);
  }

  /** Takes the place of what was summed before. `shares`: how much each item counts, 1 where absent. */
  sum(items: Int32Array, shares?: Float32Array): this {
    const { offsets, indices, weights } = this.#weights;
    for (const item of this.#met) {
      this.#scores[item] = 0;
      this.#isMet[item] = 0;
    }
    this.#met = [];
    for (let n = 0; n < items.length; n++) {
      const [item, share] = [items[n]!, shares?.[n] ?? 1];
      for (let e = offsets[item]!; e < offsets[item + 1]!; e++) {
        const to = indices[e]!;
        if (this.#isMet[to] === 0) {
          this.#isMet[to] = 1;
          this.#met.push(to);
        }
        this.#scores[to]! += share * weights[e]!;
      }
    }
    return this;
  }

  of(item: number): number {
    return this.#scores[item]!;
  }

  /** The k best, best first, of equals the smaller; none that nothing leads to, that `exclude` names or that is not `allowed`. */
  best(k: number, exclude: Iterable<number>, allowed: (item: number) => boolean = () => true): readonly number[] {
    const kept = new BestOf(k);
    const left = new Set(exclude);
    for (const item of this.#met) if (allowed(item) && !left.has(item)) kept.offer(item, this.#scores[item]!);
    return [...kept.take().ids].sort((a, b) => this.#scores[b]! - this.#scores[a]! || a - b);
  }
}
