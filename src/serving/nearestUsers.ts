/** Users of a version by the cosine of their vectors, by a scan of all of them in the kernels. */
import type { PackedRows } from '../compute/kernels.ts';
import { unitRows } from './index/scores.ts';
import { bitmapOf } from './index/vectorIndex.ts';
import type { PublishedVersion } from './published.ts';
import { type Ranked, type Ranking, rowOf } from './ranking.ts';
import type { ServedBase } from './served.ts';

interface Users {
  readonly packed: PackedRows;
  /** Those with training interactions: vectors of others are as they were drawn. */
  readonly trained: Int32Array;
}

/** By the ranking, of which each served version has one. */
const made = new WeakMap<Ranking, Users>();

/**
 * At most `most` users by the cosine of their vectors with one [dim], without `self`; only those with training interactions. Scores are
 * float32. The version must have vectors; its rows are laid out for the first question.
 */
export function nearestUsers(
  published: PublishedVersion,
  base: Pick<ServedBase, 'kernels' | 'ranking' | 'whenDisposed'>,
  vector: Float32Array,
  most: number,
  self: number | undefined,
): Ranked {
  const { packed, trained } = usersOf(published, base);
  const left = rowOf(self === undefined ? [] : [self], packed.count);
  const k = Math.min(most, packed.count);
  const { ids, scores } = base.kernels.topK(unitRows(vector, vector.length), packed, k, left, trained);
  const found = [...ids.keys()].filter((place) => ids[place]! >= 0);
  return { ids: found.map((place) => ids[place]!), scores: found.map((place) => scores[place]!) };
}

function usersOf(
  published: PublishedVersion,
  { kernels, ranking, whenDisposed }: Pick<ServedBase, 'kernels' | 'ranking' | 'whenDisposed'>,
): Users {
  const known = made.get(ranking);
  if (known) return known;
  const { users, dim } = published.vectors!;
  const { offsets, rows } = published.train;
  const packed = kernels.packRows(unitRows(users, dim), dim);
  const all = Array.from({ length: rows }, (_, user) => user);
  const trained = bitmapOf(
    all.filter((user) => offsets[user + 1]! > offsets[user]!),
    rows,
  );
  made.set(ranking, { packed, trained });
  whenDisposed(() => {
    made.delete(ranking);
    kernels.release(packed.panels);
  });
  return { packed, trained };
}
