import type { DataSource } from '../data/source.ts';
import type { Graph } from '../graph/driver.ts';
import type { IngestSummary } from '../graph/ingest.ts';
import type { CommandOptions, FileOptions } from '../options.ts';
import type { Snapshot } from '../sampling/snapshot.ts';
import type { StoredSnapshot } from '../sampling/store.ts';
import { withGraph } from './database.ts';
import type { GraphOptions, Run } from './run.ts';

/**
 * Brings a data source into the graph, by the importer where the graph is empty and the source large, and goes on with the
 * open graph. Errors: those of the data, data/too-many-bad-lines, data/changed.
 */
export async function ingestSource<T>(
  source: DataSource,
  options: Pick<CommandOptions<'ingest'>, 'maxBadPercent' | 'restart'> & GraphOptions,
  run: Run,
  work: (graph: Graph, summary: IngestSummary) => T | Promise<T>,
): Promise<T> {
  const { importSource } = await import('../graph/import.ts');
  const { ingest } = await import('../graph/ingest.ts');
  const imported = await importSource(source, options, run.report, run.signal);
  return await withGraph(options, run, async (graph) =>
    work(graph, imported ?? (await ingest(graph, source, options, run.report, run.signal))),
  );
}

/** Brings files into the graph. Errors: those of `ingestSource`. */
export async function ingestFiles(path: string, options: CommandOptions<'ingest'>, run: Run): Promise<IngestSummary> {
  const { openData } = await import('../data/open.ts');
  const source = await openData(path, options); // before the database: a wrong path should not cost its start
  return await ingestSource(source, options, run, (_, summary) => summary);
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
  const { writeSnapshot } = await import('../sampling/store.ts');
  let start = performance.now();
  const take = async (open: Graph): Promise<Snapshot> => {
    const { snapshotFromGraph } = await import('../sampling/fromGraph.ts');
    start = performance.now(); // what the database's own start took is not the snapshot's
    return await snapshotFromGraph(open, run.report, run.signal);
  };
  const fromGraph = () => (graph ? take(graph) : withGraph(options, run, take));
  const snapshot = await (options.data === undefined ? fromGraph() : fromFiles(options.data, options, run));
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
