/** Questions, free Cypher and rules over HTTP. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { serve } from '../../src/api/server.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { plantGraph } from '../graph/planted.ts';
import { testGraph } from '../neo4j.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

const token = 'a-token-of-sixteen';
let graph: Graph;
let planted: PlantedApp;
/** As it is by default. */
let app: ReturnType<typeof createApp>;
/** With a token, and free Cypher allowed. */
let open: ReturnType<typeof createApp>;
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
  planted = await plantedApp(graph);
  const { options } = planted.deps;
  app = createApp(planted.deps);
  open = createApp({ ...planted.deps, options: { ...options, token, freeCypher: true, ruleTimeoutMs: 20_000 } });
});
afterAll(async () => {
  await planted.close();
  await graph.close();
});

const lines = async (response: Response) =>
  (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
const send = (to: typeof app, path: string, body: object, method = 'POST') =>
  to.request(path, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    ...(method === 'POST' && { body: JSON.stringify(body) }),
  });
const comedies =
  "// Comedies alone.\n// $kind: STRING = 'Comedy'. A genre.\nMATCH (i:Item)-[:HAS]->(:Feature {value: $kind}) WHERE i.id IN $items RETURN i.id AS item, 'a ' + $kind AS reason";

describe('the catalogue over HTTP', () => {
  it('lists itself', async () => {
    const { queries } = (await (await app.request('/v1/admin/queries')).json()) as { queries: { name: string }[] };
    expect(queries.map(({ name }) => name)).toContain('long-tail');
    expect(queries[0]).toMatchObject({ cost: { class: 'moderate' }, cypher: expect.stringContaining('RETURN') });
  });

  it('answers row by row, by GET and by POST', async () => {
    const got = await app.request('/v1/admin/queries/influential-interactions?user=ann&limit=2');
    expect(got.headers.get('content-type')).toBe('application/x-ndjson');
    const found = await lines(got);
    expect(found[0]).toEqual({ columns: ['item', 'title', 'type', 'at', 'people', 'weight', 'share'] });
    // Three chose d1, two d2: that says more of ann.
    expect(found.slice(1, 3).map((line) => (line as { row: unknown[] }).row.slice(0, 2))).toEqual([
      ['d2', 'Film d2'],
      ['d1', 'Film d1'],
    ]);
    expect(found.at(-1)).toEqual({ end: { rows: 2, more: true } });
    const body = { parameters: { user: 'ann' }, limit: 2 };
    expect(await lines(await send(app, '/v1/admin/queries/influential-interactions', body))).toEqual(found);
  });

  it.each([
    ['/v1/admin/queries/none', 404, 'query/unknown'],
    ['/v1/admin/queries/nearest-items', 422, 'query/parameter'],
    ['/v1/admin/queries/nearest-items?item=a&other=1', 422, 'query/parameter'],
    ['/v1/admin/queries/orphans?limit=0', 422, 'api/invalid'],
    ['/v1/admin/queries/orphans?timeout=x', 422, 'api/invalid'],
  ])('%s: %i', async (path, status, code) => {
    const response = await app.request(path);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });
});

