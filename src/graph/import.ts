/** Takes a large source into an empty managed database at once, by Neo4j's own importer. */
import { randomUUID } from 'node:crypto';
import { setImmediate as immediate } from 'node:timers/promises';
import { beginning, type DataSource } from '../data/source.ts';
import { TastegraphError } from '../errors.ts';
import type { Report } from '../progress.ts';
import { arraySeparator } from './ingest/csv.ts';
import { Quarantine } from './ingest/quarantine.ts';
import { type ImportCounts, Tables } from './ingest/tables.ts';
import {
  type EdgeCount,
  type IngestOptions,
  type IngestSummary,
  leastLinesToJudge,
  type NodeCount,
  refuseEmpty,
  tooManyBad,
} from './ingest.ts';
import { type Imported, importWhereEmpty } from './server/importing.ts';
import type { ServerOptions } from './server.ts';

/** Bytes from which on an import pays for stopping and starting the server. */
const leastImportBytes = 1 << 20;

/**
 * Takes a source into the managed database by Neo4j's importer, where it holds nothing yet, nobody else is connected,
 * and the source is large; the memory it needs does not grow with it. Cut off at any point, it leaves an empty database. The
 * seconds it tells leave out the start of a server that did not run, as those of an ingest do. Undefined, and nothing done,
 * where it cannot be. Errors: data/too-many-bad-lines, data/empty, data/interrupted, neo4j/import-failed and those of a start.
 */
export async function importSource(
  source: DataSource,
  options: IngestOptions & ServerOptions,
  report: Report,
  signal?: AbortSignal,
): Promise<IngestSummary | undefined> {
  if (options.neo4jUri || source.totalBytes < leastImportBytes) return undefined;
  const started = performance.now();
  const quarantine = new Quarantine(options.home, source.id, source.files);
  let lines = 0;
  let made: ImportCounts | undefined;
  const interrupted = (cause?: unknown) =>
    new TastegraphError('data/interrupted', { done: 0, total: source.totalBytes }, cause);
  const write = async (folder: string): Promise<readonly string[] | undefined> => {
    const startedAt = Date.now();
    const digests = await source.digests();
    const tables = new Tables(folder, source.totalBytes);
    await quarantine.open(false, beginning);
    for await (const { records, bad, next } of source.batches()) {
      if (signal?.aborted) throw interrupted();
      if (!tables.add(records)) return undefined;
      quarantine.add(bad);
      lines = next.read;
      const refusal = lines >= leastLinesToJudge && tooManyBad(source, options, quarantine, lines);
      if (refusal) throw refusal;
      report({ phase: 'reading', done: next.bytes, total: source.totalBytes, unit: 'bytes' });
    }
    const refusal = tooManyBad(source, options, quarantine, lines);
    if (refusal) throw refusal;
    const note = {
      'id:ID(Ingest)': source.id,
      run: randomUUID(),
      source: source.path,
      format: source.format,
      'digests:string[]': digests.join(arraySeparator),
      'startedAt:long': startedAt,
      'finishedAt:long': Date.now(),
      'finished:boolean': true,
    };
    const { args, counts } = await tables.write('importing', note, async (done) => {
      report({ phase: 'sorting by user', done, total: tables.parts, unit: 'parts' });
      await immediate(); // lets a signal be heard
      if (signal?.aborted) throw interrupted();
    });
    if (counts.interactionsRead === 0) refuseEmpty(source);
    made = counts;
    return args;
  };
  let imported: Imported | undefined;
  try {
    imported = await importWhereEmpty(options, write, report, signal);
  } catch (thrown) {
    throw signal?.aborted ? interrupted(thrown) : thrown;
  } finally {
    quarantine.close();
  }
  if (!imported) return undefined;
  const seconds = (performance.now() - started) / 1000 - imported.startSeconds;
  const { users, items, features, interactions, featureEdges, trust } = made!;
  const node = (created: number): NodeCount => ({ created, total: created });
  const edges = (read: number, created: number): EdgeCount => ({ read, created, present: 0, repeated: read - created });
  return {
    format: source.format,
    path: source.path,
    resumed: false,
    users: node(users),
    items: node(items),
    features: node(features),
    interactions: edges(made!.interactionsRead, interactions),
    featureEdges: edges(featureEdges, featureEdges),
    trust: edges(made!.trustRead, trust),
    lines,
    badLines: quarantine.count,
    ...(quarantine.count > 0 ? { quarantine: quarantine.path } : {}),
    seconds,
    rate: (interactions + featureEdges + trust) / seconds,
  };
}
