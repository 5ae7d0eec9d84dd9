/**
 * What was done since a version's snapshot, for sources that count interactions: read from the graph now and then, off the path of
 * requests, and kept as it was last known while the graph is away.
 */
import { atMost } from '../../atMost.ts';
import type { GraphReach } from '../../graph/reach.ts';
import { type RecentItem, recentItems } from '../../graph/recent.ts';
import { likedFrom } from '../../sampling/meanings.ts';
import type { PublishedVersion } from '../published.ts';
import type { LeftOut } from './candidate.ts';
import type { Found } from './source.ts';

/** By dense index. */
export interface Recent {
  /** How many have chosen an item who had not when the snapshot was made. */
  readonly people: ReadonlyMap<number, number>;
  /** When an item was liked, ms since 1970. */
  readonly moments: ReadonlyMap<number, readonly number[]>;
  /** The newest of all moments; 0 where there are none. */
  readonly newest: number;
}

export interface RecentReader {
  /** What is known of a version by now; where something may have changed it is read anew, and not waited for. */
  of(published: PublishedVersion): Recent | undefined;
  /** Says that something was written. */
  heard(): void;
  stop(): void;
}

export interface RecentOptions {
  /** ms from one reading to the next at the least. */
  readonly everyMs?: number;
  /** Whether `heard` is called for whatever is written; else each question may find something new. */
  readonly isWatched?: boolean;
  /** Called when something was read. */
  readonly onRead?: () => void;
}

/** Nobody waits for it. */
const patienceMs = 10_000;
/** A reading takes at most a thirtieth of the server's time. */
const rest = 30;
/** Most users that are looked at, those who did something last. */
const mostUsers = 20_000;

interface State {
  recent?: Recent;
  /** Of the changes that were heard of those that are in it. */
  seen: number;
  isReading: boolean;
  notBefore: number;
  timer?: NodeJS.Timeout | undefined;
}

export function openRecent(
  reach: GraphReach,
  { everyMs = 30_000, isWatched = false, onRead }: RecentOptions = {},
): RecentReader {
  const states = new WeakMap<PublishedVersion, State>();
  // Others' graphs have no marks of changes, of which a watch could hear.
  const hears = isWatched && !reach.graph?.schema.names;
  let changes = 1;
  let last: { readonly published: PublishedVersion; readonly state: State } | undefined;
  let isStopped = false;

  const read = async (published: PublishedVersion, state: State): Promise<void> => {
    state.isReading = true;
    const seen = changes;
    const began = performance.now();
    const { manifest, snapshot } = published;
    const minValue = likedFrom(snapshot, manifest.minValue);
    const { interactions } = manifest;
    const question = { since: snapshot.asOf, users: mostUsers, countsAll: !interactions, minValue, interactions };
    // Not by `reach.ask`: that this takes long says nothing of what requests ask. The server ends it after the time that it has.
    const answer = async () => await recentItems(reach.graph!, question, patienceMs).catch(() => undefined);
    const found = reach.mayAsk && (await atMost(2 * patienceMs, answer()));
    const took = performance.now() - began;
    state.isReading = false;
    state.notBefore = performance.now() + Math.max(everyMs, rest * took);
    if (!found || isStopped) return;
    state.recent = byIndex(published, found);
    state.seen = seen;
    onRead?.();
  };

  /** As soon as it may. */
  const readLater = (published: PublishedVersion, state: State): void => {
    if (!reach.graph || isStopped || state.isReading || state.timer || state.seen === changes) return;
    const begin = () => {
      state.timer = undefined;
      void read(published, state);
    };
    state.timer = setTimeout(begin, Math.max(0, state.notBefore - performance.now())).unref();
  };

  return {
    of(published) {
      const state = states.get(published) ?? { seen: 0, isReading: false, notBefore: 0 };
      states.set(published, state);
      last = { published, state };
      if (!hears) changes++;
      readLater(published, state);
      return state.recent;
    },
    heard() {
      changes++;
      if (last) readLater(last.published, last.state);
    },
    stop() {
      isStopped = true;
      clearTimeout(last?.state.timer);
    },
  };
}

function byIndex({ snapshot }: PublishedVersion, found: readonly RecentItem[]): Recent {
  const now = Date.now();
  const people = new Map<number, number>();
  const moments = new Map<number, readonly number[]>();
  let newest = 0;
  for (const { item: id, people: count, moments: given } of found) {
    const item = snapshot.items.index(id);
    if (item === undefined) continue;
    if (count > 0) people.set(item, count);
    const past = given.map((at) => Math.min(at, now)); // what is said to be yet to come is held to be of now
    for (const at of past) newest = Math.max(newest, at);
    if (past.length > 0) moments.set(item, past);
  }
  return { people, moments, newest };
}

/** Sorted once for as long as nothing else is known. */
const risingOf = new WeakMap<ReadonlyMap<number, number>, readonly (readonly [number, number])[]>();

/**
 * The first of an order, where some items have other scores than they have in it; those that are left out are in neither.
 * `scoreOf` an item of the order, `others` by dense index.
 */
export function firstOfBoth(
  order: ArrayLike<number>,
  scoreOf: (item: number) => number,
  others: ReadonlyMap<number, number>,
  left: LeftOut,
  most: number,
): Found {
  const rising = risingOf.get(others) ?? [...others].sort(([a, x], [b, y]) => y - x || a - b);
  risingOf.set(others, rising);
  const ids: number[] = [];
  const scores: number[] = [];
  let next = 0;
  const take = (item: number, score: number): void => {
    if (left.has(item)) return;
    ids.push(item);
    scores.push(score);
  };
  for (let place = 0; place < order.length && ids.length < most; place++) {
    const item = order[place]!;
    if (left.has(item) || others.has(item)) continue;
    const score = scoreOf(item);
    while (next < rising.length && ids.length < most && rising[next]![1] >= score) take(...rising[next++]!);
    if (ids.length < most) take(item, score);
  }
  while (next < rising.length && ids.length < most) take(...rising[next++]!);
  return { ids, scores };
}
