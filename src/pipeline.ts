/**
 * The way of the data as named calls: database, ingest, snapshot, training, publishing, recommending, explaining. The command
 * line, the API and the jobs only call these. Each part is loaded when its call is made, so that none pays for another.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { DataSource } from './data/source.ts';
import { problemOf } from './errors.ts';
import type { Graph } from './graph/driver.ts';
import type { ModelDefinition } from './models/model.ts';
import type { CommandOptions, EverywhereOptions, FileOptions, Neo4jOptions } from './options.ts';
import type { Report } from './progress.ts';
import type { NodeTable, Snapshot } from './sampling/snapshot.ts';
import type { StoredSnapshot } from './sampling/store.ts';
import type { VersionManifest } from './serving/manifest.ts';
import type { PublishedVersion } from './serving/published.ts';
import type { Recommender } from './serving/recommender.ts';
import type { ListedVersion } from './serving/versions.ts';
import type { CurvePoint, TrainingResult } from './training/result.ts';

/** What every call has beside its options. */
export interface Run {
  readonly report: Report;
  /** Aborted when the call shall stop as soon as it cleanly can. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export type GraphOptions = Pick<EverywhereOptions, 'home'> & Neo4jOptions;

/** Opens the database (starting the managed one where no other is named), migrated, for the time of `work`. */
export async function withGraph<T>(options: GraphOptions, run: Run, work: (graph: Graph) => Promise<T>): Promise<T> {
  const { openDatabase } = await import('./graph/database.ts');
  const graph = await openDatabase(options, run.report, run.signal);
  try {
    return await work(graph);
  } finally {
    await graph.close();
  }
}

/** Brings a data source into the graph. */
export async function ingestSource(
  graph: Graph,
  source: DataSource,
  options: Pick<CommandOptions<'ingest'>, 'home' | 'maxBadPercent' | 'restart'>,
  run: Run,
) {
  const { ingest } = await import('./graph/ingest.ts');
  return await ingest(graph, source, options, run.report, run.signal);
}

/** Brings files into the graph. Errors: those of the data, data/too-many-bad-lines, data/changed. */
export async function ingestFiles(path: string, options: CommandOptions<'ingest'>, run: Run) {
  const { openData } = await import('./data/open.ts');
  const source = await openData(path, options); // before the database: a wrong path should not cost its start
  return await withGraph(options, run, (graph) => ingestSource(graph, source, options, run));
}

export interface TakenSnapshot {
  readonly snapshot: Snapshot;
  /** Where it is stored. */
  readonly folder: string;
  /** The files it was built from, or 'neo4j'. */
  readonly data: string;
  readonly seconds: { readonly take: number; readonly store: number };
}

/** A snapshot of files (`data`), or of the graph as it is now; stored under the home. */
export async function takeSnapshot(
  options: GraphOptions & FileOptions & { readonly data?: string | undefined },
  run: Run,
  graph?: Graph,
): Promise<TakenSnapshot> {
  const { writeSnapshot } = await import('./sampling/store.ts');
  const start = performance.now();
  const snapshot =
    options.data === undefined ? await fromGraph(options, run, graph) : await fromFiles(options.data, options, run);
  const taken = performance.now();
  const folder = writeSnapshot(options.home, snapshot);
  return {
    snapshot,
    folder,
    data: options.data ?? 'neo4j',
    seconds: { take: (taken - start) / 1000, store: (performance.now() - taken) / 1000 },
  };
}

async function fromFiles(path: string, options: FileOptions, run: Run): Promise<Snapshot> {
  const { snapshotFromFiles } = await import('./sampling/fromFiles.ts');
  return await snapshotFromFiles(path, options, run.report, run.signal);
}

async function fromGraph(options: GraphOptions, run: Run, graph: Graph | undefined): Promise<Snapshot> {
  const { snapshotFromGraph } = await import('./sampling/fromGraph.ts');
  const take = (open: Graph) => snapshotFromGraph(open, run.report, run.signal);
  return graph ? await take(graph) : await withGraph(options, run, take);
}

export type TrainOptions = Omit<CommandOptions<'train'>, 'json' | 'quiet' | 'logLevel' | 'config'>;

export interface TrainedVersion {
  readonly result: TrainingResult;
  /** The files it was trained on, or 'neo4j'. */
  readonly data: string;
  /** Absent where it was not to be published. */
  readonly version?: string;
  readonly threads: number;
  readonly kernels: string;
}

/**
 * Takes a snapshot, splits it, trains, and publishes. A version that was trained on the graph is written to the graph too,
 * vectors and lineage; one trained on files needs no database.
 * Errors: those of the data and the database, model/diverged, training/*.
 */
export async function train(
  definition: ModelDefinition,
  modelOptions: Readonly<Record<string, unknown>>,
  options: TrainOptions,
  run: Run & { readonly onPoint?: (point: CurvePoint) => void },
  graph?: Graph,
): Promise<TrainedVersion> {
  const [{ openKernels }, { splitSnapshot }, { runTraining }] = await Promise.all([
    import('./compute/open.ts'),
    import('./sampling/split.ts'),
    import('./training/run.ts'),
  ]);
  const { snapshot, data } = await takeSnapshot(options, run, graph);
  const split = splitSnapshot(snapshot, options);
  const kernels = openKernels({ threads: options.threads });
  try {
    const result = await runTraining({
      definition,
      modelOptions,
      snapshot,
      split,
      options,
      kernels,
      checkpoints: join(options.home, 'checkpoints', definition.name),
      report: run.report,
      signal: run.signal,
      ...(run.onPoint && { onPoint: run.onPoint }),
    });
    const about = { result, data, threads: kernels.threads, kernels: kernels.variant };
    if (!options.publish) return about;
    return { ...about, version: await publishVersion(result, snapshot, options, run, graph) };
  } finally {
    await kernels.close();
  }
}

/** Publishes what training produced; returns the version's id. */
async function publishVersion(
  result: TrainingResult,
  snapshot: Snapshot,
  options: TrainOptions,
  run: Run,
  graph: Graph | undefined,
): Promise<string> {
  const { publish } = await import('./serving/versions.ts');
  const manifest = await publish(options.home, result, { minValue: options.minValue });
  if (snapshot.source === 'neo4j') {
    const write = (open: Graph) => writeLineage(open, { manifest, snapshot, vectors: result.vectors }, run);
    await (graph ? write(graph) : withGraph(options, run, write));
  }
  return manifest.id;
}

/** Writes a version, what it was trained on, and its vectors into the graph. */
async function writeLineage(
  graph: Graph,
  { manifest, snapshot, vectors }: Pick<PublishedVersion, 'manifest' | 'snapshot' | 'vectors'>,
  run: Run,
): Promise<void> {
  const { writeVersion } = await import('./graph/versions.ts');
  const { id, model, options, test, seed, at } = manifest;
  const { digest, asOf, users, items, features, interactions } = snapshot;
  const counts = { users: users.count, items: items.count, features: features.count, interactions: interactions.count };
  const nodes = (table: NodeTable, rows: Float32Array) => ({
    count: table.count,
    id: (at: number) => table.id(at),
    vectors: rows,
  });
  const record = {
    id,
    model,
    options,
    metrics: test,
    seed,
    at,
    dim: vectors.dim,
    snapshot: { digest, asOf, ...counts },
  };
  const tables = { users: nodes(users, vectors.users), items: nodes(items, vectors.items) };
  await writeVersion(graph, { ...record, ...tables }, run.report, run.signal);
}

/** All published versions, newest first. */
export async function publishedVersions({ home }: Pick<EverywhereOptions, 'home'>): Promise<readonly ListedVersion[]> {
  const { listVersions } = await import('./serving/versions.ts');
  return listVersions(home);
}

/** Makes a version current, here and in the graph that it was trained on. Errors: version/not-found, version/corrupt. */
export async function promoteVersion(id: string, options: GraphOptions, run: Run): Promise<VersionManifest> {
  const { promote } = await import('./serving/versions.ts');
  const manifest = await promote(options.home, id);
  await bringToGraph(manifest.id, options, run);
  return manifest;
}

/** Makes the version before the current one current again. Errors: version/none, version/first. */
export async function rollbackVersion(options: GraphOptions, run: Run): Promise<VersionManifest> {
  const { rollback } = await import('./serving/versions.ts');
  const manifest = await rollback(options.home);
  await bringToGraph(manifest.id, options, run);
  return manifest;
}

async function bringToGraph(id: string, options: GraphOptions, run: Run): Promise<void> {
  const { loadVersion } = await import('./serving/published.ts');
  const published = loadVersion(options.home, id);
  if (published.snapshot.source !== 'neo4j') return;
  await withGraph(options, run, (graph) => writeLineage(graph, published, run));
}

/** Whether a database belongs to this home, or is named: reasons and new interactions then come from it too. */
const hasGraph = ({ home, neo4jUri }: GraphOptions): boolean =>
  neo4jUri !== undefined || existsSync(join(home, 'neo4j'));

/** What answers requests: the published version, and the graph where there is one. */
export interface Service {
  readonly recommender: Recommender;
  readonly graph: Graph | undefined;
  close(): Promise<void>;
}

export interface ServiceOptions extends Pick<EverywhereOptions, 'home'> {
  /** Stay with this version; else follow the current one. */
  readonly version?: string | undefined;
  readonly threads?: number | undefined;
  /** How often to look for a new current version, in ms; 0 never looks. */
  readonly pollMs?: number;
}

/**
 * Opens the published version for answering, and the database where one is named or belongs to the home.
 * Errors: version/none, version/not-found, version/corrupt, neo4j/*.
 */
export async function openService(options: ServiceOptions, run: Run, database?: GraphOptions): Promise<Service> {
  const [{ openKernels }, { openRecommender }] = await Promise.all([
    import('./compute/open.ts'),
    import('./serving/recommender.ts'),
  ]);
  const { home, version, pollMs = 0 } = options;
  const kernels = openKernels({ threads: options.threads });
  let recommender: Recommender | undefined;
  try {
    recommender = openRecommender(home, kernels, {
      version,
      pollMs,
      onSwitch: ({ id }) => run.log.info({ version: id }, 'a new version is served'),
      onFailure: (cause) =>
        run.log.error({ problem: problemOf(cause) }, 'the new version cannot be loaded; the old one is served on'),
    });
    let graph: Graph | undefined;
    if (database && hasGraph(database)) {
      const { openDatabase } = await import('./graph/database.ts');
      graph = await openDatabase(database, run.report, run.signal);
    }
    const opened = recommender;
    return {
      recommender: opened,
      graph,
      close: async () => {
        opened.close();
        await graph?.close();
        await kernels.close();
      },
    };
  } catch (thrown) {
    recommender?.close();
    await kernels.close();
    throw thrown;
  }
}

/** Starts the managed database where no other is named, and says how it stands. */
export async function startDatabase(options: GraphOptions, run: Run) {
  await withGraph(options, run, async () => {});
  return await databaseStatus(options);
}

/** Stops the managed database; false where none ran. */
export async function stopDatabase({ home }: Pick<EverywhereOptions, 'home'>): Promise<boolean> {
  const { stopServer } = await import('./graph/server.ts');
  return await stopServer(home);
}

/** How the database stands; starts nothing. */
export async function databaseStatus(options: GraphOptions) {
  const { serverStatus } = await import('./graph/server.ts');
  return await serverStatus(options);
}

/** Checks what the database needs of this machine; starts nothing. */
export async function checkDatabase(options: GraphOptions) {
  const { checkEnvironment } = await import('./graph/environment.ts');
  return await checkEnvironment(options);
}

/** The snapshots that are stored under the home, newest first. */
export async function storedSnapshots({ home }: Pick<EverywhereOptions, 'home'>): Promise<readonly StoredSnapshot[]> {
  const { listSnapshots } = await import('./sampling/store.ts');
  return listSnapshots(home);
}
