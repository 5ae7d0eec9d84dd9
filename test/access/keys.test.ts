import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAccess } from '../../src/access/access.ts';
import { keyFileOf } from '../../src/access/keyFile.ts';
import { createKey, listKeys, openKeyRing, revokeKey, rotateKey } from '../../src/access/keys.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tastegraph-keys-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const now = 1_700_000_000_000; // ms since 1970
const draft = { name: 'shop', scopes: ['read'] as const };

describe('keys', () => {
  it('are recognised, and their text lies nowhere', async () => {
    const { key, ...made } = await createKey(home, { ...draft, tenant: 'north' }, now);
    expect(key).toMatch(/^tg_[0-9a-f]{12}_[\w-]{43}$/);
    expect(openKeyRing(home).identify(key, now)).toEqual({
      kind: 'key',
      id: made.id,
      scopes: ['read'],
      tenant: 'north',
    });
    const file = readFileSync(keyFileOf(home), 'utf8');
    expect(file).not.toContain(key.split('_')[2]);
    expect(file).toContain(createHash('sha256').update(key).digest('hex'));
    expect(statSync(keyFileOf(home)).mode & 0o777).toBe(0o600);
    expect(listKeys(home, {}, now)).toEqual([made]);
    expect(JSON.stringify(listKeys(home))).not.toContain('sha256');
  });

  it('are none of ours where one letter differs, or the id of another stands before them', async () => {
    const [one, other] = [await createKey(home, draft), await createKey(home, draft)];
    const ring = openKeyRing(home);
    const last = one.key.at(-1) === 'A' ? 'B' : 'A';
    for (const wrong of [
      one.key.slice(0, -1),
      one.key.slice(0, -1) + last,
      one.key.replace(one.id, other.id),
      one.key.replace(one.id, 'ffffffffffff'),
      one.key.toUpperCase(),
      `${one.key}\n`,
      `tg_${one.id}_${createHash('sha256').update(one.key).digest('hex').slice(0, 43)}`,
      `tg_${one.id}_`,
      '',
    ])
      expect(ring.identify(wrong), wrong).toBeUndefined();
    expect(ring.identify(one.key)?.id).toBe(one.id);
  });

  it('end when they expire and when they are revoked, also for a server that runs', async () => {
    const { key, id } = await createKey(home, { ...draft, expiresAt: now + 1000 }, now);
    const ring = openKeyRing(home);
    expect(ring.identify(key, now + 999)?.id).toBe(id);
    expect(() => ring.identify(key, now + 1000)).toThrow(expect.objectContaining({ code: 'key/expired' }));
    await expect(rotateKey(home, id, { graceMs: 0 }, now + 1000)).rejects.toMatchObject({ code: 'key/expired' });
    expect(listKeys(home, {}, now + 1000)[0]!.state).toBe('expired');
    const revoked = await revokeKey(home, id, {}, now + 5);
    expect(revoked).toMatchObject({ state: 'revoked', revokedAt: now + 5 });
    expect(() => ring.identify(key, now + 6)).toThrow(expect.objectContaining({ code: 'key/revoked' }));
    expect(await revokeKey(home, id, {}, now + 9)).toEqual(revoked);
    await expect(rotateKey(home, id, { graceMs: 0 })).rejects.toMatchObject({ code: 'key/revoked' });
    await expect(revokeKey(home, 'ffffffffffff')).rejects.toMatchObject({ code: 'key/unknown' });
  });

  it('have two secrets for a while when they are rotated, and never longer than the first grace said', async () => {
    const { key: first, id } = await createKey(home, draft, now);
    const { key: second, rotatedAt } = await rotateKey(home, id, { graceMs: 1000 }, now + 10);
    expect(rotatedAt).toBe(now + 10);
    const ring = openKeyRing(home);
    expect([first, second].map((key) => ring.identify(key, now + 1009)?.id)).toEqual([id, id]);
    expect([first, second].map((key) => ring.identify(key, now + 1010)?.id)).toEqual([undefined, id]);
    // Rotated again with a longer grace: what was to end ends when it was to.
    await rotateKey(home, id, { graceMs: 1_000_000 }, now + 20);
    expect(ring.identify(first, now + 1010)).toBeUndefined();
    expect(ring.identify(second, now + 1010)?.id).toBe(id);
    const { key: last } = await rotateKey(home, id, { graceMs: 0 }, now + 30);
    expect([second, last].map((key) => ring.identify(key, now + 30)?.id)).toEqual([undefined, id]);
  });

  it('of one tenant are not there for another', async () => {
    const north = await createKey(home, { ...draft, tenant: 'north' });
    await createKey(home, draft);
    expect(listKeys(home, { tenant: 'north' }).map(({ id }) => id)).toEqual([north.id]);
    expect(listKeys(home, { tenant: 'south' })).toEqual([]);
    await expect(revokeKey(home, north.id, { tenant: 'south' })).rejects.toMatchObject({ code: 'key/unknown' });
    await expect(rotateKey(home, north.id, { tenant: 'south', graceMs: 0 })).rejects.toMatchObject({
      code: 'key/unknown',
    });
    expect(listKeys(home)).toHaveLength(2);
  });

  it('are all there when many are made at once', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => createKey(home, draft)));
    expect(listKeys(home).map(({ id }) => id)).toHaveLength(8);
    expect(new Set(listKeys(home).map(({ id }) => id))).toEqual(new Set(made.map(({ id }) => id)));
  });
});

describe('a server', () => {
  it('asks nobody until the first key is made, and everybody from then on, whatever happens to the file', async () => {
    const access = createAccess({ keys: openKeyRing(home) });
    expect(access.isGuarded()).toBe(false);
    expect(await access.identify(undefined)).toMatchObject({ kind: 'anyone' });
    const { key, id } = await createKey(home, { name: 'first', scopes: ['admin'] });
    expect(access.isGuarded()).toBe(true);
    await expect(access.identify(undefined)).rejects.toMatchObject({ code: 'api/unauthorized' });
    expect(await access.identify(key)).toMatchObject({ id });
    rmSync(keyFileOf(home));
    await expect(access.identify(undefined)).rejects.toMatchObject({ code: 'api/unauthorized' });
    await expect(access.identify(key)).rejects.toMatchObject({ code: 'api/unauthorized' });
  });

  it('lets nobody in by a file that is broken', async () => {
    const { key } = await createKey(home, draft);
    const access = createAccess({ keys: openKeyRing(home) });
    for (const text of ['', '{"format":2,"keys":[]}', '{"format":1,"keys":[{"id":"x"}]}', '{"format":1', 'null']) {
      writeFileSync(keyFileOf(home), text);
      await expect(access.identify(key), text).rejects.toMatchObject({ code: 'key/file' });
      await expect(access.identify(key), text).rejects.toMatchObject({ code: 'key/file' });
      await expect(createKey(home, draft), text).rejects.toMatchObject({ code: 'key/file' });
      expect(readFileSync(keyFileOf(home), 'utf8')).toBe(text);
    }
  });
});
