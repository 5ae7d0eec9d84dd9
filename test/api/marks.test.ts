/** What answers say of themselves: which error it was, whether trying again helps, and whether a list is as it should be. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAuditLog } from '../../src/access/auditLog.ts';
import { createApp } from '../../src/api/app.ts';
import type { AppEnv } from '../../src/api/context.ts';
import { problemResponse } from '../../src/api/problem.ts';
import { type RunningServer, serve } from '../../src/api/server.ts';
import { TastegraphError } from '../../src/errors.ts';
import type { GraphReach } from '../../src/graph/reach.ts';
import { listFor } from '../../src/pipeline/userLists.ts';
import type { AnswerMemory, Made } from '../../src/serving/answerMemory.ts';
import { type PlantedApp, plantedApp } from './deps.ts';
import { head, interactions, json, send } from './sockets.ts';

let planted: PlantedApp;
let server: RunningServer;
beforeAll(async () => {
  planted = await plantedApp();
  server = await serve({ ...planted.deps.options, host: '127.0.0.1', port: 0, token: undefined }, planted.deps);
});
afterAll(async () => {
  await server.stop();
  await planted.close();
});

const problemIn = async (response: Response) => ({
  status: response.status,
  ...((await response.json()) as { readonly code: string; readonly retryable: boolean }),
});

describe('errors', () => {
  it('that no second try mends say so', async () => {
    const response = await createApp(planted.deps).request('/v1/admin/versions/rollback', { method: 'POST' });
    expect(await problemIn(response)).toMatchObject({ status: 409, code: 'version/first', retryable: false });
  });

  it('of a body that was not there in time are its own, and not of the server', async () => {
    const options = { ...planted.deps.options, requestTimeoutMs: 50 };
    const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' };
    const response = await createApp({ ...planted.deps, options }).request(interactions, init as RequestInit);
    expect(response.headers.get('retry-after')).toBeNull();
    expect(await problemIn(response)).toMatchObject({ status: 408, code: 'api/slow', retryable: true });
  });

  it('of a body that ends before its length say that', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.end(`${head(`POST ${interactions}`, json, 'content-length: 100')}{"id"`);
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    await once(socket, 'close');
    expect(text).toMatch(/HTTP\/1\.1 400 .*"code":"api\/cut-off".*"retryable":true/s);
  });

  it.each([
    ['a coding', { 'content-encoding': 'gzip' }, 'api/coding', 'identity'],
    ['a charset', { 'content-type': 'application/json; charset=utf-16' }, 'api/charset', null],
  ])('of a body in %s that is not read are of that', async (_, headers, code, accepted) => {
    const types = { 'content-type': 'application/json', ...headers };
    const init = { method: 'POST', headers: types, body: gzipSync('{"interactions":[]}') };
    const response = await createApp(planted.deps).request(interactions, init);
    expect(response.headers.get('accept-encoding')).toBe(accepted);
    expect(await problemIn(response)).toMatchObject({ status: 415, code });
  });

  it('of no coding and of UTF-8 are none', async () => {
    const headers = { 'content-type': 'application/json; charset="UTF-8"', 'content-encoding': 'identity' };
    const response = await createApp(planted.deps).request(interactions, { method: 'POST', headers, body: '{}' });
    expect(await problemIn(response)).toMatchObject({ status: 422, code: 'api/invalid' });
  });

  it('of a write that is at work say when to come again', async () => {
    const app = new Hono<AppEnv>();
    app.get('/', (c) => problemResponse(c, new TastegraphError('api/idempotency-running', { seconds: 60 })));
    const response = await app.request('/');
    expect([response.status, response.headers.get('retry-after')]).toEqual([409, '1']);
  });

  it('of the schema are in the audit log by their code', async () => {
    const audits = openAuditLog(planted.home, 1 << 20);
    const response = await createApp({ ...planted.deps, audits }).request('/v1/admin/cypher', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"cypher":1}',
    });
    expect(response.status).toBe(422);
    expect(audits.read(1)).toMatchObject([{ what: 'POST /v1/admin/cypher', status: 422, code: 'api/invalid' }]);
  });
});

describe('probes in HTTP/1.0 that name no host', () => {
  it('are answered, and nothing else is', async () => {
    const ask = (path: string) => {
      const socket = connect(server.port, '127.0.0.1');
      let text = '';
      socket.on('data', (bytes: Buffer) => {
        text += bytes.toString();
      });
      socket.write(`GET ${path} HTTP/1.0\r\n\r\n`);
      return once(socket, 'close').then(() => text);
    };
    for (const path of ['/health/live', '/health/ready', '/api/health/live', '/api/health/ready?a=1'])
      expect(await ask(path)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ask('/v1/items')).toMatch(/^HTTP\/1\.1 400 .*api\/malformed/s);
    const { statuses } = await send(server.port, ['GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n']);
    expect(statuses).toEqual([400]);
  });
});

describe('lists', () => {
  /** One whose reasons come too late. */
  async function made(reach: Partial<GraphReach>) {
    const { recommender, explainer, pipelines } = planted.deps;
    const late: typeof explainer = {
      ...explainer,
      explainAll: async (...asked) =>
        (await explainer.explainAll(...asked)).map((each) => ({ ...each, graph: 'unreachable' as const })),
    };
    const known = Object.create(planted.deps.reach, {
      graph: { value: {} },
      mayAsk: { value: true },
      interactionsOf: { value: async () => ({ interactions: [], isStale: false }) },
      ...Object.fromEntries(Object.entries(reach).map(([name, value]) => [name, { value }])),
    }) as GraphReach;
    let kept: Made<unknown> | undefined;
    const recall = async (_: string, __: unknown, make: () => Promise<Made<unknown>>) => {
      kept = await make();
      return { value: kept.value, from: 'made', age: 0 };
    };
    const memory = { recall } as unknown as AnswerMemory;
    const { served, release } = recommender.acquire();
    const list = await listFor({ explainer: late, reach: known, pipelines, memory }, served, 'ann', {
      limit: 2,
      explain: true,
    });
    release();
    return { graph: list.graph, isStale: kept!.isStale, isKept: kept!.bytes !== undefined };
  }

  it('are not stale for reasons that came too late, and are not kept without', async () => {
    expect(await made({ state: 'reached' })).toEqual({ graph: 'reached', isStale: false, isKept: false });
  });

  it('are stale where the graph is gone', async () => {
    expect(await made({ state: 'unreachable' })).toEqual({ graph: 'unreachable', isStale: true, isKept: true });
  });

  it('of what is like an item are of none that is gone', async () => {
    const app = createApp(planted.deps);
    const similar = () => app.request('/v1/items/d3/similar');
    expect((await similar()).status).toBe(200);
    planted.deps.recommender.live.take(new Map([['d3', 'removed']]));
    expect(await problemIn(await similar())).toMatchObject({ status: 404, code: 'item/not-in-graph' });
    planted.deps.recommender.live.take(new Map([['d3', 'unavailable']]));
    expect((await similar()).status).toBe(200);
  });
});
