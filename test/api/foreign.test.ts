/** What pages of other origins can make a browser ask of a server that lets anyone in, over real HTTP. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, serve } from '../../src/api/server.ts';
import { createClient } from '../../src/client.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

const shop = 'https://shop.example';
let planted: PlantedApp;
let open: RunningServer;
let guarded: RunningServer;
beforeAll(async () => {
  planted = await plantedApp();
  const options = { host: '127.0.0.1', port: 0, maxBodyBytes: 1 << 20, requestTimeoutMs: 30_000 };
  open = await serve({ ...options, token: undefined, corsOrigins: [shop] }, planted.deps);
  guarded = await serve({ ...options, token: 'a-token-of-some-length' }, planted.deps);
});
afterAll(async () => {
  await open?.stop();
  await guarded?.stop();
  await planted?.close();
});

const list = '/v1/users/ann/recommendations?limit=1&explain=false';
// Without a body a page may send it to any server without asking it before; it comes as far as to be told that there are no runs here.
const act = '/v1/admin/versions/rollback';

/** Status and code of the answer; `fetch` would not send these headers. */
async function ask(method: string, path: string, headers: Record<string, string>, server = open) {
  return await new Promise<{ status: number; code: string | undefined; type: string | undefined }>(
    (resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => {
          const { code } = JSON.parse(text) as { code?: string };
          resolve({ status: response.statusCode!, code, type: response.headers['content-type'] });
        });
      });
      sent.on('error', reject).end();
    },
  );
}
const own = () => `127.0.0.1:${open.port}`;

describe('a server that lets anyone in', () => {
  it('answers by names of this machine alone', async () => {
    for (const host of ['localhost', `localhost:${open.port}`, own(), '[::1]:8080', 'LOCALHOST'])
      expect((await ask('GET', list, { host })).status, host).toBe(200);
    for (const host of [
      'rebound.example',
      `rebound.example:${open.port}`,
      'localhost.example',
      '127.0.0.1.example',
      '10.0.0.1',
    ])
      expect(await ask('GET', list, { host }), host).toEqual({
        status: 403,
        code: 'api/foreign-host',
        type: 'application/problem+json',
      });
    // What is open to all says nothing of anybody.
    expect((await ask('GET', '/health/live', { host: 'rebound.example' })).status).toBe(200);
  });

  it('lets pages of other origins read and no more', async () => {
    const refused = [
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' },
      { origin: `${shop}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of refused)
      expect(await ask('POST', act, { host: own(), ...(headers as Record<string, string>) })).toMatchObject({
        status: 403,
        code: 'api/foreign-origin',
      });
    const allowed = [
      {},
      { origin: `http://${own()}`, 'sec-fetch-site': 'same-origin' },
      { origin: shop, 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of allowed)
      expect((await ask('POST', act, { host: own(), ...(headers as Record<string, string>) })).code).toBe(
        'version/first',
      );
    expect((await ask('GET', list, { host: own(), ...refused[0] })).status).toBe(200);
  });

  it('answers the typed client, and whoever has a token wherever he asks from', async () => {
    const body = { users: ['ann'], limit: 1 };
    const lines: unknown[] = [];
    for await (const line of createClient({ url: open.url }).lines('/v1/recommendations:batch', { body }))
      lines.push(line);
    expect(lines).toMatchObject([{ user: 'ann' }]);
    const headers = {
      host: 'shop.example',
      origin: 'https://evil.example',
      authorization: 'Bearer a-token-of-some-length',
    };
    expect((await ask('POST', act, headers, guarded)).code).toBe('version/first');
  });
});
