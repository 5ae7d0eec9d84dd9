/**
 * Every route of the OpenAPI document × everything that one can come with: what is answered each time. The whole matrix is written to
 * `node_modules/.cache/tastegraph/auth-matrix.md`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scope } from '../../src/access/caller.ts';
import { createKey, revokeKey, rotateKey } from '../../src/access/keys.ts';
import { createApp, openApiDocument } from '../../src/api/app.ts';
import { needOf } from '../../src/api/scope.ts';
import { createApps } from '../../src/api/tenants.ts';
import { optionGroups } from '../../src/options.ts';
import { packageRoot } from '../../src/package.ts';
import { type Door, openDoor } from '../../src/pipeline.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

const token = 'a-token-of-some-length';
const [issuer, audience] = ['https://login.example', 'tastegraph'];

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly security: readonly Record<string, readonly string[]>[] | undefined;
}

/** What one can come with, and what of it opens: no scope at all, these, or none since it is nobody's. */
interface Credential {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly opens: readonly Scope[] | 'nothing';
  /** Whose it is; the request is always for north. */
  readonly tenant?: string;
}

let planted: PlantedApp;
let door: Door;
let answer: (request: Request) => Response | Promise<Response>;
let app: ReturnType<typeof createApp>;
let operations: readonly Operation[] = [];
let credentials: readonly Credential[] = [];

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

async function jwts(jwksFile: string) {
  const [ours, strangers] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  writeFileSync(jwksFile, JSON.stringify({ keys: [await exportJWK(ours.publicKey)] }));
  return async (claims: object, pair = ours, expires = '5m') =>
    await new SignJWT({ sub: 'app', iss: issuer, aud: audience, tenant: 'north', ...claims })
      .setProtectedHeader({ alg: 'ES256' })
      .setExpirationTime(expires)
      .sign((pair === ours ? ours : strangers).privateKey);
}

async function makeCredentials(home: string, sign: Awaited<ReturnType<typeof jwts>>): Promise<readonly Credential[]> {
  const key = async (scopes: readonly Scope[], tenant?: string, expiresAt?: number) =>
    await createKey(home, { name: 'matrix', scopes, tenant, expiresAt });
  const revoked = await key(['admin'], 'north');
  const rotated = await key(['admin'], 'north');
  await revokeKey(home, revoked.id);
  await rotateKey(home, rotated.id, { graceMs: 0 });
  const read = await key(['read'], 'north');
  const writer = bearer((await key(['write'], 'north')).key);
  const both = await key(['read', 'write'], 'north');
  const admin = await key(['admin'], 'north');
  const strangers = await generateKeyPair('ES256');
  const nothing = 'nothing' as const;
  const north = { tenant: 'north' };
  return [
    { name: 'none', headers: {}, opens: nothing },
    { name: 'an empty one', headers: { authorization: 'Bearer ' }, opens: nothing },
    { name: 'a wrong token', headers: bearer('another-token-of-some-length'), opens: nothing },
    { name: 'Basic', headers: { authorization: `Basic ${token}` }, opens: nothing },
    { name: 'a key with another end', headers: bearer(`${admin.key.slice(0, -4)}AAAA`), opens: nothing },
    { name: "a key under another's id", headers: bearer(admin.key.replace(admin.id, read.id)), opens: nothing },
    { name: 'two that differ', headers: { ...bearer(admin.key), 'x-api-key': read.key }, opens: nothing },
    { name: 'an expired key', headers: bearer((await key(['admin'], 'north', Date.now() - 1)).key), opens: nothing },
    { name: 'a revoked key', headers: bearer(revoked.key), opens: nothing },
    { name: 'a key that was rotated away', headers: bearer(rotated.key), opens: nothing },
    { name: 'a JWT of a stranger', headers: bearer(await sign({ scope: 'admin' }, strangers)), opens: nothing },
    { name: 'an expired JWT', headers: bearer(await sign({ scope: 'admin' }, undefined, '-5m')), opens: nothing },
    {
      name: 'a JWT without a tenant',
      headers: bearer(await sign({ scope: 'admin', tenant: undefined })),
      opens: nothing,
    },
    { name: 'a JWT without a scope', headers: bearer(await sign({})), opens: [], ...north },
    { name: 'a JWT to read', headers: bearer(await sign({ scope: 'read' })), opens: ['read'], ...north },
    { name: 'a JWT of an administrator', headers: bearer(await sign({ scope: 'admin' })), opens: ['admin'], ...north },
    { name: 'a key to read', headers: bearer(read.key), opens: ['read'], ...north },
    { name: 'a key to write', headers: writer, opens: ['write'], ...north },
    { name: 'a key to read and write', headers: { 'x-api-key': both.key }, opens: ['read', 'write'], ...north },
    { name: 'a key of an administrator', headers: { 'x-api-key': admin.key }, opens: ['admin'], ...north },
    { name: "the server's token", headers: bearer(token), opens: ['admin'] },
    { name: "a key of the server's administrator", headers: bearer((await key(['admin'])).key), opens: ['admin'] },
    {
      name: "a key to read the server's own home",
      headers: bearer((await key(['read', 'write'])).key),
      opens: ['read', 'write'],
    },
    {
      name: "another tenant's key",
      headers: bearer((await key(['admin'], 'south')).key),
      opens: ['admin'],
      tenant: 'south',
    },
    {
      name: "another tenant's JWT",
      headers: bearer(await sign({ scope: 'admin', tenant: 'south' })),
      opens: ['admin'],
      tenant: 'south',
    },
    {
      name: "a gone tenant's key",
      headers: bearer((await key(['admin'], 'west')).key),
      opens: ['admin'],
      tenant: 'west',
    },
  ];
}

