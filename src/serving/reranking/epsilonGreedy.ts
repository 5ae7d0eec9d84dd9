import type { ConfigOf } from '../../options.ts';
import type { Reranker } from '../stages/candidate.ts';
import { inFront, leftOf } from './order.ts';

/**
 * With probability ε a place goes to an item drawn evenly from those not yet placed, else to the best of them:
 *
 *   P(i | what stands above) = (1 − ε) · [i is the best that is left] + ε / how many are left
 *
 * for as many places as are wanted. The product of these along a list is the probability of the list.
 */
export function epsilonGreedy({ kind: name, epsilon, among }: ConfigOf<'epsilon-greedy'>): Reranker {
  return {
    name,
    apply(candidates, { wanted, random }) {
      const left = Array.from(candidates.slice(0, among).keys());
      const places: number[] = [];
      const propensities = new Map<number, number>();
      while (places.length < wanted && left.length > 0) {
        const drawn = random() < epsilon ? Math.floor(random() * left.length) : 0;
        const even = epsilon / left.length;
        const [place] = left.splice(drawn, 1);
        places.push(place!);
        propensities.set(candidates[place!]!.item, drawn === 0 ? 1 - epsilon + even : even);
      }
      return { candidates: inFront(candidates, places), removed: [], propensities };
    },
    next(candidates, above) {
      const left = leftOf(candidates, among, above);
      const even = epsilon / left.length;
      return new Map(left.map(({ item }, place) => [item, place === 0 ? 1 - epsilon + even : even]));
    },
  };
}
