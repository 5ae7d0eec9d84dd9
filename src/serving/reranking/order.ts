/** What re-rankers have in common: scores on one scale, and lists in a new order. */
import type { Candidate } from '../stages/candidate.ts';

/** Scores of a list on the scale from 0, the lowest, to 1, the highest; 1 where all are equal. [n] */
export function relevances(candidates: readonly Candidate[]): Float64Array {
  const { lowest, range } = rangeOf(candidates);
  return Float64Array.from(candidates, ({ score }) => (range > 0 ? (score - lowest) / range : 1));
}

export function rangeOf(candidates: readonly Candidate[]): { readonly lowest: number; readonly range: number } {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const { score } of candidates) {
    lowest = Math.min(lowest, score);
    highest = Math.max(highest, score);
  }
  return { lowest, range: candidates.length > 0 ? highest - lowest : 0 };
}

/**
 * Candidates in a new order, with the same scores laid along it, highest first: what orders by place and not by a score of its own
 * keeps the scale that other stages reckon with.
 */
export function inOrder(candidates: readonly Candidate[]): Candidate[] {
  const scores = Float64Array.from(candidates, ({ score }) => score).sort();
  return candidates.map((candidate, place) => rescored(candidate, scores[scores.length - 1 - place]!));
}

/** These places of a list in front, the others after them as they stood. */
export function inFront(candidates: readonly Candidate[], places: Iterable<number>): Candidate[] {
  const front = new Set(places);
  const others = candidates.filter((_, place) => !front.has(place));
  return inOrder([...Array.from(front, (place) => candidates[place]!), ...others]);
}

/** Of the first `among` those that do not stand above already, in their order. */
export function leftOf(candidates: readonly Candidate[], among: number, above: readonly number[]): Candidate[] {
  const placed = new Set(above);
  return candidates.slice(0, among).filter(({ item }) => !placed.has(item));
}

/** Candidates with new scores, in their order; equals stay as they stood. */
export function byScore(candidates: readonly Candidate[], scoreOf: (candidate: Candidate) => number): Candidate[] {
  return candidates
    .map((candidate) => rescored(candidate, scoreOf(candidate)))
    .sort((one, other) => other.score - one.score);
}

/** Each score times a factor from 0 to 1, counted from the lowest score of the list on: scores of whatever sign sink and never rise. */
export function damped(candidates: readonly Candidate[], factorOf: (candidate: Candidate) => number): Candidate[] {
  const { lowest } = rangeOf(candidates);
  return byScore(candidates, (candidate) => candidate.score - (candidate.score - lowest) * (1 - factorOf(candidate)));
}

const rescored = (candidate: Candidate, score: number): Candidate =>
  candidate.score === score ? candidate : { ...candidate, score };
