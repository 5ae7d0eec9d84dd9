/** Lists on Gorse's routes: by name, of categories, up to this moment, and noted as shown; over a real Neo4j. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import type { DataRecord } from '../../src/data/records.ts';
import { openDatabase } from '../../src/graph/database.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { latestItems } from '../../src/graph/latest.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { statement } from '../../src/graph/statements.ts';
import { openRecorder } from '../../src/serving/impressions/recorder.ts';
import { plantGraph } from '../graph/planted.ts';
import { testGraph, testServer } from '../neo4j.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

/** Categories of items that the version knows; those of 'numbers' are numbers, so that only numbers can be asked of them. */
const categorised = (item: string, category: string): DataRecord => ({
  kind: 'item',
  id: item,
  title: `Film ${item}`,
  features: [{ kind: 'category', value: category }],
});
const more = [categorised('d3', '1'), categorised('c3', '1'), categorised('c4', '2')];

let graph: Graph;
let planted: PlantedApp;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph, more);
  planted = await plantedApp(graph, {}, { more });
  app = createApp(planted.deps);
});
afterAll(async () => {
  await planted?.close();
  await graph?.close();
});

type Scored = readonly { readonly Id: string; readonly Score: number }[];
const get = async (path: string, over = app) => {
  const response = await over.request(`/api${path}`);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Scored };
};
const ids = async (path: string, over = app): Promise<string[]> => {
  const { status, body } = await get(path, over);
  expect(status).toBe(200);
  return body.map(({ Id }) => Id);
};

describe('by name', () => {
  it('are those that there are, and no others', async () => {
    const popular = await get('/non-personalized/popular?n=3');
    expect(popular.body).toEqual((await get('/popular?n=3')).body);
    expect(popular.body[0]).toEqual({ Id: 'all', Score: 5 });
    expect(Date.parse(popular.headers.get('last-modified')!)).toBeLessThanOrEqual(Date.now());
    expect((await get('/item-to-item/neighbors/c1?n=3')).body).toEqual((await get('/item/c1/neighbors/?n=3')).body);
    expect((await get('/user-to-user/neighbors/ann?n=3')).body).toEqual((await get('/user/ann/neighbors?n=3')).body);
    for (const path of ['/non-personalized/trending', '/item-to-item/tags/c1', '/user-to-user/toString/ann']) {
      const { status, body } = await get(path);
      expect([status, body]).toMatchObject([404, { code: 'gorse/no-recommender' }]);
    }
  });

  it('have stretches, categories and readers as all lists', async () => {
    const [first, second, third] = await ids('/non-personalized/popular?n=3');
    expect(await ids('/non-personalized/popular?n=1&offset=1')).toEqual([second]);
    expect(await ids('/item-to-item/neighbors/c1?category=2')).toEqual(['c4']);
    expect(await ids('/item-to-item/neighbors/c1/')).toContain('c2');
    expect(await ids('/item-to-item/neighbors/c1?user-id=cat&n=8')).not.toContain('c2');
    const unread = await ids('/non-personalized/popular?user-id=ann&n=9');
    for (const item of ['d1', 'd2', 'all']) expect(unread).not.toContain(item);
    expect([first, second, third]).toContain('all');
    expect(new Set(await ids('/non-personalized/popular/1'))).toEqual(new Set(['d3', 'c3']));
    expect(await ids('/popular?category=1&category=2')).toEqual([]);
    expect(await ids('/popular?category=shoes')).toEqual([]);
  });

  it('are with scores what a user is recommended', async () => {
    const { body, headers } = await get('/collaborative-filtering/ann?n=4');
    expect(body.map(({ Id }) => Id)).toEqual((await get('/recommend/ann?n=4')).body);
    expect(headers.get('last-modified')).toMatch(/GMT$/);
    expect(await ids('/collaborative-filtering/ann/1?n=9')).toEqual((await get('/recommend/ann?n=9&category=1')).body);
    expect(await ids('/collaborative-filtering/ann?n=9&user-id=dan')).not.toContain('c1');
  });
});

