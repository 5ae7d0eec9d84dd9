/** The typed client, the example in Python and writes that are sent again, over a listening server and a real Neo4j. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, serve } from '../../src/api/server.ts';
import { ApiProblem, type Client, createClient } from '../../src/client.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { type PlantedGraphApp, plantedGraphApp } from './deps.ts';

const token = 'a-token-of-some-length';
let graph: Graph;
let planted: PlantedGraphApp;
let server: RunningServer;
let api: Client;
beforeAll(async () => {
  planted = await plantedGraphApp();
  graph = planted.graph;
  const options = { host: '127.0.0.1', port: 0, token, maxBodyBytes: 1 << 20, requestTimeoutMs: 30_000 };
  server = await serve(options, planted.deps);
  api = createClient({ url: `${server.url}/`, token });
});
afterAll(async () => {
  await server?.stop();
  await planted?.close();
});

describe('the client', () => {
  it('recommends, by a filter and for many', async () => {
    const { items, version } = await api.get('/v1/users/{id}/recommendations', {
      params: { id: 'ann' },
      query: { limit: 3, filter: 'genre:Comedy', explain: false },
    });
    expect(version).toBe(planted.deps.recommender.version.id);
    expect(items.map(({ item }) => item).sort()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^c/) as string]),
    );
    for (const { item } of items) expect(item).toMatch(/^c/);
    const lines: unknown[] = [];
    const body = { users: ['ann', 'new', 'cat'], limit: 1 };
    for await (const line of api.lines('/v1/recommendations:batch', { body })) lines.push(line);
    expect(lines).toMatchObject([{ user: 'ann' }, { user: 'new', fallback: 'popular' }, { user: 'cat' }]);
    const wrong = { body: { users: ['ann'], filter: 'colour:red' } };
    await expect(api.lines('/v1/recommendations:batch', wrong).next()).rejects.toMatchObject({ code: 'filter/type' });
    const { users } = await api.get('/v1/users/{id}/similar', { params: { id: 'cat' }, query: { limit: 1 } });
    expect(users.map(({ id }) => id)).toEqual(['dan']);
    await expect(api.get('/v1/users/{id}/similar', { params: { id: 'x' } })).rejects.toMatchObject({
      code: 'user/unknown',
    });
  });

  it('writes, reads, uploads and downloads', async () => {
    const params = { id: 'slashed/ü?' };
    expect(await api.put('/v1/items/{id}', { params, body: { title: 'New', attributes: { year: 1990 } } })).toEqual({
      created: true,
    });
    expect(await api.patch('/v1/items/{id}', { params, body: { title: null } })).toEqual({ created: false });
    expect(await api.get('/v1/items/{id}', { params })).toEqual({
      id: params.id,
      available: true,
      features: [],
      attributes: { year: 1990 },
    });
    const { items } = await api.get('/v1/items', { query: { filter: 'year>=1980 AND NOT genre:Drama', limit: 5 } });
    expect(items.map(({ id }) => id)).toEqual([params.id]);
    const dramas = await api.get('/v1/items', { query: { filter: 'genre:Drama', limit: 3 } });
    expect(dramas.items.map(({ id }) => id)).toEqual(['d1', 'd2', 'd3']);
    const more = await api.get('/v1/items', { query: { filter: 'genre:Drama', limit: 3, cursor: dramas.next! } });
    expect(more).toEqual({ items: [expect.objectContaining({ id: 'd4' })] });
    await expect(api.get('/v1/items', { query: { filter: 'colour:red' } })).rejects.toMatchObject({
      code: 'filter/type',
    });
    const last: unknown[] = [];
    for await (const line of api.lines('/v1/users:bulk', { lines: [{ id: 'u1' }, { id: 'u2' }] })) last.push(line);
    expect(last.at(-1)).toEqual({ done: true, lines: 2, written: 2, bad: 0 });
    const all: unknown[] = [];
    for await (const line of api.lines('/v1/users:export')) all.push((line as { id: string }).id);
    expect(all).toEqual(expect.arrayContaining(['u1', 'u2', 'ann']));
  });

  it('reads and writes on conditions', async () => {
    const params = { id: 'tagged' };
    await api.put('/v1/items/{id}', { params, body: { title: 'One' } });
    const { etag, value } = await api.getTagged('/v1/items/{id}', { params });
    expect(value).toMatchObject({ title: 'One' });
    const unchanged = await api.getTagged('/v1/items/{id}', { params, headers: { 'if-none-match': etag! } });
    expect(unchanged).toEqual({ etag });
    const safely = { params, headers: { 'if-match': etag! } };
    await api.patch('/v1/items/{id}', { ...safely, body: { title: 'Two' } });
    await expect(api.patch('/v1/items/{id}', { ...safely, body: { title: 'Three' } })).rejects.toMatchObject({
      status: 412,
    });
  });

  it('asks for no other path than it was told', async () => {
    const feature = { kind: 'genre', value: '..' };
    await expect(api.delete('/v1/features/{kind}/{value}', { params: feature })).rejects.toThrow(RangeError);
  });

  it('throws what the API says', async () => {
    const missing = api.get('/v1/users/{id}', { params: { id: 'nobody' } });
    await expect(missing).rejects.toBeInstanceOf(ApiProblem);
    await expect(missing).rejects.toMatchObject({ status: 404, code: 'user/not-in-graph', retryable: false });
    const stranger = createClient({ url: server.url });
    await expect(stranger.get('/v1/users')).rejects.toMatchObject({ status: 401, code: 'api/unauthorized' });
  });
});

describe('a write that is sent again', () => {
  const count = async (user: string) => {
    const { records } = await graph.read((tx) =>
      tx.run('MATCH (:User {id: $user})-[r:INTERACTED]->() RETURN count(r) AS n', { user }),
    );
    return records[0]!.get('n') as number;
  };
  const post = (user: string, key: string, value = 1, to = server.url) =>
    fetch(`${to}/v1/interactions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
      // Without a time each request would be an interaction of its own.
      body: JSON.stringify({ interactions: [{ user, item: 'd1', type: 'click', value }] }),
    });

  it('is done once and answered twice, also by another server', async () => {
    const first = await post('again', 'key-1');
    const text = await first.text();
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([200, null]);
    const second = await post('again', 'key-1');
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    expect(await second.text()).toBe(text);
    const options = { host: '127.0.0.1', port: 0, token, maxBodyBytes: 1 << 20, requestTimeoutMs: 30_000 };
    const other = await serve(options, planted.deps);
    expect(await (await post('again', 'key-1', 1, other.url)).text()).toBe(text);
    await other.stop();
    expect(await count('again')).toBe(1);
    const different = await post('again', 'key-1', 2);
    expect([different.status, await different.json()]).toMatchObject([422, { code: 'api/idempotency-reused' }]);
    expect((await post('again', 'a b')).status).toBe(422);
    await post('again', 'key-2');
    expect(await count('again')).toBe(2);
  });

  it('at the same time is done once', async () => {
    const statuses = await Promise.all(Array.from({ length: 5 }, async () => (await post('at-once', 'key-3')).status));
    expect(statuses).toContain(200);
    for (const status of statuses) expect([200, 409]).toContain(status);
    expect(await count('at-once')).toBe(1);
  });

  it('is tried anew where it failed, and its answer goes after a day', async () => {
    const path = { params: { id: 'absent' }, headers: { 'idempotency-key': 'key-4' } };
    await expect(api.patch('/v1/users/{id}', { ...path, body: {} })).rejects.toMatchObject({ status: 404 });
    await api.put('/v1/users/{id}', { params: { id: 'absent' }, body: {} });
    expect(await api.patch('/v1/users/{id}', { ...path, body: {} })).toEqual({ created: false });
    await graph.write((tx) => tx.run('MATCH (a:Answer) SET a.at = a.at - 25 * 3600 * 1000'));
    await post('again', 'key-5');
    const { records } = await graph.read((tx) =>
      tx.run('MATCH (a:Answer) RETURN count(a) AS n, collect(a.body) AS bodies'),
    );
    expect(records[0]!.get('n')).toBe(1);
    // Nobody's name is in it.
    expect(JSON.stringify(records[0]!.get('bodies'))).not.toContain('again');
  });
});

describe('the example in Python', () => {
  it('does all that it does by the OpenAPI document', async () => {
    const { stdout } = await promisify(execFile)('python3', ['test/api/client.py', server.url, token]);
    expect(JSON.parse(stdout)).toMatchObject({
      item: { id: 'snake/1', title: 'Snakes', available: true, attributes: { year: 2006 } },
      // Sent twice, done once.
      accepted: [1, 2].map(() => ({ accepted: 1, created: { interactions: 1, users: 1, items: 0 } })),
      seen: [{ user: 'python', item: 'd1', type: 'view' }],
      users: expect.arrayContaining(['ann', 'eve', 'python']) as string[],
      best: [
        { item: expect.stringMatching(/^d[34]$/) as string },
        { item: expect.stringMatching(/^d[34]$/) as string },
      ],
      lines: [{ user: 'ann' }, { user: 'cat' }],
      refused: { status: 404, code: 'item/not-in-graph', retryable: false },
    });
  });
});
