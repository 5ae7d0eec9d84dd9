import { afterAll, describe, expect, it } from 'vitest';
import type { Csr } from '../../src/compute/csr.ts';
import { openKernels } from '../../src/compute/open.ts';
import { ridgeInverse } from '../../src/compute/reference/lanes.ts';
import { attributorOf } from '../../src/explain/attribution.ts';
import { steady } from '../../src/models/model.ts';
import { ease } from '../../src/models/neighbor/ease.ts';
import { WeightScores } from '../../src/models/neighbor/itemWeights.ts';
import { silent } from '../../src/progress.ts';
import { BatchFeed } from '../../src/sampling/feed.ts';
import { entryOf } from '../../src/sampling/meetings.ts';
import { loadVersion } from '../../src/serving/published.ts';
import { openRecommender } from '../../src/serving/recommender.ts';
import { DenseParameters } from '../../src/training/parameters.ts';
import { EmbeddingStore } from '../../src/training/store.ts';
import { trainPlanted, twoTastes } from './published.ts';

const kernels = openKernels({ threads: 2 });
afterAll(() => kernels.close());
const snapshot = twoTastes({ noise: 0.2 });

async function weightsOf(train: Csr, options: object) {
  const context = { snapshot, train, seed: 1, kernels, pace: steady, feed: new BatchFeed({ snapshot, train }) };
  const [store, parameters] = [new EmbeddingStore(kernels, 1), new DenseParameters(kernels, 1)];
  const model = ease.create({ ...context, store, parameters, options: ease.options.parse(options) });
  await model.fit!(silent, new AbortController().signal);
  return model.itemWeights!();
}

describe('EASE', () => {
  const train = snapshot.relation('user-item');

  it.each([0, 0.25])('has the weights of the inverse, by elimination, with dropout %f', async (inputDropout) => {
    const before = kernels.used;
    const weights = await weightsOf(train, { ridge: 7, neighbours: 1000, inputDropout });
    const items = train.cols;
    const degrees = Array.from({ length: items }, (_, item) => train.indices.filter((one) => one === item).length);
    const share = inputDropout / (1 - inputDropout);
    const inverse = ridgeInverse(
      train,
      degrees.map((degree) => 7 + share * degree),
    );
    for (let from = 0; from < items; from++) {
      for (let to = 0; to < items; to++) {
        const found = entryOf(weights, from, to);
        const expected = from === to ? 0 : -inverse[from * items + to]! / inverse[to * items + to]!;
        expect(found < 0 ? 0 : weights.weights[found]).toBeCloseTo(expected, 2);
      }
    }
    expect(kernels.used - before).toBeLessThan(2 ** 16); // what kernels keep to work in
  });

  it('keeps the largest of each column, of either sign', async () => {
    const sizes = ({ rows, offsets, indices, weights }: Awaited<ReturnType<typeof weightsOf>>, item: number) =>
      Array.from({ length: rows }, (_, row) => row)
        .flatMap((row) => {
          const at = indices.subarray(offsets[row], offsets[row + 1]).indexOf(item);
          return at < 0 ? [] : [Math.abs(weights[offsets[row]! + at]!)];
        })
        .sort((a, b) => b - a);
    const [all, few] = [await weightsOf(train, { neighbours: 1000 }), await weightsOf(train, { neighbours: 5 })];
    expect(all.weights.some((weight) => weight < 0)).toBe(true);
    for (let item = 0; item < train.cols; item++) expect(sizes(few, item)).toEqual(sizes(all, item).slice(0, 5));
  });

  it('is fitted, judged, published, served and explained', async () => {
    const { home, result, remove } = await trainPlanted(ease, snapshot, kernels, { ridge: 5 });
    expect(result.test['recall@3']).toBeGreaterThan(1.4 * result.popularity['recall@3']!);
    const recommender = openRecommender(home, kernels, { pollMs: 0 });
    const attributor = attributorOf(loadVersion(home))!;
    for (const user of [0, 1, 7]) {
      const { items } = recommender.recommend(snapshot.users.id(user), { limit: 1 });
      const item = snapshot.items.index(items[0]!.id)!;
      expect(item % 2).toBe(user % 2); // of their colour
      const { parts } = attributor.attribute(user, item);
      expect(parts.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(items[0]!.score, 5);
    }
    recommender.close();
    remove();
  });
});

describe('WeightScores', () => {
  it('lists an item once, also where weights cancel on the way', () => {
    // 0 → 3: 1, 1 → 3: −1, 2 → 3: 2.
    const offsets = Int32Array.of(0, 1, 2, 3, 3);
    const weights = { rows: 4, cols: 4, offsets, indices: Int32Array.of(3, 3, 3), weights: Float32Array.of(1, -1, 2) };
    const scores = new WeightScores(weights);
    expect(scores.sum(Int32Array.of(0, 1, 2)).best(5, [])).toEqual([3]);
    expect(scores.of(3)).toBe(2);
    expect(scores.sum(Int32Array.of(1)).best(5, [])).toEqual([3]);
  });
});
