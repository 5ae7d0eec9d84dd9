/** Scores of single pairs by a published version's model: what a ranking stage asks about candidates. */
import type { Kernels } from '../../compute/kernels.ts';
import type { Tensors } from '../../compute/tensors.ts';
import type { PublishedVersion } from '../published.ts';
import type { Ranking } from '../ranking.ts';
import { revivedModel } from '../scorer.ts';
import { type Calibration, calibrationOf } from './calibration.ts';

export interface PairScorer {
  /** Whether it gives probabilities, which can be calibrated. */
  readonly isProbability: boolean;
  /** A user's scores of some items, by the version's dense indices. [n] */
  score(user: number, items: Int32Array): Promise<Float32Array>;
  /** How its probabilities become those that were observed; made once. Undefined where there is nothing to fit it on. */
  calibration(): Promise<Calibration | undefined>;
  dispose(): void;
}

/** By the model's own scores of pairs where it gives them, else by the version's ranking. Errors: model/unknown, version/corrupt. */
export function openPairScorer(
  published: PublishedVersion,
  kernels: Kernels,
  tensors: Tensors | undefined,
  ranking: () => Ranking,
): PairScorer {
  const model = revivedModel(published, kernels, tensors);
  if (model?.scorePairs) {
    let fitted: Promise<Calibration | undefined> | undefined;
    return {
      isProbability: true,
      score: (user, items) => model.scorePairs!(user, items),
      calibration() {
        fitted ??= calibrationOf(published, model);
        return fitted;
      },
      dispose: () => model.dispose(),
    };
  }
  model?.dispose();
  return {
    isProbability: false,
    score: async (user, items) => Float32Array.from(ranking().scores(user, items)),
    calibration: async () => undefined,
    dispose() {},
  };
}
