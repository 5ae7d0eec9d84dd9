/** Publishers that are killed on the way, as real processes. They run what `npm run build` made. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package.ts';
import { loadVersion } from '../../src/serving/published.ts';
import { listVersions, publish, readCurrent, versionsFolder } from '../../src/serving/versions.ts';
import { killedAt } from '../killed.ts';
import { type PlantedHome, plantedHome, plantedResult } from './home.ts';

const built = join(packageRoot, 'dist', 'serving', 'versions.js');
let at: PlantedHome;
beforeEach(() => {
  at = plantedHome();
});
afterEach(() => at.remove());

const publishUntil = (moment: number) =>
  killedAt(
    moment,
    `const { publish } = await import(given.built);
     const dim = 8, users = 6, items = 10;
     const table = (rows) => new Float32Array(rows * dim).fill(0.5);
     await publish(given.home, {
       model: 'planted', options: {}, seed: 1, snapshot: given.digest, split: 'ratio', epochs: 1, seconds: { fit: 0, evaluate: 0 },
       valid: {}, test: {}, popularity: {}, curve: [], vectors: { dim, users: table(users), items: table(items) },
       train: { rows: users, cols: items, offsets: new Int32Array(users + 1), indices: new Int32Array(0) },
     });`,
    { home: at.home, digest: at.snapshot.digest, built },
  );

describe('a publisher that is killed', () => {
  it('at any moment leaves the current version whole, and the next sweeps what it left', async () => {
    const first = await publish(at.home, plantedResult(at.snapshot));
    const { changes, signal } = await publishUntil(0);
    expect(signal).toBeNull();
    expect(changes).toBeGreaterThan(20);
    const whole = listVersions(at.home).length;
    let current = readCurrent(at.home)!.current;
    expect(current).not.toBe(first.id);
    // Every fifth moment, and every one of the last, where the switch is.
    const moments = Array.from({ length: changes }, (_, n) => n + 1).filter((n) => n % 5 === 0 || n > changes - 8);
    for (const moment of moments) {
      expect((await publishUntil(moment)).signal, `moment ${moment}`).toBe('SIGKILL');
      const now = readCurrent(at.home)!.current;
      // Before the switch the old one is current, after it the new one; either can be loaded.
      expect(loadVersion(at.home).manifest.id).toBe(now);
      for (const { manifest } of listVersions(at.home))
        expect(loadVersion(at.home, manifest.id).manifest).toEqual(manifest);
      current = now;
    }
    const last = await publish(at.home, plantedResult(at.snapshot, { seed: 9 }));
    expect(loadVersion(at.home).manifest).toEqual(last);
    expect(listVersions(at.home).length).toBeGreaterThan(whole);
    const left = readdirSync(versionsFolder(at.home)).filter((name) => name.startsWith('.') || name.endsWith('.tmp'));
    expect(left).toEqual([]);
  });
});
