/**
 * What most people choose, as far as little is known of somebody: a taste of few interactions ranks worse than popularity does, so
 * the two are mixed, popularity counting as κ interactions would:
 *
 *   score'(i) = n / (n + κ) · z(score(i)) + κ / (n + κ) · z(ln(1 + people who chose i)),   z(x) = (x − mean) / deviation over all items
 */
import type { Ranked } from '../ranking.ts';
import type { FoldedTaste, ScoreParts } from './taste.ts';

/**
 * κ. Of 1, 3, 10, 30 and 100 the one with the best recall over the first 1, 3, 5 and 10 interactions of held-out users of ml-100k
 * (`npm run bench -- coldstart --validation ease rp3beta`).
 */
export const usualPrior = 30;

/** Mixes a taste with `people`, how many chose each item; `best` orders by the scores of all items. */
export function withPrior(
  taste: FoldedTaste,
  people: Int32Array,
  best: (scores: Float64Array, limit: number, exclude: readonly number[], allowed?: Int32Array) => Ranked,
  prior = usualPrior,
): FoldedTaste {
  const count = taste.foldedIn.interactions;
  const share = count / (count + prior);
  const own = taste.scores(Int32Array.from(people.keys()));
  const common = Float64Array.from(people, (chose) => Math.log1p(chose));
  const [ofOwn, ofCommon] = [spread(own), spread(common)];
  /** What popularity adds, and what the own score is taken off. */
  const rest = (item: number): number =>
    (1 - share) * ofCommon.unit * (common[item]! - ofCommon.mean) - share * ofOwn.unit * ofOwn.mean;
  const scores = own.map((score, item) => share * ofOwn.unit * score + rest(item));
  const { parts, ...about } = taste;
  return {
    ...about,
    foldedIn: { ...taste.foldedIn, prior: 1 - share },
    best: (limit, exclude, allowed) => best(scores, limit, exclude, allowed),
    scores: (items) => Float64Array.from(items, (item) => scores[item]!),
    ...(parts && { parts: (item: number) => scaled(parts(item), share * ofOwn.unit, rest(item)) }),
  };
}

/** Parts of a score that is multiplied, and has something added that no interaction carries. */
function scaled({ parts, own, bias }: ScoreParts, factor: number, more: number): ScoreParts {
  return { parts: parts.map((part) => factor * part), own: factor * own, bias: factor * bias + more };
}

/** Mean, and 1 / standard deviation (0 where there is none). */
function spread(values: Float64Array): { readonly mean: number; readonly unit: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, unit: variance > 0 ? 1 / Math.sqrt(variance) : 0 };
}
