/** Users of one taste: by the cosine of their vectors, or of the sets of items that they chose. */
import type { PublishedVersion } from './published.ts';

export interface SimilarUser {
  readonly id: string;
  /** Cosine, −1 to 1. */
  readonly score: number;
}

/**
 * The users most like a user, best first, by score and then by id; only those with training interactions, since the vectors of
 * others are as they were drawn. Undefined where the version does not know the user. Cost: one pass over all users' vectors, or
 * over the interactions of those who chose the same items.
 */
export function similarUsers(
  published: PublishedVersion,
  user: string,
  limit: number,
): readonly SimilarUser[] | undefined {
  const { users } = published.snapshot;
  const index = users.index(user);
  if (index === undefined) return undefined;
  const { offsets } = published.train;
  const isTrained = (other: number): boolean => offsets[other + 1]! > offsets[other]!;
  if (!isTrained(index)) return [];
  const scores = published.vectors ? byVectors(published.vectors, index, users.count) : byItems(published, index);
  const others = [...scores.keys()].filter((other) => other !== index && isTrained(other) && scores[other] !== 0);
  return others
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, limit)
    .map((other) => ({ id: users.id(other), score: scores[other]! }));
}

function byVectors(
  { users, dim }: NonNullable<PublishedVersion['vectors']>,
  user: number,
  count: number,
): Float64Array {
  const own = users.subarray(user * dim, (user + 1) * dim); // [dim]
  const length = Math.hypot(...own);
  const scores = new Float64Array(count);
  for (let other = 0; other < count; other++) {
    let [dot, squares] = [0, 0];
    for (let d = 0; d < dim; d++) {
      const value = users[other * dim + d]!;
      dot += value * own[d]!;
      squares += value * value;
    }
    if (squares > 0) scores[other] = dot / (length * Math.sqrt(squares));
  }
  return scores;
}

/** |N(u) ∩ N(v)| / √(|N(u)| |N(v)|) over training interactions. */
function byItems({ train, snapshot }: PublishedVersion, user: number): Float64Array {
  const own = new Set(train.indices.subarray(train.offsets[user], train.offsets[user + 1]));
  const scores = new Float64Array(snapshot.users.count);
  for (let other = 0; other < scores.length; other++) {
    const [from, to] = [train.offsets[other]!, train.offsets[other + 1]!];
    let shared = 0;
    for (let edge = from; edge < to; edge++) if (own.has(train.indices[edge]!)) shared++;
    if (shared > 0) scores[other] = shared / Math.sqrt(own.size * (to - from));
  }
  return scores;
}
