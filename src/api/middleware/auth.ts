/** Who asks, and whether they may: before any routing, so that who is not let in does not learn what there is. */
import { createMiddleware } from 'hono/factory';
import type { Access } from '../../access/access.ts';
import { allows, type Caller, type Scope } from '../../access/caller.ts';
import { TastegraphError } from '../../errors.ts';
import type { AppContext, AppEnv } from '../context.ts';
import type { Needs } from '../scope.ts';

/** Names the tenant that a request of the server's own administrators is for. */
export const tenantHeader = 'tastegraph-tenant';

/**
 * What a request shows at the door: `Authorization: Bearer …`, or `X-API-Key: …`; undefined where it is neither, or two that differ.
 */
export function credentialOf(headers: Headers): string | undefined {
  const header = headers.get('authorization');
  const bearer = header === null ? undefined : (/^Bearer +(\S+) *$/i.exec(header)?.[1] ?? '');
  const apiKey = headers.get('x-api-key') ?? undefined;
  if (bearer !== undefined && apiKey !== undefined && bearer !== apiKey) return undefined;
  return bearer || apiKey || undefined;
}

/** A request is looked at once, also where the door of the server hands it to that of a tenant. */
const known = new WeakMap<Request, Promise<Caller>>();

/** Who sent a request. Errors: those of `Access.identify`. */
export function callerOf(access: Access, request: Request): Promise<Caller> {
  const caller = known.get(request) ?? access.identify(credentialOf(request.headers));
  known.set(request, caller);
  return caller;
}

/** Finds out who asks. Errors: those of `Access.identify`. */
export function authenticate(access: Access, needs: Needs) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const need = needs.of(c.req.method, c.req.path);
    c.set('need', need);
    if (need !== 'open') c.set('caller', await callerOf(access, c.req.raw));
    await next();
  });
}

/**
 * Lets on who has the scope that the route needs and whose tenant it is. Errors: api/forbidden, api/other-tenant; api/not-found and
 * api/method, which are for those who are known.
 */
export function authorise(tenant: string | undefined, needs: Needs) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { caller, need } = c.var;
    if (need !== 'open') {
      // A request that names a tenant means that one, and is never answered by another.
      const named = c.req.header(tenantHeader) ?? tenant;
      if (!caller || named !== tenant || !opens(caller, tenant)) throw new TastegraphError('api/other-tenant');
      if (need === 'none') throw unrouted(c, needs.methods(c.req.path));
      requireScope(c, need);
    }
    await next();
  });
}

function unrouted({ req: { method, path } }: AppContext, methods: readonly string[]): TastegraphError {
  if (methods.length === 0) return new TastegraphError('api/not-found', { path });
  return new TastegraphError('api/method', { method, allow: methods.join(', ') });
}

/** Also for routes that do more where more is asked of them. Errors: api/forbidden. */
export function requireScope({ var: { caller } }: AppContext, scope: Scope): void {
  if (caller && allows(caller, scope)) return;
  throw new TastegraphError('api/forbidden', { scope, given: caller?.scopes.join(', ') || 'none' });
}

/** A tenant's callers see their tenant; those of the server's own home that and, as administrators, every tenant. */
function opens(caller: Caller, tenant: string | undefined): boolean {
  if (caller.tenant === tenant) return true;
  return caller.tenant === undefined && allows(caller, 'admin');
}
