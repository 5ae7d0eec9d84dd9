/** Headers that keep a browser from doing anything the program did not mean. */
import { createMiddleware } from 'hono/factory';
import { secureHeaders } from 'hono/secure-headers';
import type { AppEnv } from '../context.ts';

/** The page of the API loads its own files and asks its own origin; everything else is data that nothing may run from. */
export function headers() {
  const none = ["'none'"];
  const self = ["'self'"];
  const rest = { defaultSrc: none, frameAncestors: none, baseUri: none, formAction: none };
  const data = secureHeaders({ contentSecurityPolicy: rest, xFrameOptions: 'DENY', referrerPolicy: 'no-referrer' });
  const page = secureHeaders({
    contentSecurityPolicy: { ...rest, scriptSrc: self, styleSrc: self, connectSrc: self, imgSrc: ["'self'", 'data:'] },
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
  });
  return createMiddleware<AppEnv>(async (c, next) => {
    await (/^\/docs(\/|$)/.test(c.req.path) ? page(c, next) : data(c, next));
    // What may be kept says so itself.
    if (/^\/(v1|api)\//.test(c.req.path) && !c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
  });
}
