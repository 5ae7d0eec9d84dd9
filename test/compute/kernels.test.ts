import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Csr } from '../../src/compute/csr.ts';
import { adamConstants, type Kernels } from '../../src/compute/kernels.ts';
import { openKernels } from '../../src/compute/open.ts';
import { bestVariant, type KernelVariant } from '../../src/compute/pool.ts';
import * as reference from '../../src/compute/reference.ts';
import { RandomStream } from '../../src/random.ts';

// Every build that this runtime can run, on one thread and on three.
const variants: KernelVariant[] = bestVariant() === 'relaxed' ? ['baseline', 'relaxed'] : ['baseline'];
const pools = variants.flatMap((variant) => [1, 3].map((threads) => openKernels({ threads, variant })));
afterAll(() => Promise.all(pools.map((kernels) => kernels.close())));

/** Numbers and graphs drawn from a seed, so that a failing case can be run again. */
class Drawn {
  readonly stream: RandomStream;
  constructor(seed: number) {
    this.stream = new RandomStream(seed, 'kernels');
  }
  floats(length: number): Float32Array {
    return Float32Array.from({ length }, () => this.stream.normal());
  }
  ids(length: number, below: number): Int32Array {
    return Int32Array.from({ length }, () => this.stream.integer(below));
  }
  csr(rows: number, cols: number, density: number): Csr {
    const offsets = new Int32Array(rows + 1);
    const indices: number[] = [];
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) if (this.stream.uniform() < density) indices.push(c);
      offsets[r + 1] = indices.length;
    }
    return { rows, cols, offsets, indices: Int32Array.from(indices), weights: this.floats(indices.length) };
  }
}

const inside = (kernels: Kernels, matrix: Csr): Csr => ({
  ...matrix,
  offsets: kernels.put(matrix.offsets),
  indices: kernels.put(matrix.indices),
  ...(matrix.weights ? { weights: kernels.put(matrix.weights) } : {}),
});

function expectClose(found: Float32Array, expected: Float32Array, tolerance = 1e-4): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!);
    if (!(difference <= tolerance * (1 + Math.abs(expected[i]!))))
      expect.fail(`[${i}] is ${found[i]}, not ${expected[i]}`);
  }
}

const size = fc.integer({ min: 0, max: 90 });
const width = fc.constantFrom(8, 24, 32, 40, 64);
const anyWidth = fc.oneof(width, fc.integer({ min: 1, max: 70 }));
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const runs = { numRuns: 25 };

/** Runs a kernel in every pool on the same input; each must agree with the twin, and all pools of a build to the last bit. */
function agree(expected: Float32Array, run: (kernels: Kernels) => Float32Array, tolerance?: number): void {
  const first = new Map<KernelVariant, Float32Array>();
  for (const kernels of pools) {
    const found = run(kernels).slice();
    expectClose(found, expected, tolerance);
    const other = first.get(kernels.variant);
    if (other) expect(found).toEqual(other);
    else first.set(kernels.variant, found);
  }
}

