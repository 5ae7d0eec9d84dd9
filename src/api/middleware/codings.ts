/** Refuses bodies in a coding or a charset that nobody here reads, before they are read as if they were plain. RFC 9110, 8.4 and 15.5.16. */
import { createMiddleware } from 'hono/factory';
import { TastegraphError } from '../../errors.ts';
import type { AppContext, AppEnv } from '../context.ts';
import { isUpload } from '../patience.ts';

/** Of a body's Content-Encoding: whether it is gzip. */
export const isGzip = (c: AppContext): boolean => /^(x-)?gzip$/.test(codingOf(c));

const codingOf = (c: AppContext): string => (c.req.header('content-encoding') ?? '').trim().toLowerCase() || 'identity';

/** Errors: api/coding, api/charset. */
export const codings = createMiddleware<AppEnv>(async (c, next) => {
  if (/^(GET|HEAD)$/.test(c.req.method)) return await next();
  const takesGzip = isUpload(c.req.path);
  if (codingOf(c) !== 'identity' && !(takesGzip && isGzip(c)))
    throw new TastegraphError('api/coding', { accepted: takesGzip ? 'gzip, identity' : 'identity' });
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(c.req.header('content-type') ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) throw new TastegraphError('api/charset');
  await next();
});
