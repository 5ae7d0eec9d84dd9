/** A training as a process of its own: what it shall do comes on standard input, as JSON. It stops as it is asked to by SIGTERM. */
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { TastegraphError } from '../../errors.ts';
import { findModel } from '../../models/registry.ts';
import { silent } from '../../progress.ts';
import { loadStored } from '../data.ts';
import { type TrainOptions, train } from '../training.ts';

export interface TrainingTask {
  readonly run: string;
  readonly model: string;
  readonly modelOptions: Readonly<Record<string, unknown>>;
  readonly options: TrainOptions;
  /** The stored snapshot to learn from, and what that was taken of; a new one is taken where absent. */
  readonly stored?: { readonly digest: string; readonly data: string };
}

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => stop.abort(new TastegraphError('training/interrupted')));

const { run, model, modelOptions, options, stored } = JSON.parse(await text(process.stdin)) as TrainingTask;
try {
  const taken = stored && { snapshot: await loadStored(stored.digest, options), data: stored.data };
  const log = pino({ level: 'silent' });
  const call = { report: silent, signal: stop.signal, log };
  await train(findModel(model), modelOptions, options, call, { run, ...(taken && { taken }) });
  process.exit(0);
} catch {
  process.exit(1); // Why stands in the run's record.
}
