/**
 * What filters judge items by at this moment: a version's snapshot, and of the items that have changed since what the graph says now.
 * Those alone are in memory, the last ones where there are very many.
 */
import { parseNumber } from '../data/fields.ts';
import { type ItemContent, isSameContent } from '../graph/itemContents.ts';
import type { Snapshot } from '../sampling/snapshot.ts';

/** Of one version's items at one moment; it never changes. */
export interface ContentsNow {
  /** Another one after each change; 0 where nothing is known but the snapshot. */
  readonly round: number;
  /** What the graph says of items where the snapshot says something else, by dense index. */
  readonly changed: ReadonlyMap<number, ItemContent>;
  /** Kinds of the features of items that have changed, of the version or not, and whether their values are numbers. */
  readonly kinds: ReadonlyMap<string, boolean>;
}

/** What was heard of items by their outside ids, those that changed last at the end. */
export class HeardContents {
  readonly #heard = new Map<string, ItemContent>();
  readonly #kinds = new Map<string, { values: number; numbers: number }>();
  #kindsNow: ReadonlyMap<string, boolean> = new Map();

  get size(): number {
    return this.#heard.size;
  }

  /** Another map after each change. */
  get kinds(): ReadonlyMap<string, boolean> {
    return this.#kindsNow;
  }

  ids(): Iterable<string> {
    return this.#heard.keys();
  }

  get(id: string): ItemContent | undefined {
    return this.#heard.get(id);
  }

  /** Takes in what is said of some items, undefined where that is nothing any more; answers the ids of which it was something else. */
  take(news: Iterable<readonly [id: string, content: ItemContent | undefined]>): string[] {
    const changed: string[] = [];
    for (const [id, content] of news) {
      const before = this.#heard.get(id);
      if (before === content || (before && content && isSameContent(before, content))) continue;
      this.#heard.delete(id);
      if (content) this.#heard.set(id, content);
      this.#count(before, -1);
      this.#count(content, 1);
      changed.push(id);
    }
    if (changed.length > 0) this.#tellKinds();
    return changed;
  }

  #count(content: ItemContent | undefined, step: 1 | -1): void {
    for (const { kind, value } of content?.features ?? []) {
      const of = this.#kinds.get(kind) ?? { values: 0, numbers: 0 };
      of.values += step;
      if (parseNumber(value) !== undefined) of.numbers += step;
      if (of.values > 0) this.#kinds.set(kind, of);
      else this.#kinds.delete(kind);
    }
  }

  #tellKinds(): void {
    const now = new Map([...this.#kinds].map(([kind, { values, numbers }]) => [kind, values === numbers]));
    const isSame = now.size === this.#kindsNow.size && [...now].every(([kind, is]) => this.#kindsNow.get(kind) === is);
    if (!isSame) this.#kindsNow = now;
  }
}

/** Rounds are counted over all versions: several may be of one snapshot. */
let rounds = 0;

/** What was heard, beside one snapshot. */
export class ContentsView {
  readonly #snapshot: Snapshot;
  readonly #heard: HeardContents;
  #now: ContentsNow;

  constructor(snapshot: Snapshot, heard: HeardContents) {
    this.#snapshot = snapshot;
    this.#heard = heard;
    this.#now = { round: 0, changed: new Map(), kinds: new Map() };
    this.look(heard.ids());
  }

  get now(): ContentsNow {
    return this.#now;
  }

  /** Looks at some ids anew; whether that changed anything. */
  look(ids: Iterable<string>): boolean {
    const changed = new Map(this.#now.changed);
    const { kinds } = this.#heard;
    let differs = kinds !== this.#now.kinds && (kinds.size > 0 || this.#now.kinds.size > 0);
    for (const id of ids) {
      const item = this.#snapshot.items.index(id);
      if (item === undefined) continue;
      const content = this.#heard.get(id);
      const isNews = content !== undefined && !isAsIn(this.#snapshot, item, content);
      if (isNews) changed.set(item, content);
      if (isNews || changed.delete(item)) differs = true;
    }
    if (differs) this.#now = { round: ++rounds, changed, kinds };
    return differs;
  }

  /** Whether the snapshot has such an item, and says something else of it. */
  differs(id: string, content: ItemContent): boolean {
    const item = this.#snapshot.items.index(id);
    return item !== undefined && !isAsIn(this.#snapshot, item, content);
  }

  has(id: string): boolean {
    const item = this.#snapshot.items.index(id);
    return item !== undefined && this.#now.changed.has(item);
  }
}

/** Whether a snapshot says the same of an item. */
function isAsIn(snapshot: Snapshot, item: number, { title = '', at = Number.NaN, features }: ItemContent): boolean {
  const { items } = snapshot;
  if ((title || items.id(item)) !== items.title(item) || !Object.is(at, items.at[item])) return false;
  const { offsets, indices } = snapshot.relation('item-feature');
  const own = indices.subarray(offsets[item], offsets[item + 1]);
  return (
    own.length === features.length &&
    features.every(({ kind, value }) => own.includes(snapshot.features.index(`${kind}:${value}`) ?? -1))
  );
}
