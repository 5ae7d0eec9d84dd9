/**
 * Where nobody is asked who they are, whoever reaches the server may do anything; and every page that a browser on this machine shows
 * reaches it: by a form or a request without a preflight, or by a name of its own that leads here (DNS rebinding). So the server then
 * answers by names of this machine alone, and pages of other origins do no more than read, which a browser keeps from them.
 */
import { createMiddleware } from 'hono/factory';
import { isLoopback } from '../../address.ts';
import { TastegraphError } from '../../errors.ts';
import type { AppEnv } from '../context.ts';

const urlOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

/** After `authenticate`. What is open to all holds no data and changes nothing. Errors: api/foreign-host, api/foreign-origin. */
export function refuseForeign(corsOrigins: readonly string[]) {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (c.get('caller')?.kind !== 'anyone') return await next();
    const named = c.req.header('host') ?? new URL(c.req.url).host;
    if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/.test(named) && !isLoopback(urlOf(`http://${named}`)?.hostname ?? ''))
      throw new TastegraphError('api/foreign-host');
    // Gorse's clients write by a GET that asks for it.
    const mayWrite = !/^(GET|HEAD|OPTIONS)$/.test(c.req.method) || c.req.query('write-back-type') !== undefined;
    if (mayWrite) {
      const origin = c.req.header('origin');
      // Programs say neither; a browser says at least one of them, and no page can make it say another.
      const site = c.req.header('sec-fetch-site') ?? 'none';
      const isOurs =
        origin === undefined
          ? /^(same-origin|none)$/.test(site)
          : corsOrigins.includes(origin) || urlOf(origin)?.host === urlOf(`http://${named}`)?.host;
      if (!isOurs) throw new TastegraphError('api/foreign-origin');
    }
    await next();
  });
}
