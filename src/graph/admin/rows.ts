/** What a statement that reads answers, a row at a time, and given up as soon as nobody wants it any more. */
import neo4j, { type Result, type Session } from 'neo4j-driver';
import { TastegraphError } from '../../errors.ts';
import { type Graph, graphError } from '../driver.ts';

export interface RowLimits {
  /** The server ends the statement after this long, ms. */
  readonly timeoutMs: number;
  /** Most rows that are taken. */
  readonly limit: number;
  /** Aborted when nobody waits for the rows any more: the server is told to end the statement. */
  readonly signal?: AbortSignal | undefined;
}

export type Row = readonly unknown[];

export interface Rows {
  readonly columns: readonly string[];
  /** Values that JSON can hold, in the order of `columns`. Errors: query/timeout, query/memory, neo4j/*; the signal's reason. */
  readonly rows: AsyncIterable<Row>;
  /** Whether there was more than `limit`; known when `rows` has ended. */
  readonly more: () => boolean;
  /** Ends it, whether all rows are taken or not. */
  close(): Promise<void>;
}

/** Rows of a message of Bolt: enough to be quick, few enough that an end comes soon. */
const fetchSize = 200;

/**
 * Runs a statement in a read transaction, once: the server refuses what writes. `purpose` names it in errors.
 * Errors: query/timeout, query/memory, neo4j/*; the signal's reason.
 */
export async function openRows(
  graph: Graph,
  text: string,
  parameters: Readonly<Record<string, unknown>>,
  { timeoutMs, limit, signal }: RowLimits,
  purpose: string,
): Promise<Rows> {
  signal?.throwIfAborted();
  const session = graph.session({ fetchSize: Math.min(fetchSize, limit + 1), mode: 'READ' });
  const close = onceClosed(session);
  const onAbort = () => void close();
  signal?.addEventListener('abort', onAbort, { once: true });
  const failed = (thrown: unknown): unknown => {
    if (signal?.aborted) return signal.reason;
    return limitError(thrown, purpose, timeoutMs) ?? graphError(thrown, graph.connection, purpose);
  };
  let more = false;
  let result: Result;
  let columns: readonly string[];
  try {
    result = session.run(text, { ...parameters }, { timeout: Math.ceil(timeoutMs) });
    columns = await result.keys();
  } catch (thrown) {
    await close();
    throw failed(thrown);
  }
  async function* rows(): AsyncGenerator<Row> {
    let taken = 0;
    try {
      for await (const record of result) {
        if (taken++ === limit) {
          more = true;
          break;
        }
        yield record.map(plainValue);
      }
    } catch (thrown) {
      throw failed(thrown);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      await close();
    }
    signal?.throwIfAborted();
  }
  return { columns, rows: rows(), more: () => more, close };
}

/** Closing sends RESET where a statement runs, which ends it on the server. */
function onceClosed(session: Session): () => Promise<void> {
  let closed: Promise<void> | undefined;
  return () => {
    closed ??= session.close().catch(() => {}); // The connection may be gone: then the server ends the statement too.
    return closed;
  };
}

/** The limits that a statement ran into, as errors of ours. */
export function limitError(thrown: unknown, purpose: string, timeoutMs: number): TastegraphError | undefined {
  const { code = '' } = thrown as { readonly code?: string };
  if (/TransactionTimedOut/.test(code))
    return new TastegraphError('query/timeout', { query: purpose, seconds: timeoutMs / 1000 }, thrown);
  if (/OutOfMemory|MemoryLimit/.test(code)) return new TastegraphError('query/memory', { query: purpose }, thrown);
  return undefined;
}

/** Nodes, relationships, paths, times and points as JSON can hold them. */
export function plainValue(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? String(value) : value;
  if (neo4j.isNode(value)) return { labels: value.labels, properties: plainValue(value.properties) };
  if (neo4j.isRelationship(value)) return { type: value.type, properties: plainValue(value.properties) };
  if (neo4j.isPath(value)) {
    const { start, segments } = value;
    return {
      start: plainValue(start),
      steps: segments.map(({ relationship, end }) => [plainValue(relationship), plainValue(end)]),
    };
  }
  if (neo4j.isPoint(value)) {
    const { srid, x, y, z } = value;
    return { srid, x, y, ...(z !== undefined && { z }) };
  }
  if (Array.isArray(value)) return value.map(plainValue);
  if (value instanceof Int8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (isTemporal(value)) return value.toString();
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainValue(each)]));
}

const isTemporal = (value: object): boolean =>
  neo4j.isDate(value) ||
  neo4j.isDateTime(value) ||
  neo4j.isLocalDateTime(value) ||
  neo4j.isTime(value) ||
  neo4j.isLocalTime(value) ||
  neo4j.isDuration(value);
