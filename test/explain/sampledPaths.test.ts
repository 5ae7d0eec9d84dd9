/** Evidence by a sample, beside what counting all of them gives. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Kernels } from '../../src/compute/kernels.ts';
import { openKernels } from '../../src/compute/open.ts';
import type { DataRecord } from '../../src/data/records.ts';
import { sampledPaths } from '../../src/explain/sampledPaths.ts';
import { sentenceOfPath, speechOf } from '../../src/explain/sentences.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import { type ServedVersion, serveVersion } from '../../src/serving/served.ts';
import { plantedResult } from '../serving/home.ts';

let kernels: Kernels;
let served: ServedVersion;
/** 3,000 people chose the hub; every second of them also what ann chose, two of them the rarity. */
beforeAll(() => {
  const did = (user: string, item: string): DataRecord => ({
    kind: 'interaction',
    user,
    item,
    type: 'like',
    at: 1,
    value: 1,
  });
  const crowd = Array.from({ length: 3000 }, (_, n) => [
    did(`crowd-${n}`, 'hub'),
    ...(n % 2 === 0 ? [did(`crowd-${n}`, 'often')] : []),
    ...(n < 2 ? [did(`crowd-${n}`, 'rare'), did(`crowd-${n}`, 'small')] : []),
  ]);
  const snapshot = snapshotFromRecords([...crowd.flat(), did('ann', 'often'), did('ann', 'rare')], 'generated');
  kernels = openKernels({ threads: 1 });
  const manifest = { ...plantedResult(snapshot), id: 'v', arrays: [] } as unknown as ServedVersion['manifest'];
  const { vectors, train } = plantedResult(snapshot);
  served = serveVersion({ manifest, snapshot, vectors, train }, kernels);
});
afterAll(async () => {
  served.dispose();
  await kernels.close();
});

it('estimates how many of a crowd chose something too, and says that it does', () => {
  const options = { anonymity: 3, limit: 3 };
  const paths = sampledPaths(served, 'ann', 'hub', options);
  const often = paths.find(({ through }) => through!.id === 'often')!;
  expect(often).toMatchObject({ kind: 'people', estimated: true, capped: false });
  expect(Math.abs(often.count! - 1500)).toBeLessThan(150); // three deviations of a share of 1,000
  expect(often.count! % 100).toBe(0);
  expect(often.support).toBeCloseTo(0.5, 1);
  expect(sentenceOfPath(speechOf(served.manifest), often)).toBe(
    `About ${often.count} people who chose often chose this too.`,
  );
  for (const { through, count } of paths) if (through!.id === 'rare') expect(count).toBeUndefined();
  expect(sampledPaths(served, 'ann', 'hub', options)).toEqual(paths);
  expect(JSON.stringify(paths)).not.toContain('crowd');
});

it('counts where there are few enough to be counted', () => {
  const [path] = sampledPaths(served, 'ann', 'small', { anonymity: 1, limit: 1 });
  expect(path).toMatchObject({ through: { id: 'rare' }, count: 2, support: 1 });
  expect(path).not.toHaveProperty('estimated');
  expect(sampledPaths(served, 'nobody', 'hub', { anonymity: 1, limit: 3 })).toEqual([]);
  expect(sampledPaths(served, 'ann', 'none', { anonymity: 1, limit: 3 })).toEqual([]);
});
