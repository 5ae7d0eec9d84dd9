/** Every re-ranker by its kind. */
import type { ConfigOf, RerankerConfig, RerankerKind } from '../../options.ts';
import type { Reranker, StageContext } from '../stages/candidate.ts';
import { available } from './available.ts';
import { byFeatures } from './byFeatures.ts';
import { calibration } from './calibration.ts';
import { cap } from './cap.ts';
import { dpp } from './dpp.ts';
import { epsilonGreedy } from './epsilonGreedy.ts';
import { fairness } from './fairness.ts';
import { freshness } from './freshness.ts';
import { impressions } from './impressions.ts';
import { mmr } from './mmr.ts';
import { pins } from './pins.ts';
import { plackettLuce } from './plackettLuce.ts';
import { popularity } from './popularity.ts';

const rerankers: { readonly [K in RerankerKind]: (config: ConfigOf<K>) => Reranker } = {
  available,
  cap,
  calibration,
  dpp,
  'epsilon-greedy': epsilonGreedy,
  fairness,
  features: byFeatures,
  freshness,
  impressions,
  mmr,
  pins,
  'plackett-luce': plackettLuce,
  popularity,
};

export function rerankerOf(config: RerankerConfig): Reranker {
  // For each kind the table has what takes its config, which the compiler cannot see through the look-up.
  return (rerankers[config.kind] as (config: RerankerConfig) => Reranker)(config);
}

/**
 * Tries a re-ranker on a version, so that what it lacks is found before the first request. Errors: reranking/no-feature,
 * reranking/no-vectors.
 */
export function checkReranker(
  reranker: Reranker,
  { published, people }: Pick<StageContext, 'published' | 'people'>,
): void {
  const asker = { deeds: [], left: new Set<number>(), now: published.snapshot.asOf };
  reranker.apply([], { published, people, asker, wanted: 1, random: () => 0 });
}
