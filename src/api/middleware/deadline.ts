/**
 * How long a request may take. Whoever waited so long is told `api/timeout`, while the work goes on: what it comes to then is the
 * context's answer, so that what stands inside settles by what was done and not by what was told.
 */
import { createMiddleware } from 'hono/factory';
import { TastegraphError } from '../../errors.ts';
import type { AppEnv } from '../context.ts';

/** `door` stands before all others, `limit` before those that are to be limited. */
export function deadline(requestTimeoutMs: number) {
  const door = createMiddleware<AppEnv>(async (c, next) => {
    await next();
    if (!c.get('late')) return;
    // By then the answer was handed over, and the context is free for that of the work.
    setImmediate(() => {
      c.res = undefined;
      c.finalized = false;
    });
  });

  /** Errors: api/timeout; api/slow, where it had not come whole by then. */
  const limit = createMiddleware<AppEnv>(async (c, next) => {
    let timer: NodeJS.Timeout | undefined;
    const overdue = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        c.set('late', true);
        const seconds = requestTimeoutMs / 1000;
        reject(c.get('arriving') ? new TastegraphError('api/slow') : new TastegraphError('api/timeout', { seconds }));
      }, requestTimeoutMs);
    });
    c.set('overdue', overdue);
    try {
      await Promise.race([next(), overdue]);
    } finally {
      clearTimeout(timer);
    }
  });
  return { door, limit };
}