describe('free Cypher over HTTP', () => {
  const ask = (to: typeof app, cypher: string, more = {}) => send(to, '/v1/admin/cypher', { cypher, ...more });

  it('is off unless the server was started with it and has a token', async () => {
    const { options } = planted.deps;
    const withoutToken = createApp({ ...planted.deps, options: { ...options, freeCypher: true } });
    const withoutOption = createApp({ ...planted.deps, options: { ...options, token } });
    for (const to of [app, withoutToken, withoutOption]) {
      const response = await ask(to, 'RETURN 1 AS x');
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ code: 'query/free-off' });
      expect((await send(to, '/v1/admin/rules', { name: 'x', kind: 'filter', cypher: 'x' })).status).toBe(403);
      expect((await send(to, '/v1/admin/rules/x', {}, 'DELETE')).status).toBe(403);
    }
    const stranger = await open.request('/v1/admin/cypher', { method: 'POST', body: '{}' });
    expect(stranger.status).toBe(401);
  });

  it('reads, with parameters', async () => {
    const response = await ask(
      open,
      'MATCH (i:Item) WHERE i.id STARTS WITH $with RETURN i.id AS id ORDER BY id LIMIT $n',
      {
        parameters: { with: 'd', n: 2 },
      },
    );
    expect(await lines(response)).toEqual([
      { columns: ['id'] },
      { row: ['d1'] },
      { row: ['d2'] },
      { end: { rows: 2, more: false } },
    ]);
  });

  it('is refused where it writes', async () => {
    const response = await ask(open, 'MATCH (n) DETACH DELETE n');
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'query/refused' });
  });

  it('ends in Neo4j when the client is gone', async () => {
    const options = {
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes: 1 << 20,
      requestTimeoutMs: 30_000,
      token,
      freeCypher: true,
    };
    const server = await serve(options, planted.deps);
    const running = async () => {
      const { records } = await graph.read((tx) =>
        tx.run("SHOW TRANSACTIONS YIELD currentQuery AS q WHERE q STARTS WITH 'UNWIND range' RETURN q"),
      );
      return records.length;
    };
    try {
      const client = new AbortController();
      const cypher = 'UNWIND range(1, 1000000) AS x UNWIND range(1, 1000000) AS y WITH x, y WHERE x + y < 0 RETURN x';
      const asked = fetch(`${server.url}/v1/admin/cypher`, {
        method: 'POST',
        signal: client.signal,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ cypher, timeout: 600 }),
      }).then((response) => response.text());
      const gone = expect(asked).rejects.toThrow();
      while ((await running()) === 0) await sleep(50);
      client.abort();
      await gone;
      while ((await running()) > 0) await sleep(50);
    } finally {
      await server.stop();
    }
  });
});

describe('rules over HTTP', () => {
  it('are registered, tried, named in requests, and taken out of use', async () => {
    const added = await send(open, '/v1/admin/rules', { name: 'genre', kind: 'filter', cypher: comedies });
    expect(added.status).toBe(200);
    expect(await added.json()).toMatchObject({ rule: { name: 'genre', version: 1, parameters: [{ name: 'kind' }] } });
    const tried = await send(open, '/v1/admin/rules/genre/test', { user: 'ann', parameters: { kind: 'Drama' } });
    expect(((await tried.json()) as { answered: { item: string }[] }).answered.map(({ item }) => item).sort()).toEqual([
      'd1',
      'd2',
      'd3',
      'd4',
    ]);

    const recommend = (query: string) =>
      open.request(`/v1/users/ann/recommendations?limit=2${query}`, { headers: { authorization: `Bearer ${token}` } });
    const body = (await (await recommend('&rules=genre')).json()) as {
      items: { item: string; reasons: string[]; rules: object[] }[];
    };
    expect(body.items.map(({ item }) => item[0])).toEqual(['c', 'c']);
    expect(body.items[0]!.rules).toEqual([{ rule: 'genre', version: 1, kind: 'filter', reason: 'a Comedy' }]);
    expect(body.items[0]!.reasons).toContain("Allowed by the rule 'genre': a Comedy.");
    const none = (await (await recommend('&rules=genre&rules=genre:kind=Drama')).json()) as { items: object[] };
    expect(none.items).toEqual([]);
    expect((await recommend('&rules=other')).status).toBe(404);
    expect((await recommend('&rules=genre:no=1')).status).toBe(422);

    const many = (rules: string[]) =>
      send(open, '/v1/recommendations:batch', { users: ['ann', 'bob'], limit: 2, rules });
    const [first] = (await (await many(['genre'])).text()).split('\n');
    expect(JSON.parse(first!)).toMatchObject({
      user: 'ann',
      items: body.items.map(({ item, rules }) => ({ item, rules })),
    });
    expect((await many(['other'])).status).toBe(404);

    const list = (await (
      await open.request('/v1/admin/rules', { headers: { authorization: `Bearer ${token}` } })
    ).json()) as { rules: object[] };
    expect(list.rules).toHaveLength(1);
    expect((await send(open, '/v1/admin/rules/genre', {}, 'DELETE')).status).toBe(200);
    expect((await recommend('&rules=genre')).status).toBe(404);
    const versions = await open.request('/v1/admin/rules/genre', { headers: { authorization: `Bearer ${token}` } });
    expect(await versions.json()).toMatchObject({ versions: [{ version: 1, removed: expect.any(Number) }] });
  });

  it('an unacceptable rule is refused', async () => {
    const response = await send(open, '/v1/admin/rules', {
      name: 'bad',
      kind: 'filter',
      cypher: 'MATCH (i:Item) RETURN i.id AS item',
    });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'rule/refused' });
  });
});
