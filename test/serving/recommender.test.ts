import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { openRecommender } from '../../src/serving/recommender.ts';
import { publish, rollback } from '../../src/serving/versions.ts';
import { type PlantedHome, plantedHome, plantedResult } from './home.ts';

const kernels = openKernels({ threads: 1 });
let at: PlantedHome;
beforeEach(() => {
  at = plantedHome();
});
afterEach(() => at.remove());
afterAll(() => kernels.close());

const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id);

describe('recommender', () => {
  it('recommends what fits the taste, without what the user knows', async () => {
    const { id } = await publish(at.home, plantedResult(at.snapshot));
    const recommender = openRecommender(at.home, kernels, { pollMs: 0 });
    const { items, version, fallback } = recommender.recommend('ann', { limit: 2 });
    expect(version).toBe(id);
    expect(fallback).toBeUndefined();
    expect(new Set(ids(items))).toEqual(new Set(['d3', 'd4']));
    expect(items[0]!.title).toBe(`Film ${items[0]!.id}`);
    expect(items[0]!.score).toBeGreaterThan(items[1]!.score);
    expect(ids(recommender.recommend('ann', { limit: 1, exclude: ['d3', 'nothing'] }).items)).toEqual(['d4']);
    const all = ids(recommender.recommend('ann', { limit: 1000 }).items);
    expect(new Set(all)).toEqual(new Set(['d3', 'd4', 'c1', 'c2', 'c3', 'c4']));
    recommender.close();
  });

  it('scores are the dot products, in their order', async () => {
    const { vectors } = plantedResult(at.snapshot);
    await publish(at.home, plantedResult(at.snapshot));
    const recommender = openRecommender(at.home, kernels, { pollMs: 0 });
    const user = at.snapshot.users.index('dan')!;
    for (const { id, score } of recommender.recommend('dan', { limit: 10 }).items) {
      const item = at.snapshot.items.index(id)!;
      let expected = 0;
      for (let d = 0; d < 8; d++) expected += vectors.users[user * 8 + d]! * vectors.items[item * 8 + d]!;
      expect(score).toBeCloseTo(expected, 5);
    }
    recommender.close();
  });

  it('falls back to what is popular for unknown users and says so', async () => {
    await publish(at.home, plantedResult(at.snapshot));
    const recommender = openRecommender(at.home, kernels, { pollMs: 0 });
    for (const user of ['nobody', 'new']) {
      const { items, fallback } = recommender.recommend(user, { limit: 2, exclude: ['all'] });
      expect(fallback).toBe('popular');
      expect(items[0]).toEqual({ id: 'd1', title: 'Film d1', score: 3 });
    }
    expect(recommender.popular({ limit: 1 })).toEqual([{ id: 'all', title: 'Film all', score: 5 }]);
    expect(ids(recommender.popular({ limit: 100 }))).not.toContain('gone');
    recommender.close();
  });

  it('finds similar items by cosine', async () => {
    await publish(at.home, plantedResult(at.snapshot));
    const recommender = openRecommender(at.home, kernels, { pollMs: 0 });
    const similar = recommender.similar('c1', { limit: 3 });
    expect(new Set(ids(similar))).toEqual(new Set(['c2', 'c3', 'c4']));
    for (const { score } of similar) expect(score).toBeGreaterThan(0.9);
    for (const { score } of similar) expect(score).toBeLessThanOrEqual(1 + 1e-6);
    expect(() => recommender.similar('none', { limit: 1 })).toThrow(expect.objectContaining({ code: 'item/unknown' }));
    recommender.close();
  });

  it('goes over to a new version by itself, and gives the old one its memory back', async () => {
    const first = await publish(at.home, plantedResult(at.snapshot, { seed: 1 }));
    const before = kernels.used;
    const switched: string[] = [];
    const recommender = openRecommender(at.home, kernels, { pollMs: 10, onSwitch: ({ id }) => switched.push(id) });
    const one = kernels.used - before;
    const held = recommender.acquire();
    const second = await publish(at.home, plantedResult(at.snapshot, { seed: 2, strength: 3 }));
    while (switched.length === 0) await sleep(5);
    expect(switched).toEqual([second.id]);
    expect(recommender.version.id).toBe(second.id);
    // The request that began on the first version ends on it.
    expect(held.served.manifest.id).toBe(first.id);
    expect(held.served.recommend('ann', { limit: 2 }).items).toHaveLength(2);
    expect(kernels.used - before).toBe(2 * one);
    held.release();
    expect(kernels.used - before).toBe(one);
    await rollback(at.home);
    expect(recommender.reload()).toBe(true);
    expect(recommender.version.id).toBe(first.id);
    recommender.close();
    expect(kernels.used).toBe(before);
  });

  it('serves on from the old version where the new one is damaged', async () => {
    const { writeFileSync } = await import('node:fs');
    const { join } = await import('node:path');
    const first = await publish(at.home, plantedResult(at.snapshot, { seed: 1 }));
    const failures: unknown[] = [];
    const recommender = openRecommender(at.home, kernels, { pollMs: 10, onFailure: (cause) => failures.push(cause) });
    const second = await publish(at.home, plantedResult(at.snapshot, { seed: 2 }), { promote: false });
    writeFileSync(join(at.home, 'versions', second.id, 'vectors.items.bin'), 'short');
    const { promote } = await import('../../src/serving/versions.ts');
    await promote(at.home, second.id);
    while (failures.length === 0) await sleep(5);
    expect(failures).toEqual([expect.objectContaining({ code: 'version/corrupt' })]);
    expect(recommender.version.id).toBe(first.id);
    expect(recommender.recommend('ann', { limit: 1 }).items).toHaveLength(1);
    recommender.close();
  });

  it('stays with the version it was asked for', async () => {
    const first = await publish(at.home, plantedResult(at.snapshot, { seed: 1 }));
    const recommender = openRecommender(at.home, kernels, { version: first.id });
    await publish(at.home, plantedResult(at.snapshot, { seed: 2 }));
    expect(recommender.reload()).toBe(false);
    expect(recommender.version.id).toBe(first.id);
    recommender.close();
  });
});
