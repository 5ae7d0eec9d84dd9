/**
 * What an interaction means: whether it counts, whether its user liked the item, and how much that counts. One place for
 * training, evaluation and serving; `graph/liking.ts` says the same to the database.
 */
import type { InteractionMeanings } from '../options.ts';
import type { Snapshot } from './snapshot.ts';

/** Where an interaction stands. */
export const standings = { expired: 0, met: 1, liked: 2, disliked: 3 } as const;

export interface Meanings {
  /** Least value that is liked where its type says none; see `likedFrom`. */
  readonly minValue?: number | undefined;
  /** By type; absent types are liked from `minValue` on, and never expire. */
  readonly interactions?: InteractionMeanings | undefined;
}

/** What the interactions of a snapshot mean at a moment. */
export interface Meant {
  /** Of `standings`. */
  readonly standing: Uint8Array; // [n]
  /** How much a liked interaction counts, by type; absent where all count the same. */
  readonly weights?: Float32Array; // [types]
}

const dayMs = 86_400_000;

/**
 * Least value that counts as liked: as given; else anything above 0 where the data has values of 0 or less, which stand for
 * what was shown and not taken, or disliked; else whatever is there.
 */
export function likedFrom({ interactions }: Snapshot, minValue: number | undefined): number | undefined {
  if (minValue !== undefined) return minValue;
  const { values } = interactions;
  const known = leastLiked.get(values);
  if (known) return known.value;
  const value = values.some((each) => each <= 0) ? Number.MIN_VALUE : undefined;
  leastLiked.set(values, { value });
  return value;
}

/** By a snapshot's values, which never change: every request asks, and there are millions of them. */
const leastLiked = new WeakMap<object, { readonly value: number | undefined }>();

/** As of `now`, ms since 1970: the moment of the snapshot where not given. */
export function meant(snapshot: Snapshot, { minValue, interactions }: Meanings, now = snapshot.asOf): Meant {
  const { count, types, values, at, typeNames } = snapshot.interactions;
  const usual = likedFrom(snapshot, minValue) ?? Number.NEGATIVE_INFINITY;
  const all = typeNames.map((name) => interactions?.[name]);
  const from = all.map((meaning) => meaning?.positiveFrom ?? usual);
  const oldest = all.map((meaning) =>
    meaning?.expiryDays === undefined ? -Infinity : now - meaning.expiryDays * dayMs,
  );
  const standing = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const type = types[n]!;
    if (at[n]! < oldest[type]!) standing[n] = standings.expired;
    else if (all[type]?.negative) standing[n] = standings.disliked;
    else standing[n] = values[n]! >= from[type]! ? standings.liked : standings.met;
  }
  const weights = Float32Array.from(all, (meaning) => meaning?.weight ?? 1);
  return { standing, ...(weights.some((weight) => weight !== weights[0]) && { weights }) };
}

/** Whether an interaction of a type and value says that its user liked the item; of types that the snapshot lacks too. */
export function likingOf(
  snapshot: Snapshot,
  { minValue, interactions }: Meanings,
): (type: string, value: number) => boolean {
  const usual = likedFrom(snapshot, minValue) ?? Number.NEGATIVE_INFINITY;
  return (type, value) => {
    const meaning = interactions?.[type];
    return meaning?.negative !== true && value >= (meaning?.positiveFrom ?? usual);
  };
}
