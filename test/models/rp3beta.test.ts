import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Csr } from '../../src/compute/csr.ts';
import { openKernels } from '../../src/compute/open.ts';
import { attributorOf } from '../../src/explain/attribution.ts';
import { steady } from '../../src/models/model.ts';
import { BestOf } from '../../src/models/neighbor/itemWeights.ts';
import { rp3beta } from '../../src/models/neighbor/rp3beta.ts';
import { optionGroups } from '../../src/options.ts';
import { silent } from '../../src/progress.ts';
import { RandomStream } from '../../src/random.ts';
import { SnapshotBuilder } from '../../src/sampling/builder.ts';
import { BatchFeed } from '../../src/sampling/feed.ts';
import { entryOf } from '../../src/sampling/meetings.ts';
import { splitSnapshot } from '../../src/sampling/split.ts';
import { writeSnapshot } from '../../src/sampling/store.ts';
import { loadVersion } from '../../src/serving/published.ts';
import { openRecommender } from '../../src/serving/recommender.ts';
import { publish } from '../../src/serving/versions.ts';
import { DenseParameters } from '../../src/training/parameters.ts';
import { runTraining } from '../../src/training/run.ts';
import { EmbeddingStore } from '../../src/training/store.ts';

const home = mkdtempSync(join(tmpdir(), 'tastegraph-rp3beta-'));
const kernels = openKernels({ threads: 1 });
afterAll(async () => {
  await kernels.close();
  rmSync(home, { recursive: true, force: true });
});
/** Even users like some of the even items, odd users of the odd ones. */
const snapshot = (() => {
  const builder = new SnapshotBuilder();
  const stream = new RandomStream(8, 'likes');
  const name = (kind: string, number: number) => `${kind}${String(number).padStart(2, '0')}`;
  for (let user = 0; user < 30; user++) {
    for (let item = user % 2; item < 24; item += 2) {
      if (stream.uniform() > 0.6) continue;
      builder.add({ kind: 'interaction', user: name('u', user), item: name('i', item), type: 'like', at: 0, value: 1 });
    }
  }
  return builder.build({ asOf: 0, source: 'generated' });
})();
const signal = new AbortController().signal;

async function weightsOf(train: Csr, options: object) {
  const context = { snapshot, train, seed: 1, kernels, pace: steady, feed: new BatchFeed({ snapshot, train }) };
  const [store, parameters] = [new EmbeddingStore(kernels, 1), new DenseParameters(kernels, 1)];
  const model = rp3beta.create({ ...context, store, parameters, options: rp3beta.options.parse(options) });
  await model.fit!(silent, signal);
  return model.itemWeights!();
}

/** (item → user)^α (user → item)^α / d^β, for all pairs of items. */
function walksOf(train: Csr, alpha: number, beta: number): number[][] {
  const rated = Array.from({ length: train.rows }, (_, user) =>
    Array.from({ length: train.cols }, (_, item) => (entryOf(train, user, item) >= 0 ? 1 : 0)),
  );
  const ofUser = rated.map((row) => row.reduce<number>((sum, value) => sum + value, 0));
  const ofItem = Array.from({ length: train.cols }, (_, item) => rated.reduce((sum, row) => sum + row[item]!, 0));
  const items = Array.from({ length: train.cols }, (_, item) => item);
  return items.map((from) =>
    items.map((to) => {
      let walked = 0;
      for (const [user, row] of rated.entries())
        walked += (row[from]! / ofItem[from]!) ** alpha * (row[to]! / ofUser[user]!) ** alpha;
      return from === to ? 0 : walked / ofItem[to]! ** beta;
    }),
  );
}

