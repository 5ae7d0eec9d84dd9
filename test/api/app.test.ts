/** Everything that needs no database; the graph's part is in `graph.test.ts`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { option } from '../../src/options.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

let planted: PlantedApp;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  planted = await plantedApp();
  app = createApp(planted.deps);
});
afterAll(() => planted.close());

async function problem(response: Response, status: number, code: string) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = (await response.json()) as Record<string, unknown>;
  expect(body).toMatchObject({ type: 'about:blank', status, code, requestId: response.headers.get('x-request-id') });
  return body;
}

describe('recommendations', () => {
  it('gives items with titles, scores and reasons from one version', async () => {
    const response = await app.request('/v1/users/ann/recommendations?limit=2');
    expect(response.status).toBe(200);
    const body = (await response.json()) as { items: { item: string; reasons: string[] }[] };
    expect(body).toMatchObject({ user: 'ann', version: planted.deps.recommender.version.id, graph: 'none' });
    expect(new Set(body.items.map(({ item }) => item))).toEqual(new Set(['d3', 'd4']));
    expect(body.items[0]!.reasons[0]).toMatch(/^Because you interacted with Film d[12]: \d+ %/);
    expect(body).not.toHaveProperty('fallback');
  });

  it('leaves the reasons out where they are not wanted', async () => {
    const body = (await (await app.request('/v1/users/ann/recommendations?explain=false')).json()) as {
      items: object[];
    };
    for (const item of body.items) expect(Object.keys(item)).toEqual(['item', 'title', 'score']);
  });

  it('says that an unknown user gets what is popular', async () => {
    const body = await (await app.request('/v1/users/a%2Fb%20%C3%BC/recommendations?limit=1')).json();
    expect(body).toMatchObject({
      user: 'a/b ü',
      fallback: 'popular',
      items: [{ item: 'all', title: 'Film all', score: 5 }],
    });
  });

  it('explains one item exactly', async () => {
    const body = (await (await app.request('/v1/users/ann/recommendations/d3/explanation')).json()) as {
      score: number;
      attribution: { parts: { part: number }[]; ownVector: { part: number }; popularity: { part: number } };
    };
    const { parts, ownVector, popularity } = body.attribution;
    const sum = parts.reduce((total, { part }) => total + part, ownVector.part + popularity.part);
    expect(Math.abs(sum - body.score)).toBeLessThan(1e-5);
  });

  it('finds similar items', async () => {
    const body = (await (await app.request('/v1/items/c1/similar?limit=2')).json()) as { items: { item: string }[] };
    expect(body).toMatchObject({ item: 'c1', title: 'Film c1' });
    for (const { item } of body.items) expect(item).toMatch(/^c/);
  });

  it('says that what the caller has of a list is still so', async () => {
    for (const path of ['/v1/users/ann/recommendations?limit=2', '/v1/items/c1/similar?limit=2']) {
      const first = await app.request(path);
      const tag = first.headers.get('etag')!;
      expect(first.headers.get('cache-control')).toBe('private, no-cache');
      for (const given of [tag, `"other", W/${tag}`]) {
        const again = await app.request(path, { headers: { 'if-none-match': given } });
        expect([again.status, await again.text()]).toEqual([304, '']);
      }
      const shorter = path.replace('limit=2', 'limit=1');
      expect((await app.request(shorter, { headers: { 'if-none-match': tag } })).status).toBe(200);
    }
    const traced = await app.request('/v1/users/ann/recommendations?trace=1');
    expect([traced.headers.get('etag'), traced.headers.get('cache-control')]).toEqual([null, 'no-store']);
  });

  it('goes over to a new version without a failed request', async () => {
    const id = await planted.publish(8);
    for (;;) {
      const response = await app.request('/v1/users/ann/recommendations?limit=1');
      expect(response.status).toBe(200);
      if (((await response.json()) as { version: string }).version === id) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
});

describe('errors', () => {
  it('are problems from the table, whatever goes wrong', async () => {
    await problem(await app.request('/nowhere'), 404, 'api/not-found');
    await problem(await app.request('/v1/items/none/similar'), 404, 'item/unknown');
    await problem(await app.request('/v1/users/ann/recommendations/none/explanation'), 404, 'item/unknown');
    const otherwise = await app.request('/v1/users/ann/recommendations', { method: 'DELETE' });
    expect(otherwise.headers.get('allow')).toBe('GET');
    await problem(otherwise, 405, 'api/method');
    await problem(await app.request('/v1/users/ann/recommendations?pipline=mixed'), 422, 'api/invalid');
    for (const query of [
      'limit=0',
      'limit=1001',
      'limit=ten',
      'limit=1e1',
      'limit=',
      'limit=1&limit=2',
      'explain=maybe',
    ]) {
      const body = await problem(await app.request(`/v1/users/ann/recommendations?${query}`), 422, 'api/invalid');
      expect((body.errors as { path: string }[])[0]!.path).toBe(`query.${query.split('=')[0]}`);
    }
    await problem(await app.request(`/v1/users/${'x'.repeat(257)}/recommendations`), 422, 'api/invalid');
  });

  it.each([
    ['-1', 'Too small: expected number to be >=1'],
    ['2.5', 'Not whole: expected a whole number'],
    ['abc', 'Not a number: expected a whole number'],
    ['', 'Empty: expected a whole number, or the parameter left out'],
    ['1e12', 'Too big: expected number to be <=1000'],
    ['9'.repeat(400), 'Too big: expected number to be <=1000'],
    ['1e1', 'Expected a whole number written in digits alone'],
  ])('say of a limit of %j what is wrong with it', async (limit, message) => {
    const path = `/v1/users/ann/recommendations?limit=${limit}`;
    const body = await problem(await app.request(path), 422, 'api/invalid');
    expect(body.errors).toEqual([{ path: 'query.limit', message }]);
  });

  it('refuses what it would do without the condition that came with it', async () => {
    const headers = { 'if-match': '"tag"', 'idempotency-key': 'key' };
    for (const [method, path] of [
      ['DELETE', '/v1/users/ann'],
      ['PUT', '/v1/features/genre/Comedy'],
      ['POST', '/v1/items'],
    ] as const)
      await problem(await app.request(path, { method, headers }), 422, 'api/precondition-unheeded');
    const key = { 'idempotency-key': 'key' };
    for (const path of ['/v1/recommendations:batch', '/v1/items:bulk', '/v1/admin/versions/rollback'])
      await problem(await app.request(path, { method: 'POST', headers: key }), 422, 'api/idempotency-key');
    expect((await app.request('/v1/users/ann/recommendations', { headers: key })).status).toBe(200);
  });

  const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    app.request('/v1/interactions', { method: 'POST', body, headers });

  it('refuses bodies that are not as described', async () => {
    const one = { user: 'a', item: 'b' };
    for (const interactions of [
      [],
      [{ user: 'a' }],
      [{ ...one, extra: 1 }],
      [{ ...one, user: '' }],
      [{ ...one, user: '\ud800' }],
      [{ ...one, at: -1 }],
      [{ ...one, at: 1.5 }],
      [{ ...one, value: 'much' }],
      [{ ...one, type: 'a\nb' }],
      Array(10_001).fill(one),
    ])
      await problem(await post(JSON.stringify({ interactions })), 422, 'api/invalid');
    await problem(await post('{"interactions": ['), 422, 'api/invalid');
    await problem(await post('{}', {}), 415, 'api/media-type');
    await problem(await post('', {}), 415, 'api/media-type');
    await problem(await post(''), 422, 'api/invalid');
    await problem(
      await post(JSON.stringify({ interactions: [one] }), { 'content-type': 'text/plain' }),
      415,
      'api/media-type',
    );
    await problem(await post(' '.repeat((1 << 20) + 1)), 413, 'api/too-large');
  });

  it('cannot write without a database', async () => {
    await problem(await post(JSON.stringify({ interactions: [{ user: 'a', item: 'b' }] })), 503, 'neo4j/unreachable');
  });

  it('a request that takes too long, and what nobody expected, tell nothing', async () => {
    const broken = {
      ...planted.deps,
      options: { ...planted.deps.options, requestTimeoutMs: 20 },
      explainer: {
        anonymity: 3,
        attribute: () => () => undefined,
        explain: () => Promise.reject(new Error('secret of ann')),
        explainAll: () => new Promise<never>(() => {}),
      },
    };
    const other = createApp(broken);
    await problem(await other.request('/v1/users/ann/recommendations'), 503, 'api/timeout');
    const body = await problem(await other.request('/v1/users/ann/recommendations/d3/explanation'), 500, 'internal');
    expect(JSON.stringify(body)).not.toContain('secret');
  });
});

describe('access', () => {
  const token = 'a-token-of-some-length';
  it('needs the token for everything but health and the description', async () => {
    const guarded = createApp({ ...planted.deps, options: { ...planted.deps.options, token } });
    const ask = (path: string, authorization?: string) =>
      guarded.request(path, authorization ? { headers: { authorization } } : {});
    for (const path of [
      '/v1/users/ann/recommendations',
      '/metrics',
      '/nowhere',
      '/docs/../metrics',
      '/health/live/x',
      '/',
    ])
      expect((await ask(path)).status, path).toBe(401);
    for (const wrong of [token, `Basic ${token}`, 'Bearer wrong', `Bearer ${token}x`, 'Bearer ', `Bearer ${token} x`])
      await problem(await ask('/v1/users/ann/recommendations', wrong), 401, 'api/unauthorized');
    expect((await ask('/nowhere')).headers.get('www-authenticate')).toBe('Bearer');
    for (const path of ['/health/live', '/health/ready', '/openapi.json', '/docs', '/docs/start.js'])
      expect((await ask(path)).status, path).toBe(200);
    expect((await ask('/v1/users/ann/recommendations', `Bearer ${token}`)).status).toBe(200);
    expect((await ask('/metrics', `Bearer ${token}`)).status).toBe(200);
    expect(planted.logged.join('')).not.toContain(token);
  });

  it('sends headers that keep browsers safe', async () => {
    const data = await app.request('/v1/users/ann/recommendations');
    expect(data.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(data.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await app.request('/v1/me')).headers.get('cache-control')).toBe('no-store');
    const page = await app.request('/docs');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|https?:/);
  });
});

describe('operations', () => {
  it('counts by route and logs without ids', async () => {
    await app.request('/v1/users/somebody-private/recommendations?limit=3');
    await app.request('/somewhere/private-path');
    const text = await (await app.request('/metrics')).text();
    expect(text).toMatch(
      /http_requests_total\{method="GET",route="\/v1\/users\/:id\/recommendations",status="200"\} \d+/,
    );
    expect(text).toMatch(/route="unmatched",status="404"/);
    expect(text).toMatch(/tastegraph_version_info\{version="\d{8}-\d{6}-[0-9a-f]{6}",model="planted"/);
    expect(text).toMatch(/tastegraph_version_age_seconds \d/);
    expect(text).not.toContain('private');
    expect(planted.logged.join('')).not.toContain('private');
    expect(planted.logged.some((line) => line.includes('"route":"/v1/users/:id/recommendations"'))).toBe(true);
  });

  it('is alive and ready, and not ready while it stops', async () => {
    expect(await (await app.request('/health/live')).json()).toEqual({ status: 'live' });
    expect(await (await app.request('/health/ready')).json()).toMatchObject({ status: 'ready', graph: 'none' });
    const stopping = createApp({ ...planted.deps, stopping: () => true });
    await problem(await stopping.request('/health/ready'), 503, 'api/stopping');
  });

  it('describes every endpoint in OpenAPI 3.1, with the limits of the options', async () => {
    const document = (await (await app.request('/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { parameters?: { name: string; schema: object; description?: string }[] }>>;
      components: { schemas: object };
    };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual([
      '/api/collaborative-filtering/{user}',
      '/api/collaborative-filtering/{user}/{category}',
      '/api/feedback',
      '/api/feedback/{type}',
      '/api/feedback/{type}/{user}/{item}',
      '/api/feedback/{user}/{item}',
      '/api/health/live',
      '/api/health/ready',
      '/api/item',
      '/api/item-to-item/{name}/{item}',
      '/api/item/{id}',
      '/api/item/{id}/category/{category}',
      '/api/item/{id}/feedback',
      '/api/item/{id}/feedback/{type}',
      '/api/item/{id}/neighbors',
      '/api/item/{id}/neighbors/{category}',
      '/api/items',
      '/api/latest',
      '/api/latest/{category}',
      '/api/non-personalized/{name}',
      '/api/non-personalized/{name}/{category}',
      '/api/popular',
      '/api/popular/{category}',
      '/api/recommend/{user}',
      '/api/recommend/{user}/{category}',
      '/api/session/recommend',
      '/api/session/recommend/{category}',
      '/api/user',
      '/api/user-to-user/{name}/{user}',
      '/api/user/{id}',
      '/api/user/{id}/feedback',
      '/api/user/{id}/feedback/{type}',
      '/api/user/{id}/neighbors',
      '/api/users',
      '/health/live',
      '/health/ready',
      '/metrics',
      '/v1/admin/audit',
      '/v1/admin/cypher',
      '/v1/admin/jobs',
      '/v1/admin/keys',
      '/v1/admin/keys/{id}',
      '/v1/admin/keys/{id}/rotate',
      '/v1/admin/models',
      '/v1/admin/queries',
      '/v1/admin/queries/{name}',
      '/v1/admin/rules',
      '/v1/admin/rules/{name}',
      '/v1/admin/rules/{name}/test',
      '/v1/admin/runs',
      '/v1/admin/runs/{id}',
      '/v1/admin/runs/{id}/events',
      '/v1/admin/runs/{id}/resume',
      '/v1/admin/runs/{id}/stop',
      '/v1/admin/settings',
      '/v1/admin/versions/rollback',
      '/v1/admin/versions/{id}/promote',
      '/v1/experiments',
      '/v1/experiments/{name}/report',
      '/v1/features',
      '/v1/features/{kind}/{value}',
      '/v1/features:bulk',
      '/v1/features:export',
      '/v1/groups/recommendations',
      '/v1/interactions',
      '/v1/interactions:bulk',
      '/v1/interactions:export',
      '/v1/items',
      '/v1/items/{id}',
      '/v1/items/{id}/similar',
      '/v1/items:bulk',
      '/v1/items:export',
      '/v1/me',
      '/v1/pipelines',
      '/v1/pipelines/{name}/estimate',
      '/v1/recommendations:batch',
      '/v1/search',
      '/v1/sessions/recommendations',
      '/v1/users',
      '/v1/users/{id}',
      '/v1/users/{id}/recommendations',
      '/v1/users/{id}/recommendations/connection',
      '/v1/users/{id}/recommendations/what-if',
      '/v1/users/{id}/recommendations/{item}/explanation',
      '/v1/users/{id}/recommendations/{item}/explanation/contrast',
      '/v1/users/{id}/recommendations/{item}/explanation/counterfactual',
      '/v1/users/{id}/recommendations/{item}/explanation/graph',
      '/v1/users/{id}/recommendations/{item}/explanation/graph/expand',
      '/v1/users/{id}/recommendations/{item}/explanation/what-would-change',
      '/v1/users/{id}/recommendations/{item}/why-not',
      '/v1/users/{id}/similar',
      '/v1/users:bulk',
      '/v1/users:export',
      '/v1/versions',
      '/v1/versions/{id}/lineage',
      '/v1/versions/{id}/map',
    ]);
    const parameters = document.paths['/v1/users/{id}/recommendations']!.get!.parameters!;
    const limit = parameters.find(({ name }) => name === 'limit')!;
    expect(limit).toMatchObject({ required: false, schema: { type: 'integer', maximum: 1000, default: 10 } });
    expect(JSON.stringify(limit)).toContain(option.limit.meta()!.description);
    expect(parameters.find(({ name }) => name === 'explain')!.schema).toMatchObject({ type: 'boolean', default: true });
    expect(Object.keys(document.components.schemas).sort()).toContain('Problem');
  });
});
