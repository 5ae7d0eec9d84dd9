/**
 * Which items may be shown at this moment: what a version's snapshot says of them, as far as the graph has nothing newer to say. It is in
 * memory, for lists to read; whoever reads the graph tells it (`pipeline/liveItems.ts`). What was told last holds while the graph is away.
 */
import type { ItemTable } from '../sampling/snapshot.ts';
import { isAllowed } from './index/vectorIndex.ts';

/** What the graph says of an item. 'unknown': nothing, so that the snapshot's word stands. */
export type ItemState = 'available' | 'unavailable' | 'removed' | 'unknown';

/** Of one version's items at one moment; it never changes. Items are dense indices. */
export interface Availability {
  /** Another one after each change: what was made of an earlier one is to be made anew. */
  readonly round: number;
  /** Those that may be shown, as `SearchLimits.allowed`; absent where all may. */
  readonly allowed: Int32Array | undefined;
  /** Those that may not, ascending. */
  readonly unavailable: readonly number[];
  isAvailable(item: number): boolean;
  isRemoved(item: number): boolean;
}

/** The items of one version, while it is served. */
export interface LiveView {
  readonly items: ItemTable;
  readonly current: Availability;
  close(): void;
}

export class LiveItems {
  readonly #states = new Map<string, ItemState>();
  readonly #views = new Set<View>();
  readonly #listeners: (() => void)[] = [];
  #read: (() => Promise<void>) | undefined;

  get views(): ReadonlySet<LiveView> {
    return this.#views;
  }

  /** Told whenever other items may be shown than before. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Names who reads the graph. */
  readBy(read: () => Promise<void>): void {
    this.#read = read;
  }

  /** Has the graph read where there is one, as far as it answers: what was written before this was called is known when it returns. */
  async refresh(): Promise<void> {
    await this.#read?.();
  }

  /** By outside id; undefined for those of which nothing was told. */
  stateOf(id: string): ItemState | undefined {
    return this.#states.get(id);
  }

  /** Takes in what the graph says of some items by their outside ids; of all where `isWhole`, so that earlier words of others are void. */
  take(news: ReadonlyMap<string, ItemState>, isWhole = false): void {
    const changed = isWhole ? [...this.#states.keys()].filter((id) => !news.has(id)) : [];
    for (const id of changed) this.#states.delete(id);
    for (const [id, state] of news) {
      if (this.#states.get(id) === state) continue;
      this.#states.set(id, state);
      changed.push(id);
    }
    if (changed.length === 0) return;
    const differ = [...this.#views].filter((view) => view.take(changed, this.#states));
    if (differ.length > 0) for (const listener of this.#listeners) listener();
  }

  /** Close it when the version is served no more. */
  over(items: ItemTable): LiveView {
    const view = new View(items, () => this.#views.delete(view));
    view.take(this.#states.keys(), this.#states);
    this.#views.add(view);
    return view;
  }
}

class View implements LiveView {
  readonly items: ItemTable;
  readonly close: () => void;
  current: Availability;
  #bits: Int32Array; // [⌈|I| / 32⌉]
  #removed: ReadonlySet<number> = new Set();

  constructor(items: ItemTable, close: () => void) {
    this.items = items;
    this.close = close;
    this.#bits = new Int32Array(Math.ceil(items.count / 32));
    for (let item = 0; item < items.count; item++) setBit(this.#bits, item, items.available[item] === 1);
    this.current = availabilityOf(this.#bits, items.count, this.#removed, 0);
  }

  /** Looks at some ids anew; whether that changed anything. */
  take(ids: Iterable<string>, states: ReadonlyMap<string, ItemState>): boolean {
    const { items, current } = this;
    const [bits, removed] = [this.#bits.slice(), new Set(this.#removed)];
    let differs = false;
    for (const id of ids) {
      const item = items.index(id);
      if (item === undefined) continue;
      const state = states.get(id) ?? 'unknown';
      const may = state === 'unknown' ? items.available[item] === 1 : state === 'available';
      const isRemoved = state === 'removed';
      if (may === current.isAvailable(item) && isRemoved === current.isRemoved(item)) continue;
      setBit(bits, item, may);
      if (isRemoved) removed.add(item);
      else removed.delete(item);
      differs = true;
    }
    if (!differs) return false;
    [this.#bits, this.#removed] = [bits, removed];
    this.current = availabilityOf(bits, items.count, removed, current.round + 1);
    return true;
  }
}

function availabilityOf(bits: Int32Array, count: number, removed: ReadonlySet<number>, round: number): Availability {
  const unavailable: number[] = [];
  for (let item = 0; item < count; item++) if (!isAllowed(bits, item)) unavailable.push(item);
  return {
    round,
    allowed: unavailable.length > 0 ? bits : undefined,
    unavailable,
    isAvailable: (item) => isAllowed(bits, item),
    isRemoved: (item) => removed.has(item),
  };
}

function setBit(bits: Int32Array, id: number, isSet: boolean): void {
  if (isSet) bits[id >>> 5]! |= 1 << (id & 31);
  else bits[id >>> 5]! &= ~(1 << (id & 31));
}
