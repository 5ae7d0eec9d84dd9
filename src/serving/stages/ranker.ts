/** Orders candidates anew by a model, within a deadline. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RankOptions } from '../../options.ts';
import { calibrated } from './calibration.ts';
import type { Asker, Candidate, StageContext } from './candidate.ts';
import type { OtherVersion } from './otherVersion.ts';
import type { StageData } from './stageData.ts';

export interface RankedCandidates {
  readonly candidates: readonly Candidate[];
  /** What the scores are, or why the order was left as it was. */
  readonly note?: string;
}

export interface Ranker {
  readonly name: string;
  /** All candidates, in a new order with new scores. `signal` says that nobody waits for the answer any more. */
  rank(candidates: readonly Candidate[], context: StageContext, signal: AbortSignal): Promise<RankedCandidates>;
}

/** Pairs that are scored at once. Scoring holds the thread: the deadline is kept to within one batch. */
const batch = 128;

/** By the score of the version that answers. */
export const byEmbedding = (data: StageData): Ranker => ({
  name: 'embedding',
  async rank(candidates, { asker }) {
    if (!data.knowsTaste(asker)) return { candidates, note: 'nothing is known of the taste: as the fusion left them' };
    const scores = scoresFor(
      data,
      asker,
      Int32Array.from(candidates, ({ item }) => item),
    );
    return { candidates: ordered(candidates.map((each, n) => ({ ...each, score: scores[n]! }))) };
  },
});

function scoresFor({ base, published }: StageData, asker: Asker, items: Int32Array): Float64Array {
  const { taste, vector, index } = asker;
  if (taste) return taste.scores(items);
  if (!vector || !published.vectors) return Float64Array.from(items, (item) => base.ranking.score(index!, item));
  const { dim, items: rows, itemBias } = published.vectors;
  const dot = (item: number) => vector.reduce((sum, value, d) => sum + value * rows[item * dim + d]!, 0);
  return Float64Array.from(items, (item) => dot(item) + (itemBias?.[item] ?? 0));
}

/**
 * By another version's model, over the candidates only. Items that it does not know stand behind the others, as the fusion left
 * them. Where it gives probabilities these are calibrated by Platt scaling (calibration.ts), unless told otherwise.
 */
export const byVersion = (other: () => OtherVersion, calibrate: boolean): Ranker => ({
  name: 'version',
  async rank(candidates, { asker, published }, signal) {
    const { scorer, fromOwn, userOf } = other();
    const user = userOf(asker, published);
    if (user === undefined)
      return { candidates, note: 'the ranking version does not know her: as the fusion left them' };
    const calibration = calibrate ? await scorer.calibration() : undefined;
    const known = candidates.filter(({ item }) => fromOwn[item]! >= 0);
    const scored: Candidate[] = [];
    for (let from = 0; from < known.length; from += batch) {
      if (from > 0) await sleep(0); // timers that are due come before, the deadline's among them
      if (signal.aborted) break;
      const some = known.slice(from, from + batch);
      const scores = await scorer.score(
        user,
        Int32Array.from(some, ({ item }) => fromOwn[item]!),
      );
      for (const [n, each] of some.entries())
        scored.push({ ...each, score: calibration ? calibrated(calibration, scores[n]!) : scores[n]! });
    }
    const least = scored.reduce((low, { score }) => Math.min(low, score), 0);
    const unknown = candidates.filter(({ item }) => fromOwn[item]! < 0).map((each) => ({ ...each, score: least }));
    const kind = calibration
      ? `probabilities, calibrated on the ${calibration.part} part`
      : 'probabilities, not calibrated';
    const note = scorer.isProbability ? kind : undefined;
    return { candidates: [...ordered(scored), ...unknown], ...(note && { note }) };
  },
});

/** The ranker that is declared; undefined where the fusion's order stays. */
export function rankerOf(
  options: RankOptions,
  data: StageData,
  other: (id: string) => OtherVersion,
): Ranker | undefined {
  if (options.by === 'fusion') return undefined;
  return options.by === 'embedding' ? byEmbedding(data) : byVersion(() => other(options.version), options.calibrate);
}

/** Stable: equals stay as they were. */
const ordered = (candidates: readonly Candidate[]): readonly Candidate[] =>
  candidates.toSorted((a, b) => b.score - a.score);
