/** What sources read of a version: structures over its snapshot, each made when it is first asked for and kept as long as the version is served. */
import { LRUCache } from 'lru-cache';
import { type Csr, transposeCsr } from '../../compute/csr.ts';
import { likingOf, meant, standings } from '../../sampling/meanings.ts';
import { countingPass, identity } from '../../sampling/relations.ts';
import { likedPairs } from '../../sampling/split.ts';
import { nearestUsers } from '../nearestUsers.ts';
import type { PublishedVersion } from '../published.ts';
import type { Ranked } from '../ranking.ts';
import type { ServedBase } from '../served.ts';
import type { Asker, Deed } from './candidate.ts';
import { coOccurring } from './coOccurring.ts';
import { ItemSums } from './itemSums.ts';
import type { Recent } from './recent.ts';

/** Users × items, or items × users, without weights. */
export type Pairs = Pick<Csr, 'rows' | 'cols' | 'offsets' | 'indices'>;

/** Lists of items like an item that are kept: some 40 MB at 100 neighbours each. */
const mostLists = 20_000;

export class StageData {
  readonly published: PublishedVersion;
  readonly base: ServedBase;
  /** One for all sources: see there. */
  readonly sums: ItemSums;
  /** What was done since the snapshot; see `StageContext`. */
  readonly recent: (() => Recent | undefined) | undefined;
  readonly #given: Pairs | undefined;
  readonly #made = new Map<string, unknown>();
  readonly #lists = new LRUCache<string, Ranked>({ max: mostLists });

  /** `liked` stands for what users liked, where that is to be less than all: the training part, when fusion is fitted. */
  constructor(published: PublishedVersion, base: ServedBase, liked?: Pairs, recent?: () => Recent | undefined) {
    this.published = published;
    this.base = base;
    this.sums = new ItemSums(published.snapshot.items.count);
    this.#given = liked;
    this.recent = recent;
  }

  /** Made once, under a name of its own. */
  once<T>(name: string, make: () => T): T {
    if (!this.#made.has(name)) this.#made.set(name, make());
    return this.#made.get(name) as T;
  }

  /** A list about one item, made when it is asked for; the last ones are kept. */
  list(name: string, item: number, make: () => Ranked): Ranked {
    const key = `${name} ${item}`;
    const known = this.#lists.get(key);
    if (known) return known;
    const list = make();
    this.#lists.set(key, list);
    return list;
  }

  /** What each user liked and has not expired. [|U|, |I|] */
  get liked(): Pairs {
    return this.once('liked', () => {
      if (this.#given) return this.#given;
      const { snapshot, manifest } = this.published;
      const { offsets, items } = likedPairs(snapshot, meant(snapshot, manifest, Date.now()));
      return { rows: snapshot.users.count, cols: snapshot.items.count, offsets, indices: items };
    });
  }

  /** Who liked each item. [|I|, |U|] */
  get takers(): Pairs {
    return this.once('takers', () => transposeCsr(this.liked));
  }

  /** Items by how many chose them, also those that nobody may see now. */
  get byPeople(): Int32Array {
    return this.once('byPeople', () => this.orderBy(this.base.people));
  }

  /** Items by a number that each has, largest first, of equals the smaller index; without those that have none. */
  orderBy(values: ArrayLike<number>): Int32Array {
    const known = Int32Array.from({ length: values.length }, (_, item) => item).filter(
      (item) => !Number.isNaN(values[item]!),
    );
    return known.sort((a, b) => values[b]! - values[a]! || a - b);
  }

  /** What a user of the version did and has not expired, oldest first. */
  deeds(user: number): readonly Deed[] {
    const { interactions } = this.published.snapshot;
    const { offsets, entries } = this.once('deeds', () => this.#deedsByUser());
    return Array.from(entries.subarray(offsets[user], offsets[user + 1]), (entry) => ({
      item: interactions.items[entry]!,
      type: interactions.typeNames[interactions.types[entry]!]!,
      value: interactions.values[entry]!,
      at: interactions.at[entry]!,
    }));
  }

  /** Interactions by user and then time: those of the pairs in `liked`, where that was given. */
  #deedsByUser(): { readonly offsets: Int32Array; readonly entries: Uint32Array } {
    const { snapshot, manifest } = this.published;
    const { interactions, users } = snapshot;
    const { standing } = meant(snapshot, manifest, Date.now());
    const given = this.#given;
    const counts = (entry: number): boolean =>
      standing[entry] !== standings.expired &&
      (!given || hasPair(given, interactions.users[entry]!, interactions.items[entry]!));
    const entries = countingPass(interactions.users, users.count, identity(interactions.count).filter(counts));
    const offsets = new Int32Array(users.count + 1);
    for (const entry of entries) offsets[interactions.users[entry]! + 1]!++;
    for (let user = 0; user < users.count; user++) offsets[user + 1]! += offsets[user]!;
    return { offsets, entries };
  }

  /** The last items that somebody liked and has not disliked since, the newest first, each once. */
  lastLiked({ deeds }: Asker, most: number): readonly number[] {
    const { snapshot, manifest } = this.published;
    const likes = this.once('likes', () => likingOf(snapshot, manifest));
    const found = new Set<number>();
    const disliked = new Set<number>();
    for (let at = deeds.length - 1; at >= 0 && found.size < most; at--) {
      const { item, type, value } = deeds[at]!;
      if (manifest.interactions?.[type]?.negative) disliked.add(item);
      else if (likes(type, value) && !disliked.has(item)) found.add(item);
    }
    return [...found];
  }

  /** Whether the version knows a user's taste: without a training interaction her vector is as it was drawn at random. */
  knowsTaste({ index, vector, taste }: Asker): boolean {
    if (vector || taste) return true;
    const { offsets } = this.published.train;
    return index !== undefined && offsets[index + 1]! > offsets[index]!;
  }

  /** By what vector somebody's neighbours are found; undefined where there is none. [dim] */
  vectorOf(asker: Asker): Float32Array | undefined {
    const { vectors } = this.published;
    if (asker.vector) return asker.vector;
    const { index } = asker;
    if (!vectors || index === undefined || !this.knowsTaste(asker)) return undefined;
    return vectors.users.slice(index * vectors.dim, (index + 1) * vectors.dim);
  }

  /** Users by the cosine of their vectors with one, where that is above 0; only those with a taste. */
  nearestUsers(vector: Float32Array, most: number, self: number | undefined): Ranked {
    const { ids, scores } = nearestUsers(this.published, this.base, vector, most, self);
    const opposite = scores.findIndex((score) => !(score > 0));
    const near = opposite < 0 ? ids.length : opposite;
    return { ids: ids.slice(0, near), scores: scores.slice(0, near) };
  }

  /** Items that the same people liked. */
  coOccurring(item: number): Ranked {
    return this.list('co-occurring', item, () => coOccurring(this.liked, this.takers, item, this.sums));
  }
}

/** Whether a matrix has an entry; rows ascend. */
export function hasPair({ offsets, indices }: Pairs, row: number, column: number): boolean {
  let [low, high] = [offsets[row]!, offsets[row + 1]!];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (indices[middle]! < column) low = middle + 1;
    else high = middle;
  }
  return low < offsets[row + 1]! && indices[low] === column;
}
