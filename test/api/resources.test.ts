/** Users, items, features and interactions as resources, over a real Neo4j. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { clockSlack, graphMoment } from '../../src/graph/changes.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { snapshotFromGraph } from '../../src/sampling/fromGraph.ts';
import { snapshotSince } from '../../src/sampling/incremental.ts';
import type { GraphMark, Snapshot } from '../../src/sampling/snapshot.ts';
import { type PlantedGraphApp, plantedGraphApp } from './deps.ts';

let graph: Graph;
let planted: PlantedGraphApp;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  planted = await plantedGraphApp();
  graph = planted.graph;
  app = createApp(planted.deps);
});
afterAll(async () => {
  await planted?.close();
});

const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  app.request(path, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const read = async (path: string) => (await (await app.request(path)).json()) as Record<string, unknown>;

/** Everything that a list holds, page by page; `between` is done after each page. */
async function walk<T>(path: string, list: string, between: () => Promise<unknown> = async () => {}): Promise<T[]> {
  const all: T[] = [];
  for (let next: string | undefined; ; ) {
    const query = next === undefined ? '' : `&cursor=${next}`;
    const page = (await read(`${path}${query}`)) as { next?: string } & Record<string, T[]>;
    all.push(...page[list]!);
    next = page.next;
    if (next === undefined) return all;
    await between();
  }
}

describe('what is looked for', () => {
  it('is found by how ids begin, and by words of titles and features in any case', async () => {
    const found = async (q: string) => {
      const { users, items, features } = (await read(`/v1/search?q=${encodeURIComponent(q)}`)) as Record<
        string,
        never[]
      >;
      const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
      return { users: ids(users!), items: ids(items!), features };
    };
    expect(await found('an')).toEqual({ users: ['ann'], items: [], features: [] });
    expect(await found('d')).toEqual({
      users: ['dan'],
      items: ['d1', 'd2', 'd3', 'd4'],
      features: [{ kind: 'genre', value: 'Drama', items: 4, users: 0 }],
    });
    expect((await found('FILM c')).items).toEqual(['c1', 'c2', 'c3', 'c4']);
    expect((await found('come film')).items).toEqual([]);
    expect((await found('come')).features).toHaveLength(1);
    // Signs of the index's language are none here.
    for (const q of ['film AND (c1', '"film', 'title:*', '*', '/.*/', '\\', 'OR', '-film'])
      expect((await app.request(`/v1/search?q=${encodeURIComponent(q)}`)).status, q).toBe(200);
    expect((await app.request('/v1/search?q=')).status).toBe(422);
    expect((await read('/v1/search?q=film&limit=2')).items).toHaveLength(2);
  });

  it('is told of together, in the order that was asked for', async () => {
    const { items } = (await read('/v1/items?id=d2&id=nothing&id=c1')) as { items: { id: string; title: string }[] };
    expect(items.map(({ id, title }) => [id, title])).toEqual([
      ['d2', 'Film d2'],
      ['c1', 'Film c1'],
    ]);
  });

  it('comes newest first of a user or an item, page by page', async () => {
    type Done = { user: string; item: string };
    const bob = await walk<Done>('/v1/interactions?user=bob&order=newest&limit=3', 'interactions');
    expect(bob.map(({ item }) => item)).toEqual(['all', 'd3', 'd2', 'd1']);
    const all = await walk<Done>('/v1/interactions?item=all&order=newest&limit=2', 'interactions');
    expect(all.map(({ user }) => user)).toEqual(['bob', 'dan', 'ann', 'cat', 'eve']);
    expect((await app.request('/v1/interactions?order=newest')).status).toBe(422);
  });
});

