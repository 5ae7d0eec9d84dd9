import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Csr } from '../../src/compute/csr.ts';
import { openKernels } from '../../src/compute/open.ts';
import { RandomStream } from '../../src/random.ts';
import { evaluate, popularity, RankingMetrics, vectorRanker } from '../../src/training/metrics.ts';

const kernels = openKernels({ threads: 2 });
afterAll(() => kernels.close());

/** Each metric once more, from its definition over sets and lists, sharing nothing with the program. */
function independent(ranked: readonly number[], relevant: ReadonlySet<number>, k: number): Record<string, number> {
  const top = ranked.slice(0, k);
  const hits = top.map((item) => relevant.has(item));
  const found = hits.filter(Boolean).length;
  const precisionAt = (n: number) => hits.slice(0, n).filter(Boolean).length / n;
  const dcg = hits.map((hit, r) => (hit ? Math.LN2 / Math.log(r + 2) : 0)).reduce((a, b) => a + b, 0);
  const best = Array.from({ length: Math.min(k, relevant.size) }, (_, r) => Math.LN2 / Math.log(r + 2)).reduce(
    (a, b) => a + b,
    0,
  );
  return {
    recall: found / relevant.size,
    precision: found / k,
    ndcg: dcg / best,
    map: hits.map((hit, r) => (hit ? precisionAt(r + 1) : 0)).reduce((a, b) => a + b, 0) / Math.min(k, relevant.size),
    mrr: hits.includes(true) ? 1 / (hits.indexOf(true) + 1) : 0,
    hit: found > 0 ? 1 : 0,
  };
}

describe('ranking metrics', () => {
  it('are what a hand can compute', () => {
    const metrics = new RankingMetrics([3]);
    metrics.add(Int32Array.of(7, 2, 9), Int32Array.of(2, 5)); // one hit, at rank 2
    metrics.add(Int32Array.of(1, 2, 3), Int32Array.of()); // no relevant items: takes no part
    const ndcg = 1 / Math.log2(3) / (1 + 1 / Math.log2(3));
    expect(metrics.result()).toEqual({
      'recall@3': 1 / 2,
      'precision@3': 1 / 3,
      'ndcg@3': ndcg,
      'map@3': 1 / 4,
      'mrr@3': 1 / 2,
      'hit@3': 1,
    });
  });

  it('agree with an independent computation on random rankings', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 30 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 35 }),
        (ranked, relevant, k) => {
          const metrics = new RankingMetrics([k]);
          metrics.add(Int32Array.from(ranked), Int32Array.from(relevant).sort());
          const expected = independent(ranked, new Set(relevant), k);
          for (const [name, value] of Object.entries(metrics.result()))
            expect(value).toBeCloseTo(expected[name.split('@')[0]!]!, 12);
        },
      ),
    );
  });

  it('full ranking leaves out what is excluded and averages over users who have something to find', async () => {
    const stream = new RandomStream(8, 'full ranking');
    const [users, items, dim, at] = [300, 500, 16, [5, 20]];
    const random = (density: number): Csr => {
      const offsets = new Int32Array(users + 1);
      const indices: number[] = [];
      for (let u = 0; u < users; u++) {
        for (let i = 0; i < items && u % 7 !== 0; i++) if (stream.uniform() < density) indices.push(i);
        offsets[u + 1] = indices.length;
      }
      return { rows: users, cols: items, offsets, indices: Int32Array.from(indices) };
    };
    const [exclude, relevant] = [random(0.05), random(0.02)];
    const floats = (length: number) => Float32Array.from({ length }, () => stream.normal());
    const vectors = { dim, users: floats(users * dim), items: floats(items * dim) };
    const found = await evaluate(vectorRanker(kernels, vectors), exclude, relevant, at);
    const sums = new Map<string, number>();
    let asked = 0;
    for (let u = 0; u < users; u++) {
      const wanted = new Set(relevant.indices.subarray(relevant.offsets[u]!, relevant.offsets[u + 1]!));
      if (wanted.size === 0) continue;
      asked++;
      const out = new Set(exclude.indices.subarray(exclude.offsets[u]!, exclude.offsets[u + 1]!));
      const score = (i: number) =>
        Array.from({ length: dim }, (_, d) => vectors.users[u * dim + d]! * vectors.items[i * dim + d]!).reduce(
          (a, b) => a + b,
          0,
        );
      const ranked = Array.from({ length: items }, (_, i) => i)
        .filter((i) => !out.has(i))
        .map((i) => [i, score(i)] as const)
        .sort((a, b) => b[1] - a[1])
        .map(([i]) => i);
      for (const k of at)
        for (const [name, value] of Object.entries(independent(ranked, wanted, k)))
          sums.set(`${name}@${k}`, (sums.get(`${name}@${k}`) ?? 0) + value);
    }
    expect(Object.keys(found)).toHaveLength(12);
    for (const [name, sum] of sums) expect(found[name]).toBeCloseTo(sum / asked, 9);
  });

  it('the popularity baseline ranks by how many have an item', async () => {
    const train = { rows: 3, cols: 3, offsets: Int32Array.of(0, 2, 3, 4), indices: Int32Array.of(0, 1, 1, 2) };
    const relevant = { rows: 3, cols: 3, offsets: Int32Array.of(0, 0, 0, 1), indices: Int32Array.of(1) };
    expect((await evaluate(vectorRanker(kernels, popularity(train)), train, relevant, [1]))['hit@1']).toBe(1);
  });
});
