/** Holds each caller to its rate, and says how it stands: draft-ietf-httpapi-ratelimit-headers-10. */
import { createMiddleware } from 'hono/factory';
import { TastegraphError } from '../../errors.ts';
import type { AppEnv, SharedBuckets } from '../context.ts';

/** Never by address: behind a proxy all come from one. Errors: api/rate-limited. */
export function rateLimit(buckets: SharedBuckets) {
  const { rate, burst } = buckets;
  // The window in which a caller that keeps to the rate has used up the whole quota.
  const policy = `"caller";q=${burst};w=${Math.ceil(burst / rate)}`;
  return createMiddleware<AppEnv>(async (c, next) => {
    const { caller } = c.var;
    if (!caller) return await next();
    const { admitted, left, wait } = await buckets.take(`${caller.tenant ?? ''} ${caller.kind} ${caller.id}`);
    const seconds = Math.ceil(wait);
    c.header('ratelimit-policy', policy);
    c.header('ratelimit', `"caller";r=${left};t=${seconds}`);
    if (!admitted) throw new TastegraphError('api/rate-limited', { limit: rate, burst, seconds: Math.max(1, seconds) });
    await next();
  });
}
