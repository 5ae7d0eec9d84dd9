import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Csr } from '../../src/compute/csr.ts';
import {
  bestOfLanes,
  bipartiteGraph,
  filterLanes,
  invertLanes,
  type LaneBlocks,
  laneBlocks,
  laneRows,
  lanes,
  multiplyLanes,
  releaseGraph,
} from '../../src/compute/lanes.ts';
import { openKernels } from '../../src/compute/open.ts';
import { bestVariant, type KernelVariant } from '../../src/compute/pool.ts';
import * as reference from '../../src/compute/reference/lanes.ts';
import { RandomStream } from '../../src/random.ts';

// Every build that this runtime can run, on one thread and on three.
const variants: KernelVariant[] = bestVariant() === 'relaxed' ? ['baseline', 'relaxed'] : ['baseline'];
const pools = variants.flatMap((variant) => [1, 3].map((threads) => openKernels({ threads, variant })));
afterAll(() => Promise.all(pools.map((kernels) => kernels.close())));

function graphOf(seed: number, rows: number, cols: number, density: number): Csr {
  const stream = new RandomStream(seed, 'lanes');
  const offsets = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) if (stream.uniform() < density) indices.push(c);
    offsets[r + 1] = indices.length;
  }
  return { rows, cols, offsets, indices: Int32Array.from(indices) };
}
const draw = (seed: number, length: number): Float32Array => {
  const stream = new RandomStream(seed, 'numbers');
  return Float32Array.from({ length }, () => stream.normal());
};
/** Column q of lane blocks. */
const columnOf = ({ rows, pitch, values }: LaneBlocks, q: number): number[] =>
  Array.from({ length: rows }, (_, r) => values[(Math.floor(q / lanes) * pitch + r) * lanes + (q % lanes)]!);

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const size = fc.integer({ min: 1, max: 40 });
const runs = { numRuns: 20 };

describe.each(pools.map((kernels) => ({ kernels, name: `${kernels.variant}, ${kernels.threads} threads` })))(
  'lanes ($name)',
  ({ kernels }) => {
    it('filter histories as dense matrices do', () => {
      fc.assert(
        fc.property(
          seeds,
          size,
          size,
          fc.integer({ min: 0, max: 40 }),
          fc.integer({ min: 1, max: 9 }),
          (seed, users, items, count, order) => {
            const train = graphOf(seed, users, items, 0.2);
            const histories = graphOf(seed + 1, count, items, 0.1);
            const graph = bipartiteGraph(kernels, train);
            const [coefficients, pre, post] = [order + 1, items, items].map((length, n) =>
              kernels.put(draw(seed + n, length)),
            );
            const filter = { coefficients: coefficients!, end: 0.8, pre: pre!, post: post! };
            const scores = laneBlocks(kernels, items, count);
            scores.values.fill(2);
            filterLanes(kernels, graph, filter, histories, scores, false);
            filterLanes(kernels, graph, filter, histories, scores, true);
            const expected = reference.filterLanes(train, filter, histories);
            for (let q = 0; q < count; q++)
              for (const [i, score] of columnOf(scores, q).entries()) {
                const exact = 2 * expected[i * count + q]!;
                expect(Math.abs(score - exact)).toBeLessThan(0.005 + 1e-5 * Math.abs(exact));
              }
            kernels.release(coefficients, pre, post, scores.values);
            releaseGraph(kernels, graph);
          },
        ),
        runs,
      );
    });

    it('invert as elimination does', () => {
      fc.assert(
        fc.property(seeds, size, size, (seed, users, items) => {
          const train = graphOf(seed, users, items, 0.2);
          const graph = bipartiteGraph(kernels, train);
          const x = laneBlocks(kernels, items, Math.min(items, 20));
          const lambda = Float32Array.from({ length: items }, (_, i) => 3 + (i % 4));
          const expected = reference.ridgeInverse(train, lambda);
          for (let first = 0; first < items; first += x.columns) {
            const steps = invertLanes(kernels, graph, { lambda, tolerance: 1e-6, most: 100 }, first, x);
            expect(Math.max(...steps)).toBeLessThan(100);
            for (let q = 0; q < Math.min(x.columns, items - first); q++)
              for (const [i, value] of columnOf(x, q).entries())
                expect(value).toBeCloseTo(expected[i * items + first + q]!, 5);
          }
          kernels.release(x.values);
          releaseGraph(kernels, graph);
        }),
        runs,
      );
    });

    it('multiply and find the best as sorting does', () => {
      fc.assert(
        fc.property(
          seeds,
          size,
          fc.integer({ min: 0, max: 40 }),
          size,
          fc.boolean(),
          (seed, items, count, k, magnitude) => {
            const dim = 8;
            const rounded = (length: number, n: number) => draw(seed + n, length).map((value) => Math.round(value)); // ties
            const [rows, queries] = [rounded(items * dim, 1), rounded(count * dim, 2)];
            const [padded, asked] = [laneRows(kernels, rows, dim), kernels.put(queries)];
            const scores = laneBlocks(kernels, items, count);
            multiplyLanes(kernels, padded, asked, dim, scores);
            const exclude = graphOf(seed + 3, count, items, 0.2);
            const columns = Array.from({ length: count }, (_, q) => columnOf(scores, q));
            const found = bestOfLanes(kernels, scores, count, k, { exclude, magnitude });
            for (const [q, column] of columns.entries()) {
              const left = new Set(exclude.indices.subarray(exclude.offsets[q], exclude.offsets[q + 1]));
              const order = (score: number) => (magnitude ? Math.abs(score) : score);
              const ranked = column
                .map((score, item) => ({ item, score }))
                .filter(({ item, score }) => !left.has(item) && !(magnitude && score === 0))
                .sort((a, b) => order(b.score) - order(a.score) || a.item - b.item)
                .slice(0, k);
              for (const [item, score] of column.entries()) {
                let dot = 0;
                for (let d = 0; d < dim; d++) dot += rows[item * dim + d]! * queries[q * dim + d]!;
                expect(score).toBe(dot + 0);
              }
              const ids = [...found.ids.subarray(q * k, (q + 1) * k)].filter((id) => id >= 0);
              expect(ids).toEqual(ranked.map(({ item }) => item));
              expect([...found.scores.subarray(q * k, q * k + ids.length)]).toEqual(ranked.map(({ score }) => score));
            }
            kernels.release(padded, asked, scores.values);
          },
        ),
        runs,
      );
    });
  },
);
