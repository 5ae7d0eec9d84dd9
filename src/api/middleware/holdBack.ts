/** Requests beyond what a process takes on at once are refused at once, so that those it has taken are answered in time. */
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../context.ts';
import type { RequestQueue } from '../queue.ts';

/** Who looks after the server is never kept waiting. */
const always = /^\/(health\/|metrics$)/;

/** Errors: api/overloaded. */
export function holdBack(queue: RequestQueue) {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (always.test(c.req.path)) await next();
    else await queue.run(next);
  });
}
