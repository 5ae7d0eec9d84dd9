import type { ConfigOf } from '../../options.ts';
import type { Reranker } from '../stages/candidate.ts';
import { byScore, rangeOf } from './order.ts';

const dayMs = 86_400_000;

/**
 * score + boost · range · 2^(−age / half-life)
 *
 * with the range from the lowest to the highest score of the list (1 where all are equal), so that the boost means the same on any scale.
 * Items of unknown age gain nothing, those still to come out as much as one that comes out now.
 */
export function freshness({ kind: name, boost, halfLifeDays }: ConfigOf<'freshness'>): Reranker {
  return {
    name,
    apply(candidates, { published, asker }) {
      const { at } = published.snapshot.items;
      const most = boost * (rangeOf(candidates).range || 1);
      const gain = (item: number): number => {
        const age = (asker.now - at[item]!) / dayMs;
        return Number.isNaN(age) ? 0 : most * 2 ** (-Math.max(0, age) / halfLifeDays);
      };
      return { candidates: byScore(candidates, ({ item, score }) => score + gain(item)), removed: [] };
    },
  };
}