describe('what came last', () => {
  const insert = async (
    id: string,
    at: number,
    categories: readonly string[] = [],
    isHidden = false,
  ): Promise<void> => {
    const item = { ItemId: id, Timestamp: new Date(at).toISOString(), Categories: categories, IsHidden: isHidden };
    const headers = { 'content-type': 'application/json' };
    const sent = await app.request('/api/item', { method: 'POST', headers, body: JSON.stringify(item) });
    expect(sent.status).toBe(200);
  };

  it('is there at once, newest first, without what is hidden or read', async () => {
    expect(await ids('/latest')).toEqual([]);
    await insert('old', 1_600_000_000_000, ['1', 'new']);
    await insert('newest', 1_700_000_000_500, ['1']);
    await insert('hidden', 1_800_000_000_000, ['1'], true);
    await insert('newer', 1_650_000_000_000);
    const { body, headers } = await get('/latest');
    expect(body).toEqual([
      { Id: 'newest', Score: 1_700_000_000 },
      { Id: 'newer', Score: 1_650_000_000 },
      { Id: 'old', Score: 1_600_000_000 },
    ]);
    expect(headers.get('x-cache')).toBeNull();
    expect(await ids('/non-personalized/latest?n=1&offset=1')).toEqual(['newer']);
    expect(await ids('/latest/1')).toEqual(['newest', 'old']);
    expect(await ids('/latest?category=1&category=new')).toEqual(['old']);
    await graph.write((tx) =>
      tx.run("MATCH (u:User {id: 'ann'}), (i:Item {id: 'newest'}) CREATE (u)-[:INTERACTED {type: 'read', at: 1}]->(i)"),
    );
    expect(await ids('/latest?user-id=ann')).toEqual(['newer', 'old']);
  });

  it('is found by an index', async () => {
    const session = graph.session();
    const text = `EXPLAIN ${statement('read/latest-items')}`;
    const { summary } = await session.run(text, { limit: 10, given: { without: ['d1'] } });
    await session.close();
    const plan = JSON.stringify(summary.plan);
    expect(plan).toContain('NodeIndexScan');
    expect(plan).not.toContain('NodeByLabelScan');
    expect(plan).not.toContain('"Sort');
    const found = await latestItems(graph, { limit: 1 }, 20_000);
    expect(found).toEqual([{ id: 'newest', at: 1_700_000_000_500 }]);
  });

  it('is of the snapshot, and said to be stale, where Neo4j does not answer', async () => {
    const gone = await openDatabase(testServer());
    await gone.close(); // asked from now on, it answers nothing
    const away = createApp({ ...planted.deps, reach: reachOf(gone) });
    for (const path of ['/latest', '/popular?user-id=ann', '/recommend/ann', '/collaborative-filtering/ann']) {
      const { status, headers } = await get(path, away);
      expect([path, status, headers.get('x-cache')]).toEqual([path, 200, 'stale']);
    }
    expect((await get('/popular', away)).headers.get('x-cache')).toBeNull();
    const probe = { DataStoreConnected: false, DataStoreError: {}, CacheStoreConnected: true, Ready: false };
    expect(await get('/health/live', away)).toMatchObject({ status: 200, body: probe });
    expect((await get('/health/ready', away)).status).toBe(503);
    for (const probe of ['live', 'ready']) {
      const { status, body } = await get(`/health/${probe}`);
      expect([status, body]).toEqual([
        200,
        {
          Ready: true,
          DataStoreError: null,
          CacheStoreError: null,
          DataStoreConnected: true,
          CacheStoreConnected: true,
        },
      ]);
    }
  });
});

describe('what is recommended', () => {
  it('is noted as shown, at the places where it stood', async () => {
    const { home, deps } = planted;
    const recorder = await openRecorder(graph, { home, log: deps.log, keepDays: 0, journalBytes: 1 << 20 });
    const noting = createApp({ ...deps, impressions: recorder });
    const headers = { 'x-request-id': 'second-page' };
    const shown = (await (await noting.request('/api/recommend/dan?n=2&offset=1', { headers })).json()) as string[];
    const beside = await ids('/collaborative-filtering/eve?n=1', noting);
    await ids('/popular', noting); // is made for nobody
    await recorder.close();
    const { records } = await graph.read((tx) =>
      tx.run(
        `MATCH (u:User)-[s:SHOWN]->(i:Item)
         RETURN u.id AS user, i.id AS item, s.position AS position, s.version AS version ORDER BY user, position`,
      ),
    );
    const version = deps.recommender.version.id;
    expect(records.map((record) => record.toObject() as object)).toEqual([
      ...shown.map((item, place) => ({ user: 'dan', item, position: place + 2, version })),
      { user: 'eve', item: beside[0], position: 1, version },
    ]);
  });
});
