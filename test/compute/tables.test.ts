import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Kernels } from '../../src/compute/kernels.ts';
import { openKernels } from '../../src/compute/open.ts';
import {
  type DenseOptimizer,
  type OptimizerState,
  type OptimizerStep,
  type RowOptimizer,
  stateOf,
} from '../../src/compute/optimizers.ts';
import { bestVariant, type KernelVariant } from '../../src/compute/pool.ts';
import * as reference from '../../src/compute/reference/tables.ts';
import { packageRoot } from '../../src/package.ts';
import { RandomStream } from '../../src/random.ts';

// Every build that this runtime can run, on one thread and on more.
const variants: KernelVariant[] = bestVariant() === 'relaxed' ? ['baseline', 'relaxed'] : ['baseline'];
const pools = variants.flatMap((variant) => [1, 2, 3].map((threads) => openKernels({ threads, variant })));
afterAll(() => Promise.all(pools.map((kernels) => kernels.close())));

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const dims = fc.integer({ min: 1, max: 37 });
const rowOptimizers: readonly RowOptimizer[] = [
  { kind: 'adam' },
  { kind: 'adam', rowSteps: true, beta2: 0.99 },
  { kind: 'adagrad', initial: 0.1 },
  { kind: 'sgd' },
  { kind: 'sgd', momentum: 0.9 },
];

function expectClose(found: Float32Array, expected: Float32Array, tolerance = 2e-5): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!);
    if (!(difference <= tolerance * (1 + Math.abs(expected[i]!))))
      expect.fail(`[${i}] is ${found[i]}, not ${expected[i]}`);
  }
}

/** Each pool must agree with the twin, and all of them with each other to the last bit: nothing here is fused. */
function agree(expected: Float32Array, run: (kernels: Kernels) => Float32Array, tolerance?: number): void {
  let first: Float32Array | undefined;
  for (const kernels of pools) {
    const found = run(kernels).slice();
    expectClose(found, expected, tolerance);
    first ??= found;
    expect(found).toEqual(first);
  }
}

/** Random parameters with the state that the optimizer keeps, before the first step or after some. */
function drawState(stream: RandomStream, optimizer: DenseOptimizer, rows: number, dim: number): OptimizerState {
  const draw = () => Float32Array.from({ length: rows * dim }, () => stream.normal());
  const kept = stateOf(optimizer);
  return {
    parameters: draw(),
    first: kept.includes('first') ? draw() : undefined,
    second: kept.includes('second') ? draw().map(Math.abs) : undefined,
    steps: kept.includes('steps') ? Int32Array.from({ length: rows }, () => stream.integer(9)) : undefined,
  };
}

const flat = ({ parameters, first = [] as never, second = [] as never, steps = [] as never }: OptimizerState) =>
  Float32Array.from([...parameters, ...first, ...second, ...steps]);

function copyOf(state: OptimizerState, kernels?: Kernels): OptimizerState {
  const copy = <A extends Float32Array | Int32Array>(array: A): A =>
    kernels ? kernels.put(array) : (array.slice() as A);
  return {
    parameters: copy(state.parameters),
    first: state.first && copy(state.first),
    second: state.second && copy(state.second),
    steps: state.steps && copy(state.steps),
  };
}

function release(kernels: Kernels, { parameters, first, second, steps }: OptimizerState): void {
  kernels.release(parameters, first, second, steps);
}

describe('distinct ids', () => {
  it('are ascending, with the place and the positions of each, for any number of rows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.constantFrom(1, 2, 100, 5000, 10_000_000, 2 ** 31 - 1),
        seeds,
        (n, below, seed) => {
          const stream = new RandomStream(seed);
          const ids = Int32Array.from({ length: n }, () => stream.integer(below));
          const expected = reference.distinctIds(ids);
          for (const kernels of pools) {
            const { rows, places, starts, order } = kernels.distinctIds(kernels.hold('test ids', ids), below);
            expect(new Int32Array(rows)).toEqual(expected.rows);
            expect(new Int32Array(places)).toEqual(expected.places);
            const groups = Array.from(rows, (_, o) => [...order.subarray(starts[o], starts[o + 1])]);
            expect(groups).toEqual(Array.from(rows, (row) => [...ids.keys()].filter((p) => ids[p] === row)));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('the largest is found wherever it stands, a negative one above all', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 50 }), (list) => {
        const kernels = pools[0]!;
        const expected = list.length === 0 ? -1 : Math.max(...list.map((id) => id >>> 0));
        expect(kernels.largestId(kernels.hold('test ids', Int32Array.from(list)))).toBe(expected);
      }),
    );
  });
});

