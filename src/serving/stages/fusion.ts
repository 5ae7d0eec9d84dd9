/** Candidates of several sources brought into one order. */

import { sigmoid } from '../../compute/logistic.ts';
import type { FuseOptions } from '../../options.ts';
import type { Ranked } from '../ranking.ts';
import type { Candidate, Finding } from './candidate.ts';

/** What one source found, best first. */
export interface SourceList extends Ranked {
  readonly source: string;
}

/**
 * By places, since scores of different sources lie on different scales:
 *
 *   reciprocal-rank   Σ_s w_s / (k + place_s)                          (Cormack, Clarke & Büttcher, "Reciprocal rank fusion
 *                                                                        outperforms Condorcet and individual rank learning
 *                                                                        methods", SIGIR 2009; w_s = 1, k = 60)
 *   learned           σ(bias + Σ_s w_s · (k + 1) / (k + place_s))      the probability that the item is liked
 *
 * with places from 1, over the sources that found the item. Where one source alone found anything, reciprocal-rank keeps its own scores.
 */
export function fuse(lists: readonly SourceList[], options: FuseOptions): readonly Candidate[] {
  const from = new Map<number, Finding[]>();
  for (const { source, ids, scores } of lists) {
    for (const [place, item] of ids.entries()) {
      const finding = { source, place, score: scores[place]! };
      const others = from.get(item);
      if (others) others.push(finding);
      else from.set(item, [finding]);
    }
  }
  const isAlone = lists.filter(({ ids }) => ids.length > 0).length === 1;
  const score = isAlone && options.kind === 'reciprocal-rank' ? ownScore : scoreBy(options);
  const candidates = Array.from(
    from,
    ([item, findings]): Candidate => ({ item, score: score(findings), from: findings }),
  );
  return candidates.sort((a, b) => b.score - a.score || bestPlace(a) - bestPlace(b));
}

/** What learned fusion weighs: 1 for the first place, falling with the place; 0 where a source did not find the item. */
export const presence = (k: number, place: number): number => (k + 1) / (k + place + 1);

function scoreBy(options: FuseOptions): (findings: readonly Finding[]) => number {
  const { k, weights } = options;
  if (options.kind === 'reciprocal-rank')
    return (findings) => findings.reduce((sum, { source, place }) => sum + (weights[source] ?? 1) / (k + place + 1), 0);
  return (findings) =>
    sigmoid(
      findings.reduce((sum, { source, place }) => sum + (weights[source] ?? 0) * presence(k, place), options.bias),
    );
}

const ownScore = ([finding]: readonly Finding[]): number => finding!.score;
const bestPlace = ({ from }: Candidate): number => Math.min(...from.map(({ place }) => place));
