/**
 * Which items may be shown at this moment, and what filters judge them by: what a version's snapshot says of them, as far as the graph has
 * nothing newer to say. It is in memory, for lists to read; whoever reads the graph tells it (`pipeline/liveItems.ts`). What was told last
 * holds while the graph is away.
 */
import { type ItemContent, mostContents } from '../graph/itemContents.ts';
import type { Snapshot } from '../sampling/snapshot.ts';
import { isAllowed } from './index/vectorIndex.ts';
import { type ContentsNow, ContentsView, HeardContents } from './liveContents.ts';

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
  readonly snapshot: Snapshot;
  readonly current: Availability;
  readonly contents: ContentsNow;
  close(): void;
}

/** That other items may be shown than before, or that filters judge items by something else. */
export type LiveChange = 'shown' | 'contents';

/** To this share of the most what is kept is cut where it is more: room for some, so that not each one that comes looks at all. */
const roomLeft = 0.9;

export class LiveItems {
  readonly #states = new Map<string, ItemState>();
  readonly #contents = new HeardContents();
  readonly #views = new Set<View>();
  readonly #listeners: ((change: LiveChange) => void)[] = [];
  readonly #mostContents: number;
  #read: (() => Promise<void>) | undefined;
  #opened: (() => void) | undefined;

  /** `most`: contents of no more items are kept. */
  constructor(most = mostContents) {
    this.#mostContents = most;
  }

  get views(): ReadonlySet<LiveView> {
    return this.#views;
  }

  onChange(listener: (change: LiveChange) => void): void {
    this.#listeners.push(listener);
  }

  /** Names who reads the graph, and is told that another version is served of which nothing was asked yet. */
  readBy(read: () => Promise<void>, opened?: () => void): void {
    this.#read = read;
    this.#opened = opened;
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
    if (differ.length > 0) this.#tell('shown');
  }

  /** What was heard of an item, by outside id: what a snapshot says too, also. */
  contentOf(id: string): ItemContent | undefined {
    return this.#contents.get(id);
  }

  /** Of which items something was heard, by outside id. */
  contentIds(): Iterable<string> {
    return this.#contents.ids();
  }

  /** Whether it is news to any version that an item is like this. */
  isNews(id: string, content: ItemContent): boolean {
    return [...this.#views].some(({ heard }) => heard.differs(id, content));
  }

  /** Takes in what the graph says of some items, those that changed last at the end; `gone` are not there any more. */
  takeContents(news: ReadonlyMap<string, ItemContent>, gone: Iterable<string> = []): void {
    const changed = new Set([
      ...this.#contents.take(news),
      ...this.#contents.take([...gone].map((id) => [id, undefined])),
    ]);
    const look = (ids: Iterable<string>) => [...this.#views].filter(({ heard }) => heard.look(ids)).length > 0;
    const isOther = changed.size > 0 && look(changed);
    const dropped = this.#needless();
    const isDropped = dropped.length > 0 && look(this.#contents.take(dropped.map((id) => [id, undefined])));
    if (isOther || isDropped) this.#tell('contents');
  }

  /** What goes where too much was heard: first what is no news to any version, then what changed first. */
  #needless(): string[] {
    const most = this.#mostContents;
    if (this.#contents.size <= most) return [];
    const leaving = this.#contents.size - Math.floor(most * roomLeft);
    const isNeeded = (id: string): boolean => [...this.#views].some(({ heard }) => heard.has(id));
    const [needless, needed]: [string[], string[]] = [[], []];
    for (const id of this.#contents.ids()) (isNeeded(id) ? needed : needless).push(id);
    return [...needless, ...needed].slice(0, leaving);
  }

  #tell(change: LiveChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** Close it when the version is served no more. */
  over(snapshot: Snapshot): LiveView {
    const heard = new ContentsView(snapshot, this.#contents);
    const view = new View(snapshot, heard, () => this.#views.delete(view));
    view.take(this.#states.keys(), this.#states);
    this.#views.add(view);
    this.#opened?.();
    return view;
  }
}

class View implements LiveView {
  readonly snapshot: Snapshot;
  readonly heard: ContentsView;
  readonly close: () => void;
  current: Availability;
  #bits: Int32Array; // [⌈|I| / 32⌉]
  #removed: ReadonlySet<number> = new Set();

  constructor(snapshot: Snapshot, heard: ContentsView, close: () => void) {
    const { items } = snapshot;
    this.snapshot = snapshot;
    this.heard = heard;
    this.close = close;
    this.#bits = new Int32Array(Math.ceil(items.count / 32));
    for (let item = 0; item < items.count; item++) setBit(this.#bits, item, items.available[item] === 1);
    this.current = availabilityOf(this.#bits, items.count, this.#removed, 0);
  }

  get contents(): ContentsNow {
    return this.heard.now;
  }

  /** Looks at some ids anew; whether that changed anything. */
  take(ids: Iterable<string>, states: ReadonlyMap<string, ItemState>): boolean {
    const { current } = this;
    const { items } = this.snapshot;
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
