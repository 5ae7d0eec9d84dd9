/** Listens, and stops without cutting anybody off. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { problemOf, TastegraphError } from '../errors.ts';
import { prepareEvidence } from '../graph/evidence.ts';
import { interactedItems } from '../graph/interactions.ts';
import type { ListenOptions } from '../options.ts';
import { type AppDependencies, createApp } from './app.ts';

export interface RunningServer {
  /** http://127.0.0.1:8080, with the port it got. */
  readonly url: string;
  readonly port: number;
  /**
   * Takes no more connections, answers what has begun, and closes; what is not answered `requestTimeoutMs` later is cut off.
   * Again while it stops: the same promise.
   */
  stop(): Promise<void>;
}

/** What `serve` needs: the app's dependencies, whose options are given apart. */
export type ServeDependencies = Omit<AppDependencies, 'options' | 'stopping'>;

/** Serves the API on `host` and `port`. Errors: api/token-needed, api/port-taken. */
export async function serve(options: ListenOptions, deps: ServeDependencies): Promise<RunningServer> {
  const { host, port, token, requestTimeoutMs } = options;
  if (token === undefined && !isLoopback(host)) throw new TastegraphError('api/token-needed', { host });
  let stopping: Promise<void> | undefined;
  const app = createApp({ ...deps, options, stopping: () => stopping !== undefined });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.requestTimeout = requestTimeoutMs;
  server.headersTimeout = Math.min(requestTimeoutMs, 10_000);
  // While it stops, an answer also ends its connection.
  server.prependListener('request', (_, response) => {
    if (stopping) response.setHeader('connection', 'close');
  });
  await listen(server, host, port);
  // The first questions to a graph take it long to plan: they are asked before anybody waits for the answer.
  const prepared = prepare(deps);
  const { port: got } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  await prepared;
  return {
    url: `http://${name}:${got}`,
    port: got,
    stop: () => {
      stopping ??= drain(server, requestTimeoutMs);
      return stopping;
    },
  };
}

async function prepare({ reach, recommender, log }: ServeDependencies): Promise<void> {
  if (!reach.graph) return;
  try {
    await prepareEvidence(reach.graph, recommender.version.minValue);
    await interactedItems(reach.graph, '-', 30_000);
  } catch (cause) {
    // Recommendations are given without the graph too; `/health/ready` says that it does not answer.
    log.warn({ problem: problemOf(cause) }, 'the graph does not answer');
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE' || cause.code === 'EACCES';
      reject(taken ? new TastegraphError('api/port-taken', { port, host }, cause) : cause);
    });
    server.listen(port, host, resolve);
  });
}

async function drain(server: Server, patienceMs: number): Promise<void> {
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
  try {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  } finally {
    clearInterval(idle);
    clearTimeout(cut);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
