/** What the sieve lets through is what the scan of all rows finds, to the bit; what it cannot prove it does not answer. */
import { afterAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../../src/compute/open.ts';
import { RandomStream } from '../../../src/random.ts';
import { openSieve } from '../../../src/serving/index/sieve.ts';
import { bitmapOf } from '../../../src/serving/index/vectorIndex.ts';

const kernels = openKernels({ threads: 1 });
afterAll(() => kernels.close());
const count = 3000;
const queryCount = 40;

const tables: Readonly<Record<string, (stream: RandomStream, dim: number) => Float32Array>> = {
  'rows of all lengths': (stream, dim) =>
    Float32Array.from({ length: count * dim }, (_, at) => (stream.uniform() - 0.5) / (1 + (Math.floor(at / dim) % 50))),
  'rows that are there many times': (stream, dim) => {
    const few = Float32Array.from({ length: 20 * dim }, () => stream.uniform() - 0.3);
    return Float32Array.from({ length: count * dim }, (_, at) => few[(Math.floor(at / dim) % 20) * dim + (at % dim)]!);
  },
  'rows of zeros but for some': (stream, dim) =>
    Float32Array.from({ length: count * dim }, (_, at) => (Math.floor(at / dim) % 97 === 0 ? stream.uniform() : 0)),
};

describe.each(Object.keys(tables))('the sieve over %s', (name) => {
  it.each([8, 13, 64])('of width %i', (dim) => {
    const stream = new RandomStream(5, name, String(dim));
    const rows = tables[name]!(stream, dim);
    const packed = kernels.packRows(rows, dim);
    const sieve = openSieve(rows, packed, kernels);
    const excluded = Int32Array.from({ length: 50 }, (_, n) => n * 31);
    const exclude = { rows: 1, cols: count, offsets: Int32Array.of(0, 50), indices: excluded };
    const half = bitmapOf(
      Array.from({ length: count / 2 }, (_, n) => 2 * n),
      count,
    );
    const few = bitmapOf([3, 4, 500, 2999], count);
    let proven = 0;
    for (let q = 0; q < queryCount; q++) {
      const query = Float32Array.from({ length: dim }, () => stream.uniform() - 0.5);
      for (const limits of [{}, { exclude }, { allowed: half }, { exclude, allowed: few }]) {
        const best = sieve.best(query, 10, limits);
        if (!best) continue;
        proven++;
        const { exclude: out, allowed } = { exclude: undefined, allowed: undefined, ...limits };
        expect(best).toEqual(kernels.topK(query, packed, 10, out, allowed));
      }
    }
    // Of rows that are there many times none is left out for certain.
    if (name === 'rows of all lengths') expect(proven).toBeGreaterThan(queryCount);
    sieve.dispose();
    kernels.release(packed.panels);
  });
});

it('the sieve of wide questions answers nothing', () => {
  const rows = new Float32Array(1000 * 8).fill(1);
  const packed = kernels.packRows(rows, 8);
  const sieve = openSieve(rows, packed, kernels);
  expect(sieve.best(new Float32Array(8).fill(1), 600, {})).toBeUndefined();
  sieve.dispose();
  kernels.release(packed.panels);
});
