/** The API over a real Neo4j. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { type Graph, openGraph } from '../../src/graph/driver.ts';
import { removedKey } from '../../src/graph/removed.ts';
import { ensureServer } from '../../src/graph/server.ts';
import { testServer } from '../neo4j.ts';
import { type PlantedGraphApp, plantedApp, plantedGraphApp } from './deps.ts';

let graph: Graph;
let planted: PlantedGraphApp;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  planted = await plantedGraphApp();
  graph = planted.graph;
  app = createApp(planted.deps);
});
afterAll(async () => {
  await planted.close();
});

interface Recommended {
  readonly graph: string;
  readonly items: { item: string; reasons: string[]; paths: { kind: string; count: number }[] }[];
}
const recommend = async (user: string, query = '', from = app) =>
  (await (await from.request(`/v1/users/${user}/recommendations${query}`)).json()) as Recommended;
const post = (interactions: object[], to = app) =>
  to.request('/v1/interactions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ interactions }),
  });

describe('the API over the graph', () => {
  it('is ready', async () => {
    expect(await (await app.request('/health/ready')).json()).toMatchObject({ status: 'ready', graph: 'reached' });
  });

  it('gives reasons from the graph, without anybody in them', async () => {
    const body = await recommend('ann', '?limit=2');
    expect(body.graph).toBe('reached');
    const d3 = body.items.find(({ item }) => item === 'd3')!;
    expect(d3.paths.map(({ kind }) => kind).sort()).toEqual(['feature', 'people', 'trust']);
    expect(d3.reasons[0]).toMatch(/^Because you interacted with/);
    expect(d3.reasons).toContain('2 people you trust chose this.');
    expect(d3.reasons).toContain('2 of the items you chose have genre Drama, like this one.');
    expect(JSON.stringify(body)).not.toMatch(/bob|eve/);
    const one = await (await app.request('/v1/users/ann/recommendations/d3/explanation')).json();
    expect(one).toMatchObject({ reasons: d3.reasons, paths: d3.paths, graph: 'reached' });
  });

  it('what was posted is in Neo4j, once, and left out at once', async () => {
    const batch = [{ user: 'ann', item: 'd3', type: 'view', at: 123 }];
    expect((await recommend('ann')).items.map(({ item }) => item)).toContain('d3');
    const response = await post(batch);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ accepted: 1, created: { interactions: 1, users: 0, items: 0 } });
    expect((await recommend('ann')).items.map(({ item }) => item)).not.toContain('d3');
    expect(await (await post(batch)).json()).toEqual({ accepted: 1, created: { interactions: 0, users: 0, items: 0 } });
    const rows = await graph.read((tx) =>
      tx.run("MATCH (:User {id: 'ann'})-[r:INTERACTED {type: 'view'}]->(i) RETURN i.id AS item, properties(r) AS r"),
    );
    expect(rows.records.map((record) => record.toObject())).toEqual([
      { item: 'd3', r: { type: 'view', at: 123, value: 1 } },
    ]);
  });

  it('a user whom only the graph knows is ranked by what was posted, without it', async () => {
    const response = await post([
      { user: 'zoe', item: 'all' },
      { user: 'zoe', item: 'brand new' },
    ]);
    expect(await response.json()).toEqual({ accepted: 2, created: { interactions: 2, users: 1, items: 1 } });
    const body = await recommend('zoe', '?limit=10');
    expect(body).toMatchObject({ foldedIn: { interactions: 1, how: 'propagation' }, graph: 'reached' });
    expect(body.items.map(({ item }) => item)).not.toContain('all');
    // Many who chose `all`, as zoe did, chose these too: the graph knows reasons that the version does not.
    expect(body.items.find(({ item }) => item === 'd1')!.paths).toMatchObject([{ kind: 'people' }]);
  });

  it('takes back what was posted, and removes an item with all that was done with it', async () => {
    const remove = (path: string, body?: object) =>
      app.request(path, {
        method: 'DELETE',
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
    await post([
      { user: 'ann', item: 'short-lived', type: 'view', at: 1 },
      { user: 'ann', item: 'short-lived', type: 'view', at: 2 },
      { user: 'bob', item: 'short-lived', type: 'cart', at: 3 },
    ]);
    const chosen = { interactions: [{ user: 'ann', item: 'short-lived', at: 1 }] };
    expect(await (await remove('/v1/interactions', chosen)).json()).toEqual({ removed: 1 });
    expect(await (await remove('/v1/interactions', chosen)).json()).toEqual({ removed: 0 });
    expect(await (await remove('/v1/items/short-lived')).json()).toEqual({ removed: 2 });
    const gone = await remove('/v1/items/short-lived');
    expect(gone.status).toBe(404);
    expect(await gone.json()).toMatchObject({ code: 'item/not-in-graph' });
    expect((await remove('/v1/interactions', { interactions: [] })).status).toBe(422);
    // What is left of it names nobody.
    const { records } = await graph.read((tx) => tx.run('MATCH (r:Removed) RETURN properties(r) AS r'));
    expect(records.map((record) => record.get('r') as object)).toEqual([
      { kind: 'item', key: removedKey('item', 'short-lived'), at: expect.any(Number) as number },
    ]);
  });

  it('recommends on while Neo4j does not answer, and says so', async () => {
    // A driver of its own, closed under the application: to it that is a server that is gone.
    const lost = await openGraph(await ensureServer(testServer()));
    const other = await plantedApp(lost);
    await lost.close();
    const gone = createApp(other.deps);
    const body = await recommend('ann', '?limit=2', gone);
    expect(body.graph).toBe('unreachable');
    expect(body.items).toHaveLength(2);
    expect(body.items[0]!.reasons[0]).toMatch(/^Because you interacted with/);
    const ready = await gone.request('/health/ready');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ code: 'neo4j/unreachable', retryable: true });
    expect((await gone.request('/health/live')).status).toBe(200);
    expect(await (await post([{ user: 'a', item: 'b' }], gone)).json()).toMatchObject({ code: 'neo4j/unreachable' });
    await other.close();
  });
});
