/** What somebody did, read as taste. */
import { likedFrom, type Meanings } from '../../sampling/meanings.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';
import type { Deed } from '../stages/candidate.ts';
import type { History } from './taste.ts';

/**
 * The items that somebody likes by what she did, as `sampling/split.ts` reads it: what counts as liked by its type and value, a
 * dislike taking back what was liked before it. Deeds are given oldest first, without those that have expired.
 */
export function likedItems(deeds: readonly Deed[], snapshot: Snapshot, meanings: Meanings): Set<number> {
  return likedOf(verdictsOf(deeds, snapshot, meanings));
}

/** What deeds say last of each item that they say anything of, true for liked; what is said anew comes last. */
export function verdictsOf(deeds: readonly Deed[], snapshot: Snapshot, meanings: Meanings): Map<number, boolean> {
  const usual = likedFrom(snapshot, meanings.minValue) ?? Number.NEGATIVE_INFINITY;
  const verdicts = new Map<number, boolean>();
  for (const { item, type, value } of deeds) {
    const meaning = meanings.interactions?.[type];
    const isLiked = !meaning?.negative && value >= (meaning?.positiveFrom ?? usual);
    if (!meaning?.negative && !isLiked) continue;
    verdicts.delete(item);
    verdicts.set(item, isLiked);
  }
  return verdicts;
}

export function likedOf(verdicts: ReadonlyMap<number, boolean>): Set<number> {
  const liked = new Set<number>();
  for (const [item, isLiked] of verdicts) if (isLiked) liked.add(item);
  return liked;
}

/** Those items in the order in which deeds, oldest first, have them first: as `sampling/meetings.ts` has it for training. */
export function sequenceOf(items: ReadonlySet<number>, deeds: readonly Deed[]): Int32Array {
  const met = new Set<number>();
  for (const { item } of deeds) if (items.has(item)) met.add(item);
  return Int32Array.from(met);
}

/**
 * What a user likes now; undefined where that is what a version knows, so that its own vector of her stands. `known`: what she liked as
 * the version knows it. Of that, what her deeds say nothing of is past, unless it `stands`. All is by the version's dense indices.
 */
export function changedHistory(
  deeds: readonly Deed[],
  known: Int32Array,
  stands: (item: number) => boolean,
  snapshot: Snapshot,
  meanings: Meanings,
): History | undefined {
  const verdicts = verdictsOf(deeds, snapshot, meanings);
  for (const item of known) if (stands(item) && !verdicts.has(item)) verdicts.set(item, true);
  const now = likedOf(verdicts);
  const isSame = now.size === known.length && known.every((item) => now.has(item));
  if (isSame || now.size === 0) return undefined;
  // Of one time in the order of a snapshot's interactions.
  const inOrder = deeds.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0) || a.item - b.item);
  return evenHistory(now, sequenceOf(now, inOrder));
}

/** What somebody without a name likes, by deeds that are given oldest first: see `fadingHistory`. */
export function sessionHistory(deeds: readonly Deed[], snapshot: Snapshot, meanings: Meanings, decay: number): History {
  const liked = likedItems(deeds, snapshot, meanings);
  return fadingHistory(liked, decay, sequenceOf(liked, deeds));
}

/** All of them counting the same. */
export function evenHistory(items: Iterable<number>, sequence?: Int32Array): History {
  return { items: Int32Array.from(items).sort(), ...(sequence && { sequence }) };
}

/** Given oldest first, the newest counting 1 and each before it `decay` times what came after it. */
export function fadingHistory(items: Iterable<number>, decay: number, sequence?: Int32Array): History {
  const order = [...items];
  const even = evenHistory(order, sequence);
  if (decay === 1) return even;
  const shares = new Map(order.map((item, place) => [item, decay ** (order.length - 1 - place)]));
  return { ...even, weights: Float32Array.from(even.items, (item) => shares.get(item)!) };
}

/** A history in which items from `count` on are such that came after the training, and have these vectors in their order. */
export function withUnseen(history: History, count: number, vectors: readonly Float32Array[]): History {
  if (vectors.length === 0) return history;
  const { items, weights, sequence } = history;
  const isKnown = (item: number) => item < count;
  const first = items.findIndex((item) => !isKnown(item)); // items ascend
  const known = first < 0 ? items.length : first;
  return {
    items: items.subarray(0, known),
    ...(weights && { weights: weights.subarray(0, known) }),
    ...(sequence && { sequence: sequence.filter(isKnown) }),
    unseen: Array.from(items.subarray(known), (item, n) => ({
      vector: vectors[item - count]!,
      weight: weights?.[known + n] ?? 1,
    })),
  };
}
