/** Keys by the built command line. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openKeyRing } from '../../src/access/keys.ts';
import type { KeyRecord, NewKey } from '../../src/pipeline.ts';
import { tastegraph } from './tastegraph.ts';

const cwd = mkdtempSync(join(tmpdir(), 'tastegraph-keys-'));
const home = join(cwd, '.tastegraph');
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
const keys = (...args: string[]) => tastegraph(['keys', ...args, '--json'], { cwd });

it('makes, lists, rotates and revokes keys, and writes down that it did', async () => {
  const plain = await tastegraph(['keys', 'create', '--name', 'shop', '--scope', 'read,write', '--expires', '90d'], {
    cwd,
  });
  expect(plain).toMatchObject({ code: 0, stderr: '' });
  const [key, about] = plain.stdout.trim().split('\n');
  expect(about).toMatch(
    /^Key [0-9a-f]{12} \(shop\): read, write, until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\. It is shown this once/,
  );
  const caller = openKeyRing(home).identify(key!);
  expect(caller).toMatchObject({ scopes: ['read', 'write'] });
  expect(statSync(join(home, 'keys.json')).mode & 0o777).toBe(0o600);

  const id = caller!.id;
  const rotated = (await keys('rotate', id, '--grace', '0s')).json() as unknown as NewKey;
  expect(openKeyRing(home).identify(key!)).toBeUndefined();
  expect(openKeyRing(home).identify(rotated.key)).toMatchObject({ id });
  expect((await keys('revoke', id)).json()).toMatchObject({ key: { id, state: 'revoked' } });
  expect(() => openKeyRing(home).identify(rotated.key)).toThrow(expect.objectContaining({ code: 'key/revoked' }));
  const listed = await keys('list');
  expect((listed.json() as { keys: KeyRecord[] }).keys).toMatchObject([{ id, name: 'shop', state: 'revoked' }]);
  expect(listed.stdout).not.toMatch(/tg_|sha256/);

  const lines = readFileSync(join(home, 'audit.jsonl'), 'utf8').trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { what: string; about: string }).what)).toEqual([
    'keys create',
    'keys rotate',
    'keys revoke',
  ]);
});

it('says what is wrong', async () => {
  const failed = async (...args: string[]) => {
    const { code, json } = await keys(...args);
    return { code, error: (json() as { error: { code: string } }).error.code };
  };
  expect(await failed('create', '--scope', 'read')).toEqual({ code: 2, error: 'options/missing' });
  expect(await failed('create', '--name', 'x')).toEqual({ code: 2, error: 'options/missing' });
  expect(await failed('create', '--name', 'x', '--scope', 'root')).toEqual({ code: 2, error: 'options/invalid' });
  expect(await failed('create', '--name', 'x', '--scope', 'read', '--tenant', 'no')).toEqual({
    code: 3,
    error: 'tenant/unknown',
  });
  expect(await failed('revoke')).toEqual({ code: 2, error: 'options/missing' });
  expect(await failed('revoke', 'ffffffffffff')).toEqual({ code: 3, error: 'key/unknown' });
  expect(await failed('lend')).toEqual({ code: 2, error: 'options/unknown' });
  writeFileSync(join(cwd, 'tastegraph.config.json'), JSON.stringify({ tenants: { no: { home: 'no' } } }));
  const made = await keys('create', '--name', 'x', '--scope', 'read', '--tenant', 'no');
  expect(made.json()).toMatchObject({ tenant: 'no' });
});
