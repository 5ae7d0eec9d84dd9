/** Orders candidates anew by a model, within a deadline. */
import { setImmediate as turn } from 'node:timers/promises';
import type { RankOptions } from '../../options.ts';
import { calibrated } from '../../training/platt.ts';
import type { Asker, Candidate, StageContext } from './candidate.ts';
import type { OtherVersion } from './otherVersion.ts';
import type { StageData } from './stageData.ts';

export interface RankedCandidates {
  readonly candidates: readonly Candidate[];
  /** What the scores are, or why the order was left as it was. */
  readonly note?: string;
  /** What the answer is to say of them, where they are less than what was asked for. */
  readonly caveat?: string;
}

/** How long a ranker may take. */
export interface RankTime {
  /** ms since some moment, never falling. */
  now(): number;
  /** Whether nobody waits for the ranking any more. */
  isOver(): boolean;
}

export interface Ranker {
  readonly name: string;
  /** All candidates, in a new order with new scores; anything once the time is over, when nobody reads it. */
  rank(candidates: readonly Candidate[], context: StageContext, time: RankTime): Promise<RankedCandidates>;
}

/** Pairs that are scored at once as long as it is not known what a pair costs, and at least. */
const leastAtOnce = 16;
/** Most, so that a list of usual length takes a few turns. */
const mostAtOnce = 512;
/** Scoring holds the thread: what takes longer than so many ms at once is done in smaller batches, what takes less in larger ones. */
const batchMs = 4;

/** By the score of the version that answers. */
export const byEmbedding = (data: StageData): Ranker => ({
  name: 'embedding',
  async rank(candidates, { asker }, time) {
    if (!data.knowsTaste(asker)) return { candidates, note: 'nothing is known of the taste: as the fusion left them' };
    return { candidates: ordered(await scored(candidates, (items) => scoresFor(data, asker, items), time)) };
  },
});

function scoresFor({ base, published }: StageData, asker: Asker, items: Int32Array): Float64Array {
  const { taste, vector, index } = asker;
  if (taste) return taste.scores(items);
  if (!vector || !published.vectors) return base.ranking.scores(index!, items);
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
  async rank(candidates, { asker }, time) {
    const { pairs, fromOwn, knows } = other();
    const { taste, user, caveat } = knows(asker);
    const said = caveat === undefined ? {} : { caveat };
    if (!taste) return { candidates, note: 'the ranking version does not know her: as the fusion left them', ...said };
    const isByPairs = pairs !== undefined && user !== undefined;
    const calibration = isByPairs && calibrate ? pairs.calibration : undefined;
    const scoresOf = async (items: Int32Array): Promise<ArrayLike<number>> => {
      const theirs = items.map((item) => fromOwn[item]!);
      if (!isByPairs) return taste.scores(theirs);
      const scores = await pairs.score(user, theirs);
      return calibration ? Float64Array.from(scores, (score) => calibrated(calibration, score)) : scores;
    };
    const known = await scored(
      candidates.filter(({ item }) => fromOwn[item]! >= 0),
      scoresOf,
      time,
    );
    const least = known.reduce((low, { score }) => Math.min(low, score), 0);
    const unknown = candidates.filter(({ item }) => fromOwn[item]! < 0).map((each) => ({ ...each, score: least }));
    const kind = calibration ? 'probabilities, calibrated on the validation part' : 'probabilities, not calibrated';
    return { candidates: [...ordered(known), ...unknown], ...(isByPairs && { note: kind }), ...said };
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

/** With their scores, made in batches with turns for others between them: all, unless the time is over before. */
async function scored(
  candidates: readonly Candidate[],
  scoresOf: (items: Int32Array) => ArrayLike<number> | Promise<ArrayLike<number>>,
  time: RankTime,
): Promise<readonly Candidate[]> {
  const done: Candidate[] = [];
  let size = leastAtOnce;
  while (done.length < candidates.length && !time.isOver()) {
    const began = time.now();
    const some = candidates.slice(done.length, done.length + size);
    const scores = await scoresOf(Int32Array.from(some, ({ item }) => item));
    for (const [n, each] of some.entries()) done.push({ ...each, score: scores[n]! });
    size = time.now() - began < batchMs ? Math.min(2 * size, mostAtOnce) : Math.max(size / 2, leastAtOnce);
    if (done.length < candidates.length) await turn();
  }
  return done;
}

/** Stable: equals stay as they were. */
const ordered = (candidates: readonly Candidate[]): readonly Candidate[] =>
  candidates.toSorted((a, b) => b.score - a.score);
