/** Writes down what administrators do, and what others tried that only they may. */
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { AuditLog } from '../../access/auditLog.ts';
import { problemOf, TastegraphError } from '../../errors.ts';
import type { AppEnv } from '../context.ts';

/** Bodies and queries are not looked at: they may hold secrets. Nor are ids of users and items. */
export function audit(audits: AuditLog, tenant: string | undefined, log: Logger) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    const { caller, need, about, requestId } = c.var;
    if (!caller || need !== 'admin') return;
    const route = routePath(c, -1);
    // What no route answers to is nobody's action, and its path may hold anything.
    if (route.includes('*')) return;
    try {
      audits.record({
        at: Date.now(),
        who: { kind: caller.kind, id: caller.id },
        tenant,
        what: `${c.req.method} ${route}`,
        about: about ?? aboutOf(route, c.req.path),
        status: c.res.status,
        code: c.error instanceof TastegraphError ? c.error.code : undefined,
        requestId,
      });
    } catch (cause) {
      log.error({ requestId, problem: problemOf(cause) }, 'the audit log cannot be written');
    }
  });
}

/** What stands in a path in place of `:name`; only below `/v1/admin`, where it is no id of a user or an item. */
function aboutOf(route: string, path: string): string | undefined {
  if (!route.startsWith('/v1/admin/')) return undefined;
  const words = path.split('/');
  const named = route.split('/').flatMap((word, place) => (word.startsWith(':') ? [words[place] ?? ''] : []));
  return named.join(' ').slice(0, 200) || undefined;
}
