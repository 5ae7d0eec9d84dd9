/** Versions of each kind of model, from which a user is taken after the training. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kernels } from '../../src/compute/kernels.ts';
import { openKernels } from '../../src/compute/open.ts';
import { openWasm } from '../../src/compute/tensors/wasm.ts';
import type { Tensors } from '../../src/compute/tensors.ts';
import type { DataRecord } from '../../src/data/records.ts';
import { findModel } from '../../src/models/registry.ts';
import { optionGroups } from '../../src/options.ts';
import { leaveSnapshot } from '../../src/pipeline/forget/stored.ts';
import { silent } from '../../src/progress.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import { splitRows } from '../../src/sampling/rows.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { splitSnapshot } from '../../src/sampling/split.ts';
import { writeSnapshot } from '../../src/sampling/store.ts';
import { openRecommender } from '../../src/serving/recommender.ts';
import { listVersions, publish } from '../../src/serving/versions.ts';
import { runTraining } from '../../src/training/run.ts';

let kernels: Kernels;
let tensors: Tensors;
const folder = mkdtempSync(join(tmpdir(), 'tastegraph-without-'));
beforeAll(async () => {
  kernels = openKernels({ threads: 1 });
  tensors = await openWasm(kernels);
});
afterAll(async () => {
  tensors.close();
  await kernels.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Users have features, the leaving one a street of her own, or, where `odd`, two ages as nobody else. */
const world = (odd = false): Snapshot => {
  const records: DataRecord[] = [];
  for (let i = 0; i < 24; i++)
    records.push({ kind: 'item', id: `i${i}`, features: [{ kind: 'dish', value: `d${i % 3}` }] });
  for (let u = 0; u < 36; u++) {
    const ages = u === 7 && odd ? ['young', 'old'] : [u % 2 ? 'young' : 'old'];
    const street = { kind: 'street', value: u === 7 ? 'her own' : `s${u % 4}` };
    records.push({ kind: 'user', id: `u${u}`, features: [street, ...ages.map((value) => ({ kind: 'age', value }))] });
    for (let n = 0; n < 10; n++)
      records.push({
        kind: 'interaction',
        user: `u${u}`,
        item: `i${(u * 5 + n * 2) % 24}`,
        type: 'view',
        at: n,
        value: 1,
      });
  }
  return snapshotFromRecords(records, 'files');
};

async function publishTrained(
  name: string,
  options: object,
  snapshot: Snapshot,
  home = mkdtempSync(join(folder, `${name}-`)),
): Promise<string> {
  const definition = findModel(name);
  const split = (definition.learns === 'rows' ? splitRows : splitSnapshot)(
    snapshot,
    optionGroups.splitting.parse({ split: 'ratio' }),
  );
  const result = await runTraining({
    definition,
    modelOptions: { ...options },
    snapshot,
    split,
    options: { ...optionGroups.training.parse({ metricsAt: [3], epochs: 1, samplers: 0 }), seed: 2 },
    kernels,
    tensors,
    checkpoints: join(home, 'checkpoints', name),
    report: silent,
    signal: new AbortController().signal,
  });
  writeSnapshot(home, snapshot);
  await publish(home, result);
  return home;
}

const leave = (home: string, snapshot: Snapshot, withdrawn: (version: string) => void = () => {}) =>
  leaveSnapshot(home, snapshot, {
    gone: new Map([[snapshot.users.index('u7')!, { key: 'ab', at: 1 }]]),
    withdrawn,
  });

describe('a version without a user', () => {
  it.each([
    ['lightgcn', { dim: 8 }, 5],
    ['ease', {}, 5],
    ['gfcf', {}, 0],
    ['deepfm', { dim: 8, hidden: [8] }, 4],
    ['pinsage', { dim: 8 }, 5],
    ['sasrec', { dim: 8, heads: 2, blocks: 1 }, 5],
  ] as const)('of %s answers others as before, and the user as anybody', async (name, options, digits) => {
    const snapshot = world();
    const home = await publishTrained(name, options, snapshot);
    const recommender = openRecommender(home, kernels, { pollMs: 0, tensors });
    const others = ['u0', 'u6', 'u8', 'u35'];
    const answers = () => others.map((user) => recommender.recommend(user, { limit: 6 }).items);
    const before = answers();
    expect(recommender.recommend('u7', { limit: 3 }).fallback).toBeUndefined();
    const after = await leave(home, snapshot);
    expect(after.features.index('street:her own')).toBeUndefined();
    expect(recommender.reload()).toBe(true);
    expect(recommender.version).toMatchObject({ users: 35, snapshot: after.digest, forgotten: [{ key: 'ab', at: 1 }] });
    expect(recommender.recommend('u7', { limit: 3 }).fallback).toBe('popular');
    for (const [n, items] of answers().entries()) {
      expect(items).toHaveLength(before[n]!.length);
      // A filter reads what all users do at each question, so its scores move a little; all others are as they were.
      if (digits === 0) continue;
      expect(items.map(({ id }) => id)).toEqual(before[n]!.map(({ id }) => id));
      for (const [place, { score }] of items.entries()) expect(score).toBeCloseTo(before[n]![place]!.score, digits);
    }
    recommender.close();
  });

  it('is withdrawn where its model is of another shape without the user, and the one before it is served', async () => {
    const snapshot = world(true);
    const home = await publishTrained('lightgcn', { dim: 8 }, snapshot);
    const [first] = listVersions(home);
    await publishTrained('deepfm', { dim: 8, hidden: [8] }, snapshot, home);
    const recommender = openRecommender(home, kernels, { pollMs: 0, tensors });
    const deep = recommender.version.id;
    const withdrawn: string[] = [];
    await leave(home, snapshot, (version) => withdrawn.push(version));
    expect(withdrawn).toEqual([deep]);
    expect(recommender.reload()).toBe(true);
    expect(recommender.version.id).toBe(first!.manifest.id);
    expect(listVersions(home)).toMatchObject([{ manifest: { id: first!.manifest.id }, current: true }]);
    recommender.close();
  });
});
