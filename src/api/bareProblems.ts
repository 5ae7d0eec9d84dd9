/** Problems of what never becomes a request: written to the connection itself, where Node would answer with a bare status. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { RequestError } from '@hono/node-server';
import type { Logger } from 'pino';
import { problemOf, TastegraphError } from '../errors.ts';
import { problemBody } from './problem.ts';
import { problemOfTarget } from './target.ts';

const headersOf = (requestId: string) => ({
  'content-type': 'application/problem+json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-request-id': requestId,
  connection: 'close',
});

/** The answer as bytes of HTTP/1.1, after which the connection ends. */
export function bareProblem(error: TastegraphError): string {
  const requestId = randomUUID();
  const problem = problemBody(error, requestId);
  const body = JSON.stringify(problem);
  const headers = { ...headersOf(requestId), 'content-length': Buffer.byteLength(body) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${problem.status} ${problem.title}`, ...lines, '', body].join('\r\n');
}

/** Hands on what names one thing, and answers the rest: once a URL is made of it, `/a/%2e%2e` is `/`. */
export function unlessUnclear(listener: RequestListener): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    const problem = problemOfTarget(request.url ?? '');
    if (problem === undefined) return listener(request, response);
    const requestId = randomUUID();
    const body = problemBody(new TastegraphError('api/target', { problem }), requestId);
    response.writeHead(body.status, headersOf(requestId));
    response.end(JSON.stringify(body));
  };
}

/** Answers what Node's parser refuses, and headers that are too large or too slow. */
export function answerUnreadable(server: Server, maxHeaderSize: number): void {
  const last = new WeakMap<object, ServerResponse>();
  server.prependListener('request', ({ socket }, response) => last.set(socket, response));
  server.on('clientError', (cause: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    const response = last.get(socket);
    // Nothing is written into an answer that has begun.
    const isFree = !response || response.writableFinished || !response.headersSent;
    if (socket.writable && cause.code !== 'ECONNRESET' && isFree)
      socket.write(bareProblem(errorOf(cause, maxHeaderSize)));
    socket.destroySoon();
  });
}

function errorOf({ code }: NodeJS.ErrnoException, limit: number): TastegraphError {
  if (code === 'HPE_HEADER_OVERFLOW') return new TastegraphError('api/headers-too-large', { limit });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new TastegraphError('api/slow');
  if (code === 'HPE_INVALID_EOF_STATE') return new TastegraphError('api/cut-off'); // what came was well-formed
  return new TastegraphError('api/malformed');
}

/** Load balancers ask in HTTP/1.0 and name no host: they are told how the server is, as if they asked for it by its own name. */
export function answerProbes(server: Server): void {
  server.prependListener('request', (request) => {
    if (request.httpVersion !== '1.0' || request.headers.host !== undefined) return;
    if (/^\/(api\/)?health\/(live|ready)$/.test((request.url ?? '').split('?', 1)[0]!))
      request.headers.host = 'localhost';
  });
}

/** Answers what did not become a request, as one whose Host is none, and what the application itself could not answer. */
export function unanswered(log: Logger): (cause: unknown) => Response {
  return (cause) => {
    const requestId = randomUUID();
    const isMalformed = cause instanceof RequestError;
    const error = isMalformed
      ? new TastegraphError('api/malformed')
      : new TastegraphError('internal', { problem: problemOf(cause) }, cause);
    if (!isMalformed) log.error({ requestId, problem: problemOf(cause) }, 'request failed');
    return Response.json(problemBody(error, requestId), {
      status: error.status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'x-request-id': requestId },
    });
  };
}
