/** What a client can hold on to, over real sockets: bodies that dawdle, lines that go on, places in the line. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openQueue, type QueueLimits } from '../../src/api/queue.ts';
import { type RunningServer, serve } from '../../src/api/server.ts';
import { type Graph, openGraph } from '../../src/graph/driver.ts';
import { ensureServer } from '../../src/graph/server.ts';
import { testServer } from '../neo4j.ts';
import { type PlantedGraphApp, plantedApp, plantedGraphApp } from './deps.ts';
import { auth, head, interactions, json, token } from './sockets.ts';

let planted: PlantedGraphApp;
const ended: (() => unknown)[] = [];
beforeAll(async () => {
  planted = await plantedGraphApp();
});
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});
afterAll(async () => {
  await planted?.close();
});

async function serving(limits: QueueLimits, { requestTimeoutMs = 30_000, deps = planted.deps } = {}) {
  const queue = openQueue(limits);
  const options = { host: '127.0.0.1', port: 0, token, maxBodyBytes: 1 << 20, requestTimeoutMs, freeCypher: true };
  const server: RunningServer = await serve(options, { ...deps, queue });
  ended.push(() => server.stop());
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${server.url}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  const post = (path: string, body: string) =>
    ask(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  return { queue, ask, post, port: server.port };
}
const list = '/v1/users/ann/recommendations?limit=2';
const group = ['/v1/groups/recommendations', '{"users":["ann"],"limit":2}'] as const;

/** What comes over a socket, as it comes. */
interface Talk {
  readonly socket: Socket;
  /** All up to then. */
  heard(pattern: RegExp): Promise<string>;
}

/** A request whose body is yet to come: the server has seen it when it says 100. */
async function begin(port: number, path: string, ...headers: readonly string[]): Promise<Talk> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  ended.push(() => socket.destroy());
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  const heard = async (pattern: RegExp) => {
    while (!pattern.test(text)) await once(socket, 'data');
    return text;
  };
  socket.write(head(`POST ${path}`, auth, 'expect: 100-continue', ...headers));
  await heard(/ 100 Continue/);
  return { socket, heard };
}

async function come(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 10));
}

it('bodies that dawdle keep no place from anybody', async () => {
  const { port, ask, post, queue } = await serving({ mostWorking: 1, mostWaiting: 0 });
  const body = '{"interactions":[]}';
  const dawdlers = await Promise.all(
    Array.from({ length: 5 }, () => begin(port, interactions, json, `content-length: ${body.length}`)),
  );
  for (const { socket } of dawdlers) socket.write(body.slice(0, 3));
  expect((await ask(list)).status).toBe(200);
  expect((await post(...group)).status).toBe(200);
  expect([queue.working, queue.refused]).toEqual([0, 0]);
  dawdlers[0]!.socket.write(body.slice(3));
  await dawdlers[0]!.heard(/HTTP\/1\.1 422 /);
});

it('large bodies that dawdle are bounded, and keep out neither small ones nor lists', async () => {
  const { port, ask, post } = await serving({ mostWorking: 2, mostWaiting: 2, mostBodyBytes: 400_000 });
  const large = ['content-length: 150000', json] as const;
  const dawdler = await begin(port, interactions, ...large);
  const refused = await begin(port, interactions, ...large);
  await refused.heard(/HTTP\/1\.1 503 .*retry-after: 1.*"code":"api\/too-many-bodies"/is);
  const chunked = await begin(port, interactions, 'transfer-encoding: chunked', json); // as large as may be
  await chunked.heard(/HTTP\/1\.1 503 /);
  expect((await post(...group)).status).toBe(200);
  expect((await ask(list)).status).toBe(200);
  dawdler.socket.destroy();
  const again = async (): Promise<string> => {
    const { socket, heard } = await begin(port, interactions, ...large);
    socket.write(' '.repeat(150_000));
    return await heard(/HTTP\/1\.1 (422|503) .*"code":/s);
  };
  while ((await again()).includes('HTTP/1.1 503'));
});