describe.each(rowOptimizers)('optimizer of rows: %o', (optimizer) => {
  it('agrees with its twin on any number of threads, with repeated ids, scaling, clipping and L2', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 150 }),
        dims,
        seeds,
        fc.boolean(),
        fc.constantFrom(0, 0.5, 2),
        (n, rows, dim, seed, repeats, clip) => {
          const stream = new RandomStream(seed);
          const table = drawState(stream, optimizer, rows, dim);
          const drawn = Int32Array.from({ length: n }, () => stream.integer(rows));
          const ids = repeats ? drawn : Int32Array.from(new Set(drawn)).sort();
          const gradients = Float32Array.from({ length: ids.length * dim }, () => stream.normal());
          const step: OptimizerStep = { learningRate: 0.05, step: 4, l2: 0.01, scale: repeats ? 0.7 : 1, clip };
          const batchOf = (kernels: Kernels) => {
            const held = kernels.hold('test ids', ids);
            const values = kernels.hold('test gradients', gradients);
            if (!repeats) return { rows: held, gradients: values };
            const { rows: distinct, starts, order } = kernels.distinctIds(held, rows);
            return { rows: distinct, gradients: values, starts, order };
          };
          const expected = copyOf(table);
          reference.updateRows(batchOf(pools[0]!), expected, dim, optimizer, step);
          agree(flat(expected), (kernels) => {
            const found = copyOf(table, kernels);
            kernels.updateRows(batchOf(kernels), found, dim, optimizer, step);
            release(kernels, found);
            return flat(found);
          });
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe.each<DenseOptimizer>([
  ...rowOptimizers.filter((optimizer) => !('rowSteps' in optimizer)),
  { kind: 'adamw', decay: 0.1 },
])('optimizer of dense parameters: %o', (optimizer) => {
  it.each([0, 1, 3, 4095, 4096, 10_001])('agrees with its twin on %i numbers', (length) => {
    const stream = new RandomStream(length);
    const state = drawState(stream, optimizer, length, 1);
    const gradient = Float32Array.from({ length }, () => stream.normal());
    const step: OptimizerStep = { learningRate: 0.05, step: 2, l2: 0.02, scale: 0.5 };
    const expected = copyOf(state);
    reference.updateDense(gradient, expected, optimizer, step);
    agree(flat(expected), (kernels) => {
      const found = copyOf(state, kernels);
      kernels.updateDense(kernels.hold('test gradients', gradient), found, optimizer, step);
      release(kernels, found);
      return flat(found);
    });
  });
});

it.each([0, 1, 5, 4096, 4097, 50_001])('the squared norm of %i numbers has the same bits on any thread count', (n) => {
  const stream = new RandomStream(n);
  const values = Float32Array.from({ length: n }, () => stream.normal());
  const norms = pools.map((kernels) => kernels.squaredNorm(kernels.hold('test values', values)));
  expect(norms[0]).toBeCloseTo(reference.squaredNorm(values), 6);
  expect(new Set(norms).size).toBe(1);
});

describe('first values', () => {
  it('uniform ones are those of RandomStream, to the last bit', () => {
    const stream = new RandomStream(3, 'table', 'x');
    const bounds = Float64Array.from({ length: 1100 }, (_, row) => 0.1 + row / 7);
    const drawn = Float32Array.from({ length: 1100 * 3 }, (_, n) => {
      return 2 * bounds[Math.floor(n / 3)]! * (stream.uniform() - 0.5);
    });
    const twin = new Float32Array(1100 * 3);
    reference.drawUniform(stream.keys, 0, bounds, twin, { rows: 1100, dim: 3 });
    expect(twin).toEqual(drawn);
    for (const kernels of pools) {
      for (const stride of [3, 5]) {
        const out = kernels.floats(1000 * stride);
        kernels.drawUniform(stream.keys, 300, bounds.subarray(100), out, { rows: 1000, dim: 3, stride });
        expect(out.filter((_, n) => n % stride < 3)).toEqual(drawn.slice(300));
        expect(out.filter((_, n) => n % stride >= 3).every((value) => value === 0)).toBe(true);
        kernels.release(out);
      }
    }
  });

  it.each([
    [0, 1],
    [0.022750131948179195, 0.02],
  ])('normal ones are quantiles (%d cut off at each end, deviation %d)', (low, deviation) => {
    const { keys } = new RandomStream(4, 'normal');
    const shape = { rows: 1000, dim: 3, stride: 4 };
    const expected = new Float32Array(4000);
    reference.drawNormal(keys, 17, { low, deviation }, expected, shape);
    agree(
      expected,
      (kernels) => {
        const out = kernels.floats(4000);
        kernels.drawNormal(keys, 17, { low, deviation }, out, shape);
        kernels.release(out);
        return out;
      },
      2e-6,
    );
    if (low > 0) expect(Math.max(...expected.map(Math.abs))).toBeLessThanOrEqual(2 * deviation);
  });

  it('normal ones have the moments of the distribution and reach into its ends', () => {
    const kernels = pools[0]!;
    const out = kernels.floats(1 << 20);
    const shape = { rows: 1 << 20, dim: 1 };
    kernels.drawNormal(new RandomStream(5).keys, 2 ** 32 - 1000, { low: 0, deviation: 1 }, out, shape);
    const moments = [1, 2, 3, 4].map((power) => out.reduce((sum, x) => sum + x ** power, 0) / out.length);
    for (const [n, moment] of [0, 1, 0, 3].entries()) expect(moments[n]).toBeCloseTo(moment, 1);
    expect(out.reduce((most, x) => Math.max(most, x), 0)).toBeGreaterThan(4.5);
    kernels.release(out);
  });
});

it('the kernels bring no data along: each thread that starts would write it over what the others have there', () => {
  for (const variant of ['baseline', 'relaxed']) {
    const bytes = readFileSync(join(packageRoot, 'dist', 'kernels', `${variant}.wasm`));
    const sections: number[] = [];
    for (let at = 8; at < bytes.length; ) {
      sections.push(bytes[at++]!);
      let size = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++]!;
        size += (byte & 127) * 2 ** shift;
        if (byte < 128) break;
      }
      at += size;
    }
    const dataSection = 11;
    expect(sections).not.toContain(dataSection);
  }
});
