/** Keys, the audit log, rates and other origins over HTTP. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuditLog } from '../../src/access/auditLog.ts';
import { openBuckets } from '../../src/access/bucket.ts';
import type { Scope } from '../../src/access/caller.ts';
import { createKey } from '../../src/access/keys.ts';
import { createApp } from '../../src/api/app.ts';
import { createApps } from '../../src/api/tenants.ts';
import { optionGroups } from '../../src/options.ts';
import { type Door, type KeyRecord, keysOf, type NewKey, openDoor } from '../../src/pipeline.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

const token = 'a-token-of-some-length';
const path = '/v1/users/ann/recommendations';
let planted: PlantedApp;
let door: Door;
let answer: (request: Request) => Response | Promise<Response>;
beforeEach(async () => {
  planted = await plantedApp();
  const given = { tenants: { north: { home: 'n' }, south: { home: 's' } } };
  door = await openDoor({ home: planted.home, token, ...optionGroups.guarding.parse(given) });
  const { recommender, explainer, reach, pipelines } = planted.deps;
  const own = { recommender, explainer, reach, pipelines };
  answer = createApps({
    ...planted.deps,
    ...door,
    tenants: new Map([
      ['north', own],
      ['south', own],
    ]),
  });
});
afterEach(() => planted.close());

async function ask(method: string, path: string, key: string, body?: object, headers: Record<string, string> = {}) {
  const request = new Request(`http://localhost${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  const response = await answer(request);
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}
const keyOf = async (scopes: readonly Scope[], tenant?: string) =>
  (await createKey(planted.home, { name: 'test', scopes, tenant })).key;

describe('keys over HTTP', () => {
  it('are made, listed without their text, rotated and revoked', async () => {
    const made = await ask('POST', '/v1/admin/keys', token, { name: 'shop', scopes: ['read'], expires: '90d' });
    expect(made.status).toBe(201);
    const { key, id, expiresAt, at } = made.body as NewKey;
    expect(expiresAt! - at).toBeGreaterThan(89.9 * 86_400_000);
    expect((await ask('GET', path, key)).status).toBe(200);
    const listed = await ask('GET', '/v1/admin/keys', token);
    expect(listed.body).toMatchObject({ keys: [{ id, name: 'shop', state: 'active', scopes: ['read'] }] });
    expect(JSON.stringify(listed.body)).not.toMatch(/sha256|tg_/);

    const rotated = await ask('POST', `/v1/admin/keys/${id}/rotate`, token, { grace: '1h' });
    const { key: second } = rotated.body as NewKey;
    expect((await ask('GET', path, key)).status).toBe(200);
    expect((await ask('GET', path, second)).status).toBe(200);
    const third = ((await ask('POST', `/v1/admin/keys/${id}/rotate`, token, { grace: '0s' })).body as NewKey).key;
    expect((await ask('GET', path, second)).body).toMatchObject({ code: 'api/unauthorized' });
    expect((await ask('GET', path, third)).status).toBe(200);

    expect((await ask('DELETE', `/v1/admin/keys/${id}`, token)).body).toMatchObject({ id, state: 'revoked' });
    expect((await ask('GET', path, third)).body).toMatchObject({ status: 401, code: 'key/revoked' });
    expect((await ask('DELETE', '/v1/admin/keys/ffffffffffff', token)).body).toMatchObject({ code: 'key/unknown' });
    expect(planted.logged.join('')).not.toMatch(/tg_/);
  });

  it.each([
    [{ name: 'x' }],
    [{ name: 'x', scopes: [] }],
    [{ name: 'x', scopes: ['root'] }],
    [{ name: '', scopes: ['read'] }],
    [{ name: 'x', scopes: ['read'], expires: '1 year' }],
    [{ name: 'x', scopes: ['read'], id: 'ffffffffffff' }],
    [{ name: 'x', scopes: ['read'], tenant: '../north' }],
  ])('are not made of %j', async (body) => {
    expect((await ask('POST', '/v1/admin/keys', token, body)).status).toBe(422);
    expect(await door.keys.list()).toEqual([]);
  });

  it("of a tenant's administrator are that tenant's alone", async () => {
    const north = await keyOf(['admin'], 'north');
    const south = await createKey(planted.home, { name: 's', scopes: ['read'], tenant: 'south' });
    const own = await createKey(planted.home, { name: 'o', scopes: ['read'] });
    const draft = { name: 'mine', scopes: ['admin', 'read'] };
    expect((await ask('POST', '/v1/admin/keys', north, draft)).body).toMatchObject({ tenant: 'north' });
    expect((await ask('POST', '/v1/admin/keys', north, { ...draft, tenant: 'south' })).status).toBe(403);
    expect((await ask('POST', '/v1/admin/keys', token, { ...draft, tenant: 'nowhere' })).status).toBe(404);
    expect((await ask('POST', '/v1/admin/keys', token, { ...draft, tenant: 'south' })).status).toBe(201);
    const { keys } = (await ask('GET', '/v1/admin/keys', north)).body as { keys: KeyRecord[] };
    expect(new Set(keys.map(({ tenant }) => tenant))).toEqual(new Set(['north']));
    for (const { id } of [south, own]) {
      expect((await ask('DELETE', `/v1/admin/keys/${id}`, north)).status).toBe(404);
      expect((await ask('POST', `/v1/admin/keys/${id}/rotate`, north, {})).status).toBe(404);
    }
    // For the server's administrators it is the header that says whose keys are meant; without it, all.
    const seen = async (headers = {}) =>
      ((await ask('GET', '/v1/admin/keys', token, undefined, headers)).body as { keys: unknown[] }).keys.length;
    expect(await seen()).toBe(5);
    expect(await seen({ 'tastegraph-tenant': 'south' })).toBe(2);
  });

  it('that cannot be read let nobody in, and only the log says which file it is', async () => {
    const key = await keyOf(['read']);
    writeFileSync(join(planted.home, 'keys.json'), '{"format":1,"keys":private');
    const { status, body } = await ask('GET', path, key);
    expect([status, (body as { code: string }).code]).toEqual([500, 'key/file']);
    expect(JSON.stringify(body)).not.toMatch(/keys\.json|private/);
    expect(planted.logged.join('')).toContain('keys.json');
    expect((await ask('GET', path, token)).status).toBe(200);
  });

  it('are not there where the server has none', async () => {
    const app = createApp(planted.deps);
    expect((await app.request('/v1/admin/keys')).status).toBe(404);
    expect((await app.request('/v1/admin/audit')).status).toBe(404);
  });
});

describe('the audit log', () => {
  it('says who did what, when and how it ended, and keeps no secret and no user', async () => {
    const reader = await createKey(planted.home, { name: 'r', scopes: ['read'] });
    const made = (await ask('POST', '/v1/admin/keys', token, { name: 'private-name', scopes: ['read'] }))
      .body as NewKey;
    await ask('DELETE', '/v1/users/somebody-private', token);
    await ask('DELETE', `/v1/admin/keys/${made.id}`, reader.key);
    await ask('GET', path, token);
    await ask('GET', '/v1/private-nowhere', token);
    await ask('DELETE', '/v1/admin/keys/private-guess', 'tg_private-wrong');
    await ask('GET', path, 'wrong');
    await ask('GET', '/v1/private-nowhere', 'wrong');
    await ask('GET', '/v1/admin/queries/private?user=private', token);
    const { entries } = (await ask('GET', '/v1/admin/audit?limit=10', token)).body as { entries: object[] };
    expect(entries).toMatchObject([
      { who: { kind: 'token' }, what: 'GET /v1/admin/queries/:name', about: 'private', status: 503 },
      {
        who: { kind: 'unknown', id: 'unknown' },
        what: 'DELETE /v1/admin/keys/:id',
        status: 401,
        code: 'api/unauthorized',
      },
      {
        who: { kind: 'key', id: reader.id },
        what: 'DELETE /v1/admin/keys/:id',
        about: made.id,
        status: 403,
        code: 'api/forbidden',
      },
      { who: { kind: 'token' }, what: 'DELETE /v1/users/:id', status: 404 },
      { who: { kind: 'token' }, what: 'POST /v1/admin/keys', about: made.id, status: 201 },
    ]);
    expect(entries).toHaveLength(5);
    expect(entries[1]).not.toHaveProperty('about');
    const file = readFileSync(join(planted.home, 'audit.jsonl'), 'utf8');
    expect(file).not.toMatch(/tg_|private-|a-token-of/);
  });

  it("shows a tenant's administrator what was done to that tenant", async () => {
    const north = await keyOf(['admin'], 'north');
    await ask('GET', '/v1/admin/keys', token);
    await ask('GET', '/v1/admin/keys', token, undefined, { 'tastegraph-tenant': 'south' });
    await ask('GET', '/v1/admin/keys', token, undefined, { 'tastegraph-tenant': 'north' });
    const { entries } = (await ask('GET', '/v1/admin/audit', north)).body as { entries: object[] };
    expect(entries).toMatchObject([{ tenant: 'north', who: { kind: 'token' }, what: 'GET /v1/admin/keys' }]);
  });

  it('is not filled by strangers', async () => {
    await ask('GET', '/v1/admin/keys', token);
    for (let n = 0; n < 150; n++) await ask('GET', '/v1/admin/keys', 'wrong');
    const { entries } = (await ask('GET', '/v1/admin/audit?limit=1000', token)).body as { entries: object[] };
    expect(entries.length).toBeGreaterThan(100);
    expect(entries.length).toBeLessThan(150);
  });

  it('that cannot be written is said in the log, and the call is answered', async () => {
    const audits = openAuditLog('/dev/null/nowhere', 1000);
    const app = createApp({ ...planted.deps, audits, keys: keysOf(planted) });
    expect((await app.request('/v1/admin/keys')).status).toBe(200);
    expect(planted.logged.join('')).toContain('the audit log cannot be written');
  });
});

describe('rates', () => {
  it("are each caller's own, and say when to come again", async () => {
    const [one, other] = [await keyOf(['read'], 'north'), await keyOf(['read'], 'north')];
    const { recommender, explainer, reach, pipelines } = planted.deps;
    const own = { recommender, explainer, reach, pipelines };
    // So slow that nothing fills up while the test runs.
    const buckets = openBuckets(0.001, 3);
    answer = createApps({ ...planted.deps, ...door, buckets, tenants: new Map([['north', own]]) });
    const got = [];
    for (let each = 0; each < 5; each++) got.push(await ask('GET', path, one));
    expect(got.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    expect(got[0]!.headers.get('ratelimit-policy')).toBe('"caller";q=3;w=3000');
    expect(got.slice(0, 3).map(({ headers }) => headers.get('ratelimit'))).toEqual([
      '"caller";r=2;t=0',
      '"caller";r=1;t=0',
      expect.stringMatching(/^"caller";r=0;t=(1000|999)$/),
    ]);
    expect(got[4]!.body).toMatchObject({ code: 'api/rate-limited', retryable: true });
    expect(Number(got[4]!.headers.get('retry-after'))).toBeGreaterThan(900);
    expect((await ask('GET', path, other)).status).toBe(200);
    // Who is refused for another reason has come too; who is nobody takes nothing from anybody.
    expect((await ask('DELETE', '/v1/users/ann', other)).status).toBe(403);
    expect((await ask('GET', path, 'nobody')).status).toBe(401);
    expect((await ask('GET', path, other)).status).toBe(200);
    expect((await ask('GET', path, other)).status).toBe(429);
    expect((await answer(new Request('http://localhost/health/live'))).headers.get('ratelimit')).toBeNull();
  });
});

describe('other origins', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
  });

  it('are let in by name alone, and by default none is', async () => {
    const { options } = planted.deps;
    const closed = createApp({ ...planted.deps, ...door });
    const refused = await closed.request(path, preflight('https://shop.example'));
    expect(refused.status).toBe(401);
    expect([...refused.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);

    const open = createApp({
      ...planted.deps,
      ...door,
      options: { ...options, corsOrigins: ['https://shop.example'] },
    });
    const allowed = await open.request(path, preflight('https://shop.example'));
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization');
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    for (const origin of ['https://evil.example', 'https://shop.example.evil.example', 'http://shop.example', 'null'])
      expect((await open.request(path, preflight(origin))).headers.get('access-control-allow-origin')).toBeNull();
    const read = await open.request(path, {
      headers: { authorization: `Bearer ${token}`, origin: 'https://shop.example' },
    });
    expect(read.status).toBe(200);
    expect(read.headers.get('access-control-expose-headers')).toContain('ratelimit');
    // A page that is let in still has to say who asks.
    expect((await open.request(path, { headers: { origin: 'https://shop.example' } })).status).toBe(401);
  });

  it.each(['*', 'shop.example', 'https://shop.example/', 'https://*.example', 'null'])('are never %s', (origin) => {
    expect(optionGroups.guarding.safeParse({ corsOrigins: [origin] }).success).toBe(false);
  });
});
