import type { ConfigOf } from '../../options.ts';
import type { Reranker, Showing } from '../stages/candidate.ts';
import { damped } from './order.ts';

const dayMs = 86_400_000;

/**
 * Impression discounting: Lee et al., "Modeling Impression Discounting in Large-scale Recommender Systems", KDD 2014, with their
 * exponential decay by how often an item was shown without being taken, and by how long ago that was last:
 *
 *   score · (1 − (1 − e^(−decay · times)) · 2^(−days since the last / half-life))
 *
 * counted from the lowest score on.
 */
export function impressions({ kind: name, decay, halfLifeDays }: ConfigOf<'impressions'>): Reranker {
  return {
    name,
    readsShown: true,
    apply(candidates, { asker }) {
      const factor = ({ times, last }: Showing): number => {
        const days = Math.max(0, asker.now - last) / dayMs;
        return 1 + Math.expm1(-decay * times) * 2 ** (-days / halfLifeDays);
      };
      const factorOf = (item: number): number => {
        const showing = asker.shown?.get(item);
        return showing ? factor(showing) : 1;
      };
      return { candidates: damped(candidates, ({ item }) => factorOf(item)), removed: [] };
    },
  };
}
