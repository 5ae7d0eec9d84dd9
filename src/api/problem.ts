/** Every error as RFC 9457 problem+json, from the table of errors. */
import { STATUS_CODES } from 'node:http';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import { problemOf, TastegraphError } from '../errors.ts';
import type { AppContext } from './context.ts';

interface InvalidField {
  readonly path: string;
  readonly message: string;
}

/** What is said of an error to whoever asked. */
export function problemBody(error: TastegraphError, requestId: string, errors?: readonly InvalidField[]) {
  const { status, code, retryable } = error;
  const detail = error.outside ?? `The server's own matter. The log says more under ${requestId}`;
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, detail, code, retryable, requestId, ...(errors && { errors }) };
}

/** The answer to a request that failed. */
export function problemResponse(c: AppContext, error: TastegraphError, errors?: readonly InvalidField[]): Response {
  const { status, code } = error;
  c.set('refusedFor', code);
  const body = problemBody(error, c.get('requestId'), errors);
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  if (code === 'api/forbidden') {
    headers['www-authenticate'] = `Bearer error="insufficient_scope", scope="${error.details.scope}"`; // RFC 6750, 3.1
  }
  if (code === 'api/method') headers.allow = String(error.details.allow);
  if (status === 503 || code === 'api/idempotency-running') headers['retry-after'] = '1';
  if (code === 'api/coding') headers['accept-encoding'] = String(error.details.accepted);
  if (code === 'api/rate-limited') headers['retry-after'] = String(error.details.seconds);
  return c.body(JSON.stringify(body), status as 400, headers);
}

/** Answers whatever was thrown; logs what nobody expected. */
export function onError(log: Logger): (thrown: Error, c: AppContext) => Response {
  const said = new WeakSet<Error>();
  return (thrown, c) => {
    const error = errorOf(thrown, c);
    // What breaks a request off is caught at each place that waited for it.
    if (error.status >= 500 && !said.has(thrown)) {
      said.add(thrown);
      const level = error.code === 'internal' ? 'error' : 'warn';
      log[level]({ requestId: c.get('requestId'), code: error.code, problem: problemOf(thrown) }, 'request failed');
      if (error.code === 'internal') log.debug({ requestId: c.get('requestId'), stack: thrown.stack }, 'stack');
    }
    return problemResponse(c, error);
  };
}

function errorOf(thrown: Error, c: AppContext): TastegraphError {
  if (thrown instanceof TastegraphError) return thrown;
  if (thrown instanceof HTTPException && thrown.status === 400)
    return new TastegraphError('api/invalid', { problem: thrown.message || 'The request cannot be read' });
  if (thrown instanceof HTTPException && thrown.status === 404)
    return new TastegraphError('api/not-found', { path: c.req.path });
  if (thrown instanceof HTTPException && thrown.status === 415) return new TastegraphError('api/media-type');
  return new TastegraphError('internal', { problem: problemOf(thrown) }, thrown);
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What names all that was sent would be as long as that. */
const cut = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

/** Answers what zod refused, field by field; `target` is 'query', 'param' or 'json'. */
export function invalidResponse(c: AppContext, target: string, issues: readonly Issue[]): Response {
  const place = target === 'json' ? 'body' : target === 'param' ? 'path' : target;
  const fields = issues
    .slice(0, 20)
    .map(({ path, message }) => ({ path: cut([place, ...path].map(String).join('.')), message: cut(message) }));
  const problem = fields.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return problemResponse(c, new TastegraphError('api/invalid', { problem }), fields);
}
