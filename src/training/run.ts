import type { Kernels } from '../compute/kernels.ts';
import type { Tensors } from '../compute/tensors.ts';
import { sha256 } from '../durable.ts';
import type { ModelDefinition } from '../models/model.ts';
import type { TrainingOptions } from '../options.ts';
import type { Report } from '../progress.ts';
import type { LiveGraph } from '../sampling/liveGraph.ts';
import { bytesOf } from '../sampling/memory.ts';
import type { Snapshot } from '../sampling/snapshot.ts';
import { type Split, unweighted } from '../sampling/split.ts';
import { Checkpoints } from './checkpoints.ts';
import { vectorsOf } from './judge.ts';
import type { CurvePoint, LossPoint, TrainingResult } from './result.ts';
import { Trainer } from './trainer.ts';

export interface TrainingRun {
  readonly definition: ModelDefinition;
  readonly modelOptions: Readonly<Record<string, unknown>>;
  readonly snapshot: Snapshot;
  readonly split: Split;
  readonly options: TrainingOptions & { readonly seed: number };
  readonly kernels: Kernels;
  /** For models that are written on them. */
  readonly tensors?: Tensors;
  /** Where subgraphs are drawn from, in place of the snapshot; numbered as the snapshot is. */
  readonly live?: LiveGraph;
  /** Folder of this run's checkpoint. */
  readonly checkpoints: string;
  readonly report: Report;
  readonly onPoint?: (point: CurvePoint) => void;
  /** Told of the loss within epochs too, some times a second at most. */
  readonly onLoss?: (point: LossPoint) => void;
  readonly signal: AbortSignal;
  /** A checkpoint is written after an epoch if the one before is older than this; earlier where writing one takes next to no time. */
  readonly checkpointSeconds?: number;
}

/**
 * Trains a model with gradients: epochs on the training part until the validation metric (recall at the largest cut-off; auc
 * for models that learn from rows) has not risen for `patience` evaluations; then, with `refit`, anew on training and validation together for as many epochs as
 * were best; then reads the test part, once. A resumed run gives the same numbers as one that never stopped.
 * Errors: model/diverged, training/checkpoint-mismatch, training/interrupted.
 */
export async function runTraining(run: TrainingRun): Promise<TrainingResult> {
  const { definition, snapshot, split, options } = run;
  const modelOptions = definition.options.parse(run.modelOptions);
  const identity = {
    model: definition.name,
    options: modelOptions,
    snapshot: snapshot.digest,
    split: split.kind,
    pairs: [split.train, split.validation, split.test].map(({ indices }) => indices.length),
    ...(split.fit.weights && { weights: sha256(bytesOf(split.fit.weights)) }),
    seed: options.seed,
    refit: options.refit,
    evaluateEvery: options.evaluateEvery,
    metricsAt: options.metricsAt,
  };
  const checkpoints = new Checkpoints(run.checkpoints, identity);
  const resumed = options.resume ? checkpoints.load() : undefined;
  if (!resumed) checkpoints.clear();
  const trainer = new Trainer(run, modelOptions, checkpoints, resumed);
  try {
    await trainer.search();
    // Without a validation part there is nothing to add to the training part.
    const refits = options.refit && split.validation.indices.length > 0;
    const trainedOn = refits ? split.fit : split.train;
    if (refits) await trainer.refit();
    const model = trainer.model!;
    const test = await trainer.evaluate((judge) => judge.test(model));
    const baseline = await trainer.evaluate((judge) => judge.baseline());
    const vectors = model.vectors && (await vectorsOf(model, unweighted(split).fit));
    const contributions = model.contributions?.();
    return {
      model: definition.name,
      options: modelOptions,
      seed: options.seed,
      snapshot: snapshot.digest,
      split: split.kind,
      epochs: trainer.best?.epoch ?? trainer.epoch,
      seconds: trainer.seconds,
      valid: trainer.best?.valid ?? {},
      test,
      popularity: baseline,
      curve: trainer.curve,
      ...(trainer.best?.calibration && { calibration: trainer.best.calibration }),
      sampling: trainer.sampling(),
      ...(vectors && { vectors }),
      ...(model.itemWeights && { itemWeights: model.itemWeights() }),
      ...(model.scoreItems || model.filter || model.embedNew || model.sequences
        ? { parameters: trainer.parameters() }
        : {}),
      ...(contributions ? { contributions } : {}),
      train: trainedOn,
    };
  } finally {
    await trainer.dispose();
  }
}
