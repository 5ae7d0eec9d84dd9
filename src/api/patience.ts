/** How long a request may take to arrive: an upload of lines as long as it goes on coming, any other a fixed time. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { TastegraphError } from '../errors.ts';
import { bareProblem } from './bareProblems.ts';

/** Longest silence on the connection of an upload, ms: longer than the graph takes for a batch, during which nothing is read. */
const uploadSilenceMs = 60_000;

/** Time in which the application says itself that it was too late, ms. */
const answerMs = 300;

/** Whether a path takes a body of any length, line by line. */
export const isUpload = (path: string): boolean => /^\/v1\/[a-z]+:bulk$/.test(path);

/** Whether what a path answers or takes is lines that go on after its answer has begun. */
export const isStream = (path: string): boolean =>
  isUpload(path) || /^\/v1\/([a-z]+:(export|batch)|admin\/(cypher|queries\/[^/]+))$/.test(path);

/** Cuts off whoever takes longer; Node's own limit is the same for all requests. */
export function limitPatience(server: Server, requestTimeoutMs: number): void {
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const cut = () => {
      if (request.complete || socket.destroyed) return;
      // An answer may be on its way already; whoever has none is told, and what is sent is let through before the end.
      if (!response.headersSent) socket.write(bareProblem(new TastegraphError('api/slow')));
      socket.destroySoon();
    };
    if (isUpload((request.url ?? '').split('?', 1)[0]!)) {
      socket.setTimeout(uploadSilenceMs, cut);
      request.once('close', () => {
        socket.setTimeout(0);
        socket.removeListener('timeout', cut); // The connection may carry more requests.
      });
      return;
    }
    const timer = setTimeout(cut, requestTimeoutMs + answerMs).unref();
    const arrived = () => clearTimeout(timer);
    request.once('end', arrived);
    request.once('close', arrived);
  });
}