it('uploads and answers of lines are bounded, and keep out no lists', async () => {
  const { port, ask, post, queue } = await serving({ mostWorking: 1, mostWaiting: 0, mostStreaming: 2 });
  const lines = ['content-type: application/x-ndjson', 'transfer-encoding: chunked'] as const;
  const [first, second] = [
    await begin(port, '/v1/users:bulk', ...lines),
    await begin(port, '/v1/items:bulk', ...lines),
  ];
  await Promise.all([first.heard(/HTTP\/1\.1 200 /), second.heard(/HTTP\/1\.1 200 /)]);
  const streams = [
    () => ask('/v1/users:export'),
    () => post('/v1/recommendations:batch', '{"users":["ann"]}'),
    () => ask('/v1/admin/queries/long-tail'),
    () => post('/v1/admin/cypher', '{"cypher":"RETURN 1 AS one"}'),
  ];
  for (const stream of streams) {
    const refused = await stream();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ code: 'api/too-many-streams', retryable: true });
  }
  expect((await ask(list)).status).toBe(200);
  first.socket.write('0\r\n\r\n');
  await first.heard(/"done":true/);
  second.socket.destroy();
  await come(() => queue.streaming === 0);
  for (const stream of streams) {
    const answer = await stream();
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('\n')]);
  }
  // What has no body, what is refused, and what nobody reads to its end leave no place taken either.
  expect((await ask('/v1/users:export', { method: 'HEAD' })).status).toBe(200);
  expect((await ask('/v1/admin/queries/long-tail', { method: 'HEAD' })).status).toBe(200);
  expect((await ask('/v1/admin/queries/none')).status).toBe(404);
  await (await ask('/v1/interactions:export')).body!.cancel();
  await come(() => queue.streaming === 0);
});

it('whether the server is ready is asked of the graph once for all, and not while it is known to be gone', async () => {
  let asked = 0;
  // A way to Neo4j that can be cut.
  const server = await ensureServer(testServer());
  const through = new Set<Socket>();
  const way = createServer((socket) => {
    const there = connect(Number(new URL(server.uri).port), '127.0.0.1');
    for (const end of [socket, there]) through.add(end.on('error', () => {}));
    socket.pipe(there).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(way, 'listening');
  const own = await openGraph({ ...server, uri: `bolt://127.0.0.1:${(way.address() as AddressInfo).port}` });
  ended.push(() => own.close());
  const session: Graph['session'] = (options) => {
    asked++;
    return own.session(options);
  };
  const other = await plantedApp({ ...own, session }, { timeoutMs: 20_000, pauseMs: 3_600_000 });
  ended.push(() => other.close());
  const { ask } = await serving({ mostWorking: 1, mostWaiting: 0 }, { deps: other.deps });
  const ready = () => Promise.all(Array.from({ length: 20 }, async () => (await ask('/health/ready')).status));
  await ready(); // what is fresh is told; what is not is asked
  asked = 0;
  expect(new Set(await ready())).toEqual(new Set([200]));
  expect(asked).toBeLessThanOrEqual(1);
  way.close();
  for (const socket of through) socket.destroy();
  expect((await (await ask(list)).json()) as object).toMatchObject({ graph: 'unreachable' });
  asked = 0;
  expect(new Set(await ready())).toEqual(new Set([503]));
  expect(asked).toBe(0);
});

it('who has gone, and whose time is over, leaves the line and is not served', async () => {
  let served = 0;
  const { explainer } = planted.deps;
  const counting: typeof explainer = {
    ...explainer,
    explain: (...given) => {
      served++;
      return explainer.explain(...given);
    },
  };
  const deps = { ...planted.deps, explainer: counting };
  const path = '/v1/users/ann/recommendations/d3/explanation';
  const limits = { mostWorking: 1, mostWaiting: 4 };
  const [patient, hasty] = [await serving(limits, { deps }), await serving(limits, { deps, requestTimeoutMs: 300 })];
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const held = [patient, hasty].map(({ queue }) => queue.run(() => opened));

  const client = new AbortController();
  const gone = expect(patient.ask(path, { signal: client.signal })).rejects.toThrow();
  await come(() => patient.queue.waiting === 1);
  client.abort();
  await gone;
  await come(() => patient.queue.waiting === 0);

  const late = await hasty.ask(path);
  expect(late.status).toBe(503);
  expect(await late.json()).toMatchObject({ code: 'api/timeout' });
  expect(hasty.queue.waiting).toBe(0);

  const stays = patient.ask(path);
  await come(() => patient.queue.waiting === 1);
  open();
  await Promise.all(held);
  expect((await stays).status).toBe(200);
  expect(served).toBe(1);
});