beforeAll(async () => {
  planted = await plantedApp();
  const jwksFile = join(planted.home, 'jwks.json');
  const sign = await jwts(jwksFile);
  const given = {
    jwksFile,
    jwtIssuer: issuer,
    jwtAudience: audience,
    tenants: { north: { home: 'n' }, south: { home: 's' } },
  };
  door = await openDoor({ home: planted.home, token, ...optionGroups.guarding.parse(given) });
  credentials = await makeCredentials(planted.home, sign);
  const { recommender, explainer, reach, pipelines, log, options } = planted.deps;
  const own = { recommender, explainer, reach, pipelines };
  const deps = { ...own, ...door, log, options: { ...options, freeCypher: true } };
  answer = createApps({
    ...deps,
    tenants: new Map([
      ['north', own],
      ['south', own],
    ]),
  });
  app = createApp(deps);
  operations = Object.entries(openApiDocument(app).paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path,
      security,
    })),
  );
});
afterAll(() => planted.close());

const ask = async (method: string, path: string, headers: Readonly<Record<string, string>>) =>
  await answer(
    new Request(`http://localhost${path.replaceAll(/\{\w+\}/g, 'x')}`, {
      method,
      headers: { 'tastegraph-tenant': 'north', ...headers },
    }),
  );

/** What is to be answered; 'let in' for whatever the route then says to a request without a body. */
function expected({ opens, tenant }: Credential, need: ReturnType<typeof needOf>) {
  if (opens === 'nothing') return 401;
  const isOperator = tenant === undefined && opens.includes('admin');
  if (tenant !== 'north' && !isOperator) return 'api/other-tenant';
  return opens.includes('admin') || opens.includes(need as Scope) ? 'let in' : 'api/forbidden';
}

