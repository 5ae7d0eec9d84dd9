import { join } from 'node:path';
import type { Tensors } from '../compute/tensors.ts';
import { TastegraphError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import type { ModelDefinition } from '../models/model.ts';
import type { CommandOptions } from '../options.ts';
import type { LiveGraph } from '../sampling/liveGraph.ts';
import type { Snapshot } from '../sampling/snapshot.ts';
import type { CurvePoint, LossPoint, TrainingResult } from '../training/result.ts';
import { type TakenSnapshot, takeSnapshot } from './data.ts';
import { withGraph } from './database.ts';
import type { LeavingFirst } from './forget/storing.ts';
import type { Run } from './run.ts';
import { versionToGraph } from './versionToGraph.ts';

export type TrainOptions = Omit<CommandOptions<'train'>, 'json' | 'quiet' | 'logLevel' | 'config' | 'full' | 'asOf'> &
  Partial<Pick<CommandOptions<'train'>, 'full' | 'asOf'>>;

export interface TrainedVersion {
  readonly result: TrainingResult;
  /** The files it was trained on, or 'neo4j'. */
  readonly data: string;
  /** Absent where it was not to be published. */
  readonly version?: string;
  readonly threads: number;
  readonly kernels: string;
  /** Where tensors were computed and why there, for models that are written on them. */
  readonly device?: string;
  readonly reason?: string;
}

/** What a training may be given in place of what it would open or begin itself. */
export interface GivenToTrain {
  readonly graph?: Graph;
  readonly taken?: Pick<TakenSnapshot, 'snapshot' | 'data'>;
  /** The run that it is, where its record was begun elsewhere. */
  readonly run?: string;
}

type TrainingCall = Run & {
  readonly onPoint?: (point: CurvePoint) => void;
  readonly onLoss?: (point: LossPoint) => void;
};

/**
 * Takes a snapshot (where none is given), splits it, trains, and publishes, and keeps a record of it under `<home>/runs`. A version that was
 * trained on the graph is written to the graph too, vectors and lineage; one trained on files needs no database.
 * Errors: those of the data and the database, model/diverged, training/*.
 */
export async function train(
  definition: ModelDefinition,
  modelOptions: Readonly<Record<string, unknown>>,
  options: TrainOptions,
  run: TrainingCall,
  given: GivenToTrain = {},
): Promise<TrainedVersion & { readonly run: string }> {
  const { keptOptions, RunLog, runToResume } = await import('../training/runs.ts');
  const start = { model: definition.name, modelOptions, options: keptOptions(options), seed: options.seed };
  const log = new RunLog(
    options.home,
    start,
    given.run ?? (options.resume ? runToResume(options.home, start) : undefined),
  );
  const followed: FollowedCall = {
    ...run,
    report: (progress) => {
      log.progress(progress);
      run.report(progress);
    },
    onPoint: (point) => {
      log.point(point);
      run.onPoint?.(point);
    },
    onLoss: (point) => {
      log.loss(point);
      run.onLoss?.(point);
    },
    reads: (data, snapshot) => log.reads(data, snapshot),
  };
  try {
    const trained = await trainOnce(definition, modelOptions, options, followed, given);
    log.ended(trained.result, trained.version);
    return { ...trained, run: log.id };
  } catch (thrown) {
    log.brokeOff(thrown, run.signal.aborted);
    throw thrown;
  }
}

interface FollowedCall extends TrainingCall {
  readonly reads: (data: string, snapshot: string) => void;
}

async function trainOnce(
  definition: ModelDefinition,
  modelOptions: Readonly<Record<string, unknown>>,
  options: TrainOptions,
  run: FollowedCall,
  given: GivenToTrain,
): Promise<TrainedVersion> {
  const [{ openKernels }, { splitSnapshot, unweighted }, { likedFrom }, { splitRows }, { runTraining }] =
    await Promise.all([
      import('../compute/open.ts'),
      import('../sampling/split.ts'),
      import('../sampling/meanings.ts'),
      import('../sampling/rows.ts'),
      import('../training/run.ts'),
    ]);
  const { graph } = given;
  if (options.source === 'neo4j') {
    refuseLive(definition, modelOptions, options);
    if (!graph)
      return await withGraph(options, run, (open) =>
        trainOnce(definition, modelOptions, options, run, { ...given, graph: open }),
      );
  }
  const { snapshot, data } = given.taken ?? (await takeSnapshot(options, run, graph));
  run.reads(data, snapshot.digest);
  const weighted = (definition.learns === 'rows' ? splitRows : splitSnapshot)(snapshot, options);
  const split = definition.weighsPairs ? weighted : unweighted(weighted);
  const minValue = likedFrom(snapshot, options.minValue);
  if (weighted.train.weights && !definition.weighsPairs)
    run.report({
      phase: 'interactions',
      done: 0,
      unit: 'pairs',
      note: `${definition.name} counts every liked pair the same: weights of interaction types are without effect on it`,
    });
  const kernels = openKernels({ threads: options.threads });
  let tensors: Tensors | undefined;
  try {
    if (onTensors(definition, options)) {
      const { openTensors } = await import('../compute/tensors/open.ts');
      tensors = await openTensors({ device: options.device, kernels });
      run.report({ phase: 'tensors', done: 0, unit: 'steps', note: `on ${tensors.device}: ${tensors.reason}` });
    } else refuseTensorOptions(definition, options);
    const live = options.source === 'neo4j' ? await openLive(graph!, snapshot, run) : undefined;
    const result = await runTraining({
      definition,
      modelOptions,
      snapshot,
      split,
      options,
      kernels,
      ...(tensors && { tensors }),
      ...(live && { live }),
      checkpoints: join(options.home, 'checkpoints', definition.name),
      report: run.report,
      signal: run.signal,
      ...(run.onPoint && { onPoint: run.onPoint }),
      ...(run.onLoss && { onLoss: run.onLoss }),
    });
    const about = {
      result,
      data,
      threads: kernels.threads,
      kernels: kernels.variant,
      ...(tensors && { device: tensors.device, reason: tensors.reason }),
    };
    if (!options.publish) return about;
    return { ...about, version: await publishVersion(result, snapshot, { ...options, minValue }, run, graph) };
  } finally {
    tensors?.close();
    await kernels.close();
  }
}

/** The live database as the snapshot numbers it. */
async function openLive(graph: Graph, snapshot: Snapshot, { signal }: Run): Promise<LiveGraph> {
  const { LiveGraph } = await import('../sampling/liveGraph.ts');
  return await LiveGraph.open(graph, { snapshot }, signal);
}

/** Errors: options/invalid where subgraphs cannot come from the database. */
function refuseLive(
  { name, options, subgraphs }: ModelDefinition,
  modelOptions: Readonly<Record<string, unknown>>,
  { data, asOf }: TrainOptions,
): void {
  const problem =
    asOf !== undefined
      ? 'the database holds what came after --as-of too: draw from the snapshot'
      : data !== undefined
        ? 'the database does not hold the files of --data: bring them in with tastegraph ingest'
        : subgraphs?.(options.parse(modelOptions))
          ? undefined
          : `${name} draws no subgraphs with these options${subgraphs ? ': give --fanouts' : ''}`;
  if (problem)
    throw new TastegraphError('options/invalid', { name: 'source', where: 'the options', problem, given: 'neo4j' });
}

/** A model with both forms takes the kernels', unless another device is asked for by name: theirs is WebAssembly. */
const onTensors = ({ tensors }: ModelDefinition, { device }: TrainOptions): boolean =>
  tensors === true || (tensors === 'too' && device !== 'auto' && device !== 'wasm');

/** Options that would be without effect are refused. Errors: options/invalid. */
function refuseTensorOptions({ name: model, tensors }: ModelDefinition, { device, clipNorm }: TrainOptions): void {
  const refuse = (name: string, given: unknown): never => {
    const problem = tensors
      ? `${model} computes on the kernels of this program, which do not have it; --device cpu, cuda or webgpu has`
      : `${model} computes on the kernels of this program alone, which do not have it`;
    throw new TastegraphError('options/invalid', { name, where: 'the options', problem, given: String(given) });
  };
  if (device !== 'auto' && device !== 'wasm') refuse('device', device);
  if (clipNorm !== undefined) refuse('clipNorm', clipNorm);
}

/**
 * Publishes what training produced, without users who were forgotten since its snapshot was taken; returns the version's id.
 * Errors: training/forgotten.
 */
async function publishVersion(
  result: TrainingResult,
  snapshot: Snapshot,
  options: TrainOptions,
  run: Run,
  graph: Graph | undefined,
): Promise<string> {
  const [{ publish }, { storeWithoutForgotten }] = await Promise.all([
    import('../serving/versions.ts'),
    import('./forget/storing.ts'),
  ]);
  const published = await storeWithoutForgotten(options.home, snapshot, run, async (kept, leaving) => {
    const trained = leaving ? await leaveResult(result, leaving, options) : result;
    const { minValue, interactions } = options;
    const manifest = await publish(options.home, trained, { minValue, interactions, forgotten: leaving?.forgotten });
    return { manifest, snapshot: kept, ...(trained.vectors && { vectors: trained.vectors }) };
  });
  await versionToGraph(published, options, run, graph);
  return published.manifest.id;
}

/** What training produced, without some users, and its checkpoint with it. Errors: training/forgotten. */
async function leaveResult(
  result: TrainingResult,
  leaving: LeavingFirst,
  { home }: TrainOptions,
): Promise<TrainingResult> {
  const [{ contentWithout }, { writeSnapshot }, { removeCheckpoint }] = await Promise.all([
    import('../serving/withoutUsers.ts'),
    import('../sampling/store.ts'),
    import('./forget/stored.ts'),
  ]);
  const without = contentWithout(result, result, leaving);
  removeCheckpoint(home, result.model);
  if (!without) throw new TastegraphError('training/forgotten', { model: result.model });
  writeSnapshot(home, leaving.after);
  return { ...result, ...without.content, options: without.options, snapshot: leaving.after.digest };
}
