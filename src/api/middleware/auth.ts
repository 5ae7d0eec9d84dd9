/** A bearer token for everything but what says nothing of anybody. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import { TastegraphError } from '../../errors.ts';
import type { AppEnv } from '../context.ts';

/**
 * Open without a token: health, for whoever restarts the server; the API's description and its page, which are the same in
 * every installation and from which a browser, that cannot send a token by itself, is told one.
 */
const openPaths = /^\/(health\/(live|ready)|openapi\.json|docs(\/[\w.-]+)?)$/;

/** Refuses requests without `token`, before any routing. Without a token all are let in. Errors: api/unauthorized. */
export function auth(token: string | undefined) {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const wanted = token === undefined ? undefined : digest(token);
  return createMiddleware<AppEnv>(async (c, next) => {
    if (wanted && !openPaths.test(c.req.path)) {
      const given = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
      // Digests are of one length, so the time taken tells nothing of the token.
      if (given === undefined || !timingSafeEqual(digest(given), wanted)) throw new TastegraphError('api/unauthorized');
    }
    await next();
  });
}
