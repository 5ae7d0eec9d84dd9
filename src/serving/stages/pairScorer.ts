/** Scores of single pairs by a published version's model: what a ranking stage asks about candidates. */
import type { Kernels } from '../../compute/kernels.ts';
import type { Tensors } from '../../compute/tensors.ts';
import type { Calibration } from '../../training/platt.ts';
import type { PublishedVersion } from '../published.ts';
import { revivedModel } from '../scorer.ts';

export interface PairScorer {
  /** Probabilities that a user takes some items, by the version's dense indices. [n] */
  score(user: number, items: Int32Array): Promise<Float32Array>;
  /** How they become those that were observed. Undefined where its training had nothing to fit that on. */
  readonly calibration: Calibration | undefined;
  dispose(): void;
}

/** Undefined where the version's model scores no pairs: its ranking says all. Errors: model/unknown, version/corrupt. */
export function openPairScorer(
  published: PublishedVersion,
  kernels: Kernels,
  tensors: Tensors | undefined,
): PairScorer | undefined {
  const model = revivedModel(published, kernels, tensors);
  if (!model?.scorePairs) {
    model?.dispose();
    return undefined;
  }
  return {
    score: (user, items) => model.scorePairs!(user, items),
    calibration: published.manifest.calibration,
    dispose: () => model.dispose(),
  };
}
