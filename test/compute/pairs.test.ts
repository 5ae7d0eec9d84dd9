/** Weights between columns beside their plain twins, on every build that this runtime can run, on one thread and on three. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Csr } from '../../src/compute/csr.ts';
import { openKernels } from '../../src/compute/open.ts';
import type { SparseRows } from '../../src/compute/pairs.ts';
import { bestVariant, type KernelVariant } from '../../src/compute/pool.ts';
import * as reference from '../../src/compute/reference/pairs.ts';
import { RandomStream } from '../../src/random.ts';
import { ownMemory } from '../../src/sampling/memory.ts';
import { transpose } from '../../src/sampling/relations.ts';

const variants: KernelVariant[] = bestVariant() === 'relaxed' ? ['baseline', 'relaxed'] : ['baseline'];
const pools = variants.flatMap((variant) => [1, 3].map((threads) => openKernels({ threads, variant })));
afterAll(() => Promise.all(pools.map((kernels) => kernels.close())));

/** Weights of both signs that are multiples of a quarter: sums have no rounding, and many are the same. */
function drawMatrix(stream: RandomStream, rows: number, cols: number, share: number) {
  const offsets = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) if (stream.uniform() < share) indices.push(col);
    offsets[row + 1] = indices.length;
  }
  const weights = Float32Array.from(indices, () => Math.round(8 * stream.uniform() - 4) / 4);
  return { rows, cols, offsets, indices: Int32Array.from(indices), weights } satisfies Csr;
}

const factorsOf = (stream: RandomStream, length: number) =>
  Float64Array.from({ length }, () => Math.round(4 * stream.uniform()) / 4);
const shape = fc.record({
  rows: fc.integer({ min: 0, max: 20 }),
  cols: fc.integer({ min: 1, max: 70 }),
  share: fc.constantFrom(0, 0.05, 0.3, 1),
  most: fc.integer({ min: 1, max: 75 }),
  seed: fc.nat(),
});

/** Row by row, as far as it is filled. */
const written = ({ counts, ids, weights, most }: SparseRows) =>
  Array.from(counts, (count, row) =>
    Array.from({ length: count }, (_, n) => [ids[row * most + n], weights[row * most + n]]),
  );

describe('weights between columns', () => {
  it('that rows bring together, the largest of each', () => {
    fc.assert(
      fc.property(shape, fc.nat(), ({ rows, cols, share, most, seed }, at) => {
        const stream = new RandomStream(seed, 'matrix');
        const a = drawMatrix(stream, rows, cols, share);
        const factors = {
          ofRow: factorsOf(stream, rows),
          ofFrom: factorsOf(stream, cols),
          ofTo: factorsOf(stream, cols),
        };
        const first = at % cols;
        const plain = written(reference.coOccurrence(a, factors, most, first, cols - first));
        for (const kernels of pools) {
          const made = kernels.coOccurrence(a, transpose(a, ownMemory), factors, most, first, cols - first);
          expect(written(made)).toEqual(plain);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('of some rows, scaled, the largest of each', () => {
    fc.assert(
      fc.property(shape, ({ rows, cols, share, most, seed }) => {
        const stream = new RandomStream(seed, 'matrix');
        const w = drawMatrix(stream, rows, cols, share);
        const ofColumn = factorsOf(stream, cols);
        const plain = written(reference.largestOfRows(w, ofColumn, most, 0, rows));
        for (const kernels of pools) expect(written(kernels.largestOfRows(w, ofColumn, most, 0, rows))).toEqual(plain);
      }),
      { numRuns: 60 },
    );
  });

  it('summed over histories, the best that are not left out', () => {
    fc.assert(
      fc.property(shape, ({ rows, cols, share, most, seed }) => {
        const stream = new RandomStream(seed, 'matrix');
        const w = drawMatrix(stream, cols, cols, share);
        const [histories, exclude] = [drawMatrix(stream, rows, cols, 0.2), drawMatrix(stream, rows, cols, 0.3)];
        const plain = reference.topSums(histories, w, most, exclude);
        for (const kernels of pools) expect(kernels.topSums(histories, w, most, exclude)).toEqual(plain);
      }),
      { numRuns: 60 },
    );
  });

  it('leave nothing behind in the kernels’ memory', () => {
    const stream = new RandomStream(1, 'matrix');
    const [a, w] = [drawMatrix(stream, 9, 30, 0.3), drawMatrix(stream, 30, 30, 0.3)];
    const factors = { ofRow: factorsOf(stream, 9), ofFrom: factorsOf(stream, 30), ofTo: factorsOf(stream, 30) };
    for (const kernels of pools) {
      const before = kernels.used;
      kernels.coOccurrence(a, transpose(a, ownMemory), factors, 5, 0, 30);
      kernels.largestOfRows(w, factors.ofTo, 5, 0, 30);
      kernels.topSums(a, w, 5, a);
      expect(kernels.used).toBe(before);
    }
  });
});
