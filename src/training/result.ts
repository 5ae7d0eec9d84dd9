import type { Csr } from '../compute/csr.ts';
import type { Contributions, ItemWeights, Vectors } from '../models/model.ts';
import type { Calibration } from './platt.ts';

/** 'recall@20' → 0.183 and so on. */
export type Metrics = Readonly<Record<string, number>>;

/** One evaluation on the way. */
export interface CurvePoint {
  readonly epoch: number;
  /** Mean over the epoch's steps; models in closed form have none. */
  readonly loss?: number;
  /** Seconds of training since the start, evaluation not counted. */
  readonly seconds: number;
  readonly valid?: Metrics;
}

/** The loss on the way, also within an epoch. */
export interface LossPoint {
  /** 'search' for the best epoch, or 'refit' on all but the test part. */
  readonly phase: 'search' | 'refit';
  /** Epochs done in the phase, with the share of the present one. */
  readonly epoch: number;
  /** Mean over the steps since the point before. */
  readonly loss: number;
}

/** How a model was trained and how it fared: what is kept with the version for ever. */
export interface TrainingRecord {
  readonly model: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Digest of the snapshot that it was trained on. */
  readonly snapshot: string;
  readonly split: string;
  readonly epochs: number;
  readonly seconds: { readonly fit: number; readonly evaluate: number };
  readonly valid: Metrics;
  readonly test: Metrics;
  /** The popularity baseline on the same test part, beside which the model is judged. */
  readonly popularity: Metrics;
  readonly curve: readonly CurvePoint[];
  /** There, where the model says probabilities: how they become those that were observed on the validation part. */
  readonly calibration?: Calibration;
}

export interface SamplingRecord {
  readonly batches: number;
  /** s that the training waited for a batch: high where sampling is the bottleneck. */
  readonly waited: number;
  /** s that those who draw, all together, had nothing to draw: high where training is the bottleneck. */
  readonly idle: number;
  /** s that drawing took, all who draw together. */
  readonly drew: number;
}

/** What training hands to publishing and to whoever asked for it. */
export interface TrainingResult extends TrainingRecord {
  /** How batches came. */
  readonly sampling: SamplingRecord;
  /** Where the score is a dot product, or items are alike by one. */
  readonly vectors?: Vectors;
  /** Where the score is a sum of weights between items. */
  readonly itemWeights?: ItemWeights;
  /** By name; there where the model scores by more than a dot product or gives vectors to new items, and is made again from them. */
  readonly parameters?: ReadonlyMap<string, Float32Array>;
  readonly contributions?: Contributions;
  /** The matrix the published state was trained on, users × items. */
  readonly train: Csr;
}