describe('RP3beta', () => {
  const train = snapshot.relation('user-item');

  it('has the weights of walks of three steps, by dense matrices', async () => {
    const [alpha, beta] = [0.8, 0.4];
    const weights = await weightsOf(train, { alpha, beta, neighbours: 1000 });
    const dense = walksOf(train, alpha, beta);
    for (let from = 0; from < train.cols; from++) {
      for (let to = 0; to < train.cols; to++) {
        const found = entryOf(weights, from, to);
        expect(found < 0 ? 0 : weights.weights[found]).toBeCloseTo(dense[from]![to]!, 6);
      }
    }
  });

  it('keeps the largest of each column', async () => {
    const [all, few] = [await weightsOf(train, { neighbours: 1000 }), await weightsOf(train, { neighbours: 3 })];
    const column = ({ rows, offsets, indices, weights }: typeof all, item: number) =>
      Array.from({ length: rows }, (_, row) => row)
        .flatMap((row) => {
          const at = indices.subarray(offsets[row], offsets[row + 1]).indexOf(item);
          return at < 0 ? [] : [weights[offsets[row]! + at]!];
        })
        .sort((a, b) => b - a);
    for (let item = 0; item < train.cols; item++) expect(column(few, item)).toEqual(column(all, item).slice(0, 3));
  });

  it.each([4, 1000])('is normalised where that is asked for: the %i largest of each row sum to 1', async (most) => {
    const weights = await weightsOf(train, { alpha: 0.8, beta: 0.1, neighbours: most, normalised: true });
    const kept = walksOf(train, 0.8, 0.1).map((row) => {
      const least = row.toSorted((a, b) => b - a)[most - 1] ?? 0;
      const large = row.map((value) => (value >= least ? value : 0));
      const sum = large.reduce((total, value) => total + value, 0);
      return large.map((value) => value / sum);
    });
    for (let to = 0; to < train.cols; to++) {
      const column = kept.map((row) => row[to]!);
      const least = column.toSorted((a, b) => b - a)[most - 1] ?? 0;
      for (const [from, value] of column.entries()) {
        const found = entryOf(weights, from, to);
        expect(found < 0 ? 0 : weights.weights[found]).toBeCloseTo(value >= least ? value : 0, 6);
      }
    }
  });

  it('is fitted, judged, published, served and explained', async () => {
    const split = splitSnapshot(snapshot, optionGroups.splitting.parse({ seed: 2 }));
    const result = await runTraining({
      definition: rp3beta,
      modelOptions: {},
      snapshot,
      split,
      options: { ...optionGroups.training.parse({ metricsAt: [3] }), seed: 2 },
      kernels,
      checkpoints: join(home, 'checkpoints'),
      report: silent,
      signal,
    });
    expect(result.test['recall@3']).toBeGreaterThan(1.5 * result.popularity['recall@3']!);
    expect(result).toMatchObject({ epochs: 1, curve: [{ epoch: 1, valid: result.valid }] });
    writeSnapshot(home, snapshot);
    await publish(home, result);
    const loaded = loadVersion(home);
    expect(loaded.itemWeights).toEqual(result.itemWeights);
    const recommender = openRecommender(home, kernels, { pollMs: 0 });
    const attributor = attributorOf(loaded)!;
    for (const user of [0, 1, 7]) {
      const { items } = recommender.recommend(snapshot.users.id(user), { limit: 3 });
      expect(items.length).toBeGreaterThan(0);
      for (const { id, score } of items) {
        const item = snapshot.items.index(id)!;
        expect(item % 2).toBe(user % 2); // what they have met none of is of the other colour
        const { parts, score: summed } = attributor.attribute(user, item);
        expect(summed).toBeCloseTo(score, 5);
        expect(parts.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(score, 5);
      }
    }
    const alike = recommender.similar(snapshot.items.id(4), { limit: 5 });
    expect(alike.map(({ id }) => snapshot.items.index(id)! % 2)).toEqual([0, 0, 0, 0, 0]);
    recommender.close();
  });
});

describe('BestOf', () => {
  it('keeps what sorting keeps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), fc.integer({ min: 1, max: 8 }), (values, most) => {
        const best = new BestOf(most);
        for (const [id, value] of values.entries()) best.offer(id, value);
        const sorted = [...values.entries()].sort(([i, a], [j, b]) => b - a || i - j).slice(0, most);
        const { ids, values: kept } = best.take();
        expect(ids).toEqual(sorted.map(([id]) => id).sort((a, b) => a - b));
        expect(kept).toEqual(ids.map((id) => values[id]));
      }),
    );
  });
});
