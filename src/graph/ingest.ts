/** Takes a source of records into the graph: nothing lost, nothing doubled, whenever and however often it is cut off. */
import type { DataSource } from '../data/source.ts';
import { problemOf, TastegraphError } from '../errors.ts';
import type { Report } from '../progress.ts';
import { BlockedUsers } from './blocked.ts';
import type { Graph } from './driver.ts';
import { begin, finish, type Totals } from './ingest/checkpoint.ts';
import { Lane } from './ingest/lane.ts';
import { Nodes } from './ingest/nodes.ts';
import { laneCount, partition } from './ingest/partition.ts';
import { Quarantine } from './ingest/quarantine.ts';
import { statement } from './statements.ts';

export interface IngestOptions {
  /** Folder under which the quarantine lies. */
  readonly home: string;
  /** Share of bad lines over which the ingest stops, in percent. */
  readonly maxBadPercent: number;
  /** Read from the beginning even where a cut-off ingest could go on. */
  readonly restart: boolean;
}

export interface NodeCount {
  readonly created: number;
  /** In the graph, after the ingest. */
  readonly total: number;
}

export interface EdgeCount {
  readonly read: number;
  readonly created: number;
  /** Were in the graph already, repeated lines that lie far apart in the files among them. */
  readonly present: number;
  /** Lines that repeat another one close by, whose place the last one took. */
  readonly repeated: number;
}

/** What an ingest did, over all the processes that it took where it was cut off. */
export interface IngestSummary {
  readonly format: string;
  readonly path: string;
  /** Whether it went on where an earlier process was cut off. */
  readonly resumed: boolean;
  readonly users: NodeCount;
  readonly items: NodeCount;
  readonly features: NodeCount;
  readonly interactions: EdgeCount;
  readonly featureEdges: EdgeCount;
  readonly trust: EdgeCount;
  /** Records of users who were forgotten for good, which were left out by this process; absent where there were none. */
  readonly refused?: number;
  /** Lines read, headers not counted. */
  readonly lines: number;
  readonly badLines: number;
  /** File of the bad lines, where there are any. */
  readonly quarantine?: string;
  /** Of this process. */
  readonly seconds: number;
  /** Interactions, trust ties and feature edges a second, of this process. */
  readonly rate: number;
}

/** From this many lines on, too many bad ones stop an ingest before its end. */
export const leastLinesToJudge = 1_000;

/**
 * Errors: data/changed, data/too-many-bad-lines, data/empty, data/taken-over, data/interrupted, neo4j/unreachable, neo4j/query-failed.
 */
export async function ingest(
  graph: Graph,
  source: DataSource,
  options: IngestOptions,
  report: Report,
  signal?: AbortSignal,
): Promise<IngestSummary> {
  try {
    return await take(graph, source, options, report, signal);
  } catch (cause) {
    if (cause instanceof TastegraphError) throw cause;
    const code = (cause as { code?: string }).code ?? '';
    const problem = problemOf(cause);
    if (code === 'ServiceUnavailable' || code === 'SessionExpired') {
      throw new TastegraphError('neo4j/unreachable', { uri: graph.connection.uri, problem }, cause);
    }
    if (code.startsWith('Neo.'))
      throw new TastegraphError('neo4j/query-failed', { statement: 'of the ingest', problem }, cause);
    throw cause;
  }
}

