/** Headers that keep a browser from doing anything the program did not mean. */
import { Hono } from 'hono';
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
  const page = { ...rest, scriptSrc: self, styleSrc: self, connectSrc: self, imgSrc: ["'self'", 'data:'] };
  const ofData = headersFor(rest);
  const ofDocs = headersFor(page);
  // Layouts are computed in workers, pictures saved from blobs.
  const ofConsole = headersFor({ ...page, workerSrc: self, imgSrc: ["'self'", 'data:', 'blob:'] });
  return createMiddleware<AppEnv>(async (c, next) => {
    const [, of] = /^\/(docs|console)(\/|$)/.exec(c.req.path) ?? [];
    for (const [name, value] of await (of === 'docs' ? ofDocs() : of === 'console' ? ofConsole() : ofData()))
      c.header(name, value);
    // What may be kept says so itself.
    if (/^\/(v1|api)\//.test(c.req.path)) c.header('cache-control', 'no-store');
    await next();
  });
}

type Policy = NonNullable<NonNullable<Parameters<typeof secureHeaders>[0]>['contentSecurityPolicy']>;

/**
 * What the library sets, asked of it once. It sets headers on an answer that is made already, for which the answer has to be made
 * anew; set before, they cost next to nothing.
 */
function headersFor(contentSecurityPolicy: Policy) {
  let known: Promise<readonly (readonly [name: string, value: string])[]> | undefined;
  const ask = async () => {
    const app = new Hono().use(
      secureHeaders({ contentSecurityPolicy, xFrameOptions: 'DENY', referrerPolicy: 'no-referrer' }),
    );
    return [...(await app.get('/', (c) => c.body(null)).request('/')).headers];
  };
  return () => (known ??= ask());
}
