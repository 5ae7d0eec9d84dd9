/** A list for several people, by what the version ranks by for each of them. */
import type { Taste } from '../foldIn/taste.ts';
import type { RankedItem, ServedVersion } from '../served.ts';
import { type Aggregate, chooseForGroup, satisfactionOf } from './aggregate.ts';

export interface Member {
  readonly taste: Taste;
  /** Items never to be shown to her, by dense index. */
  readonly left: readonly number[];
}

export interface GroupOptions {
  readonly limit: number;
  readonly aggregate: Aggregate;
  /** How much evenness counts under 'fairness', 0 to 1. */
  readonly fairness: number;
  /** Of `RecommendOptions`. */
  readonly only?: Uint8Array | undefined;
}

export interface GroupItem extends RankedItem {
  /** What the item is worth to each member, 0 to 1, in their order. */
  readonly ratings: readonly number[];
}

export interface GroupList {
  /** Scores are of 0 to 1. */
  readonly items: readonly GroupItem[];
  /** Of each member, 0 to 1: what the list is worth to her beside the best one that she could have had. */
  readonly satisfaction: readonly number[];
}

/** Of each member's own ranking, how many are looked at: no fewer, and no fewer than so many times the list. */
const fewest = 500;
const times = 20;
export const depthOf = (limit: number): number => Math.max(fewest, times * limit);

/**
 * What none of them has done. Candidates are the best of each member; a score of hers becomes a rating by where it lies between her
 * least and her greatest among them, since scores of two people are on no common scale.
 */
export function listForGroup(
  served: ServedVersion,
  members: readonly Member[],
  { limit, aggregate, fairness, only }: GroupOptions,
): GroupList {
  const left = [...new Set(members.flatMap((member) => member.left))];
  const allowed = served.base.allowedBy(only);
  const deep = depthOf(limit);
  const found = new Set(members.flatMap(({ taste }) => taste.best(deep, left, allowed).ids));
  const candidates = Int32Array.from(found).sort();
  const ratings = members.map(({ taste }) => between(taste.scores(candidates)));
  const { places, scores } = chooseForGroup(ratings, limit, aggregate, fairness);
  const items = served.list({ ids: places.map((place) => candidates[place]!), scores });
  return {
    items: items.map((item, n) => ({ ...item, ratings: ratings.map((of) => of[places[n]!]!) })),
    satisfaction: ratings.map((of) => satisfactionOf(of, places)),
  };
}

/** 0 for the least, 1 for the greatest; 1 for all where they are the same. */
function between(scores: Float64Array): Float64Array {
  const least = scores.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const greatest = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return scores.map((score) => (greatest > least ? (score - least) / (greatest - least) : 1));
}
