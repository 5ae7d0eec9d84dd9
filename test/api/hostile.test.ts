/** What no client of ours would send, over real sockets: refused, or the connection closed; nothing written, and the server lives. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isDeeper } from '../../src/api/middleware/nesting.ts';
import { type RunningServer, serve } from '../../src/api/server.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { plantGraph } from '../graph/planted.ts';
import { graphContent, testGraph } from '../neo4j.ts';
import { type PlantedApp, plantedApp } from './deps.ts';
import { auth, type Heard, head, interactions, json, post, send, token } from './sockets.ts';

let graph: Graph;
let planted: PlantedApp;
let server: RunningServer;
/** Gives a request 700 ms. */
let hasty: RunningServer;
let before: unknown;

beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
  planted = await plantedApp(graph);
  const options = {
    host: '127.0.0.1',
    port: 0,
    token,
    maxBodyBytes: 1 << 20,
    requestTimeoutMs: 30_000,
    freeCypher: true,
  };
  server = await serve(options, planted.deps);
  hasty = await serve({ ...options, requestTimeoutMs: 700 }, planted.deps);
  before = await graphContent(graph);
});
afterEach(async () => {
  for (const { url } of [server, hasty]) expect((await fetch(`${url}/health/live`)).status).toBe(200);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

/** After each group: the server answers as ever, and the graph is what it was. */
async function unharmed(): Promise<void> {
  const response = await fetch(`${server.url}/v1/users/ann/recommendations?limit=2`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  expect(((await response.json()) as { items: object[] }).items).toHaveLength(2);
  expect(await graphContent(graph)).toEqual(before);
}
afterAll(async () => {
  await server.stop();
  await hasty.stop();
  await planted.close();
  await graph.close();
});

/** One answer, a problem of this status with no more in it than the table says. */
function expectProblem({ text, statuses }: Heard, status: number, code: string): void {
  expect(statuses).toEqual([status]);
  expect(text).toContain('content-type: application/problem+json');
  expect(text).toContain(`"code":"${code}"`);
  expect(text).not.toMatch(/node_modules|\.ts:|at \w+ \(/);
}

describe('bodies', () => {
  afterAll(unharmed);
  it('that are too large are refused by what they say, and by what they are', async () => {
    const said = head(`POST ${interactions}`, auth, json, 'content-length: 1073741824');
    expectProblem(await send(server.port, [said, '{']), 413, 'api/too-large');
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    const chunked = head(`POST ${interactions}`, auth, json, 'transfer-encoding: chunked');
    expectProblem(await send(server.port, [chunked, ...Array<string>(20).fill(chunk)]), 413, 'api/too-large');
  });

  it.each([
    ['a length and chunks', ['content-length: 2', 'transfer-encoding: chunked']],
    ['two lengths', ['content-length: 2', 'content-length: 3']],
    ['a length below nothing', ['content-length: -1']],
    ['a length in words', ['content-length: two']],
    ['a coding that is none', ['transfer-encoding: chunked, identity']],
    ['a folded header', ['x-a: b\r\n c: d']],
    ['a header without a name', [': x']],
    ['a name with a space', ['content-length : 2']],
    ['a NUL', ['x-a: b\0c']],
  ])('with %s never reach a route', async (_, headers) => {
    const { statuses } = await send(server.port, [head(`POST ${interactions}`, auth, json, ...headers), '{}']);
    expect(statuses).toEqual([400]);
  });

  it.each([
    ['cut off', '{"interactions": ['],
    ['nothing', ''],
    ['two of them', '{}{}'],
    ['a number that is none', '{"interactions": NaN}'],
    ['text that is no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['binary', Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x00])],
    ['a list', '[]'],
    ['null', 'null'],
    ['deep lists', '['.repeat(500_000)],
    ['deep lists that end', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['deep objects', `{"interactions":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`],
    ['depth in a name', `{${'"a":{'.repeat(40)}${'}'.repeat(40)}}`],
  ])('that are JSON of no use are refused: %s', async (_, body) => {
    expectProblem(await send(server.port, post(interactions, body)), 422, 'api/invalid');
  });

  it('that are no UTF-8 name nobody: two ids of other bytes would become one', async () => {
    for (const last of [0xff, 0xfe, 0xc3]) {
      const [begin, end] = ['{"interactions":[{"user":"utf', '","item":"d1"}]}'].map((text) => Buffer.from(text));
      const heard = await send(server.port, post(interactions, Buffer.concat([begin!, Buffer.from([last]), end!])));
      expectProblem(heard, 422, 'api/invalid');
      expect(heard.text).toContain('not UTF-8');
    }
  });

  it('are read as deep as a route takes', async () => {
    const nested = (depth: number) => `{"parameters":{"user":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
    const path = '/v1/admin/queries/influential-interactions';
    expectProblem(await send(server.port, post(path, nested(30))), 422, 'query/parameter');
    expectProblem(await send(server.port, post(path, nested(31))), 422, 'api/invalid');
    expect(isDeeper('{"[[[[": "]\\"[[[["}', 1)).toBe(false);
    expect(isDeeper('[[]]', 1)).toBe(true);
  });

  it.each([
    ['__proto__ of the body', '{"__proto__":{"polluted":1},"interactions":[{"user":"a","item":"b"}]}'],
    ['__proto__ of a part', '{"interactions":[{"user":"a","item":"b","__proto__":{"polluted":1}}]}'],
    ['constructor', '{"interactions":[{"user":"a","item":"b","constructor":{"prototype":{"polluted":1}}}]}'],
    ['prototype', '{"interactions":[{"user":"a","item":"b","prototype":{"polluted":1}}]}'],
    ['toString', '{"interactions":[{"user":"a","item":"b","toString":"x"}]}'],
    ['a list that says it is one', '{"interactions":{"0":{"user":"a","item":"b"},"length":1}}'],
    ['a text that is an object', '{"interactions":[{"user":{"toString":"a"},"item":"b"}]}'],
  ])('change no prototype: %s', async (_, body) => {
    expectProblem(await send(server.port, post(interactions, body)), 422, 'api/invalid');
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'and queries with %s as a parameter change none either',
    async (name) => {
      const asked = `/v1/admin/queries/long-tail?${name}[polluted]=1&${name}.polluted=1&${name}=1`;
      expectProblem(await send(server.port, [head(`GET ${asked}`, auth)]), 422, 'query/parameter');
      const body = `{"parameters":{"${name}":{"polluted":1}}}`;
      const { statuses, text } = await send(server.port, post('/v1/admin/queries/long-tail', body));
      // What JSON calls __proto__ is no parameter; every other name is one that the question does not know.
      expect(statuses).toEqual(name === '__proto__' ? [200] : [422]);
      expect(text).not.toContain('polluted');
    },
  );
});

describe('time', () => {
  afterAll(unharmed);
  const ends = async (heard: Promise<Heard>) => {
    const { statuses } = await heard;
    expect(statuses.length).toBeLessThanOrEqual(1);
    expect([408, 503, undefined]).toContain(statuses[0]);
  };

  it('is not given to a body that never ends', async () => {
    const slow = head(`POST ${interactions}`, auth, json, 'content-length: 100000');
    const chunked = head(`POST ${interactions}`, auth, json, 'transfer-encoding: chunked');
    await Promise.all([ends(send(hasty.port, [slow], ' ')), ends(send(hasty.port, [chunked], '1\r\n \r\n'))]);
  });

  it('is not given to headers that never end, nor to silence', async () => {
    const begun = `GET /health/live HTTP/1.1\r\nhost: localhost\r\n`;
    await Promise.all([
      ends(send(hasty.port, [begun], 'x-a: b\r\n')),
      ends(send(hasty.port, ['GET /'], 'a')),
      ends(send(hasty.port, [begun])),
    ]);
  });

  it('is over for an upload that ends before its length, which is told so', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const heard: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => heard.push(bytes));
    socket.end(`${head('POST /v1/users:bulk', auth, 'content-type: application/x-ndjson', 'content-length: 99')}{"id"`);
    await once(socket, 'close');
    const text = Buffer.concat(heard).toString('latin1');
    expect(text).not.toContain('api/malformed');
    // Where the answer had begun, it is cut off too.
    expect(text).toMatch(/"code":"api\/cut-off"|^HTTP\/1\.1 200 /);
    expect(text).not.toContain('"done":true');
  });

  it('is there for others while many dawdle', async () => {
    const slow = head(`POST ${interactions}`, auth, json, 'content-length: 100000');
    let dawdled = false;
    const dawdling = Promise.all(Array.from({ length: 100 }, () => send(hasty.port, [slow], ' '))).finally(() => {
      dawdled = true;
    });
    const others: number[] = [];
    do others.push((await fetch(`${hasty.url}/health/live`)).status);
    while (!dawdled);
    expect(others).toContain(200);
    for (const { statuses } of await dawdling) expect([408, 503, undefined]).toContain(statuses[0]);
  });
});

describe('what is no request', () => {
  afterAll(unharmed);
  it.each([
    ['noise', Buffer.from(Array.from({ length: 500 }, (_, place) => (place * 197) % 256))],
    ['TLS', Buffer.from('1603010200010001fc0303', 'hex')],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no host', 'GET /health/live HTTP/1.1\r\n\r\n'],
    ['another protocol', 'GET /health/live FTP/1.1\r\nhost: x\r\n\r\n'],
    ['a line without an end', `GET /${'a'.repeat(40_000)}`],
    ['a header without an end', `GET / HTTP/1.1\r\nhost: x\r\nx-a: ${'b'.repeat(40_000)}`],
    ['headers without number', `GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`],
    [
      'a host that is none',
      'GET /v1/users/ann/recommendations HTTP/1.1\r\nconnection: close\r\nhost: a b/../@c\r\n\r\n',
    ],
  ])('is refused and cut off: %s', async (_, bytes) => {
    const { statuses, text } = await send(server.port, [bytes]);
    for (const status of statuses) expect([400, 401, 431]).toContain(status);
    if (statuses.length > 0) expect(text).toContain('content-type: application/problem+json');
  });

  it('is told what it is, whether it is malformed, too large or too slow', async () => {
    const get = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\n';
    expectProblem(await send(server.port, [`${get}no header\r\n\r\n`]), 400, 'api/malformed');
    expectProblem(await send(server.port, [`${get}x-a: ${'b'.repeat(20_000)}\r\n\r\n`]), 431, 'api/headers-too-large');
    expectProblem(
      await send(server.port, [head('GET /health/live', 'host: a/b').replace('host: localhost\r\n', '')]),
      400,
      'api/malformed',
    );
    expectProblem(await send(hasty.port, [get]), 408, 'api/slow');
  });

  it('behind one that is gets it no further', async () => {
    const first = `GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n`;
    const junk = await send(server.port, [first, 'junk junk junk\r\n\r\n', first]);
    // The junk may be seen before the first is answered; what comes after it never is.
    expect([[200, 400], [200], [400]]).toContainEqual(junk.statuses);
    // A second request in what the first says is its body stays a body.
    const hidden = `GET /v1/users/ann/recommendations HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n\r\n`;
    expectProblem(await send(server.port, post(interactions, hidden)), 422, 'api/invalid');
    // Requests of which one is refused are each answered for themselves.
    const many = await send(server.port, [first, head('GET /v1/admin/keys')]);
    expect(many.statuses).toEqual([200, 401]);
  });
});

describe('paths', () => {
  afterAll(unharmed);
  it.each([
    '/docs/../../../package.json',
    '/docs/..%2f..%2fpackage.json',
    '/docs/%2e%2e/%2e%2e/package.json',
    '/docs/..\\..\\package.json',
    '/docs/swagger-ui.css%00.html',
    '/docs/%c0%ae%c0%ae/package.json',
    '/docs//etc/passwd',
    '/../../../../etc/passwd',
    '/v1/versions/..%2F..%2Fkeys.json/lineage',
    '/v1/versions/%2e%2e/lineage',
    '/v1/admin/queries/..%2F..%2Fpackage',
    '/v1/admin/queries/__proto__',
    '/v1/admin/queries/constructor',
    '/v1/admin/rules/..%2Fwrite%2Fuser-remove',
    'http://evil.example/v1/admin/keys/..',
  ])('lead to nothing that is not there: %s', async (path) => {
    const { text, statuses } = await send(server.port, [head(`GET ${path}`, auth)]);
    expect(statuses).toHaveLength(1);
    expect([400, 401, 404, 422]).toContain(statuses[0]);
    expect(text).not.toMatch(/"dependencies"|root:/);
  });

  it('that a URL would read as others are refused', async () => {
    const targets = [
      '/v1/items/%2e%2e/users',
      '/v1/items/../users',
      '/v1/items/d1/..',
      '/api/item/d1/category/%2E%2e',
      '/v1/items/.%2e',
      '/v1/items/.',
      '/v1/items/..\\users',
      '/v1/items/%ED%A0%80',
      '/v1/items/%ff',
      '/v1/items/%zz',
      '/v1/items/%',
      '/v1/items?filter=%ff',
      '/v1/items/d1#x',
    ];
    for (const target of targets) {
      const { statuses, text } = await send(server.port, [head(`DELETE ${target}`, auth)]);
      expect(statuses, target).toEqual([400]);
      expect(text, target).toMatch(/"code":"api\/(target|malformed)"/);
    }
    for (const target of ['/v1/items/d1%2F..%2Fd2', '/v1/items/...', '/v1/items?filter=genre:D%C3%BCr%20Z'])
      expect((await send(server.port, [head(`GET ${target}`, auth)])).statuses, target).not.toEqual([400]);
    for (const id of ['.', '..']) {
      const { text } = await send(server.port, post('/v1/items', JSON.stringify({ items: [{ id }] })));
      expect(text).toContain('is a step in a path');
    }
    await unharmed();
  });

  it('of any length are answered, or refused for it', async () => {
    const long = await send(server.port, [head(`GET /v1/users/ann/recommendations?limit=${'1'.repeat(12_000)}`, auth)]);
    expectProblem(long, 422, 'api/invalid');
    const many = Array.from({ length: 3000 }, (_, place) => `a${place}=`)
      .join('&')
      .slice(0, 14_000);
    const unknown = await send(server.port, [head(`GET /v1/users/ann/recommendations?${many}`, auth)]);
    expectProblem(unknown, 422, 'api/invalid');
    expect(unknown.text.length).toBeLessThan(3000);
    expect(
      (await send(server.port, [head(`GET /v1/users/${'a'.repeat(17_000)}/recommendations`, auth)])).statuses,
    ).toEqual([431]);
  });

  it('put no header into an answer', async () => {
    const names = [
      'a%0d%0aset-cookie:%20evil=1',
      'a%0aset-cookie: evil=1'.replace(' ', '%20'),
      '%E5%98%8A%E5%98%8Dset-cookie',
    ];
    for (const name of names) {
      for (const path of [`/v1/users/${name}/recommendations`, `/${name}`]) {
        const { text } = await send(server.port, [
          head(`GET ${path}`, auth, 'x-request-id: evil\tid', `origin: ${name}`),
        ]);
        expect(text.slice(0, text.indexOf('\r\n\r\n'))).not.toMatch(/evil/);
      }
    }
  });
});
