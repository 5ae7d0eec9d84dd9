import type { ConfigOf } from '../../options.ts';
import type { Reranker } from '../stages/candidate.ts';
import { lazyGreedy } from './lazyGreedy.ts';
import { inFront, relevances } from './order.ts';
import { unitRowsOf } from './unitRows.ts';

/**
 * Maximal marginal relevance: Carbonell & Goldstein, "The Use of MMR, Diversity-Based Reranking …", SIGIR 1998.
 *
 *   next = argmax_i  λ · relevance(i) − (1 − λ) · max_{j above i} similarity(i, j)          λ = 1 − strength
 *
 * for as many places as are wanted. Errors: reranking/no-vectors, reranking/no-feature.
 */
export function mmr(config: ConfigOf<'mmr'>): Reranker {
  const { kind: name, strength } = config;
  return {
    name,
    apply(candidates, context) {
      const rows = unitRowsOf(candidates, context, config);
      const first = relevances(candidates).map((relevance) => (1 - strength) * relevance);
      const wanted = strength > 0 ? Math.min(context.wanted, candidates.length) : 0;
      const { dense, width } = rows;
      if (dense && context.kernels) {
        const places = context.kernels.chooseUnlike({ rows: dense, width, first, wanted }, strength);
        return { candidates: inFront(candidates, places), removed: [] };
      }
      const closest = new Float64Array(candidates.length);
      const chosen: Float64Array[] = []; // their rows
      const places = lazyGreedy(
        {
          first,
          beside(place, nth) {
            closest[place] = Math.max(closest[place]!, rows.dot(place, chosen[nth]!));
            return first[place]! - strength * closest[place]!;
          },
          choose(place) {
            const row = new Float64Array(width);
            rows.addTo(row, place, 1);
            chosen.push(row);
          },
        },
        wanted,
      );
      return { candidates: inFront(candidates, places), removed: [] };
    },
  };
}
