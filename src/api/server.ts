/** Listens, and stops without cutting anybody off. */
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import type { Logger } from 'pino';
import { createAccess } from '../access/access.ts';
import { isLoopback } from '../address.ts';
import { problemOf, TastegraphError } from '../errors.ts';
import { prepareEvidence } from '../graph/evidence.ts';
import { interactionsOfUser } from '../graph/interactions.ts';
import type { AccessOptions, AdminOptions, HoldingOptions, ListenOptions } from '../options.ts';
import type { AppDependencies } from './app.ts';
import { answerProbes, answerUnreadable, unanswered, unlessUnclear } from './bareProblems.ts';
import type { TenantDependencies } from './context.ts';
import { limitPatience } from './patience.ts';
import { createApps } from './tenants.ts';

export interface RunningServer {
  /** http://127.0.0.1:8080, with the port it got. */
  readonly url: string;
  readonly port: number;
  /**
   * Takes no more connections after `drainDelaySeconds`, in which it says that it is not ready, answers what has begun, and closes;
   * what is not answered `requestTimeoutMs` later is cut off. Again while it stops: the same promise.
   */
  stop(): Promise<void>;
}

/** What `serve` needs: the app's dependencies, whose options are given apart, and those of each tenant by its name. */
export type ServeDependencies = Omit<AppDependencies, 'options' | 'stopping' | 'tenant' | 'tenantNames'> & {
  readonly tenants?: ReadonlyMap<string, TenantDependencies> | undefined;
};

/** Serves the API on `host` and `port`. Errors: api/token-needed, tenant/unguarded, api/port-taken. */
export async function serve(
  options: Omit<ListenOptions, 'maxUploadMb'> &
    Partial<
      AdminOptions & AccessOptions & Pick<ListenOptions, 'maxUploadMb'> & Pick<HoldingOptions, 'drainDelaySeconds'>
    >,
  deps: ServeDependencies,
): Promise<RunningServer> {
  const { host, port, token, requestTimeoutMs, drainDelaySeconds = 0 } = options;
  const access = deps.access ?? createAccess({ token });
  if (!isLoopback(host) && !access.isGuarded()) throw new TastegraphError('api/token-needed', { host });
  let stopping: Promise<void> | undefined;
  const answer = createApps({ ...deps, access, options, stopping: () => stopping !== undefined });
  const listener = getRequestListener(answer, { errorHandler: unanswered(deps.log) });
  const server = createServer(limitsOf(requestTimeoutMs), unlessUnclear(listener));
  limitPatience(server, requestTimeoutMs);
  answerUnreadable(server, maxHeaderSize);
  answerProbes(server);
  // While it stops, an answer also ends its connection.
  server.prependListener('request', (_, response) => {
    if (stopping) response.setHeader('connection', 'close');
  });
  await listen(server, host, port);
  // The first questions to a graph take it long to plan: they are asked before anybody waits for the answer.
  const prepared = Promise.all([deps, ...(deps.tenants?.values() ?? [])].map((each) => prepare(each, deps.log)));
  const { port: got } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  await prepared;
  return {
    url: `http://${name}:${got}`,
    port: got,
    stop: () => {
      stopping ??= drain(server, 1000 * drainDelaySeconds, requestTimeoutMs);
      return stopping;
    },
  };
}

/** Largest headers, bytes; more is 431. */
const maxHeaderSize = 16_384;

/** What a connection may cost, whoever is at its other end: nobody is known before the headers are there. */
function limitsOf(requestTimeoutMs: number): ServerOptions {
  return {
    requestTimeout: 0, // `limitPatience` has one for each kind of request
    headersTimeout: Math.min(requestTimeoutMs, 10_000),
    // Node looks for late ones every 30 s otherwise.
    connectionsCheckingInterval: Math.min(requestTimeoutMs, 1000),
    maxHeaderSize,
    insecureHTTPParser: false,
    requireHostHeader: false, // who sends none is told so in a problem, not by Node
  };
}

async function prepare({ reach, recommender }: TenantDependencies, log: Logger): Promise<void> {
  if (!reach.graph) return;
  try {
    await prepareEvidence(reach.graph, recommender.version);
    await interactionsOfUser(reach.graph, '-', 30_000);
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

async function drain(server: Server, delayMs: number, patienceMs: number): Promise<void> {
  if (delayMs > 0) await sleep(delayMs);
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
  try {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  } finally {
    clearInterval(idle);
    clearTimeout(cut);
  }
}
