/** Whether a counterfactual also holds where the model is trained anew without those interactions. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Csr } from '../compute/csr.ts';
import type { Kernels } from '../compute/kernels.ts';
import type { Tensors } from '../compute/tensors.ts';
import { TastegraphError } from '../errors.ts';
import { findModel } from '../models/registry.ts';
import { optionGroups } from '../options.ts';
import { silent } from '../progress.ts';
import { ownMemory, sharedArray } from '../sampling/memory.ts';
import { type ServedVersion, serveVersion } from '../serving/served.ts';
import { runTraining } from '../training/run.ts';
import { allScores, knownItem, placeOf } from './changedTaste.ts';

export interface Retrained {
  /** Whether the item is not among the first k of the new model either. */
  readonly holds: boolean;
  readonly rank: number;
  /** Of the training alone. */
  readonly seconds: number;
}

export interface RetrainOptions {
  readonly limit: number;
  readonly done?: readonly string[] | undefined;
  readonly kernels: Kernels;
  readonly tensors?: Tensors | undefined;
  readonly signal: AbortSignal;
}

/**
 * Trains the version's model with its options and seed on what it was trained on, without some of a user's interactions, and ranks
 * the item for her. Errors: explain/fixed-taste for models that learn from rows; those of the training.
 */
export async function retrainWithout(
  served: ServedVersion,
  user: string,
  without: readonly string[],
  id: string,
  { limit, done = [], kernels, tensors, signal }: RetrainOptions,
): Promise<Retrained> {
  const { manifest, snapshot, train } = served.published;
  const definition = findModel(manifest.model);
  const row = snapshot.users.index(user);
  if (row === undefined || definition.learns !== 'pairs') {
    const problem =
      row === undefined ? 'the version was not trained with this user' : `${manifest.model} learns from rows`;
    throw new TastegraphError('explain/fixed-taste', { problem });
  }
  const left = new Set(served.leftOut(user, done));
  const fit = withoutEntries(train, row, new Set(without.map((each) => knownItem(served, each))));
  const none: Csr = {
    rows: train.rows,
    cols: train.cols,
    offsets: new Int32Array(train.rows + 1),
    indices: new Int32Array(0),
  };
  const checkpoints = mkdtempSync(join(tmpdir(), 'tastegraph-retrain-'));
  try {
    const epochs = Math.max(1, manifest.epochs);
    const { model: _, ...result } = await runTraining({
      definition,
      modelOptions: manifest.options,
      snapshot,
      split: { kind: 'ratio', train: fit, validation: none, test: none, fit },
      options: {
        ...optionGroups.training.parse({ epochs, evaluateEvery: epochs, resume: false, refit: false, publish: false }),
        seed: manifest.seed,
      },
      kernels,
      ...(tensors && { tensors }),
      checkpoints,
      report: silent,
      signal,
    });
    const { vectors, itemWeights, parameters, contributions } = result;
    const version = serveVersion(
      {
        manifest,
        snapshot,
        train: fit,
        ...(vectors && { vectors }),
        ...(itemWeights && { itemWeights }),
        ...(parameters && { parameters }),
        ...(contributions && { contributions }),
      },
      kernels,
      tensors,
    );
    try {
      const scores = allScores(version.tasteOf(user) ?? version.common, snapshot.items.count);
      const rank = placeOf(scores, knownItem(served, id), left);
      return { holds: rank > limit, rank, seconds: result.seconds.fit };
    } finally {
      version.dispose();
    }
  } finally {
    rmSync(checkpoints, { recursive: true, force: true });
  }
}

/** A matrix without some entries of one row. */
function withoutEntries({ rows, cols, offsets, indices }: Csr, row: number, columns: ReadonlySet<number>): Csr {
  const kept = [...indices.keys()].filter(
    (e) => !(e >= offsets[row]! && e < offsets[row + 1]! && columns.has(indices[e]!)),
  );
  const taken = indices.length - kept.length;
  const shared = sharedArray('i32', kept.length, ownMemory);
  for (const [n, e] of kept.entries()) shared[n] = indices[e]!;
  const starts = sharedArray('i32', rows + 1, ownMemory);
  for (let n = 0; n <= rows; n++) starts[n] = offsets[n]! - (n > row ? taken : 0);
  return { rows, cols, offsets: starts, indices: shared };
}
