import { afterAll, expect, it } from 'vitest';
import { globalNorm } from '../../src/compute/clipping.ts';
import { openKernels } from '../../src/compute/open.ts';
import { RandomStream } from '../../src/random.ts';
import { DenseParameters } from '../../src/training/parameters.ts';
import { EmbeddingStore } from '../../src/training/store.ts';

const pools = [1, 2, 3].map((threads) => openKernels({ threads }));
const kernels = pools[1]!;
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

const draw = (seed: number, length: number) => {
  const stream = new RandomStream(seed);
  return Float32Array.from({ length }, () => stream.normal());
};

it('is the length of all gradients together, with the same bits on any number of threads', () => {
  const gradients = [draw(1, 9000), draw(2, 3), new Float32Array(0), draw(3, 4097)];
  const expected = Math.hypot(...gradients.map((gradient) => Math.sqrt(gradient.reduce((sum, x) => sum + x * x, 0))));
  const found = pools.map((pool) => globalNorm(pool, gradients, 10));
  expect(found[0]!.norm).toBeCloseTo(expected, 6);
  expect(found[0]!.scale).toBeCloseTo(10 / expected, 9);
  for (const other of found) expect(other).toEqual(found[0]);
  expect(globalNorm(kernels, gradients, 1e6).scale).toBe(1);
  expect(globalNorm(kernels, [], 1)).toEqual({ norm: 0, scale: 1 });
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])('a gradient of %d is not hidden', (wrong) => {
  const { norm, scale } = globalNorm(kernels, [draw(1, 100), Float32Array.of(1, wrong)], 1);
  expect(norm).toBe(wrong);
  expect(scale).toBeNaN();
});

it('a clipped step of rows and dense parameters together is as long as the limit', () => {
  const store = new EmbeddingStore(kernels, 1);
  const parameters = new DenseParameters(kernels, 1);
  const table = store.table('t', { rows: 50, dim: 3, optimizer: { kind: 'sgd' } }, { kind: 'zeros' });
  const { values } = parameters.add('w', [20], 'zeros', { kind: 'sgd' });
  const [rows, dense] = [draw(4, 12), draw(5, 20)];
  const { norm, scale } = globalNorm(kernels, [rows, dense], 0.5);
  expect(norm).toBeGreaterThan(0.5);
  const ids = Int32Array.of(3, 7, 20, 49);
  table.apply(ids, rows, { learningRate: 1, step: 1, scale });
  parameters.apply('w', dense, { learningRate: 1, step: 1, scale });
  const moved = new Float32Array(12);
  table.gather(ids, moved);
  expect(Math.hypot(...moved, ...values)).toBeCloseTo(0.5, 6);
  store.dispose();
  parameters.dispose();
});
