import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import { loadVersion } from '../../src/serving/published.ts';
import {
  currentFile,
  isStored,
  listVersions,
  manifestById,
  promote,
  publish,
  readCurrent,
  remove,
  rollback,
  versionsFolder,
} from '../../src/serving/versions.ts';
import { type PlantedHome, plantedHome, plantedResult } from './home.ts';

const code = (code: ErrorCode) => expect.objectContaining({ code });
let at: PlantedHome;
beforeEach(() => {
  at = plantedHome();
});
afterEach(() => at.remove());

describe('published versions', () => {
  it('comes back from disk as it was handed over, in shared memory', async () => {
    const result = plantedResult(at.snapshot);
    const manifest = await publish(at.home, result, { minValue: 4 });
    expect(manifest.id).toMatch(/^\d{8}-\d{6}-[0-9a-f]{6}$/);
    const loaded = loadVersion(at.home);
    expect(loaded.manifest).toEqual(manifest);
    expect(manifest).toMatchObject({ minValue: 4, seed: 7, options: { dim: 8 }, test: { 'recall@20': 0.4 } });
    expect(loaded.vectors!.users).toEqual(result.vectors.users);
    expect(loaded.vectors!.items).toEqual(result.vectors.items);
    expect(loaded.train.offsets).toEqual(result.train.offsets);
    expect(loaded.train.indices).toEqual(result.train.indices);
    expect(loaded.contributions).toEqual(result.contributions);
    expect(loaded.vectors!.items.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(loaded.snapshot.items.title(loaded.snapshot.items.index('d1')!)).toBe('Film d1');
  });

  it('lists newest first, promotes and rolls back', async () => {
    const [a, b, c] = [
      await publish(at.home, plantedResult(at.snapshot, { seed: 1 })),
      await publish(at.home, plantedResult(at.snapshot, { seed: 2 })),
      await publish(at.home, plantedResult(at.snapshot, { seed: 3 })),
    ];
    const current = () => listVersions(at.home).find((version) => version.current)!.manifest.id;
    expect(listVersions(at.home)).toHaveLength(3);
    expect(current()).toBe(c.id);
    expect((await rollback(at.home)).id).toBe(b.id);
    expect((await rollback(at.home)).id).toBe(a.id);
    await expect(rollback(at.home)).rejects.toEqual(code('version/first'));
    expect(current()).toBe(a.id);
    await promote(at.home, c.id);
    expect(current()).toBe(c.id);
    expect((await rollback(at.home)).id).toBe(a.id);
  });

  it('lies ready without being current where asked', async () => {
    const first = await publish(at.home, plantedResult(at.snapshot));
    const second = await publish(at.home, plantedResult(at.snapshot), { promote: false });
    expect(readCurrent(at.home)!.current).toBe(first.id);
    await promote(at.home, second.id);
    expect(manifestById(at.home).id).toBe(second.id);
  });

  it('refuses what is not there, and never leaves its folder', async () => {
    expect(() => loadVersion(at.home)).toThrow(code('version/none') as never);
    await expect(rollback(at.home)).rejects.toEqual(code('version/none'));
    await publish(at.home, plantedResult(at.snapshot));
    for (const id of ['20200101-000000-abcdef', '../snapshots', '.', ''])
      await expect(promote(at.home, id)).rejects.toEqual(code('version/not-found'));
    const strange = { ...plantedResult(at.snapshot), snapshot: '0'.repeat(64) };
    await expect(publish(at.home, strange)).rejects.toEqual(code('snapshot/not-found'));
  });

  it('names the damaged file', async () => {
    const { id } = await publish(at.home, plantedResult(at.snapshot));
    const folder = join(versionsFolder(at.home), id);
    for (const file of readdirSync(folder)) {
      const path = join(folder, file);
      const whole = readFileSync(path);
      const flipped = Buffer.from(whole);
      flipped[whole.length >> 1]! ^= 1;
      writeFileSync(path, flipped);
      expect(() => loadVersion(at.home), file).toThrow(path);
      truncateSync(path, whole.length - 1);
      if (file !== 'manifest.json') expect(() => loadVersion(at.home), file).toThrow(path);
      writeFileSync(path, whole);
    }
    expect(loadVersion(at.home).manifest.id).toBe(id);
    writeFileSync(currentFile(at.home), '{"curr');
    expect(() => loadVersion(at.home)).toThrow(code('version/corrupt') as never);
  });

  it('ignores what is unfinished, and the next publish sweeps it', async () => {
    const folder = versionsFolder(at.home);
    await publish(at.home, plantedResult(at.snapshot));
    mkdirSync(join(folder, '.publishing-20200101-000000-abcdef'));
    writeFileSync(join(folder, 'current.1.abc.tmp'), '');
    writeFileSync(join(folder, '.lock'), JSON.stringify({ pid: 2 ** 22 + 1, start: '1', since: '' }));
    expect(listVersions(at.home)).toHaveLength(1);
    await publish(at.home, plantedResult(at.snapshot));
    expect(readdirSync(folder).filter((name) => name.startsWith('.') || name.endsWith('.tmp'))).toEqual([]);
    expect(listVersions(at.home)).toHaveLength(2);
  });

  it('publishers at once take turns', async () => {
    const all = await Promise.all([1, 2, 3, 4].map((seed) => publish(at.home, plantedResult(at.snapshot, { seed }))));
    expect(new Set(readCurrent(at.home)!.history.map(({ id }) => id))).toEqual(new Set(all.map(({ id }) => id)));
  });

  it('are removed with all their files, but not the current one', async () => {
    const [first, second] = [
      await publish(at.home, plantedResult(at.snapshot)),
      await publish(at.home, plantedResult(at.snapshot, { seed: 9 })),
    ];
    await expect(remove(at.home, second.id)).rejects.toEqual(code('version/is-current'));
    await expect(remove(at.home, '../../elsewhere')).rejects.toEqual(code('version/not-found'));
    expect(isStored(at.home, first.id)).toBe(true);
    truncateSync(join(versionsFolder(at.home), first.id, 'manifest.json')); // Also one that is damaged.
    await remove(at.home, first.id);
    expect(isStored(at.home, first.id)).toBe(false);
    expect(readdirSync(versionsFolder(at.home)).sort()).toEqual([second.id, 'current']);
    await expect(rollback(at.home)).rejects.toEqual(code('version/first'));
  });
});
