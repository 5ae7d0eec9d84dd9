/** What every kind of table must give, checked against plain arrays in double precision. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Kernels } from '../../src/compute/kernels.ts';
import { openKernels } from '../../src/compute/open.ts';
import { type OptimizerState, type RowOptimizer, stateOf } from '../../src/compute/optimizers.ts';
import * as reference from '../../src/compute/reference/tables.ts';
import type { Initial, RowUpdate, Table } from '../../src/models/model.ts';
import { RandomStream } from '../../src/random.ts';
import type { EmbeddingStore } from '../../src/training/store.ts';

export const rowOptimizers: readonly RowOptimizer[] = [
  { kind: 'adam' },
  { kind: 'adam', rowSteps: true },
  { kind: 'adagrad', initial: 0.1 },
  { kind: 'sgd' },
  { kind: 'sgd', momentum: 0.9 },
];

/** A batch of one step: ids as they come, and a gradient for each. */
interface Step {
  readonly ids: Int32Array;
  readonly gradients: Float32Array;
  readonly update: RowUpdate;
}

function drawSteps(stream: RandomStream, count: number, rows: number, dim: number): Step[] {
  return Array.from({ length: count }, (_, n) => {
    // Few rows are wanted often, as in life.
    const ids = Int32Array.from({ length: stream.integer(200) }, () => Math.floor(rows * stream.uniform() ** 3));
    const gradients = Float32Array.from({ length: ids.length * dim }, () => stream.normal());
    return { ids, gradients, update: { learningRate: 0.05, l2: 0.01, step: n + 1, scale: 0.9, clip: 3 } };
  });
}

const everyRow = (table: Table): Float32Array => {
  const out = new Float32Array(table.rows * table.dim);
  table.gather(
    Int32Array.from({ length: table.rows }, (_, row) => row),
    out,
  );
  return out;
};

