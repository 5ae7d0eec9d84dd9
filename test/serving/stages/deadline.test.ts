/** Ranking that holds the thread: in batches, each of which may be the last; and what is late is late, however it came so. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openKernels } from '../../../src/compute/open.ts';
import type { ItemWeights } from '../../../src/models/model.ts';
import { WeightScores } from '../../../src/models/neighbor/itemWeights.ts';
import { loadVersion } from '../../../src/serving/published.ts';
import { serveVersion } from '../../../src/serving/served.ts';
import type { Candidate } from '../../../src/serving/stages/candidate.ts';
import { type Clock, rankWithin } from '../../../src/serving/stages/deadline.ts';
import { contextOf } from '../../../src/serving/stages/pipelines.ts';
import { byEmbedding, byVersion, type Ranker } from '../../../src/serving/stages/ranker.ts';
import { publish } from '../../../src/serving/versions.ts';
import { plantedResult } from '../home.ts';
import { type StagesWorld, stagesWorld, still } from './world.ts';

const kernels = openKernels({ threads: 1 });
let world: StagesWorld;
beforeAll(async () => {
  world = await stagesWorld(kernels);
});
afterAll(async () => {
  world.remove();
  await kernels.close();
});

/** Time goes on by what is worked, and no timer ever fires: nothing has the thread but the work. */
function workedClock(): Clock & { work(ms: number): void } {
  let now = 1000;
  return {
    now: () => now,
    after: () => ({ cancel() {} }),
    work: (ms) => {
      now += ms;
    },
  };
}

const many = 2000;
/** As many candidates as that, of the few items that there are; the last is the best. */
const candidates = (): Candidate[] =>
  Array.from({ length: many }, (_, n) => ({ item: n % world.snapshot.items.count, score: -n, from: [] }));

/** By a taste that takes its time for each item. */
function slow(clock: ReturnType<typeof workedClock>, msEach: number, msBefore = 0) {
  const sizes: number[] = [];
  const taste = {
    best: () => ({ ids: [], scores: [] }),
    scores(items: Int32Array) {
      if (sizes.length === 0) clock.work(msBefore);
      clock.work(msEach * items.length);
      sizes.push(items.length);
      return Float64Array.from(items, (item) => item);
    },
  };
  const ready = world.pipelines({}).ready(world.served, 'default');
  const context = contextOf(ready, { pipeline: 'default', limit: 10, since: [], seed: '', taste });
  const all = Int32Array.from({ length: world.snapshot.items.count }, (_, item) => item);
  const other = { pairs: undefined, fromOwn: all, knows: () => ({ taste }) };
  const rankers: readonly Ranker[] = [byEmbedding(ready.data), byVersion(() => other as never, true)];
  return { sizes, context, rankers };
}

describe('the deadline of ranking', () => {
  for (const n of [0, 1]) {
    it(`ends the work of ranker ${n} within a batch of it`, async () => {
      const clock = workedClock();
      const { sizes, context, rankers } = slow(clock, 0.5);
      const given = candidates();
      const ranked = await rankWithin(rankers[n]!, given, context, 50, clock);
      expect(ranked).toEqual({ candidates: given, degraded: 'ranking', note: 'not ranked within 50 ms' });
      // 100 pairs in 50 ms, in batches that are not so large that one would take as long again.
      const done = sizes.reduce((sum, size) => sum + size, 0);
      expect(done).toBeGreaterThanOrEqual(100);
      expect(done).toBeLessThan(140);
    });

    it(`counts what ranker ${n} does before its first batch`, async () => {
      const clock = workedClock();
      const { sizes, context, rankers } = slow(clock, 0, 60);
      const given = candidates();
      expect(await rankWithin(rankers[n]!, given, context, 50, clock)).toMatchObject({ degraded: 'ranking' });
      expect(sizes).toHaveLength(1);
    });

    it(`gives ranker ${n} few turns where scores cost little`, async () => {
      const clock = workedClock();
      const { sizes, context, rankers } = slow(clock, 0.001);
      const ranked = await rankWithin(rankers[n]!, candidates(), context, 50, clock);
      expect(ranked.degraded).toBeUndefined();
      expect(ranked.candidates).toHaveLength(many);
      const scores = ranked.candidates.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      expect(sizes.length).toBeLessThan(10);
    });
  }

  it('is passed by what is there, but too late', async () => {
    const given = candidates().slice(0, 3);
    const ready = world.pipelines({}).ready(world.served, 'default');
    const context = contextOf(ready, { user: 'ann', pipeline: 'default', limit: 3, since: [], seed: '' });
    for (const [ms, isLate] of [
      [50, false],
      [51, true],
    ] as const) {
      const clock = workedClock();
      const holding: Ranker = {
        name: 'holding',
        async rank(each) {
          clock.work(ms);
          return { candidates: each.toReversed() };
        },
      };
      const ranked = await rankWithin(holding, given, context, 50, clock);
      expect(ranked.degraded).toBe(isLate ? 'ranking' : undefined);
      expect(ranked.candidates).toEqual(isLate ? given : given.toReversed());
    }
  });
});

describe('a version of weights between items', () => {
  it('sums them once for all candidates of a user', async () => {
    const { vectors: _, contributions: __, ...result } = plantedResult(world.snapshot);
    const { count } = world.snapshot.items;
    // Each item leads to all, the more the greater both are.
    const itemWeights: ItemWeights = {
      rows: count,
      cols: count,
      offsets: Int32Array.from({ length: count + 1 }, (_, item) => item * count),
      indices: Int32Array.from({ length: count * count }, (_, entry) => entry % count),
      weights: Float32Array.from({ length: count * count }, (_, entry) => Math.floor(entry / count) + (entry % count)),
    };
    const { id } = await publish(world.home, { ...result, itemWeights });
    const served = serveVersion(loadVersion(world.home, id), kernels);
    const ready = world.pipelines({}).ready(served, 'default');
    const context = contextOf(ready, { user: 'ann', pipeline: 'default', limit: 3, since: [], seed: '' });
    const sums = vi.spyOn(WeightScores.prototype, 'sum');
    const { candidates: ranked } = await rankWithin(byEmbedding(ready.data), candidates(), context, 50, still);
    expect(sums.mock.calls.length).toBe(1);
    sums.mockRestore();
    const done = served.liked('ann');
    for (const { item, score } of ranked)
      expect(score).toBe(done.reduce((sum, from) => sum + itemWeights.weights[from * count + item]!, 0));
    // Another user's are her own, and what is like an item is nobody's.
    const best = () => [served.similar('d1', { limit: 1 })[0]!.score, served.score('bob', 'd4').item.score];
    expect(best()).toEqual(best());
    expect(served.score('ann', 'd4').item.score).not.toBe(served.score('bob', 'd4').item.score);
    served.dispose();
  });
});
