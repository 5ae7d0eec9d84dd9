/**
 * What answers were made of, and answers themselves, kept for the next request of the same user: bounded by bytes, given up when
 * something changed that they may depend on, and given when the graph does not answer, marked as stale.
 *
 * A making that was under way when a change came is answered and not kept: it may have read what was there before. So whoever asks
 * after a change has been told to all memories never gets what was made before it.
 */
import { LRUCache } from 'lru-cache';

/** What a write may have changed; without `users`, everything. */
export interface Change {
  /** Whose deeds. */
  readonly users?: readonly string[];
  /** There, where users, items or features are others too, of which reasons speak. */
  readonly nodes?: true;
  /** There, where other items may be shown than before. */
  readonly items?: true;
  /** There, where filters judge items by something else than before. */
  readonly contents?: true;
  /** There, where the published versions are: a user was taken out of them. */
  readonly versions?: true;
}

/**
 * What gives something up, beside its user's own deeds: nothing else; `items`, that other items may be shown, as any list does;
 * also `contents`, what filters judge items by, as a list that goes by a filter does; also `nodes`, a change of users, items or features,
 * as evidence from the graph does; `anything`, as whatever is asked of the whole graph does.
 */
export type DependsOn = 'own' | 'items' | 'contents' | 'nodes' | 'anything';

export interface Made<T> {
  readonly value: T;
  /** In memory, about; where absent it is not to be kept. */
  readonly bytes?: number | undefined;
  readonly dependsOn?: DependsOn;
  /** There, where it was made without what the graph would have said: it is given again only while nobody can say. */
  readonly isStale?: boolean;
}

export interface Recalled<T> {
  readonly value: T;
  /** `stale`: it was kept, and the graph cannot say whether it still holds. */
  readonly from: 'made' | 'kept' | 'stale';
  /** ms since it was made. */
  readonly age: number;
}

export interface Question {
  readonly user: string;
  /** What is asked for of her: equal words, equal answers. */
  readonly what: string;
  /** What it is made on, the manifest of a version: what was made on another one is not taken. */
  readonly basis: object;
}

export interface AnswerMemoryOptions {
  readonly maxBytes: number;
  /** Whatever is older is made anew, ms. */
  readonly maxAgeMs: number;
  /** Whether changes that others make are heard of at this moment. */
  readonly isCertain?: () => boolean;
  readonly now?: () => number;
}

/** How often something was looked for, by what came of it. */
export type MemoryCounts = Record<Recalled<unknown>['from'], number>;

interface Kept {
  readonly value: unknown;
  readonly bytes: number;
  readonly basis: object;
  readonly at: number;
  /** Counts of changes as of its making, by what it depends on. */
  readonly seen: number;
  readonly dependsOn: DependsOn;
  readonly isStale: boolean;
}

/** What is kept of one user. */
type OfUser = Map<string, Kept>;

/** Most answers that are kept of one user; the one that was made first goes first. */
const mostOfUser = 32;
/** What an entry costs beside its value, bytes. */
const overhead = 200;

export class AnswerMemory {
  readonly counts: { readonly deeds: MemoryCounts; readonly lists: MemoryCounts } = {
    deeds: { made: 0, kept: 0, stale: 0 },
    lists: { made: 0, kept: 0, stale: 0 },
  };
  readonly #users: LRUCache<string, OfUser>;
  readonly #making = new Set<{ readonly user: string; isOutdated: boolean }>();
  readonly #changes: Record<DependsOn, number> = { own: 0, items: 0, contents: 0, nodes: 0, anything: 0 };
  readonly #options: Required<AnswerMemoryOptions>;

  constructor({ isCertain = () => true, now = () => performance.now(), ...options }: AnswerMemoryOptions) {
    this.#options = { ...options, isCertain, now };
    this.#users = new LRUCache({
      maxSize: Math.max(1, options.maxBytes),
      sizeCalculation: (of, user) => {
        let bytes = overhead + 2 * user.length;
        for (const [what, kept] of of) bytes += kept.bytes + 2 * what.length + overhead;
        return bytes;
      },
    });
  }

  /** Bytes in use, about. */
  get bytes(): number {
    return this.#users.calculatedSize;
  }

  /** Users of whom something is kept. */
  get users(): number {
    return this.#users.size;
  }

  /** What is kept, or what `make` gives; undefined where that gives nothing and nothing is kept either. */
  async recall<T>(
    kind: 'deeds' | 'lists',
    question: Question,
    make: () => Promise<Made<T> | undefined>,
  ): Promise<Recalled<T> | undefined> {
    const recalled = await this.#recall<T>(question, make);
    if (recalled) this.counts[kind][recalled.from]++;
    return recalled;
  }

  /** Gives up what a change may have made wrong. When this returns, nothing is given any more that was made before. */
  change({ users, nodes, items, contents, versions }: Change): void {
    this.#changes.anything++;
    if (!users || versions) {
      this.#users.clear();
      for (const making of this.#making) making.isOutdated = true;
      return;
    }
    if (items) this.#changes.items++;
    if (items || contents) this.#changes.contents++;
    if (nodes || items || contents) this.#changes.nodes++;
    for (const user of users) this.#users.delete(user);
    const changed = new Set(users);
    for (const making of this.#making) if (changed.has(making.user)) making.isOutdated = true;
  }

  async #recall<T>(question: Question, make: () => Promise<Made<T> | undefined>): Promise<Recalled<T> | undefined> {
    const { isCertain, maxAgeMs, now } = this.#options;
    const found = this.#find(question);
    const kept = found?.isStale && isCertain() ? undefined : found;
    const age = kept ? now() - kept.at : 0;
    const asKept = (from: 'kept' | 'stale'): Recalled<T> => ({ value: kept!.value as T, from, age });
    if (kept && !isCertain()) return asKept('stale');
    if (kept && age < maxAgeMs) return asKept('kept');
    const making = { user: question.user, isOutdated: false };
    const seen = { ...this.#changes };
    const at = now();
    this.#making.add(making);
    let made: Made<T> | undefined;
    try {
      made = await make();
    } finally {
      this.#making.delete(making);
    }
    // Whoever asked before a change may be told what was kept before it.
    if (!made) return kept && asKept('stale');
    const { value, bytes, dependsOn = 'own', isStale = false } = made;
    if (bytes !== undefined && !making.isOutdated && (isStale || isCertain()))
      this.#keep(question, { value, bytes, basis: question.basis, at, dependsOn, isStale, seen: seen[dependsOn] });
    return { value, from: 'made', age: 0 };
  }

  #find({ user, what, basis }: Question): Kept | undefined {
    const kept = this.#users.get(user)?.get(what);
    return kept?.basis === basis && kept.seen === this.#changes[kept.dependsOn] ? kept : undefined;
  }

  #keep({ user, what }: Question, kept: Kept): void {
    const of = new Map(this.#users.get(user));
    of.delete(what);
    if (of.size === mostOfUser) of.delete(of.keys().next().value!);
    this.#users.set(user, of.set(what, kept));
  }
}
