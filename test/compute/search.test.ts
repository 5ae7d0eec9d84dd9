/** Scans for the best rows beside their plain twins, on every build that this runtime can run, on one thread and on three. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Csr } from '../../src/compute/csr.ts';
import type { Kernels, TopK } from '../../src/compute/kernels.ts';
import { openKernels } from '../../src/compute/open.ts';
import { bestVariant, type KernelVariant } from '../../src/compute/pool.ts';
import * as reference from '../../src/compute/reference/search.ts';
import { RandomStream } from '../../src/random.ts';
import { isAllowed } from '../../src/serving/index/vectorIndex.ts';

const variants: KernelVariant[] = bestVariant() === 'relaxed' ? ['baseline', 'relaxed'] : ['baseline'];
const pools = variants.flatMap((variant) => [1, 3].map((threads) => openKernels({ threads, variant })));
afterAll(() => Promise.all(pools.map((kernels) => kernels.close())));

const searches = {
  'rows as they are': {
    plain: reference.topK,
    scan(kernels: Kernels, queries: Float32Array, rows: Float32Array, dim: number, k: number, ...only: Only): TopK {
      const packed = kernels.packRows(rows, dim);
      const found = kernels.topK(queries, packed, k, ...only);
      kernels.release(packed.panels);
      return found;
    },
  },
  'rows as bytes': {
    plain: reference.topBytes,
    scan(kernels: Kernels, queries: Float32Array, rows: Float32Array, dim: number, k: number, ...only: Only): TopK {
      const packed = kernels.packBytes(rows, dim);
      const found = kernels.topBytes(queries, packed, k, ...only);
      kernels.release(packed.panels, packed.scales, packed.shifts);
      return found;
    },
  },
} as const;
type Only = [exclude?: Csr | undefined, allowed?: Int32Array | undefined];

const drawn = (stream: RandomStream, length: number) => Float32Array.from({ length }, () => stream.normal());

function drawExclusions(stream: RandomStream, count: number, rows: number, share: number): Csr {
  const offsets = new Int32Array(count + 1);
  const indices: number[] = [];
  for (let q = 0; q < count; q++) {
    for (let id = 0; id < rows; id++) if (stream.uniform() < share) indices.push(id);
    offsets[q + 1] = indices.length;
  }
  return { rows: count, cols: rows, offsets, indices: Int32Array.from(indices) };
}

/** Rows in runs, so that whole blocks hold none that is allowed; some runs have few, so that single panels have none. */
function drawAllowed(stream: RandomStream, rows: number, share: number): Int32Array {
  const allowed = new Int32Array(Math.ceil(rows / 32));
  for (let id = 0, density = 0; id < rows; id++) {
    if (id % 128 === 0) density = stream.uniform() < share ? (stream.integer(2) === 0 ? 0.5 : 0.1) : 0;
    if (stream.uniform() < density) allowed[id >>> 5]! |= 1 << (id & 31);
  }
  return allowed;
}

describe.each(Object.entries(searches))('%s', (name, { plain, scan }) => {
  it('exclusions, what is allowed, ties by the lower id, more asked than there are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 1500 }),
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 0, max: 2 ** 31 }),
        (count, rows, dim, k, excludes, filters, seed) => {
          const stream = new RandomStream(seed, 'search');
          // Whole numbers: equal scores are exactly equal in any order of summing.
          const numbers = (length: number) =>
            name === 'rows as bytes' ? drawn(stream, length) : drawn(stream, length).map(Math.round);
          const [queries, table] = [numbers(count * dim), numbers(rows * dim)];
          table.fill(0, 0, dim); // a row of zeros has no scale
          if (seed % 3 === 0) queries.fill(0, 0, dim);
          const only: Only = [
            excludes ? drawExclusions(stream, count, rows, 0.3) : undefined,
            filters ? drawAllowed(stream, rows, 0.4) : undefined,
          ];
          const expected = plain(queries, table, dim, k, ...only);
          for (const kernels of pools) expect(scan(kernels, queries, table, dim, k, ...only)).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('few queries, whose rows are shared out among threads', () => {
    const stream = new RandomStream(11, 'search');
    const [rows, dim, k] = [66_001, 4, 12];
    const table = drawn(stream, rows * dim).map((x) => Math.round(2 * x));
    for (const count of [0, 5]) {
      const queries = drawn(stream, count * dim).map((x) => Math.round(2 * x));
      const exclude = drawExclusions(stream, count, rows, 0.002);
      const allowed = drawAllowed(stream, rows, 0.7);
      const expected = plain(queries, table, dim, k, exclude, allowed);
      for (const kernels of pools) expect(scan(kernels, queries, table, dim, k, exclude, allowed)).toEqual(expected);
      const few = allowed.fill(0);
      few[rows >>> 5] = 1 << ((rows - 1) % 32);
      for (const kernels of pools) {
        const { ids } = scan(kernels, queries, table, dim, k, undefined, few);
        for (let q = 0; q < count; q++) expect([...ids.subarray(q * k, q * k + 2)]).toEqual([rows - 1, -1]);
      }
    }
  });
});

