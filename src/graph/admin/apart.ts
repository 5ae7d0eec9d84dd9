/**
 * Free Cypher on a thread and a connection of its own. One row may hold a list that has no end (`range(1, 10000000000)`), which the
 * server makes while it sends it, past its own time and memory limits, and which the driver reads in one go: on the main thread it
 * would stop everything. So a thread takes it in, with bounded memory, and is ended when its time is over; the server ends the
 * statement when the connection is gone.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import neo4j from 'neo4j-driver';
import { type ErrorCode, type ErrorDetails, TastegraphError } from '../../errors.ts';
import { packageRoot } from '../../package.ts';
import type { Connection, Graph } from '../driver.ts';
import { guardCypher } from './guard.ts';
import { freeParameters, type GivenParameters } from './parameters.ts';
import type { Row, RowLimits, Rows } from './rows.ts';

export interface ApartStart {
  readonly connection: Connection;
  readonly text: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly limits: Pick<RowLimits, 'timeoutMs' | 'limit'>;
  readonly purpose: string;
  readonly memoryMb: number;
}

export type ApartMessage =
  | { readonly columns: readonly string[] }
  | { readonly rows: readonly Row[] }
  | { readonly more: boolean }
  | { readonly code: ErrorCode; readonly details: ErrorDetails };

export interface ApartLimits extends RowLimits {
  readonly memoryMb: number;
}

/** What the thread's start and the server's own notice of the time limit may take beyond it, ms. */
const grace = 5000;

/**
 * Runs Cypher from outside that only reads. Parameters are values of JSON: see `freeParameters`.
 * Errors: query/refused, query/timeout, query/memory, compute/not-built, neo4j/*; the signal's reason.
 */
export async function askFreely(
  graph: Graph,
  text: string,
  parameters: GivenParameters,
  { timeoutMs, limit, signal, memoryMb }: ApartLimits,
  purpose = 'cypher',
): Promise<Rows> {
  await guardCypher(graph, text, freeParameters(parameters), timeoutMs);
  signal?.throwIfAborted();
  const script = join(packageRoot, 'dist', 'graph', 'admin', 'worker.js');
  if (!existsSync(script)) throw new TastegraphError('compute/not-built', { path: script });
  const start: ApartStart = {
    connection: graph.credentials(),
    text,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([key, value]) => [key, neo4j.isInt(value) ? value.toNumber() : value]),
    ),
    limits: { timeoutMs, limit },
    purpose,
    memoryMb,
  };
  const worker = new Worker(script, {
    workerData: start,
    name: 'tastegraph-cypher',
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  const inbox = new Inbox();
  let ended: Promise<unknown> | undefined;
  const close = async () => {
    clearTimeout(late);
    signal?.removeEventListener('abort', onAbort);
    ended ??= worker.terminate();
    await ended;
  };
  const fail = (reason: unknown) => {
    inbox.fail(reason);
    void close();
  };
  const onAbort = () => fail(signal?.reason);
  const tooLate = () => fail(new TastegraphError('query/timeout', { query: purpose, seconds: timeoutMs / 1000 }));
  const late = setTimeout(tooLate, timeoutMs + grace);
  signal?.addEventListener('abort', onAbort, { once: true });
  worker.on('message', (message: ApartMessage) => {
    if ('code' in message) fail(new TastegraphError(message.code, message.details));
    else inbox.put(message);
  });
  worker.on('error', (cause: NodeJS.ErrnoException) => {
    const isFull = cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
    fail(isFull ? new TastegraphError('query/memory', { query: purpose }, cause) : cause);
  });
  worker.on('exit', () => fail(new TastegraphError('query/memory', { query: purpose })));

  let more = false;
  async function* rows(): AsyncGenerator<Row> {
    try {
      for (;;) {
        const message = await inbox.take();
        if ('more' in message) {
          more = message.more;
          return;
        }
        if ('rows' in message) {
          yield* message.rows;
          worker.postMessage('next');
        }
      }
    } finally {
      await close();
    }
  }
  const first = await inbox.take().catch(async (thrown: unknown) => {
    await close();
    throw thrown;
  });
  return { columns: 'columns' in first ? first.columns : [], rows: rows(), more: () => more, close };
}

/** Messages in their order, for one who waits for each. */
class Inbox {
  readonly #messages: ApartMessage[] = [];
  #failure: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  put(message: ApartMessage): void {
    this.#messages.push(message);
    this.#wake?.();
  }

  /** The first failure counts; what came before it is still taken. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#wake?.();
  }

  async take(): Promise<ApartMessage> {
    for (;;) {
      const message = this.#messages.shift();
      if (message) return message;
      if (this.#failure) throw this.#failure.reason;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
