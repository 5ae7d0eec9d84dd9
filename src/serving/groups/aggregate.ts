/**
 * One list for several people, from what each of them would give every item: a rating of 0 to 1 (Masthoff, "Group Recommender
 * Systems: Aggregation, Satisfaction and Group Attributes", Recommender Systems Handbook, 2015, section 22.3).
 *
 *   average         by the mean of the ratings
 *   least-misery    by the least of them: nobody is to suffer
 *   most-pleasure   by the greatest: each item is to delight somebody
 *   fairness        greedily, the item whose addition makes the list best by
 *                   (1 − φ) · mean_u U(u) + φ · (1 − variance_u U(u)),   U(u) = Σ_{i in list} r_ui / (length · max_i r_ui)
 *                   (Xiao et al., "Fairness-Aware Group Recommendation with Pareto-Efficiency", RecSys 2017: social welfare and
 *                   the fairness of variance, by their greedy algorithm)
 *
 * A member's satisfaction with a list is what its items are worth to her beside the best list of that length that she could have had:
 * Σ_{i in list} r_ui / Σ_{i in her best} r_ui (Masthoff & Gatt, "In Pursuit of Satisfaction and the Prevention of Embarrassment",
 * UMUAI 2006, eq. 1).
 */
import type { aggregates } from '../../options.ts';
import { fairly } from './fairly.ts';

export type Aggregate = (typeof aggregates)[number];

export interface GroupChoice {
  /** Places of the chosen among the candidates, in the order of the list. */
  readonly places: readonly number[];
  /** What each is ordered by; under 'fairness', whose order is that of choosing, the mean of the ratings. */
  readonly scores: readonly number[];
}

/** `ratings`: of each member, of each candidate, 0 to 1. `fairness`: φ, 0 to 1. */
export function chooseForGroup(
  ratings: readonly Float64Array[],
  limit: number,
  aggregate: Aggregate,
  fairness: number,
): GroupChoice {
  const candidates = ratings[0]?.length ?? 0;
  const scores = Float64Array.from({ length: candidates }, (_, place) =>
    combined(
      ratings.map((of) => of[place]!),
      aggregate,
    ),
  );
  const length = Math.min(limit, candidates);
  const places = aggregate === 'fairness' ? fairly(ratings, length, fairness) : highest(scores, length);
  return { places, scores: places.map((place) => scores[place]!) };
}

/** Of one member with a list: 0 of an empty one, else 1 where she could not have had more. */
export function satisfactionOf(ratings: Float64Array, places: readonly number[]): number {
  if (places.length === 0) return 0;
  const sum = (list: readonly number[] | Float64Array) => Array.from(list).reduce((a, b) => a + b, 0);
  const best = sum(ratings.toSorted().reverse().subarray(0, places.length));
  return best > 0 ? sum(places.map((place) => ratings[place]!)) / best : 1;
}

function combined(ratings: readonly number[], aggregate: Aggregate): number {
  if (aggregate === 'least-misery') return Math.min(...ratings);
  if (aggregate === 'most-pleasure') return Math.max(...ratings);
  return ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length;
}

/** Places of the highest, of equals the earlier. */
function highest(scores: Float64Array, count: number): number[] {
  return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, count);
}
