/**
 * Tenants: each has an application of its own over a home and a database of its own, so that no route can reach what is another's.
 * What stands at the door is one for all: keys, rates, the audit log.
 */
import type { Access } from '../access/access.ts';
import { TastegraphError } from '../errors.ts';
import { createApp } from './app.ts';
import type { AppDependencies, SharedDependencies, TenantDependencies } from './context.ts';
import { callerOf, tenantHeader } from './middleware/auth.ts';

export interface AppsDependencies extends Omit<AppDependencies, 'tenant' | 'tenantNames'> {
  readonly access: Access;
  readonly tenants?: ReadonlyMap<string, TenantDependencies> | undefined;
}

type Answer = (request: Request, env?: object) => Response | Promise<Response>;

/** From request to answer, over the server's own home and its tenants. Errors: tenant/unguarded. */
export function createApps({ tenants = new Map(), ...own }: AppsDependencies): Answer {
  const { log, options, access, buckets, audits, keys, queue, colleagues, stopping } = own;
  if (tenants.size === 0) return createApp(own).fetch;
  if (!access.isGuarded()) throw new TastegraphError('tenant/unguarded');
  const tenantNames = [...tenants.keys()];
  // Named one by one: nothing of the server's own home shall come to a tenant that has none of it.
  const shared: SharedDependencies = {
    log,
    options,
    access,
    buckets,
    audits,
    keys,
    queue,
    colleagues,
    tenantNames,
    ...(stopping && { stopping }),
  };
  const ownApp = createApp({ ...own, tenantNames });
  const apps = new Map([...tenants].map(([tenant, deps]) => [tenant, createApp({ ...deps, ...shared, tenant })]));
  return async (request, env) => {
    const tenant = await tenantOf(access, request);
    // Who is not let in, or names a tenant that is none, is told so by the first door.
    const app = (tenant === undefined ? undefined : apps.get(tenant)) ?? ownApp;
    return await app.fetch(request, env);
  };
}

/** The tenant that a request is for: the one that it names, else the caller's. Whether it may is decided at that tenant's door. */
async function tenantOf(access: Access, request: Request): Promise<string | undefined> {
  try {
    const { tenant } = await callerOf(access, request);
    return request.headers.get(tenantHeader) ?? tenant;
  } catch {
    return undefined;
  }
}