/** `open` makes a store; with the same number it finds again what an earlier one has saved. */
export function tableContract(name: string, open: (kernels: Kernels, seed: number, number: number) => EmbeddingStore) {
  describe(`table: ${name}`, () => {
    const pools = [1, 2, 3].map((threads) => openKernels({ threads }));
    const kernels = pools[1]!;
    let opened = 0;
    afterAll(() => Promise.all(pools.map((pool) => pool.close())));

    it.each<[string, Initial, (stream: RandomStream) => number]>([
      ['uniform', (row) => 0.1 + row / 100, () => Number.NaN],
      ['zeros', { kind: 'zeros' }, () => 0],
    ])('begins with what seed and name say: %s', (_, initial, value) => {
      const store = open(kernels, 7, opened++);
      const table = store.table('a table/with a name', { rows: 45, dim: 3 }, initial);
      const stream = new RandomStream(7, 'table', 'a table/with a name');
      const expected = Float32Array.from({ length: 45 * 3 }, (_, n) =>
        typeof initial === 'function' ? 2 * initial(Math.floor(n / 3)) * (stream.uniform() - 0.5) : value(stream),
      );
      expect(everyRow(table)).toEqual(expected);
      store.dispose();
    });

    it('begins with normal numbers, cut off where asked', () => {
      const store = open(kernels, 7, opened++);
      const whole = everyRow(store.table('whole', { rows: 3000, dim: 5 }, { kind: 'normal', deviation: 0.5 }));
      const cut = everyRow(
        store.table('cut', { rows: 3000, dim: 5 }, { kind: 'normal', deviation: 0.5, truncated: true }),
      );
      const deviation = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
      expect(deviation(whole)).toBeCloseTo(0.5, 1);
      expect(whole.some((x) => Math.abs(x) > 1.2)).toBe(true);
      expect(cut.every((x) => Math.abs(x) <= 1)).toBe(true);
      // √(1 − 2 · 2 φ(2) / 0.9545): the deviation of a normal distribution cut off at two.
      expect(deviation(cut)).toBeCloseTo(0.5 * 0.8796, 1);
      store.dispose();
    });

    it('knows the distinct rows of ids', () => {
      const store = open(kernels, 7, opened++);
      const table = store.table('t', { rows: 90, dim: 2 }, { kind: 'zeros' });
      expect(table.unique(Int32Array.of(5, 89, 5, 0, 89))).toEqual({
        rows: Int32Array.of(0, 5, 89),
        places: Int32Array.of(1, 2, 1, 0, 2),
      });
      expect(table.unique(new Int32Array(0))).toEqual({ rows: new Int32Array(0), places: new Int32Array(0) });
      store.dispose();
    });

    it('refuses rows that it has not, and gradients of another size', () => {
      const store = open(kernels, 7, opened++);
      const table = store.table('t', { rows: 90, dim: 2 }, { kind: 'zeros' });
      const update = { learningRate: 1, step: 1 };
      for (const wrong of [90, -1, -(2 ** 31)]) {
        const ids = Int32Array.of(3, wrong);
        const problem = `row ${wrong} was asked of table 't', which has rows 0 to 89`;
        expect(() => table.gather(ids, new Float32Array(4))).toThrow(problem);
        expect(() => table.unique(ids)).toThrow(problem);
        expect(() => table.apply(ids, new Float32Array(4), update)).toThrow(problem);
      }
      expect(() => table.apply(Int32Array.of(1), new Float32Array(3), update)).toThrow('3 gradients for 1 rows of 2');
      expect(everyRow(table).every((value) => value === 0)).toBe(true);
      store.dispose();
    });

    it.each(rowOptimizers)('steps as the optimizer says: %o', (optimizer) => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 400 }),
          fc.integer({ min: 1, max: 21 }),
          fc.integer({ min: 0, max: 2 ** 31 }),
          (rows, dim, seed) => {
            const steps = drawSteps(new RandomStream(seed), 4, rows, dim);
            const store = open(kernels, seed, opened++);
            const table = store.table('t', { rows, dim, optimizer }, () => 1);
            const parameters = everyRow(table);
            const kept = stateOf(optimizer);
            const expected: OptimizerState = {
              parameters,
              first: kept.includes('first') ? new Float32Array(rows * dim) : undefined,
              second: kept.includes('second')
                ? new Float32Array(rows * dim).fill(optimizer.kind === 'adagrad' ? optimizer.initial! : 0)
                : undefined,
              steps: kept.includes('steps') ? new Int32Array(rows) : undefined,
            };
            for (const { ids, gradients, update } of steps) {
              table.apply(ids, gradients, update);
              const { rows: distinct } = reference.distinctIds(ids);
              const order = Int32Array.from([...ids.keys()].sort((a, b) => ids[a]! - ids[b]! || a - b));
              const starts = Int32Array.from([
                ...Array.from(distinct, (row) => order.findIndex((p) => ids[p] === row)),
                ids.length,
              ]);
              reference.updateRows({ rows: distinct, gradients, starts, order }, expected, dim, optimizer, update);
            }
            const found = everyRow(table);
            for (const [n, value] of found.entries()) {
              // The first steps of Adam divide small by small: their error is of the learning rate's size.
              if (Math.abs(value - parameters[n]!) > 2e-4) expect.fail(`[${n}] is ${value}, not ${parameters[n]}`);
            }
            store.dispose();
          },
        ),
        { numRuns: 12 },
      );
    });

    it.each(rowOptimizers)('has the same bits on any number of threads: %o', (optimizer) => {
      const steps = drawSteps(new RandomStream(11), 12, 5000, 9);
      const [first, ...others] = pools.map((pool) => {
        const store = open(pool, 3, opened++);
        const table = store.table('t', { rows: 5000, dim: 9, optimizer }, { kind: 'normal', deviation: 0.1 });
        for (const step of steps) trainStep(table, step);
        const found = everyRow(table);
        store.dispose();
        return found;
      });
      for (const other of others) expect(other).toEqual(first);
    });

    it.each(rowOptimizers)('saved and gone back to, goes on as if never stopped: %o', (optimizer) => {
      const steps = drawSteps(new RandomStream(13), 9, 700, 6);
      const make = (number: number) => {
        const store = open(kernels, 3, number);
        return {
          store,
          table: store.table('t', { rows: 700, dim: 6, optimizer }, { kind: 'normal', deviation: 0.1 }),
        };
      };
      const plain = make(opened++);
      for (const step of steps) trainStep(plain.table, step);
      const expected = everyRow(plain.table);

      const number = opened++;
      const stopped = make(number);
      const saved = new Map<string, Float32Array>();
      for (const [n, step] of steps.entries()) {
        if (n === 2 || n === 5) {
          stopped.store.flush();
          for (const [key, array] of stopped.store.state()) saved.set(key, array.slice());
          stopped.store.settle();
        }
        trainStep(stopped.table, step);
      }
      // As if killed here: nothing is flushed or closed any more.
      const resumed = make(number);
      for (const [key, array] of resumed.store.state()) array.set(saved.get(key)!);
      resumed.store.restored();
      for (const step of steps.slice(5)) trainStep(resumed.table, step);
      expect(everyRow(resumed.table)).toEqual(expected);
      for (const { store } of [plain, stopped, resumed]) store.dispose();
    });

    it('an earlier state that is kept can be gone back to, again and again', () => {
      const steps = drawSteps(new RandomStream(17), 8, 700, 6);
      const store = open(kernels, 3, opened++);
      const table = store.table('t', { rows: 700, dim: 6 }, { kind: 'normal', deviation: 0.1 });
      const copy = () => {
        store.flush();
        return new Map([...store.state()].map(([key, array]) => [key, array.slice()]));
      };
      const back = (state: ReadonlyMap<string, Float32Array>) => {
        for (const [key, array] of store.state()) array.set(state.get(key)!);
        store.restored();
      };
      for (const step of steps.slice(0, 3)) trainStep(table, step);
      const best = copy();
      const bestRows = everyRow(table);
      for (const step of steps.slice(3)) {
        trainStep(table, step);
        copy();
        store.settle(best);
      }
      expect(everyRow(table)).not.toEqual(bestRows);
      back(best);
      expect(everyRow(table)).toEqual(bestRows);
      trainStep(table, steps[3]!);
      back(best);
      expect(everyRow(table)).toEqual(bestRows);
      store.dispose();
    });

    it('gives its memory back', () => {
      const store = open(kernels, 3, opened++);
      const before = kernels.used;
      const table = store.table('t', { rows: 5000, dim: 4 }, { kind: 'zeros' });
      expect(kernels.used).toBeGreaterThan(before);
      table.gather(Int32Array.of(1), new Float32Array(4));
      store.dispose();
      expect(kernels.used).toBe(before);
    });
  });
}

/** A step as models take it: rows are gathered, a gradient is made of them, and given back. */
function trainStep(table: Table, { ids, gradients, update }: Step): void {
  const rows = new Float32Array(ids.length * table.dim);
  table.gather(ids, rows);
  table.apply(
    ids,
    gradients.map((gradient, n) => 0.1 * gradient + rows[n]!),
    update,
  );
}
