/** Tells all who keep answers what a request has changed, before it is answered: whoever has the answer sees what was written. */
import { createMiddleware } from 'hono/factory';
import type { Change } from '../../serving/answerMemory.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { isUnasked } from '../routes/inGraph.ts';

export type Announce = (change: Change) => Promise<void>;

/** What tells this process and the others. What others tell is taken in from then on. */
export function announcer({ memory, reach, recommender, colleagues, tenant = '' }: AppDependencies): Announce {
  const take = async (change: Change): Promise<void> => {
    memory?.change(change);
    reach.heard(change.users);
    if (change.versions) recommender.reload();
    // Of users nothing is to be hidden.
    if (!change.users || (change.nodes && change.users.length === 0)) await recommender.live.refresh();
  };
  colleagues?.onTold(tenant, take);
  return async (change) => {
    await Promise.all([take(change), colleagues?.tell(tenant, change)]);
  };
}

/**
 * Whatever may write changes anything, unless its route says less; also where it failed, for it may have been committed, unless the graph
 * was not even asked or the request was refused. What is removed may be gone in part when the rest is refused.
 */
export function announceChanges(announce: Announce) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    if (isUnasked(c.error)) return; // what is kept is all that there is until the graph is back
    const { changed, need } = c.var;
    const mayWrite = need === 'write' || (need === 'admin' && !/^(GET|HEAD|OPTIONS)$/.test(c.req.method));
    const isRefused = c.finalized && c.res.status >= 400 && c.res.status < 500 && c.req.method !== 'DELETE';
    if (changed ?? (mayWrite && !isRefused)) await announce(changed ?? {});
  });
}
