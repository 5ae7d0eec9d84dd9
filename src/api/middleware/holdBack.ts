/** Requests beyond what a process takes on at once are refused at once, so that those it has taken are answered in time. */
import { createMiddleware } from 'hono/factory';
import { TastegraphError } from '../../errors.ts';
import type { AppContext, AppEnv } from '../context.ts';
import { isStream } from '../patience.ts';
import type { RequestQueue } from '../queue.ts';

/** Who looks after the server is never kept waiting. */
const always = /^\/((api\/)?health\/|metrics$)/;

/** Before a body is read: a body that dawdles takes no place, only room. Errors: api/overloaded, api/too-many-bodies. */
export function holdBodies(queue: RequestQueue, maxBodyBytes: number) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const free = queue.hold(Math.min(bytesOf(c), maxBodyBytes));
    try {
      await next();
    } finally {
      free();
    }
  });
}

/** Of a body in chunks nobody knows. */
function bytesOf(c: AppContext): number {
  if (c.req.header('transfer-encoding') !== undefined) return Infinity;
  const length = Number(c.req.header('content-length') ?? 0);
  return length >= 0 ? length : Infinity;
}

/**
 * After the body was read, and within the time that a request has. Who waits in the line is dropped when that is over, or when nobody is
 * there any more to be answered. Errors: api/overloaded, api/too-many-streams, api/timeout, api/client-gone.
 */
export function holdBack(queue: RequestQueue) {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (always.test(c.req.path)) return await next();
    if (isStream(c.req.path)) c.set('freeStream', queue.stream());
    const { overdue } = c.var;
    const patience = () => {
      const leaving = new AbortController();
      overdue.catch((cause: unknown) => leaving.abort(cause));
      const { signal } = c.req.raw;
      const onGone = () => leaving.abort(new TastegraphError('api/client-gone'));
      if (signal.aborted) onGone();
      else signal.addEventListener('abort', onGone, { once: true });
      return leaving.signal;
    };
    try {
      // What is answered has its place no longer, whatever of it still goes on.
      await queue.run(() => Promise.race([next(), overdue]), patience);
    } finally {
      c.var.freeStream?.(); // unless lines are sent, which take it with them
    }
  });
}
