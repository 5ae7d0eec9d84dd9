/** Writes with an Idempotency-Key that take too long, or of which nobody knows what came, over a real Neo4j. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccess } from '../../src/access/access.ts';
import { createKey, openKeyRing, rotateKey } from '../../src/access/keys.ts';
import { createApp } from '../../src/api/app.ts';
import { TastegraphError } from '../../src/errors.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { type PlantedGraphApp, plantedGraphApp } from './deps.ts';

let graph: Graph;
let planted: PlantedGraphApp;
beforeAll(async () => {
  planted = await plantedGraphApp();
  graph = planted.graph;
});
afterAll(async () => {
  await planted?.close();
});

/** The app over the graph, whose writes without a purpose, those of interactions, go through `pass`. */
const appWith = (
  pass: (write: () => Promise<unknown>) => Promise<unknown> = (write) => write(),
  more: Partial<PlantedGraphApp['deps']> = {},
) => {
  const passing: Graph = {
    ...graph,
    write: (work, purpose) =>
      purpose === undefined ? (pass(() => graph.write(work)) as never) : graph.write(work, purpose),
  };
  return createApp({ ...planted.deps, ...more, reach: { ...planted.deps.reach, graph: passing } });
};
const post = async (app: ReturnType<typeof createApp>, user: string, headers: Record<string, string> = {}) => {
  const response = await app.request('/v1/interactions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `of-${user}`, ...headers },
    body: JSON.stringify({ interactions: [{ user, item: 'd1', type: 'click', value: 1 }] }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as { code?: string } };
};
const count = async (user: string) => {
  const { records } = await graph.read((tx) =>
    tx.run('MATCH (:User {id: $user})-[r:INTERACTED]->() RETURN count(r) AS n', { user }),
  );
  return records[0]!.get('n') as number;
};
const answers = async () =>
  (
    await graph.read((tx) => tx.run('MATCH (a:Answer) WHERE a.status IS NOT NULL RETURN count(a) AS n'))
  ).records[0]!.get('n') as number;
/** As if all that was claimed were claimed an hour before. */
const age = () => graph.write((tx) => tx.run('MATCH (a:Answer) SET a.at = a.at - 3600000'));

describe('a write that is sent again', () => {
  it('is done once where the first took too long, and gets the answer that the first came to', async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const options = { ...planted.deps.options, requestTimeoutMs: 3000 };
    const slow = appWith(
      async (write) => {
        const written = await write();
        await gate;
        return written;
      },
      { options },
    );
    await post(appWith(), 'warm'); // the first statements of a server are slow to plan
    const before = await answers();
    expect(await post(slow, 'late')).toMatchObject({ status: 503, body: { code: 'api/timeout' } });
    const app = appWith();
    expect(await post(app, 'late')).toMatchObject({ status: 409, body: { code: 'api/idempotency-running' } });
    open();
    while ((await answers()) === before) await sleep(20);
    const again = await post(app, 'late');
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    expect(again.body).toEqual({ accepted: 1, created: { interactions: 1, users: 1, items: 0 } });
    expect(await count('late')).toBe(1);
  });

  it('is kept apart where nobody knows what came of it, and is the same interaction when it is done anew', async () => {
    const losing = appWith(async (write) => {
      await write();
      throw new TastegraphError('neo4j/unreachable', { uri: 'none', problem: 'the connection was lost' });
    });
    expect((await post(losing, 'lost')).status).toBe(503);
    const app = appWith();
    const waiting = await post(app, 'lost');
    expect(waiting).toMatchObject({ status: 409, body: { code: 'api/idempotency-running', retryable: true } });
    await age();
    expect(await post(app, 'lost')).toMatchObject({ status: 200, body: { created: { interactions: 0 } } });
    expect(await count('lost')).toBe(1);
  });

  it('is a first one where the graph was not asked', async () => {
    const { reach } = planted.deps;
    const refusing = createApp({ ...planted.deps, reach: { ...reach, lost: reach.lost, graph, mayWrite: false } });
    expect((await post(refusing, 'refused')).status).toBe(503);
    const first = await post(appWith(), 'refused');
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([200, null]);
  });

  it('is that of the same caller with another secret, and of no other caller', async () => {
    const draft = { name: 'shop', scopes: ['write'] as const };
    const [one, other] = [await createKey(planted.home, draft), await createKey(planted.home, draft)];
    const app = appWith(undefined, { access: createAccess({ keys: openKeyRing(planted.home) }) });
    const by = async (key: string) => {
      const { status, headers } = await post(app, 'keyed', { authorization: `Bearer ${key}` });
      return [status, headers.get('idempotency-replayed')];
    };
    expect(await by(one.key)).toEqual([200, null]);
    const { key } = await rotateKey(planted.home, one.id, { graceMs: 0 });
    expect(await by(key)).toEqual([200, 'true']);
    expect(await by(other.key)).toEqual([200, null]);
    expect(await count('keyed')).toBe(2);
  });
});
