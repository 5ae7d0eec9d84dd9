/** Uploads and downloads of lines, over a listening server and a real Neo4j. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningServer, serve } from '../../src/api/server.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { removedKey } from '../../src/graph/removed.ts';
import { emptyGraph, graphContent, testGraph } from '../neo4j.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

let graph: Graph;
let planted: PlantedApp;
let server: RunningServer;
beforeAll(async () => {
  graph = await testGraph();
  planted = await plantedApp(graph);
  const options = { host: '127.0.0.1', port: 0, token: undefined, maxBodyBytes: 10_000, requestTimeoutMs: 3000 };
  server = await serve({ ...options, maxUploadMb: 1 }, planted.deps);
});
beforeEach(() => emptyGraph(graph));
afterAll(async () => {
  await server?.stop();
  await planted?.close();
  await graph?.close();
});

const linesIn = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const upload = async (kind: string, body: string | AsyncIterable<Uint8Array>) => {
  const headers = { 'content-type': 'application/x-ndjson' };
  const init = { method: 'POST', headers, body, duplex: 'half' } as unknown as RequestInit;
  return linesIn(await (await fetch(`${server.url}/v1/${kind}:bulk`, init)).text());
};
const download = async (kind: string) => await (await fetch(`${server.url}/v1/${kind}:export`)).text();
const jsonl = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const count = async (pattern: string) =>
  (await graph.read((tx) => tx.run(`MATCH ${pattern} RETURN count(*) AS n`))).records[0]!.get('n') as number;

describe('uploads', () => {
  it('tell each bad line and take in the rest', async () => {
    const good = { user: 'a', item: 'x', type: 'view', at: 5, value: 2 };
    const body = [
      JSON.stringify(good),
      '',
      '{"user": "a"',
      JSON.stringify({ ...good, item: undefined }),
      JSON.stringify({ ...good, colour: 'red' }),
      `"${'x'.repeat(1 << 18)}"`,
      JSON.stringify({ ...good, item: 'y' }),
    ].join('\n');
    const answer = await upload('interactions', body);
    expect(answer).toEqual([
      { line: 3, problem: 'is not JSON' },
      { line: 4, problem: expect.stringContaining('item:') as string },
      { line: 5, problem: expect.stringContaining('colour') as string },
      { line: 6, problem: 'is longer than 262144 bytes' },
      { written: 2, line: 7 },
      { done: true, lines: 7, written: 2, bad: 4 },
    ]);
    expect(await count('(:User)-[:INTERACTED]->(:Item)')).toBe(2);
  });

  it('are in Neo4j batch by batch, before all of the body has come', async () => {
    const rows = (from: number) => jsonl(Array.from({ length: 2000 }, (_, n) => ({ id: `i${from + n}` })));
    let counted = -1;
    async function* body() {
      yield Buffer.from(rows(0));
      // Held back until the first batch is committed.
      for (let tries = 0; tries < 2000 && counted < 2000; tries++) {
        counted = await count('(:Item)');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      yield Buffer.from(rows(2000));
    }
    const answer = await upload('items', body());
    expect(counted).toBe(2000);
    expect(answer.at(-1)).toEqual({ done: true, lines: 4000, written: 4000, bad: 0 });
  });

  it('go on longer than any other request may take, and are limited in length', async () => {
    async function* slow() {
      for (let n = 0; n < 8; n++) {
        yield Buffer.from(jsonl([{ id: `slow-${n}` }]));
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
    expect((await upload('users', slow())).at(-1)).toMatchObject({ done: true, written: 8 });
    const long = await upload(
      'users',
      jsonl(Array.from({ length: 30_000 }, (_, n) => ({ id: `user-${n}-${'x'.repeat(30)}` }))),
    );
    expect(long.at(-1)).toMatchObject({ done: false, code: 'api/too-large' });
    expect(await count('(:User)')).toBe(8 + Number(long.at(-1)!.written));
  });

  it('are written also before a batch is whole, where its lines are long', async () => {
    const options = { host: '127.0.0.1', port: 0, token: undefined, maxBodyBytes: 10_000, requestTimeoutMs: 30_000 };
    const roomy = await serve({ ...options, maxUploadMb: 16 }, planted.deps);
    const texts = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`text ${n}`, 'x'.repeat(20_000)]));
    const body = jsonl(Array.from({ length: 40 }, (_, n) => ({ id: `long-${n}`, attributes: texts })));
    const headers = { 'content-type': 'application/x-ndjson' };
    const answer = await fetch(`${roomy.url}/v1/items:bulk`, { method: 'POST', headers, body });
    const enough = Math.ceil(2 ** 23 / (body.length / 40));
    expect(linesIn(await answer.text())).toEqual([
      { written: enough, line: enough },
      { written: 40, line: 40 },
      { done: true, lines: 40, written: 40, bad: 0 },
    ]);
    await roomy.stop();
  });

  const send = async (kind: string, body: Uint8Array, headers: Readonly<Record<string, string>>) => {
    const types = { 'content-type': 'application/x-ndjson', ...headers };
    return await fetch(`${server.url}/v1/${kind}:bulk`, { method: 'POST', headers: types, body: Buffer.from(body) });
  };
  const gzip = { 'content-encoding': 'gzip' };

  it('are taken in gzip too, as large as they are inflated', async () => {
    const told = async (body: Uint8Array) => linesIn(await (await send('items', body, gzip)).text()).at(-1);
    const rows = jsonl(Array.from({ length: 100 }, (_, n) => ({ id: `zipped-${n}` })));
    expect(await told(gzipSync(rows))).toEqual({ done: true, lines: 100, written: 100, bad: 0 });
    expect(await count('(:Item)')).toBe(100);
    // Little on the wire, and more than an upload may be.
    expect(await told(gzipSync('\n'.repeat(2 << 20)))).toMatchObject({ done: false, code: 'api/too-large' });
    const empty = gzipSync('');
    const nothings = Buffer.concat(Array.from({ length: Math.ceil(((1 << 20) + 4096) / empty.length) }, () => empty));
    expect(await told(nothings)).toMatchObject({ done: false, code: 'api/too-large' });
    const whole = gzipSync(rows);
    for (const bytes of [Buffer.from(rows), whole.subarray(0, whole.length - 9)])
      expect(await told(bytes)).toMatchObject({ done: false, code: 'api/not-gzip', retryable: false });
  });

  it('are refused in what is not read, and told what is', async () => {
    const coded = await send('items', Buffer.from('x'), { 'content-encoding': 'br' });
    expect([coded.status, coded.headers.get('accept-encoding')]).toEqual([415, 'gzip, identity']);
    expect(await coded.json()).toMatchObject({ code: 'api/coding' });
    const latin = await send('items', Buffer.from('{}\n'), { 'content-type': 'application/x-ndjson; charset=latin1' });
    expect([latin.status, ((await latin.json()) as { code: string }).code]).toEqual([415, 'api/charset']);
  });

  it('leave out who was forgotten for good', async () => {
    await graph.write((tx) =>
      tx.run("CREATE (:Removed {kind: 'user', key: $key, at: timestamp(), blocked: true})", {
        key: removedKey('user', 'gone'),
      }),
    );
    const answer = await upload('users', jsonl([{ id: 'here' }, { id: 'gone' }]));
    expect(answer).toEqual([
      { line: 2, problem: 'is about a user who was forgotten for good' },
      { written: 1, line: 2 },
      { done: true, lines: 2, written: 1, bad: 1 },
    ]);
    expect(await count('(:User)')).toBe(1);
  });

  it('are refused as anything else, and cut off where a request never ends', async () => {
    const refused = await fetch(`${server.url}/v1/users:bulk`, { method: 'POST', body: '{}' });
    expect([refused.status, await refused.json()]).toMatchObject([415, { code: 'api/lines-needed' }]);
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => {});
    socket.write(
      'POST /v1/interactions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    );
    socket.resume();
    await once(socket, 'close');
  });
});

describe('downloads', () => {
  it('give what an upload takes, page by page', async () => {
    const users = Array.from({ length: 1203 }, (_, n) => ({
      id: `u${n}`,
      features: [],
      attributes: n % 7 ? {} : { age: n },
    }));
    const items = [
      {
        id: 'ä',
        title: 'Ä',
        at: 5,
        available: false,
        features: [{ kind: 'genre', value: 'Noir', weight: 0.5 }],
        attributes: { v: [1, 2.5] },
      },
      {
        id: 'x',
        available: true,
        features: [{ kind: 'genre', value: 'a:b' }],
        attributes: { plot: 'once', year: 1990 },
      },
    ];
    const interactions = users.flatMap(({ id: user }, n) =>
      ['x', 'ä'].slice(n % 2).map((item) => ({ user, item, type: 'view', at: n, value: 1.5 })),
    );
    await upload('users', jsonl(users));
    await upload('items', jsonl(items));
    await upload('interactions', jsonl(interactions));
    await upload('features', jsonl([{ kind: 'mood', value: 'alone' }]));
    const content = await graphContent(graph);
    const texts = new Map<string, string>();
    for (const kind of ['users', 'items', 'features', 'interactions']) texts.set(kind, await download(kind));
    expect(linesIn(texts.get('items')!)).toEqual([items[1], items[0]]);
    expect(linesIn(texts.get('users')!)).toHaveLength(1203);
    expect(linesIn(texts.get('interactions')!)).toHaveLength(interactions.length);
    await emptyGraph(graph);
    for (const [kind, text] of texts) expect((await upload(kind, text)).at(-1)).toMatchObject({ done: true, bad: 0 });
    expect(await graphContent(graph)).toEqual(content);
    // Sent again, nothing changes.
    for (const [kind, text] of texts) await upload(kind, text);
    expect(await graphContent(graph)).toEqual(content);
  });
});
