/**
 * A list for several people from a list of each, of whatever made it: scores of two lists are on no common scale, and a re-ranker's
 * order need not be that of scores, so what counts is the place (the Borda count; Masthoff, "Group Recommender Systems", Recommender
 * Systems Handbook, 2015, section 22.3). An item's rating falls evenly from 1 for the first of a list; 0 for what is not in it.
 */
import { chooseForGroup, satisfactionOf } from './aggregate.ts';
import type { GroupOptions } from './group.ts';

export interface PlacedList {
  /** Of the list, in its order. */
  readonly items: readonly { readonly id: string; readonly score: number; readonly ratings: readonly number[] }[];
  /** Of each member, 0 to 1; see `GroupList`. */
  readonly satisfaction: readonly number[];
}

/** An item with what the group's list is ordered by. */
export interface Placed {
  readonly id: string;
  readonly score: number;
}

/** What shapes an order of items: others come first, some are left out. */
export type Shape = (ordered: readonly Placed[]) => readonly Placed[];

/** So many more items than are wanted are there to be shaped, and no fewer than this. */
const times = 5;
const fewest = 100;

/**
 * `lists`: ids of each member, best first. Of items that count the same, that of the higher mean rating comes first. What is to be shaped
 * is the beginning of the order, and what is `pinned` of the lists.
 */
export function listFromPlaces(
  lists: readonly (readonly string[])[],
  { limit, aggregate, fairness }: GroupOptions,
  shape?: Shape,
  pinned: readonly string[] = [],
): PlacedList {
  const rated = lists.map((list) => new Map(list.map((id, place) => [id, 1 - place / list.length])));
  const sumOf = (id: string) => rated.reduce((sum, of) => sum + (of.get(id) ?? 0), 0);
  const sums = new Map([...new Set(lists.flat())].map((id) => [id, sumOf(id)]));
  const candidates = [...sums.keys()].sort((a, b) => sums.get(b)! - sums.get(a)! || (a < b ? -1 : 1));
  const ratings = rated.map((of) => Float64Array.from(candidates, (id) => of.get(id) ?? 0));
  const wanted = shape ? Math.max(fewest, times * limit) : limit;
  const { places, scores } = chooseForGroup(ratings, wanted, aggregate, fairness);
  const ordered = places.map((place, n) => ({ id: candidates[place]!, score: scores[n]! }));
  const had = new Set(ordered.map(({ id }) => id));
  const beside = pinned.filter((id) => sums.has(id) && !had.has(id)).map((id) => ({ id, score: 0 }));
  const chosen = (shape?.([...ordered, ...beside]) ?? ordered).slice(0, limit);
  const placeOf = new Map(candidates.map((id, place) => [id, place]));
  return {
    items: chosen.map(({ id, score }) => ({ id, score, ratings: rated.map((of) => of.get(id) ?? 0) })),
    satisfaction: ratings.map((of) =>
      satisfactionOf(
        of,
        chosen.map(({ id }) => placeOf.get(id)!),
      ),
    ),
  };
}