describe('users and items', () => {
  it('are put, read, patched and deleted', async () => {
    const path = `/v1/items/${encodeURIComponent('a/b ü')}`;
    const body = {
      title: 'Ä',
      at: 12,
      features: [{ kind: 'genre', value: 'Noir', weight: 0.5 }],
      attributes: { year: 1947, plot: 'A man', shape: [1, 0.5] },
    };
    const put = await send('PUT', path, body);
    expect(put.status).toBe(201);
    expect(await put.json()).toEqual({ created: true });
    const shown = await app.request(path);
    const item = { id: 'a/b ü', ...body, available: true };
    expect(await shown.json()).toEqual(item);
    expect(shown.headers.get('etag')).toBe(put.headers.get('etag'));
    const patched = await send('PATCH', path, { at: null, available: false, attributes: { plot: null, year: '1947' } });
    expect(patched.status).toBe(200);
    expect(await read(path)).toEqual({
      id: 'a/b ü',
      title: 'Ä',
      available: false,
      features: body.features,
      attributes: { shape: [1, 0.5], year: '1947' },
    });
    const again = await send('PUT', path, { features: [{ kind: 'genre', value: 'Drama' }] });
    expect([again.status, await again.json()]).toEqual([200, { created: false }]);
    expect(await read(path)).toEqual({
      id: 'a/b ü',
      available: true,
      features: [{ kind: 'genre', value: 'Drama' }],
      attributes: {},
    });
    const now = (await app.request(path)).headers.get('etag')!;
    expect((await send('DELETE', path, undefined, { 'if-match': now })).status).toBe(200);
    for (const method of ['GET', 'PATCH'])
      expect((await send(method, path, method === 'GET' ? undefined : {})).status).toBe(404);
    // The refused patch left nothing behind.
    expect((await app.request(path)).status).toBe(404);
  });

  it('keep what somebody else changed, where the tag is asked for', async () => {
    const path = '/v1/users/tagged';
    const made = await send('PUT', path, { attributes: { age: 30 } }, { 'if-none-match': '*' });
    expect(made.status).toBe(201);
    const tag = made.headers.get('etag')!;
    expect((await app.request(path, { headers: { 'if-none-match': tag } })).status).toBe(304);
    expect((await app.request(path, { headers: { 'if-none-match': `W/${tag}, "other"` } })).status).toBe(304);
    const first = await send('PATCH', path, { attributes: { age: 31 } }, { 'if-match': tag });
    expect(first.status).toBe(200);
    const late = await send('PATCH', path, { attributes: { age: 29 } }, { 'if-match': tag });
    expect(late.status).toBe(412);
    expect(await late.json()).toMatchObject({ code: 'api/precondition' });
    expect((await send('PUT', path, {}, { 'if-none-match': '*' })).status).toBe(412);
    expect((await send('PUT', '/v1/users/nobody', {}, { 'if-match': '*' })).status).toBe(412);
    expect((await app.request('/v1/users/nobody')).status).toBe(404);
    expect(await read(path)).toMatchObject({ attributes: { age: 31 } });
    const changed = await app.request(path, { headers: { 'if-none-match': tag } });
    expect([changed.status, changed.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
  });

  it('one of two changes at once wins, and the other is told', async () => {
    const tag = (await send('PUT', '/v1/users/raced', {})).headers.get('etag')!;
    const tries = Array.from({ length: 6 }, (_, n) =>
      send('PATCH', '/v1/users/raced', { attributes: { n } }, { 'if-match': tag }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 412, 412, 412, 412, 412]);
  });

  it('come in batches, which say nothing of what they do not name', async () => {
    const items = [
      { id: 'd1', features: [{ kind: 'genre', value: 'New' }] },
      { id: 'fresh', title: 'Fresh', attributes: { year: 2000 } },
    ];
    const response = await send('POST', '/v1/items', { items });
    expect(await response.json()).toEqual({ accepted: 2, created: { users: 0, items: 1, features: 1 } });
    expect(await read('/v1/items/d1')).toMatchObject({
      title: 'Film d1',
      features: [
        { kind: 'genre', value: 'Drama' },
        { kind: 'genre', value: 'New' },
      ],
    });
    const wrong = await send('POST', '/v1/items', { items: [{ id: 'x', price: 3 }] });
    expect(wrong.status).toBe(422);
  });

  it('are listed in pages that nothing written meanwhile moves', async () => {
    const users = Array.from({ length: 25 }, (_, n) => ({ id: `listed-${String(n).padStart(2, '0')}` }));
    await send('POST', '/v1/users', { users });
    let made = 0;
    const seen = await walk<{ id: string }>('/v1/users?limit=4', 'users', async () =>
      send('PUT', `/v1/users/${encodeURIComponent(`!before-${made++}`)}`, {}),
    );
    const ids = seen.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['ann', 'eve', ...users.map(({ id }) => id)]));
    const page = await app.request('/v1/users?limit=3');
    const tag = page.headers.get('etag')!;
    expect((await app.request('/v1/users?limit=3', { headers: { 'if-none-match': tag } })).status).toBe(304);
    const { next } = (await page.json()) as { next: string };
    for (const cursor of ['rubbish', next.slice(2), ''])
      expect((await app.request(`/v1/users?cursor=${cursor}`)).status, cursor).toBe(422);
    // A cursor of another list.
    expect(await read(`/v1/items?cursor=${next}`)).toMatchObject({ code: 'api/cursor' });
  });
});

