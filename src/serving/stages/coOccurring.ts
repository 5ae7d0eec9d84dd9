/** Items that go with an item: the same people liked both. */
import type { Ranked } from '../ranking.ts';
import type { ItemSums } from './itemSums.ts';
import type { Pairs } from './stageData.ts';

/** People of one item that are looked at, spread evenly over all of them: enough to tell its neighbours, and a bound on the work. */
const mostPeople = 1000;
/** Neighbours that are kept. */
const mostNeighbours = 100;

/**
 * The cosine of two items over the people who liked them, |U_i ∩ U_j| / √(|U_i| |U_j|)
 * (Sarwar et al., "Item-based collaborative filtering recommendation algorithms", WWW 2001, § 3.1.1, on 0 and 1).
 */
export function coOccurring(liked: Pairs, takers: Pairs, item: number, sums: ItemSums): Ranked {
  const from = takers.offsets[item]!;
  const people = takers.offsets[item + 1]! - from;
  const looked = Math.min(people, mostPeople);
  for (let n = 0; n < looked; n++) {
    const user = takers.indices[from + Math.floor((n * people) / looked)]!;
    for (let e = liked.offsets[user]!; e < liked.offsets[user + 1]!; e++) sums.add(liked.indices[e]!, people / looked);
  }
  const degree = (other: number) => takers.offsets[other + 1]! - takers.offsets[other]!;
  return sums.best(mostNeighbours, new Set([item]), (other) => 1 / Math.sqrt(people * degree(other)));
}