describe('kernels agree with their plain twins at any number of threads', () => {
  it('sparse product, whole and for chosen rows', () => {
    fc.assert(
      fc.property(
        size,
        size,
        anyWidth,
        seeds,
        fc.boolean(),
        fc.boolean(),
        (rows, cols, dim, seed, weighted, chosen) => {
          const drawn = new Drawn(seed);
          const { weights, ...plain } = drawn.csr(rows, cols, 0.2);
          const matrix: Csr = weighted && weights ? { ...plain, weights } : plain;
          const x = drawn.floats(cols * dim);
          const wanted = chosen && rows > 0 ? { rows: drawn.ids(7, rows) } : {};
          const outputs = wanted.rows?.length ?? rows;
          const add = drawn.floats(outputs * dim);
          const expected = new Float32Array(outputs * dim);
          reference.multiplySparse(matrix, x, expected, dim, { ...wanted, add, scale: 0.25 });
          agree(expected, (kernels) => {
            const y = kernels.floats(outputs * dim);
            const rowsInside = wanted.rows ? { rows: kernels.put(wanted.rows) } : {};
            kernels.multiplySparse(inside(kernels, matrix), kernels.put(x), y, dim, {
              ...rowsInside,
              add: kernels.put(add),
              scale: 0.25,
            });
            return y;
          });
        },
      ),
      runs,
    );
  });

  it('product with a matrix of which few rows are not zero', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 90 }), anyWidth, seeds, (rows, cols, dim, seed) => {
        const drawn = new Drawn(seed);
        const matrix = drawn.csr(rows, cols, 0.2);
        const weighted = { ...matrix, weights: matrix.weights! };
        const nodes = [...new Set(drawn.ids(9, cols))];
        const slots = new Int32Array(cols).fill(-1);
        for (const [slot, node] of nodes.entries()) slots[node] = slot;
        const x = drawn.floats(nodes.length * dim);
        const expected = new Float32Array(rows * dim);
        reference.multiplySlots(weighted, slots, x, expected, dim);
        agree(expected, (kernels) => {
          const y = kernels.floats(rows * dim).fill(7);
          const put = { ...inside(kernels, matrix), weights: kernels.put(weighted.weights) };
          kernels.multiplySlots(put, kernels.put(slots), kernels.put(x), y, dim);
          return y;
        });
      }),
      runs,
    );
  });

  it('gather, scatter-add with repeated ids, unit length and its gradient, dots of pairs', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 60 }), width, seeds, (count, rows, dim, seed) => {
        const drawn = new Drawn(seed);
        const ids = drawn.ids(count, rows);
        const x = drawn.floats(rows * dim);
        const many = drawn.floats(count * dim);
        x.fill(0, 0, dim); // a row of zeros has no direction
        const cases: [number, (at: Kernels | typeof reference, put: Kernels['put']) => Float32Array][] = [
          [
            count * dim,
            (at, put) => {
              const y = put(new Float32Array(count * dim));
              at.gatherRows(put(ids), put(x), y, dim);
              return y;
            },
          ],
          [
            rows * dim,
            (at, put) => {
              const y = put(x.slice());
              at.scatterAdd(put(ids), put(many), y, dim);
              return y;
            },
          ],
          [
            rows * dim,
            (at, put) => {
              const y = put(x.slice());
              at.unitRows(rows, put(x), y, put(new Float32Array(rows)), dim);
              return y;
            },
          ],
          [
            rows * dim,
            (at, put) => {
              const [unit, inverse, d] = [put(x.slice()), put(new Float32Array(rows)), put(x.map((v) => Math.sin(v)))];
              at.unitRows(rows, put(x), unit, inverse, dim);
              at.unitRowsGradient(rows, unit, inverse, d, dim);
              return d;
            },
          ],
          [
            count,
            (at, put) => {
              const y = put(new Float32Array(count));
              at.dotPairs(count, put(x), put(ids), put(x), put(ids.map((i) => (i + 1) % rows)), y, dim);
              return y;
            },
          ],
        ];
        for (const [, run] of cases)
          agree(
            run(reference, (array) => array),
            (kernels) => run(kernels, kernels.put),
            3e-4,
          );
      }),
      runs,
    );
  });

  it('Adam fused to the last propagation, lazy or not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        width,
        seeds,
        fc.boolean(),
        fc.constantFrom('own', 'propagated', 'both', 'neighbours'),
        (rows, dim, seed, lazy, source) => {
          const drawn = new Drawn(seed);
          const matrix = drawn.csr(rows, rows, 0.15);
          const nodes = [...new Set(drawn.ids(5, rows))];
          const slots = new Int32Array(rows).fill(-1);
          for (const [slot, node] of nodes.entries()) slots[node] = slot;
          const gradient = drawn.floats(nodes.length * dim);
          const decay = drawn.floats(nodes.length).map(Math.abs);
          const propagated = drawn.floats(rows * dim);
          const parts = [
            drawn.floats(rows * dim),
            drawn.floats(rows * dim),
            drawn.floats(rows * dim).map(Math.abs),
          ] as const;
          const adam = { ...adamConstants, learningRate: 0.01, step: 3 };
          const run = (
            at: Kernels | typeof reference,
            put: Kernels['put'],
            within: (matrix: Csr) => Csr,
          ): Float32Array => {
            const [parameters, first, second] = parts.map((part) => put(part.slice())) as [
              Float32Array,
              Float32Array,
              Float32Array,
            ];
            const table = { parameters, first, second };
            const batch = {
              slots: put(slots),
              decay: put(decay),
              scale: 0.5,
              ...(source === 'propagated' ? {} : { gradient: put(gradient) }),
              ...(source === 'own' || source === 'neighbours' ? {} : { propagated: put(propagated) }),
              ...(source === 'neighbours' ? { own: false } : {}),
            };
            at.propagateAdam(within(matrix), batch, table, dim, adam, lazy);
            return Float32Array.from([...parameters, ...first, ...second]);
          };
          agree(
            run(
              reference,
              (array) => array,
              (m) => m,
            ),
            (kernels) => run(kernels, kernels.put, (m) => inside(kernels, m)),
            3e-4,
          );
        },
      ),
      runs,
    );
  });

  it('noise in the direction of a row, the same for chosen rows as for all', () => {
    fc.assert(
      fc.property(size, width, seeds, fc.boolean(), (rows, dim, seed, chooses) => {
        const drawn = new Drawn(seed);
        const x = drawn.floats(rows * dim).map((value) => (Math.abs(value) < 0.1 ? 0 : value)); // a zero stays
        const { keys } = new RandomStream(seed, 'noise');
        const whole = x.slice();
        reference.perturbRows(keys, 0.3, whole, dim);
        const ids = rows > 0 && chooses ? drawn.ids(7, rows) : new Int32Array(0);
        if (ids.length === 0) {
          agree(whole, (kernels) => {
            const y = kernels.put(x.slice());
            kernels.perturbRows(keys, 0.3, y, dim);
            return y;
          });
          return;
        }
        const pick = (from: Float32Array) =>
          Float32Array.from({ length: ids.length * dim }, (_, n) => from[ids[Math.floor(n / dim)]! * dim + (n % dim)]!);
        agree(pick(whole), (kernels) => {
          const y = kernels.put(pick(x));
          kernels.perturbRows(keys, 0.3, y, dim, { rows: kernels.put(ids), count: ids.length });
          return y;
        });
      }),
      runs,
    );
  });

  it('in-batch softmax with repeated items and a short last group', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        fc.constantFrom(8, 16, 64),
        width,
        seeds,
        fc.boolean(),
        fc.constantFrom(1, 0.7, 1.2),
        (count, group, dim, seed, decoupled, pull) => {
          const drawn = new Drawn(seed);
          const padded = Math.ceil(count / group) * group;
          const x = drawn.floats(20 * dim).map((v) => v / Math.sqrt(dim));
          const [left, right] = [new Int32Array(padded), new Int32Array(padded).fill(-1)];
          left.set(drawn.ids(count, 20));
          right.set(drawn.ids(count, 20));
          const run = (at: Kernels | typeof reference, put: Kernels['put']): Float32Array => {
            const gradient = put(new Float32Array(2 * padded * dim));
            const loss = at.softmaxLoss(
              { count, size: group, left: put(left), right: put(right), decoupled, pull },
              put(x),
              dim,
              0.2,
              gradient,
            );
            return Float32Array.from([loss, ...gradient]);
          };
          agree(
            run(reference, (array) => array),
            (kernels) => run(kernels, kernels.put),
            3e-4,
          );
        },
      ),
      runs,
    );
  });

  it('logistic loss over shared negatives, with a short last group', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 70 }),
        fc.constantFrom(8, 16, 64),
        width,
        seeds,
        (count, group, dim, seed) => {
          const drawn = new Drawn(seed);
          const padded = Math.ceil(count / group) * group;
          const x = drawn.floats(20 * dim).map((v) => v / Math.sqrt(dim));
          const left = new Int32Array(padded);
          left.set(drawn.ids(count, 20));
          const right = drawn.ids(padded, 20);
          const weights = [drawn.floats(padded).map(Math.abs), drawn.floats(padded).map(Math.abs)] as const;
          const run = (at: Kernels | typeof reference, put: Kernels['put']): Float32Array => {
            const gradient = put(new Float32Array(2 * padded * dim));
            const [leftWeights, rightWeights] = [put(weights[0]), put(weights[1])];
            const sides = { count, size: group, left: put(left), right: put(right) };
            const loss = at.logisticLoss({ ...sides, base: 0.1, leftWeights, rightWeights }, put(x), dim, gradient);
            return Float32Array.from([loss, ...gradient]);
          };
          agree(
            run(reference, (array) => array),
            (kernels) => run(kernels, kernels.put),
            3e-4,
          );
        },
      ),
      runs,
    );
  });
});

describe('memory of the kernels', () => {
  it('gives back what was released, zeroed, and grows without losing what is there', () => {
    const kernels = pools[0]!;
    const before = kernels.used;
    const kept = kernels.floats(1000).fill(7);
    const first = kernels.floats(1 << 20).fill(3);
    kernels.release(first);
    const second = kernels.floats(1 << 20);
    expect(second.every((value) => value === 0)).toBe(true);
    expect(kept.every((value) => value === 7)).toBe(true);
    kernels.release(second, kept);
    expect(kernels.used).toBe(before);
  });
});