describe('features', () => {
  it('are put, listed, renamed and removed', async () => {
    expect((await send('PUT', '/v1/features/mood/slow%2Fquiet')).status).toBe(201);
    expect((await send('PUT', '/v1/features/mood/slow%2Fquiet')).status).toBe(200);
    expect(await read('/v1/features/genre/Comedy')).toEqual({ kind: 'genre', value: 'Comedy', items: 4, users: 0 });
    const all = await walk<{ kind: string; value: string }>('/v1/features?limit=2&kind=genre', 'features');
    expect(all.map(({ kind }) => kind)).toEqual(all.map(() => 'genre'));
    expect(all.map(({ value }) => value)).toEqual(expect.arrayContaining(['Comedy', 'Drama']));
    expect(await (await send('PATCH', '/v1/features/genre/Comedy', { value: 'Comedies' })).json()).toEqual({
      nodes: 4,
    });
    expect(await read('/v1/items/c1')).toMatchObject({ features: [{ kind: 'genre', value: 'Comedies' }] });
    const tag = (await app.request('/v1/features/genre/Comedies')).headers.get('etag')!;
    const stale = { 'if-match': '"another"' };
    for (const [method, path, body] of [
      ['PATCH', '/v1/features/genre/Comedies', { value: 'Fun' }],
      ['DELETE', '/v1/features/genre/Comedies', undefined],
      ['DELETE', '/v1/items/c1', undefined],
    ] as const) {
      const refused = await send(method, path, body, stale);
      expect([refused.status, await refused.json()]).toMatchObject([412, { code: 'api/precondition' }]);
    }
    expect(await read('/v1/items/c1')).toMatchObject({ features: [{ kind: 'genre', value: 'Comedies' }] });
    const taken = await send('PATCH', '/v1/features/genre/Comedies', { value: 'Drama' });
    expect([taken.status, await taken.json()]).toMatchObject([409, { code: 'feature/exists' }]);
    expect(await (await send('DELETE', '/v1/features/genre/Comedies', undefined, { 'if-match': tag })).json()).toEqual({
      nodes: 4,
    });
    expect(await read('/v1/items/c1')).toMatchObject({ features: [] });
    expect((await send('DELETE', '/v1/features/genre/Comedies')).status).toBe(404);
  });
});

describe('interactions', () => {
  it('are listed by user, by item, by type and all, and given other values', async () => {
    const key = ({ user, item, type, at }: Record<string, unknown>) => `${user} ${item} ${type} ${at}`;
    const all = (await walk<Record<string, unknown>>('/v1/interactions?limit=5', 'interactions')).map(key);
    const { records } = await graph.read((tx) =>
      tx.run(
        'MATCH (u:User)-[r:INTERACTED]->(i:Item) RETURN u.id AS user, i.id AS item, r.type AS type, toFloat(r.at) AS at ORDER BY user, at, item, type',
      ),
    );
    expect(all).toEqual(records.map((record) => key(record.toObject())));
    const { interactions } = (await read('/v1/interactions?user=ann&limit=100')) as { interactions: object[] };
    expect(interactions.map((each) => key(each as Record<string, unknown>))).toEqual(
      all.filter((each) => each.startsWith('ann ')),
    );
    const seen = await walk<{ user: string }>('/v1/interactions?item=all&limit=2', 'interactions');
    expect(seen.map(({ user }) => user)).toEqual(['ann', 'bob', 'cat', 'dan', 'eve']);
    expect(await read('/v1/interactions?type=nothing')).toEqual({ interactions: [] });
    const changed = [
      { user: 'ann', item: 'd1', type: 'rating', at: 1000, value: 2 },
      { user: 'ann', item: 'd1', type: 'rating', at: 7, value: 2 },
    ];
    expect(await (await send('PATCH', '/v1/interactions', { interactions: changed })).json()).toEqual({ changed: 1 });
    expect(await read('/v1/interactions?user=ann&item=d1')).toEqual({ interactions: [changed[0]] });
  });
});

describe('the next snapshot', () => {
  it('knows of every change that came through the API', async () => {
    // Without the room that is left for clocks: a missing mark shows.
    type Marked = Snapshot & { readonly mark: GraphMark };
    const whole = (await snapshotFromGraph(graph)) as Marked;
    const base = { ...whole, mark: { ...whole.mark, since: whole.mark.since + clockSlack } };
    await send('PUT', '/v1/features/mood/soft');
    await send('POST', '/v1/users', { users: [{ id: 'ann', features: [{ kind: 'job', value: 'cook' }] }] });
    await send('PUT', '/v1/items/d2', { features: [{ kind: 'mood', value: 'dark' }] });
    await send('PATCH', '/v1/features/genre/Drama', { value: 'Play' });
    await send('DELETE', '/v1/features/genre/New');
    await send('DELETE', '/v1/features/mood/soft');
    await send('PATCH', '/v1/interactions', {
      interactions: [{ user: 'bob', item: 'd1', type: 'rating', at: 1000, value: 1 }],
    });
    const since = await snapshotSince(graph, await graphMoment(graph), base);
    const now = await snapshotFromGraph(graph);
    expect(now.digest).not.toBe(whole.digest);
    if (!('reason' in since)) expect(since.snapshot.digest).toBe(now.digest);
    else expect(since.reason).toMatch(/feature/);
  });
});