async function take(
  graph: Graph,
  source: DataSource,
  options: IngestOptions,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<IngestSummary> {
  const started = performance.now();
  report({ phase: 'checking', done: 0, total: source.totalBytes, unit: 'bytes' });
  const checkpoint = await begin(graph, source, options.restart);
  const quarantine = new Quarantine(options.home, checkpoint.id, source.files);
  await quarantine.open(checkpoint.resumed, checkpoint.from);
  const blocked = new BlockedUsers();
  await graph.read((tx) => blocked.look(tx));
  const nodes = new Nodes(graph, checkpoint.id, blocked);
  const lanes = Array.from({ length: laneCount }, (_, lane) => new Lane(graph, checkpoint, lane, nodes, blocked));
  const drain = async (): Promise<void> => {
    // All are waited for, so that none still writes when the first failure is told.
    const ends = await Promise.allSettled(lanes.map((lane) => lane.drain()));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  };

  let place = checkpoint.from;
  let doneBytes = place.bytes;
  let edges = 0;
  let refused = 0;
  const tell = (): void => {
    const note = quarantine.count > 0 ? { note: `${quarantine.count} quarantined` } : {};
    report({ phase: 'into the graph', done: doneBytes, total: source.totalBytes, unit: 'bytes', ...note });
  };
  const judge = () => tooManyBad(source, options, quarantine, place.read);

  try {
    tell();
    for await (const batch of source.batches(place)) {
      if (signal?.aborted) throw new TastegraphError('data/interrupted', { done: doneBytes, total: source.totalBytes });
      // What connects nodes is written after all that makes them, and different kinds of edges never side by side.
      if (batch.next.file !== place.file) await drain();
      quarantine.add(blocked.admittedLines(batch.bad));
      const tasks = partition(batch, place).filter((task) => !lanes[task.lane]!.has(task));
      const bytes = batch.next.bytes - place.bytes;
      let left = tasks.length;
      const written = (): void => {
        if (--left > 0) return;
        doneBytes += bytes;
        tell();
      };
      place = batch.next;
      const records = blocked.admittedRecords(batch.records);
      edges += records.length;
      refused += batch.records.length - records.length;
      if (place.read >= leastLinesToJudge && judge() !== undefined) break;
      await nodes.ensure(records);
      for (const task of tasks) await lanes[task.lane]!.push(task, records, written);
      if (tasks.length === 0) written();
    }
    await drain();
  } catch (cause) {
    await drain().catch(() => {}); // the first failure is the one to tell
    throw cause;
  } finally {
    quarantine.close();
  }
  // Finished even where it is refused: the next ingest reads the mended files from their beginning.
  const totals = await finish(graph, source, checkpoint);
  const refusal = judge();
  if (refusal !== undefined) throw refusal;
  if (totals.interactionsRead === 0) refuseEmpty(source);
  const seconds = (performance.now() - started) / 1000;
  return {
    format: source.format,
    path: source.path,
    resumed: checkpoint.resumed,
    ...(await counts(graph, totals)),
    ...(refused > 0 ? { refused } : {}),
    lines: place.read,
    badLines: quarantine.count,
    ...(quarantine.count > 0 ? { quarantine: quarantine.path } : {}),
    seconds,
    rate: edges / seconds,
  };
}

/** The refusal, where more lines are bad than the options allow. */
export function tooManyBad(
  source: DataSource,
  { maxBadPercent }: IngestOptions,
  quarantine: Quarantine,
  read: number,
): TastegraphError | undefined {
  if (quarantine.count * 100 <= maxBadPercent * read) return undefined;
  const { count: bad, path } = quarantine;
  const details = { bad, read, path: source.path, limit: maxBadPercent, quarantine: path };
  return new TastegraphError('data/too-many-bad-lines', details);
}

/** Errors: data/empty, where there should be interactions. */
export function refuseEmpty({ files, format, path }: DataSource): void {
  if (!files.some(({ role }) => role === 'interactions')) return;
  throw new TastegraphError('data/empty', { path, expected: `lines of the format ${format}` });
}

async function counts(graph: Graph, totals: Totals) {
  const row = await graph.read(async (tx) => (await tx.run(statement('read/counts'))).records[0]!.toObject());
  const total = row as { readonly users: number; readonly items: number; readonly features: number };
  const edges = (read: number, created: number, repeated: number): EdgeCount => ({
    read,
    created,
    present: read - created - repeated,
    repeated,
  });
  return {
    users: { created: totals.usersCreated, total: total.users },
    items: { created: totals.itemsCreated, total: total.items },
    features: { created: totals.featuresCreated, total: total.features },
    interactions: edges(totals.interactionsRead, totals.interactionsCreated, totals.interactionsRepeated),
    featureEdges: edges(totals.featureEdgesRead, totals.featureEdgesCreated, 0),
    trust: edges(totals.trustRead, totals.trustCreated, totals.trustRepeated),
  };
}