function writeMatrix([head, ...rows]: readonly (readonly string[])[]): void {
  const folder = join(packageRoot, 'node_modules', '.cache', 'tastegraph');
  mkdirSync(folder, { recursive: true });
  const lines = [head!, head!.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`);
  writeFileSync(join(folder, 'auth-matrix.md'), lines.join(''));
}

describe('every route', () => {
  it('says itself what it needs', () => {
    expect(operations.length).toBeGreaterThan(20);
    const silent = operations.filter(({ security }) => security === undefined);
    // A route that says nothing needs admin. Give it `...needs('read')`, 'write', 'admin' or 'open' in its createRoute.
    expect(silent.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  it('stands in the OpenAPI document, but for that document, its page and the console', () => {
    const described = new Set(
      operations.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    const others = app.routes
      .filter(({ path }) => path !== '/*')
      .map(({ method, path }) => `${method} ${path}`)
      .filter((route) => !described.has(route));
    const files = /^GET \/(openapi\.json|docs(\/[\w.-]+)?|console(\/(assets\/)?(:\w+|embed\.js)?)?)$/;
    expect([...new Set(others)].filter((route) => !files.test(route))).toEqual([]);
  });

  it('is open, refuses or lets in as it says, whatever one comes with', async () => {
    const wrong: string[] = [];
    const matrix = [['route', 'needs', ...credentials.map(({ name }) => name)]];
    for (const { method, path, security } of operations) {
      const need = needOf(security);
      const row = [`${method} ${path}`, need];
      for (const credential of credentials) {
        const response = await ask(method, path, credential.headers);
        const { code } = response.ok ? { code: undefined } : ((await response.json()) as { code?: string });
        const isRefused = code === 'api/other-tenant' || code === 'api/forbidden';
        const got = response.status === 401 ? 401 : isRefused ? code : 'let in';
        row.push(got === 'let in' ? got : `${response.status}`);
        const wanted = need === 'open' ? 'let in' : expected(credential, need);
        if (got !== wanted || (response.status === 403) !== isRefused)
          wrong.push(`${method} ${path} (${need}) with ${credential.name}: ${response.status} ${code}, not ${wanted}`);
      }
      matrix.push(row);
    }
    writeMatrix(matrix);
    expect(wrong).toEqual([]);
  });

  it('that is not there is said to be so to those who are known', async () => {
    for (const credential of credentials) {
      const wanted = expected(credential, 'read');
      const isKnown = wanted !== 401 && wanted !== 'api/other-tenant';
      const refused = wanted === 401 ? 401 : 403;
      const nowhere = await ask('GET', '/v1/nowhere', credential.headers);
      expect(nowhere.status, credential.name).toBe(isKnown ? 404 : refused);
      const otherwise = await ask('PUT', '/v1/pipelines', credential.headers);
      expect(otherwise.status, credential.name).toBe(isKnown ? 405 : refused);
      if (isKnown) expect(otherwise.headers.get('allow')).toBe('GET');
    }
  });
});

describe('other ways to write a path', () => {
  const ways = [
    ['HEAD', '/v1/users/ann/recommendations'],
    ['GET', '/v1/users/ann/recommendations/'],
    ['GET', '//v1/users/ann/recommendations'],
    ['GET', '/V1/users/ann/recommendations'],
    ['GET', '/v1/admin%2Fkeys'],
    ['GET', '/v1/%61dmin/keys'],
    ['GET', '/docs/../v1/admin/keys'],
    ['GET', '/docs/..%2Fv1/admin/keys'],
    ['GET', '/console/../v1/admin/keys'],
    ['GET', '/console/..%2Fv1/admin/keys'],
    ['GET', '/console/assets/../../v1/admin/keys'],
    ['GET', '/health/live/../../v1/admin/keys'],
    ['GET', '/openapi.json/../v1/admin/keys'],
    ['GET', '/v1/admin/keys;/health/live'],
    ['GET', '/v1/admin/keys?/health/live'],
    ['POST', '/health/live'],
    ['OPTIONS', '/v1/admin/keys'],
    ['PROPFIND', '/v1/admin/keys'],
  ] as const;

  it('open nothing to nobody, and no more to a reader', async () => {
    const reader = credentials.find(({ name }) => name === 'a key to read')!;
    for (const [method, path] of ways) {
      expect((await ask(method, path, {})).status, `${method} ${path}`).toBe(401);
      const status = (await ask(method, path, reader.headers)).status;
      expect(method === 'HEAD' ? [200] : [403, 404, 405], `${method} ${path}`).toContain(status);
    }
  });

  it('that ask to be taken for another method are not', async () => {
    const reader = credentials.find(({ name }) => name === 'a key to read')!;
    const headers = { ...reader.headers, 'x-http-method-override': 'GET', 'x-forwarded-method': 'GET' };
    expect((await ask('DELETE', '/v1/users/ann', headers)).status).toBe(403);
    expect((await ask('GET', '/v1/admin/keys', { ...reader.headers, 'x-original-url': '/health/live' })).status).toBe(
      403,
    );
  });
});
