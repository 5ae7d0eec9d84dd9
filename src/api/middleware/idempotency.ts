/**
 * `Idempotency-Key` on writes: the same key with the same request gets the answer of the first one, for a day, whichever process
 * gave it; with another request it is refused. What was refused is not kept: the next try is a first one. Where it is not known what
 * came of it, it is done anew a while later, of the same time as before. After the draft
 * draft-ietf-httpapi-idempotency-key-header-07.
 */
import { createHash } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import { problemOf, TastegraphError } from '../../errors.ts';
import { type Claim, claimKey } from '../../pipeline/answers.ts';
import type { AppContext, AppDependencies, AppEnv } from '../context.ts';
import { isUpload } from '../patience.ts';
import { inGraph, isUnasked } from '../routes/inGraph.ts';

/** Writes whose answers are counts: what they hold of anybody would outlive who is forgotten. */
export const writes =
  /^\/v1\/(users(?!\/[^/]+\/recommendations)|items|features|interactions)(\/|$)|^\/api\/(users?|items?|feedback)(\/|$)/;

const digest = (...parts: readonly string[]): string => createHash('sha256').update(parts.join('\n')).digest('hex');

/** Errors: api/idempotency-key, api/idempotency-reused, api/idempotency-running; those of the database. */
export function idempotency(deps: AppDependencies) {
  const { requestTimeoutMs } = deps.options;
  return createMiddleware<AppEnv>(async (c, next) => {
    const given = c.req.header('idempotency-key');
    const { method, path } = c.req;
    if (given === undefined || /^(GET|HEAD|OPTIONS)$/.test(method)) return await next();
    // An upload is read once and not kept; of anything else nobody would heed the key, and whoever sends one counts on it.
    if (isUpload(path) || !writes.test(path) || !/^[\x21-\x7e]{1,255}$/.test(given))
      throw new TastegraphError('api/idempotency-key');
    // Not the credential: that of the same caller changes.
    const { tenant, kind, id } = c.get('caller')!;
    const who = JSON.stringify([tenant, kind, id]);
    const fingerprint = digest(method, c.req.url.slice(new URL(c.req.url).origin.length), await c.req.text());
    const claimed = await inGraph(deps, (graph) =>
      claimKey(graph, digest(who, given), fingerprint, 2 * requestTimeoutMs),
    );
    if (claimed.state === 'ours') return await answerOnce(c, next, claimed.claim, deps);
    if (claimed.state === 'other') throw new TastegraphError('api/idempotency-reused');
    if (claimed.state === 'running')
      throw new TastegraphError('api/idempotency-running', { seconds: Math.ceil(claimed.waitMs / 1000) });
    const { status, body, etag } = claimed.answer;
    c.set('changed', { users: [] }); // by the first of them
    const headers = { 'content-type': 'application/json', 'idempotency-replayed': 'true', ...(etag && { etag }) };
    return c.body(body, status as 200, headers);
  });
}

/** What was done: not what the caller was told, who may have been told before that it took too long. */
function outcomeOf(c: AppContext): 'done' | 'refused' | 'unknown' {
  if (!c.finalized) return 'unknown';
  const { status } = c.res;
  if (status < 300) return 'done';
  return status < 500 || isUnasked(c.error) ? 'refused' : 'unknown';
}

async function answerOnce(
  c: AppContext,
  next: () => Promise<void>,
  claim: Claim,
  { log }: AppDependencies,
): Promise<void> {
  if (c.get('late')) return await claim.release(); // nobody waits for it any more
  c.set('since', claim.since);
  await next();
  try {
    const outcome = outcomeOf(c);
    if (outcome === 'refused') return await claim.release();
    if (outcome === 'unknown') return;
    const { status, headers } = c.res;
    const etag = headers.get('etag');
    await claim.keep({ status, body: await c.res.clone().text(), ...(etag !== null && { etag }) });
  } catch (cause) {
    // The write is committed and is answered so; sent again it is done again.
    log.warn({ requestId: c.get('requestId'), problem: problemOf(cause) }, 'an answer could not be kept');
  }
}
