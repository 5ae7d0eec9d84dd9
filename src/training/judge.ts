/** What a model is judged by: ranking all items, or telling labels apart. Validation and test part are read here and nowhere else. */
import type { Csr } from '../compute/csr.ts';
import type { Kernels } from '../compute/kernels.ts';
import { TastegraphError } from '../errors.ts';
import type { Model, Vectors } from '../models/model.ts';
import type { LabelledRows, RowSplit } from '../sampling/rows.ts';
import { type Split, unweighted } from '../sampling/split.ts';
import { labelMetrics, likedShares } from './labels.ts';
import { evaluate, filterRanker, popularity, type Ranker, vectorRanker, weightRanker } from './metrics.ts';
import { type Calibration, calibrationOn } from './platt.ts';
import type { Metrics } from './result.ts';

export interface Judge {
  /** The metric that is watched on validation; more is better. */
  readonly watched: string;
  /** Whether there is a validation part to watch. */
  readonly watches: boolean;
  validate(model: Model): Promise<Metrics>;
  /** How probabilities become those that are observed on validation; absent where it has no labels. */
  calibrate?(model: Model): Promise<Calibration | undefined>;
  test(model: Model): Promise<Metrics>;
  /** What needs no model, on the test part: popularity. */
  baseline(): Promise<Metrics>;
}

export interface JudgeContext {
  readonly kernels: Kernels;
  readonly split: Split;
  /** Cut-offs of the ranking metrics. */
  readonly at: readonly number[];
  readonly signal: AbortSignal;
}

/** By labels where the split has rows, else by ranking. */
export function judgeOf(context: JudgeContext): Judge {
  const { rows } = context.split;
  return rows ? byLabels(rows, context.split.train.cols) : byRanking(context);
}

/** Full ranking: recall at the largest cut-off is watched. */
function byRanking({ kernels, split: weighted, at, signal }: JudgeContext): Judge {
  const split = unweighted(weighted); // a user is known by what she did, as when she is served
  const rank = (ranker: Ranker, seen: Csr, relevant: Csr) => evaluate(ranker, seen, relevant, at, signal);
  const rankerOf = async (model: Model, seen: Csr): Promise<Ranker> => {
    if (model.itemWeights) return weightRanker(kernels, model.itemWeights(), seen);
    if (model.filter) return filterRanker(model.filter(), seen);
    return vectorRanker(kernels, await vectorsOf(model, seen));
  };
  return {
    watched: `recall@${Math.max(...at)}`,
    watches: split.validation.indices.length > 0,
    validate: async (model) => rank(await rankerOf(model, split.train), split.train, split.validation),
    test: async (model) => rank(await rankerOf(model, split.fit), split.fit, split.test),
    baseline: () => rank(vectorRanker(kernels, popularity(split.fit)), split.fit, split.test),
  };
}

/** The model's vectors, users being known by what they have done in `seen`. */
export async function vectorsOf(model: Model, seen: Csr): Promise<Vectors> {
  const vectors = await model.vectors?.(seen);
  if (!vectors) throw new TastegraphError('internal', { problem: 'the model has no vectors to rank with' });
  return vectors;
}

function byLabels(rows: RowSplit, items: number): Judge {
  const judge = async (model: Model, part: LabelledRows): Promise<Metrics> => {
    const probabilities = await model.scoreRows?.(part);
    if (!probabilities) throw new TastegraphError('internal', { problem: 'the model does not score rows' });
    return labelMetrics(probabilities, part.labels);
  };
  return {
    watched: 'auc',
    watches: rows.validation.labels.includes(0) && rows.validation.labels.includes(1),
    validate: (model) => judge(model, rows.validation),
    calibrate: (model) => calibrationOn(rows.validation, model),
    test: (model) => judge(model, rows.test),
    baseline: async () => labelMetrics(likedShares(rows.fit, rows.test, items), rows.test.labels),
  };
}
