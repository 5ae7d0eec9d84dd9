/** Tokens of a provider that stands here: a real server of keys, keys and tokens made in the test. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccess } from '../../src/access/access.ts';
import { openJwt } from '../../src/access/jwt.ts';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

const issuer = 'https://login.example';
const audience = 'tastegraph';
let published: { keys: object[] } = { keys: [] };
let asked = 0;
let status = 200;
let provider: Server;
let jwksUrl: string;
let [ours, rsa, strangers]: Pair[] = [];

const publicKey = async ({ publicKey }: Pair, kid: string, alg: string) => ({
  ...(await exportJWK(publicKey)),
  kid,
  alg,
  use: 'sig',
});

beforeAll(async () => {
  [ours, rsa, strangers] = await Promise.all([
    generateKeyPair('ES256', { extractable: true }),
    generateKeyPair('RS256', { extractable: true }),
    generateKeyPair('ES256', { extractable: true }),
  ]);
  published = { keys: [await publicKey(ours!, 'one', 'ES256'), await publicKey(rsa!, 'two', 'RS256')] };
  provider = createServer((_, response) => {
    asked++;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(published));
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`;
});
afterAll(() => provider.close());

const options = (more: object = {}) => ({
  jwksUrl,
  jwtIssuer: issuer,
  jwtAudience: audience,
  jwtScopeClaim: 'scope',
  jwtTenantClaim: 'tenant',
  tenants: {},
  ...more,
});

interface Draft {
  readonly claims?: JWTPayload;
  readonly pair?: Pair | undefined;
  readonly kid?: string;
  readonly alg?: string;
  readonly expires?: string | number;
}

const good = { sub: 'ann', scope: 'read', iss: issuer, aud: audience };
async function token({ claims = good, pair = ours, kid = 'one', alg = 'ES256', expires = '5m' }: Draft = {}) {
  const draft = new SignJWT(claims).setProtectedHeader({ alg, kid }).setIssuedAt();
  if (expires !== '') draft.setExpirationTime(expires);
  return await draft.sign(pair!.privateKey);
}
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const inFuture = () => Math.floor(Date.now() / 1000) + 300; // s since 1970

describe('tokens', () => {
  it('of the provider are let in, with their scopes and their tenant', async () => {
    const identify = (await openJwt(options()))!;
    expect(await identify(await token())).toEqual({ kind: 'jwt', id: 'ann', scopes: ['read'], tenant: undefined });
    const wide = { ...good, scope: 'openid write read profile', tenant: 'north', aud: ['other', audience] };
    expect(await identify(await token({ claims: wide, pair: rsa, kid: 'two', alg: 'RS256' }))).toEqual({
      kind: 'jwt',
      id: 'ann',
      scopes: ['read', 'write'],
      tenant: 'north',
    });
    const listed = (await openJwt(options({ jwtScopeClaim: 'roles', jwtTenantClaim: 'org' })))!;
    expect(
      await listed(await token({ claims: { ...good, roles: ['admin', 7, 'Write'], org: 'south' } })),
    ).toMatchObject({ scopes: ['admin'], tenant: 'south' });
  });

  it('without a scope of ours may nothing', async () => {
    const identify = (await openJwt(options()))!;
    for (const scope of [undefined, '', 'openid profile', 'READ', 'readwrite', 'read,write', 7, { read: true }])
      expect((await identify(await token({ claims: { ...good, scope } }))).scopes).toEqual([]);
  });

  it.each<[string, () => Promise<string> | string]>([
    ["of another's key", () => token({ pair: strangers })],
    ['of a key that is not published', () => token({ pair: strangers, kid: 'three' })],
    ['of another issuer', () => token({ claims: { ...good, iss: 'https://evil.example' } })],
    ['for somebody else', () => token({ claims: { ...good, aud: 'another' } })],
    ['for nobody', () => token({ claims: { sub: 'ann', iss: issuer } })],
    ['that has expired', () => token({ expires: Math.floor(Date.now() / 1000) - 60 })],
    ['that never expires', () => token({ expires: '' })],
    ['that is not good yet', () => token({ claims: { ...good, nbf: inFuture() } })],
    ['of nobody', () => token({ claims: { iss: issuer, aud: audience } })],
    ['whose tenant is no text', () => token({ claims: { ...good, tenant: ['north'] } })],
    ['without a signature', () => `${encoded({ alg: 'none' })}.${encoded({ ...good, exp: inFuture() })}.`],
    [
      'changed after it was signed',
      async () => {
        const [head, , signature] = (await token()).split('.');
        return `${head}.${encoded({ ...good, scope: 'admin', exp: inFuture() })}.${signature}`;
      },
    ],
    [
      'that takes the public key for an HMAC secret',
      async () => {
        const body = `${encoded({ alg: 'HS256', kid: 'two' })}.${encoded({ ...good, exp: inFuture() })}`;
        const secret = await exportSPKI(rsa!.publicKey);
        return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
      },
    ],
    [
      'that brings its own key along',
      async () => {
        const jwk = await exportJWK(strangers!.publicKey);
        const draft = new SignJWT(good).setProtectedHeader({ alg: 'ES256', jwk, jku: 'https://evil.example/keys' });
        return await draft.setExpirationTime('5m').sign(strangers!.privateKey);
      },
    ],
    ['of the right key under the wrong algorithm', () => token({ pair: ours, kid: 'two' })],
    ['that is none', () => 'a.b.c'],
  ])('%s are refused', async (_, make) => {
    const access = createAccess({ jwt: await openJwt(options()) });
    await expect(access.identify(await make())).rejects.toMatchObject({ code: 'api/jwt-refused', status: 401 });
  });

  it('say whose they are where there are tenants', async () => {
    const identify = (await openJwt(options({ tenants: { north: { home: 'x' } } })))!;
    await expect(identify(await token())).rejects.toMatchObject({ code: 'api/jwt-refused' });
    expect(await identify(await token({ claims: { ...good, tenant: 'north' } }))).toMatchObject({ tenant: 'north' });
  });

  it('tell nothing of what they hold in the error', async () => {
    const identify = (await openJwt(options()))!;
    const claims = { ...good, sub: 'somebody-private', aud: 'private-audience' };
    const error = await identify(await token({ claims })).catch((thrown: Error) => thrown);
    expect(String((error as Error).message)).not.toContain('private');
    expect((error as Error).message).toContain('"aud"');
  });
});

describe("the provider's keys", () => {
  it('are asked for once, however many tokens come', async () => {
    const identify = (await openJwt(options()))!;
    const before = asked;
    for (let each = 0; each < 20; each++) await identify(await token());
    // Tokens of keys that nobody published do not make us ask again and again.
    for (let each = 0; each < 20; each++) await identify(await token({ kid: `x${each}` })).catch(() => {});
    expect(asked - before).toBe(1);
  });

  it('that cannot be had are no fault of the token, and can be had later', async () => {
    const identify = (await openJwt(options()))!;
    status = 500;
    await expect(identify(await token())).rejects.toMatchObject({ code: 'api/jwks-unreachable', retryable: true });
    status = 200;
    expect(await identify(await token())).toMatchObject({ id: 'ann' });
    const nowhere = (await openJwt(options({ jwksUrl: 'http://127.0.0.1:9/keys' })))!;
    await expect(nowhere(await token())).rejects.toMatchObject({ code: 'api/jwks-unreachable', status: 503 });
  });

  it('may lie in a file, which is read again when it changes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tastegraph-jwks-'));
    const jwksFile = join(folder, 'keys.json');
    const fromFile = options({ jwksUrl: undefined, jwksFile });
    await expect(openJwt(fromFile)).rejects.toMatchObject({ code: 'api/jwks-unreachable' });
    writeFileSync(jwksFile, '{');
    await expect(openJwt(fromFile)).rejects.toMatchObject({ code: 'api/jwks-unreachable' });
    writeFileSync(jwksFile, JSON.stringify(published));
    const identify = (await openJwt(fromFile))!;
    expect(await identify(await token())).toMatchObject({ id: 'ann' });
    writeFileSync(jwksFile, JSON.stringify({ keys: [await publicKey(strangers!, 'one', 'ES256')] }));
    await expect(identify(await token())).rejects.toMatchObject({ code: 'api/jwt-refused' });
    expect(await identify(await token({ pair: strangers }))).toMatchObject({ id: 'ann' });
    rmSync(folder, { recursive: true });
    await expect(identify(await token({ pair: strangers }))).rejects.toMatchObject({ code: 'api/jwks-unreachable' });
  });

  it('are refused where they could be changed on their way, or would let anybody in', async () => {
    expect(await openJwt(options({ jwksUrl: undefined }))).toBeUndefined();
    for (const wrong of [{ jwksUrl: 'http://login.example/keys' }, { jwksFile: 'too' }])
      await expect(openJwt(options(wrong))).rejects.toMatchObject({ code: 'options/invalid' });
    for (const wrong of [{ jwtIssuer: undefined }, { jwtAudience: undefined }])
      await expect(openJwt(options(wrong))).rejects.toMatchObject({ code: 'options/missing' });
  });
});
