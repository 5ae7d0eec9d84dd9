import type { ConfigOf } from '../../options.ts';
import { longTail } from '../../training/longTail.ts';
import type { Reranker, StageContext } from '../stages/candidate.ts';
import { requiredKind } from './kinds.ts';
import { leastProtected } from './leastProtected.ts';
import { inFront } from './order.ts';

/**
 * FA*IR: Zehlike et al., "FA*IR: A Fair Top-k Ranking Algorithm", CIKM 2017. Places go to the best candidate, and to the best
 * protected one wherever the list down to there would otherwise hold fewer of them than a list drawn with their share would be likely to
 * (algorithm 2). Within each group the order stays; where no protected candidate is left the others follow.
 * Errors: reranking/no-feature.
 */
export function fairness(config: ConfigOf<'fairness'>): Reranker {
  const { kind: name, proportion, significance } = config;
  const tables = new Map<number, Int32Array>();
  return {
    name,
    apply(candidates, context) {
      const length = Math.min(context.wanted, candidates.length);
      const least = tables.get(length) ?? leastProtected(length, proportion, significance);
      tables.set(length, least);
      const isProtected = protectedItems(config, context);
      const protectedPlaces: number[] = [];
      const others: number[] = [];
      for (const [place, { item }] of candidates.entries()) (isProtected(item) ? protectedPlaces : others).push(place);
      const places: number[] = [];
      let [p, o] = [0, 0];
      for (let rank = 0; rank < length; rank++) {
        const isDue = p < least[rank]! && p < protectedPlaces.length;
        const isBest = (protectedPlaces[p] ?? Infinity) < (others[o] ?? Infinity);
        places.push(isDue || isBest ? protectedPlaces[p++]! : others[o++]!);
      }
      return { candidates: inFront(candidates, places), removed: [] };
    },
  };
}

function protectedItems(
  { kind, protect, tailShare, feature, value }: ConfigOf<'fairness'>,
  { published, people }: StageContext,
): (item: number) => boolean {
  if (protect === 'tail') {
    const tail = longTail(people, tailShare);
    return (item) => tail[item] === 1;
  }
  const { values, shares } = requiredKind(published.snapshot, feature!, kind);
  const wanted = values.indexOf(value!);
  return (item) => shares.indices.subarray(shares.offsets[item], shares.offsets[item + 1]).includes(wanted);
}