it('one query gets to the last bit what it gets among others', () => {
  const stream = new RandomStream(5, 'search');
  const [rows, dim, k] = [1237, 40, 20];
  const table = drawn(stream, rows * dim);
  const queries = drawn(stream, 4 * dim);
  for (const kernels of pools) {
    const packed = kernels.packRows(table, dim);
    const together = kernels.topK(queries, packed, k);
    for (let q = 0; q < 4; q++) {
      const alone = kernels.topK(queries.subarray(q * dim, (q + 1) * dim), packed, k);
      expect(alone.ids).toEqual(together.ids.subarray(q * k, (q + 1) * k));
      expect(alone.scores).toEqual(together.scores.subarray(q * k, (q + 1) * k));
    }
    kernels.release(packed.panels);
  }
});

it('some rows, named in any order, get to the last bit what they get among all', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1500 }),
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 2 ** 31 }),
      (rows, dim, k, isWhole, seed) => {
        const stream = new RandomStream(seed, 'search');
        const numbers = (length: number) => (isWhole ? drawn(stream, length).map(Math.round) : drawn(stream, length));
        const [query, table] = [numbers(dim), numbers(rows * dim)];
        const allowed = drawAllowed(stream, rows, 0.5);
        const ids = [...Array(rows).keys()];
        const among = Int32Array.from(stream.shuffle(ids.map((id) => (isAllowed(allowed, id) ? id : -1))));
        // Whole numbers: equal scores are exactly equal in any order of summing.
        const plain = isWhole ? reference.topAmong(query, table, dim, among, k) : undefined;
        for (const kernels of pools) {
          const packed = kernels.packRows(table, dim);
          const expected = plain ?? kernels.topK(query, packed, k, undefined, allowed);
          expect(kernels.topAmong(query, packed, among, k)).toEqual(expected);
          kernels.release(packed.panels);
        }
      },
    ),
    { numRuns: 40 },
  );
});

it('bytes find nearly all of the best when some more are asked for', () => {
  const stream = new RandomStream(7, 'search');
  const [rows, dim, k] = [3000, 64, 10];
  const table = drawn(stream, rows * dim);
  const queries = drawn(stream, 40 * dim);
  const kernels = pools[0]!;
  const before = kernels.used;
  const packed = kernels.packBytes(table, dim);
  // A fourth of the floats, a scale and a shift.
  expect(kernels.used - before).toBeLessThan(rows * (dim + 8) + 1000);
  const found = kernels.topBytes(queries, packed, 4 * k);
  const best = reference.topK(queries, table, dim, k);
  let hits = 0;
  for (let q = 0; q < 40; q++) {
    const among = new Set(found.ids.subarray(q * 4 * k, (q + 1) * 4 * k));
    for (const id of best.ids.subarray(q * k, (q + 1) * k)) if (among.has(id)) hits++;
  }
  expect(hits).toBeGreaterThanOrEqual(398);
  kernels.release(packed.panels, packed.scales, packed.shifts);
});
