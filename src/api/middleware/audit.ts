/** Writes down what administrators do, and what others tried that only they may. */
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { AuditEntry, AuditLog } from '../../access/auditLog.ts';
import { openBuckets } from '../../access/bucket.ts';
import { problemOf, TastegraphError } from '../../errors.ts';
import type { AppContext, AppEnv } from '../context.ts';

/** Bodies and queries are not looked at: they may hold secrets. Nor are ids of users and items. */
export function audit(audits: AuditLog, tenant: string | undefined, log: Logger) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    const { caller, need, about } = c.var;
    if (!caller || need !== 'admin') return;
    const { kind, id } = caller;
    record(c, { audits, tenant, log }, { who: { kind, id }, about: about ?? aboutOf(routePath(c, -1), c.req.path) });
  });
}

/** Strangers who are written down, a second and at once: nobody may drive what administrators did out of the log. */
const [strangersRate, strangersBurst] = [0.1, 100];

/** Writes down who came with no credential that is good to where only administrators may go. Stands before `authenticate`. */
export function auditStrangers(audits: AuditLog, tenant: string | undefined, log: Logger) {
  const bucket = openBuckets(strangersRate, strangersBurst);
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    if (c.get('caller') || c.get('need') !== 'admin' || c.res.status !== 401) return;
    // What the path says is a stranger's own words, and not kept.
    if (isRouted(c) && bucket.take('').admitted)
      record(c, { audits, tenant, log }, { who: { kind: 'unknown', id: 'unknown' } });
  });
}

/** What no route answers to is nobody's action, and its path may hold anything. */
const isRouted = (c: AppContext): boolean => !routePath(c, -1).includes('*');

function record(
  c: AppContext,
  { audits, tenant, log }: { readonly audits: AuditLog; readonly tenant: string | undefined; readonly log: Logger },
  entry: Pick<AuditEntry, 'who' | 'about'>,
): void {
  if (!isRouted(c)) return;
  const { requestId, refusedFor } = c.var;
  try {
    audits.record({
      at: Date.now(),
      tenant,
      what: `${c.req.method} ${routePath(c, -1)}`,
      status: c.res.status,
      code: c.error instanceof TastegraphError ? c.error.code : c.res.ok ? undefined : refusedFor,
      requestId,
      ...entry,
    });
  } catch (cause) {
    log.error({ requestId, problem: problemOf(cause) }, 'the audit log cannot be written');
  }
}

/** What stands in a path in place of `:name`; only below `/v1/admin`, where it is no id of a user or an item. */
function aboutOf(route: string, path: string): string | undefined {
  if (!route.startsWith('/v1/admin/')) return undefined;
  const words = path.split('/');
  const named = route.split('/').flatMap((word, place) => (word.startsWith(':') ? [words[place] ?? ''] : []));
  return named.join(' ').slice(0, 200) || undefined;
}
