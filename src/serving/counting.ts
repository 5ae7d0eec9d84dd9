/** Which interactions of a snapshot count when a version answers: what has expired since is as if it had not been. */
import type { Csr } from '../compute/csr.ts';
import { type Meanings, meant, standings } from '../sampling/meanings.ts';
import type { Snapshot } from '../sampling/snapshot.ts';
import { likedPairs } from '../sampling/split.ts';

export interface Counting {
  /** What each user did, in any way: left out of what is recommended. */
  readonly history: Pick<Csr, 'offsets' | 'indices'>;
  /** What each user liked: what is taste, as far as the snapshot knows. */
  readonly liked: Pick<Csr, 'offsets' | 'indices'>;
  /** How many chose each item: those who did anything with it, or liked it where types mean different things. */
  readonly people: Int32Array; // [items]
}

/** As of `now`, ms since 1970. */
export function countingOf(snapshot: Snapshot, meanings: Meanings, now = Date.now()): Counting {
  const { count } = snapshot.items;
  const people = new Int32Array(count);
  const { standing } = meant(snapshot, meanings, now);
  const { offsets: likedOffsets, items: indices } = likedPairs(snapshot, { standing });
  const liked = { offsets: likedOffsets, indices };
  if (!meanings.interactions) {
    const { offsets } = snapshot.relation('item-user');
    for (let item = 0; item < count; item++) people[item] = offsets[item + 1]! - offsets[item]!;
    return { history: snapshot.relation('user-item'), liked, people };
  }
  for (const item of indices) people[item]!++;
  // Whatever was done and has not expired, in one kind: a pair of each.
  const done = standing.map((each) => (each === standings.expired ? each : standings.liked));
  const { offsets, items } = likedPairs(snapshot, { standing: done });
  return { history: { offsets, indices: items }, liked, people };
}
