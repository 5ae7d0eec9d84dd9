/**
 * Evidence through other people for items that so many chose that the graph looks at a part of them alone: a sample of all of them,
 * drawn from the version's snapshot, from which their number is estimated. The newest hundred, which Cypher looks at, are no sample.
 */
import { type Csr, transposeCsr } from '../compute/csr.ts';
import { type EvidencePath, scored, toldPeople } from '../graph/evidence.ts';
import { RandomStream } from '../random.ts';
import type { ServedVersion } from '../serving/served.ts';

/** People who are looked at. */
const sampled = 1000;

/** Who chose each item, by version: made when it is first asked for. */
const audiences = new WeakMap<object, Csr>();

/** The same for the same version, user and item. Nothing for items or users that the version does not know. */
export function sampledPaths(
  served: ServedVersion,
  user: string,
  id: string,
  { anonymity, limit }: { readonly anonymity: number; readonly limit: number },
): readonly EvidencePath[] {
  const { snapshot, train } = served.published;
  const { liked } = served.base;
  const { items, users } = snapshot;
  const item = items.index(id);
  if (item === undefined) return [];
  let people = audiences.get(liked);
  if (!people) {
    people = transposeCsr({ ...liked, rows: train.rows, cols: train.cols });
    audiences.set(liked, people);
  }
  const degree = (of: number): number => people.offsets[of + 1]! - people.offsets[of]!;
  const mine = new Set(served.folded?.user === user ? served.folded.history.items : served.liked(user));
  mine.delete(item);
  const self = users.index(user);
  const all = people.indices.slice(people.offsets[item], people.offsets[item + 1]).filter((other) => other !== self);
  const audience = drawn(all, new RandomStream(served.manifest.seed, 'audience', item));
  const counts = new Map<number, number>();
  for (const other of audience) {
    for (let e = liked.offsets[other]!; e < liked.offsets[other + 1]!; e++) {
      const through = liked.indices[e]!;
      if (mine.has(through)) counts.set(through, (counts.get(through) ?? 0) + 1);
    }
  }
  const isEstimated = audience.length < all.length;
  const paths = Array.from(counts, ([through, found]): EvidencePath => {
    const { count, told } = toldPeople(found, anonymity);
    const scale = all.length / audience.length;
    return scored({
      kind: 'people',
      through: { id: items.id(through), title: items.title(through) },
      ...(told !== undefined && { count: isEstimated ? twoDigits(told * scale) : told }),
      capped: false,
      ...(isEstimated && { estimated: true }),
      support: Math.min(1, count / audience.length),
      rarity: Math.min(1, (count * scale) / degree(through)),
      recency: 1,
    });
  });
  const byScore = (a: EvidencePath, b: EvidencePath) => b.score - a.score || (a.through!.id < b.through!.id ? -1 : 1);
  return paths.sort(byScore).slice(0, limit);
}

function drawn(all: Int32Array, random: RandomStream): Int32Array {
  return all.length <= sampled ? all : random.shuffle(all).subarray(0, sampled);
}

/** An estimate is told with as many digits as it is worth. */
function twoDigits(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.round(count / unit) * unit;
}
