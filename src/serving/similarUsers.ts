/** Users of one taste: by the cosine of their vectors, or of the sets of items that they chose. */
import { type Csr, transposeCsr } from '../compute/csr.ts';
import { BestOf } from '../models/neighbor/itemWeights.ts';
import { nearestUsers } from './nearestUsers.ts';
import type { PublishedVersion } from './published.ts';
import type { ServedVersion } from './served.ts';

export interface SimilarUser {
  readonly id: string;
  /** Cosine, −1 to 1. */
  readonly score: number;
}

/** Users that are looked at beside those wanted: the scan's scores are float32, and those of equal taste may change places. */
const more = 64;

/**
 * The users most like a user, best first, by score and then by id; only those with training interactions, since the vectors of
 * others are as they were drawn. Who was folded in is compared by the taste that was made. Undefined where the version knows nothing
 * of the user. Cost: one scan of all users' vectors, or one pass over those who chose the same items.
 */
export function similarUsers(
  { published, base, folded }: Pick<ServedVersion, 'published' | 'base' | 'folded'>,
  user: string,
  limit: number,
): readonly SimilarUser[] | undefined {
  const { users } = published.snapshot;
  const index = users.index(user);
  const now = folded?.user === user ? folded : undefined;
  if (index === undefined && !now) return undefined;
  const items = now ? now.history.items : rowOf(published.train, index!);
  if (items.length === 0) return [];
  const { vectors } = published;
  const own = now ? now.taste.vector : vectors?.users.subarray(index! * vectors.dim, (index! + 1) * vectors.dim);
  const scores = vectors && own ? byVectors(published, base, own, index, limit) : byItems(published, items);
  const best = new BestOf(limit);
  for (const [other, score] of scores) if (other !== index && score !== 0) best.offer(other, score);
  const { ids, values } = best.take();
  return ids
    .map((id, n) => ({ index: id, score: values[n]! }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map(({ index: id, score }) => ({ id: users.id(id), score }));
}

type Scores = ReadonlyMap<number, number>;

/** Of the nearest ones, and of some more. */
function byVectors(
  published: PublishedVersion,
  base: ServedVersion['base'],
  own: Float32Array, // [dim]
  user: number | undefined,
  limit: number,
): Scores {
  const { users, dim } = published.vectors!;
  const vectorOf = (other: number) => users.subarray(other * dim, (other + 1) * dim); // [dim]
  const length = Math.hypot(...own);
  const scores = new Map<number, number>();
  if (length === 0) return scores;
  for (const other of nearestUsers(published, base, own, limit + more, user).ids) {
    const [row, sums] = [vectorOf(other), { dot: 0, squares: 0 }];
    for (let d = 0; d < dim; d++) {
      sums.dot += row[d]! * own[d]!;
      sums.squares += row[d]! * row[d]!;
    }
    if (sums.squares > 0) scores.set(other, sums.dot / (length * Math.sqrt(sums.squares)));
  }
  return scores;
}

const takersOf = new WeakMap<Csr, Csr>();

/** |N(u) ∩ N(v)| / √(|N(u)| |N(v)|), N(u) being these items and N(v) those of v's training interactions. */
function byItems({ train }: PublishedVersion, items: Int32Array): Scores {
  const takers = takersOf.get(train) ?? transposeCsr(train);
  takersOf.set(train, takers);
  const shared = new Map<number, number>();
  for (const item of items)
    for (let t = takers.offsets[item]!; t < takers.offsets[item + 1]!; t++)
      shared.set(takers.indices[t]!, (shared.get(takers.indices[t]!) ?? 0) + 1);
  return new Map(
    Array.from(shared, ([other, count]) => [other, count / Math.sqrt(items.length * rowOf(train, other).length)]),
  );
}

const rowOf = ({ offsets, indices }: Csr, row: number): Int32Array => indices.subarray(offsets[row], offsets[row + 1]);
