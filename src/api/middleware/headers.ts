/** Headers that keep a browser from doing anything the program did not mean. */
import { createMiddleware } from 'hono/factory';
import { secureHeaders } from 'hono/secure-headers';
import type { AppEnv } from '../context.ts';

/**
 * The page of the API and the console load their own files and ask their own origin; everything else is data that nothing may run
 * from.
 */
export function headers() {
  const none = ["'none'"];
  const self = ["'self'"];
  const rest = { defaultSrc: none, frameAncestors: none, baseUri: none, formAction: none };
  const data = secureHeaders({ contentSecurityPolicy: rest, xFrameOptions: 'DENY', referrerPolicy: 'no-referrer' });
  const page = { ...rest, scriptSrc: self, styleSrc: self, connectSrc: self, imgSrc: ["'self'", 'data:'] };
  const docs = secureHeaders({ contentSecurityPolicy: page, xFrameOptions: 'DENY', referrerPolicy: 'no-referrer' });
  const console = secureHeaders({
    // Layouts are computed in workers, pictures saved from blobs.
    contentSecurityPolicy: { ...page, workerSrc: self, imgSrc: ["'self'", 'data:', 'blob:'] },
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
  });
  return createMiddleware<AppEnv>(async (c, next) => {
    const [, of] = /^\/(docs|console)(\/|$)/.exec(c.req.path) ?? [];
    const set = of === 'docs' ? docs : of === 'console' ? console : data;
    await set(c, next);
    // What may be kept says so itself.
    if (/^\/(v1|api)\//.test(c.req.path) && !c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
  });
}
