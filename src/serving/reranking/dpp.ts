import type { ConfigOf } from '../../options.ts';
import type { Reranker } from '../stages/candidate.ts';
import { lazyGreedy } from './lazyGreedy.ts';
import { inFront, relevances } from './order.ts';
import { unitRowsOf } from './unitRows.ts';

/**
 * Share of what an item is like that is its own alone: without it no more items than dimensions could be chosen, and an item like one
 * above it would be infinitely bad. An item's gain is then at least its logarithm, −6.9.
 */
const ridge = 0.001;

/**
 * Greedy maximum of a determinantal point process: Chen et al., "Fast Greedy MAP Inference for Determinantal Point Process …",
 * NeurIPS 2018.
 *
 *   log P(Y) ∝ θ · Σ relevance(i) + (1 − θ) · log det S_Y                S the similarities, θ = 1 − strength
 *   next     = argmax_i  θ · relevance(i) + (1 − θ) · log d_i²
 *
 * where d_i² is what of S_ii = 1 the items above do not span: each of them takes c_ij² off (algorithm 1, where it is e_i). This factor
 * of Cholesky is taken as ⟨row i, q_j⟩ with q_j the part of row j that is at right angles to those above it, of length 1: the same number,
 * for `width` operations however long the list is. A d_i² is brought up to date when its item comes to the front, as in Hemmi et al.,
 * "Lazy and Fast Greedy MAP Inference for Determinantal Point Process", NeurIPS 2022. Errors: reranking/no-vectors, reranking/no-feature.
 */
export function dpp(config: ConfigOf<'dpp'>): Reranker {
  const { kind: name, strength } = config;
  const scale = Math.sqrt(1 - ridge);
  return {
    name,
    apply(candidates, context) {
      const rows = unitRowsOf(candidates, context, config);
      // e to the power of the gain over 1 − θ has the same order and needs no logarithm: e^(relevance · θ / (1 − θ)) · d_i². Under a
      // strength of 0.0014 it is 0 at the lower end of a list, where all then stay in their order.
      const first = relevances(candidates).map((relevance) => Math.exp(((relevance - 1) * (1 - strength)) / strength));
      const wanted = strength > 0 ? Math.min(context.wanted, candidates.length) : 0;
      const { dense, width } = rows;
      if (dense && context.kernels) {
        const places = context.kernels.chooseSpanning({ rows: dense, width, first, wanted }, scale);
        return { candidates: inFront(candidates, places), removed: [] };
      }
      const left = new Float64Array(candidates.length).fill(1); // d_i²
      const basis: Float64Array[] = []; // q_j, without the part that is item j's own
      const places = lazyGreedy(
        {
          first,
          beside(place, nth) {
            const factor = scale * rows.dot(place, basis[nth]!);
            left[place]! -= factor * factor;
            return first[place]! * left[place]!;
          },
          choose(place) {
            const rest = new Float64Array(width);
            rows.addTo(rest, place, scale);
            for (const above of basis) {
              const factor = scale * rows.dot(place, above);
              for (let d = 0; d < rest.length; d++) rest[d]! -= factor * above[d]!;
            }
            basis.push(rest.map((value) => value / Math.sqrt(left[place]!)));
          },
        },
        wanted,
      );
      return { candidates: inFront(candidates, places), removed: [] };
    },
  };
}
