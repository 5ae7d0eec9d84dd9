import type { DataSource } from '../data/source.ts';
import { TastegraphError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import type { IngestSummary } from '../graph/ingest.ts';
import type { CommandOptions, FileOptions } from '../options.ts';
import type { Reading } from '../sampling/current.ts';
import type { Snapshot } from '../sampling/snapshot.ts';
import type { StoredSnapshot } from '../sampling/store.ts';
import { withGraph } from './database.ts';
import type { GraphOptions, Run } from './run.ts';

/**
 * Brings a data source into the graph, by the importer where the graph is empty and the source large, and goes on with the
 * open graph. Errors: those of the data, data/too-many-bad-lines, data/changed; mapping/read-only.
 */
export async function ingestSource<T>(
  source: DataSource,
  options: Pick<CommandOptions<'ingest'>, 'maxBadPercent' | 'restart'> & GraphOptions,
  run: Run,
  work: (graph: Graph, summary: IngestSummary) => T | Promise<T>,
): Promise<T> {
  if (options.mapping) {
    const todo = "Bring it in with the program that the graph is of, or take 'mapping' out of the config file";
    throw new TastegraphError('mapping/read-only', { what: 'users, items and interactions', todo });
  }
  const { importSource } = await import('../graph/import.ts');
  const { ingest } = await import('../graph/ingest.ts');
  const { recordJob } = await import('./jobRecords.ts');
  return await recordJob(options, { kind: 'ingest', about: source.path }, run, async (recorded, ended) => {
    const { report, signal } = recorded;
    const imported = await importSource(source, options, report, signal);
    return await withGraph(options, recorded, async (graph) => {
      const summary = imported ?? (await ingest(graph, source, options, report, signal));
      source.discard?.(); // not earlier: a cut-off ingest goes on from what was put aside
      ended(`${counted(summary.interactions.created)} new interactions, ${counted(summary.badLines)} bad lines`);
      return await work(graph, summary);
    });
  });
}

const counted = (count: number): string => count.toLocaleString('en');

/** Brings files, folders or standard input ('-') into the graph. Errors: those of `ingestSource`. */
export async function ingestFiles(
  paths: string | readonly string[],
  options: CommandOptions<'ingest'>,
  run: Run,
): Promise<IngestSummary> {
  const { openData } = await import('../data/open.ts');
  const source = await openData(paths, options); // before the database: a wrong path should not cost its start
  return await ingestSource(source, options, run, (_, summary) => summary);
}

export type { Reading } from '../sampling/current.ts';

export interface TakenSnapshot {
  readonly snapshot: Snapshot;
  /** Where it is stored. */
  readonly folder: string;
  /** The files it was built from, or 'neo4j'. */
  readonly data: string;
  /** Of the graph: whether it was read whole, or an earlier snapshot brought up to date. */
  readonly reading?: Reading;
  readonly seconds: { readonly take: number; readonly store: number };
}

/**
 * A snapshot of files (`data`), or of the graph as it is now, begun from the newest stored one of that graph unless `full`; stored
 * under the home. With `asOf`, what came later is left out of what is stored. Errors: snapshot/empty, snapshot/empty-as-of,
 * options/invalid; those of the data and the database.
 */
export async function takeSnapshot(
  options: GraphOptions &
    FileOptions & {
      readonly data?: string | undefined;
      readonly full?: boolean;
      readonly asOf?: string | undefined;
    },
  run: Run,
  graph?: Graph,
): Promise<TakenSnapshot> {
  const { writeSnapshot } = await import('../sampling/store.ts');
  if (options.full && options.data !== undefined) {
    const problem = 'files are always read whole; it is for the graph';
    throw new TastegraphError('options/invalid', { name: 'full', where: 'the options', problem, given: 'true' });
  }
  let start = performance.now();
  const take = async (open: Graph) => {
    const { currentSnapshot } = await import('../sampling/current.ts');
    start = performance.now(); // what the database's own start took is not the snapshot's
    const { home, full = false } = options;
    return await currentSnapshot(open, { home, full }, run.report, run.signal);
  };
  const fromGraph = () => (graph ? take(graph) : withGraph(options, run, take));
  const { snapshot: now, reading } = await (options.data === undefined
    ? fromGraph()
    : { snapshot: await fromFiles(options.data, options, run), reading: undefined });
  const snapshot = options.asOf === undefined ? now : await backTo(now, options.asOf);
  const taken = performance.now();
  const { storeWithoutForgotten } = await import('./forget/storing.ts');
  const stored = await storeWithoutForgotten(options.home, snapshot, run, (kept) => ({
    snapshot: kept,
    folder: writeSnapshot(options.home, kept),
  }));
  return {
    ...stored,
    data: options.data ?? 'neo4j',
    ...(reading && { reading }),
    seconds: { take: (taken - start) / 1000, store: (performance.now() - taken) / 1000 },
  };
}

async function backTo(snapshot: Snapshot, moment: string): Promise<Snapshot> {
  const { snapshotAsOf } = await import('../sampling/asOf.ts');
  const { momentOf } = await import('../options/current.ts');
  return snapshotAsOf(snapshot, momentOf(moment));
}

async function fromFiles(path: string, options: FileOptions, run: Run): Promise<Snapshot> {
  const { snapshotFromFiles } = await import('../sampling/fromFiles.ts');
  return await snapshotFromFiles(path, options, run.report, run.signal);
}

/** The snapshots that are stored under the home, newest first. */
export async function storedSnapshots({ home }: Pick<GraphOptions, 'home'>): Promise<readonly StoredSnapshot[]> {
  const { listSnapshots } = await import('../sampling/store.ts');
  return listSnapshots(home);
}

/** A stored snapshot by its digest. Errors: snapshot/not-found, snapshot/corrupt. */
export async function loadStored(digest: string, { home }: Pick<GraphOptions, 'home'>): Promise<Snapshot> {
  const { findSnapshot, loadSnapshot } = await import('../sampling/store.ts');
  return loadSnapshot(findSnapshot(home, digest).folder);
}
