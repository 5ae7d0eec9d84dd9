import type { ConfigOf } from '../../options.ts';
import type { Reranker } from '../stages/candidate.ts';
import { inFront, leftOf, relevances } from './order.ts';

/**
 * A list drawn from the Plackett-Luce model: each place goes to one of those not yet placed with
 *
 *   P(i | what stands above) = e^(relevance(i) / τ) / Σ_{j left} e^(relevance(j) / τ)
 *
 * for as many places as are wanted. Drawn by perturbing each score once and sorting, the Gumbel top-k trick (Vieira, 2014; Kool et al.,
 * "Stochastic Beams and Where to Find Them", ICML 2019). The product of these along a list is the probability of the list.
 */
export function plackettLuce({ kind: name, temperature, among }: ConfigOf<'plackett-luce'>): Reranker {
  return {
    name,
    apply(candidates, { wanted, random }) {
      const drawable = candidates.slice(0, among);
      if (temperature === 0) {
        const certain = drawable.slice(0, wanted).map(({ item }) => [item, 1] as const);
        return { candidates, removed: [], propensities: new Map(certain) };
      }
      const logits = relevances(drawable).map((relevance) => relevance / temperature);
      // 1 − u is in (0, 1], where the logarithm is finite; its negative is 0 once in 2³² draws, and the item then comes first.
      const keys = logits.map((logit) => logit - Math.log(-Math.log(1 - random())));
      const order = Int32Array.from(keys.keys()).sort((one, other) => keys[other]! - keys[one]! || one - other);
      const places = order.subarray(0, wanted);
      const propensities = new Map<number, number>();
      // From the end, so that what is left is a sum of terms of one sign and loses nothing. [n]
      const log = logsOfWhatIsLeft(order, logits);
      for (const [rank, place] of places.entries())
        propensities.set(drawable[place]!.item, Math.exp(logits[place]! - log[rank]!));
      return { candidates: inFront(candidates, places), removed: [], propensities };
    },
    next(candidates, above) {
      const left = leftOf(candidates, among, above);
      if (temperature === 0 || left.length === 0) return new Map(left.slice(0, 1).map(({ item }) => [item, 1]));
      const relevance = relevances(candidates.slice(0, among));
      const relevanceOf = new Map(candidates.slice(0, among).map(({ item }, place) => [item, relevance[place]!]));
      const logits = left.map(({ item }) => relevanceOf.get(item)! / temperature);
      const high = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
      const weights = logits.map((logit) => Math.exp(logit - high));
      const sum = weights.reduce((all, weight) => all + weight, 0);
      return new Map(left.map(({ item }, place) => [item, weights[place]! / sum]));
    },
  };
}

/** log Σ e^logit over each rank and all after it. */
function logsOfWhatIsLeft(order: Int32Array, logits: Float64Array): Float64Array {
  const logs = new Float64Array(order.length);
  let before = -Infinity;
  for (let rank = order.length - 1; rank >= 0; rank--) {
    const logit = logits[order[rank]!]!;
    const high = Math.max(before, logit);
    before = high + Math.log(Math.exp(before - high) + Math.exp(logit - high));
    logs[rank] = before;
  }
  return logs;
}
