import { afterAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import type { DenseOptimizer } from '../../src/compute/optimizers.ts';
import type { DenseInitial } from '../../src/models/model.ts';
import { RandomStream } from '../../src/random.ts';
import { DenseParameters } from '../../src/training/parameters.ts';

const pools = [1, 2, 3].map((threads) => openKernels({ threads }));
const kernels = pools[1]!;
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

const optimizers: readonly DenseOptimizer[] = [
  { kind: 'adam' },
  { kind: 'adamw', decay: 0.1 },
  { kind: 'adagrad', initial: 0.1 },
  { kind: 'sgd' },
  { kind: 'sgd', momentum: 0.9 },
];

describe('first values of dense parameters', () => {
  // Deviation of a uniform distribution in ±b: b / √3. Of a normal one cut off at two deviations: 0.8796 of its own.
  it.each<[DenseInitial, number, number]>([
    ['xavier-uniform', Math.sqrt(2 / 300), Math.sqrt(6 / 300)],
    ['xavier-normal', Math.sqrt(2 / 300), 1],
    ['kaiming-uniform', Math.sqrt(2 / 100), Math.sqrt(6 / 100)],
    ['kaiming-normal', Math.sqrt(2 / 100), 1],
    ['truncated-normal', 0.02 * 0.8796, 0.04],
    [{ kind: 'truncated-normal', deviation: 0.5 }, 0.5 * 0.8796, 1],
    [{ kind: 'normal', deviation: 0.5 }, 0.5, 4],
    [{ kind: 'uniform', bound: 0.3 }, 0.3 / Math.sqrt(3), 0.3],
  ])('%o', (initial, deviation, most) => {
    const parameters = new DenseParameters(kernels, 5);
    const { values } = parameters.add('dense/kernel', [100, 200], initial);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const square = values.reduce((sum, x) => sum + x * x, 0) / values.length;
    // Four standard errors of 20,000 draws; the seed is fixed.
    expect(Math.abs(mean)).toBeLessThan((4 * deviation) / Math.sqrt(20_000));
    expect(Math.sqrt(square) / deviation).toBeCloseTo(1, 1);
    expect(values.every((x) => Math.abs(x) <= most)).toBe(true);
    const again = new DenseParameters(pools[2]!, 5);
    again.add('another', [3], initial);
    expect(again.add('dense/kernel', [100, 200], initial).values).toEqual(values);
    expect(again.get('another').values).not.toEqual(values.subarray(0, 3));
    parameters.dispose();
    again.dispose();
  });

  it('zeros, ones, and arrays of one dimension or none', () => {
    const parameters = new DenseParameters(kernels, 5);
    expect([...parameters.add('bias', [3], 'zeros').values]).toEqual([0, 0, 0]);
    expect([...parameters.add('scale', [2], 'ones').values]).toEqual([1, 1]);
    expect(parameters.add('one', [], 'ones').values.length).toBe(1);
    expect(parameters.add('none', [0, 4], 'xavier-uniform').values.length).toBe(0);
    expect(parameters.all.map(({ name }) => name)).toEqual(['bias', 'scale', 'one', 'none']);
    parameters.dispose();
  });
});

describe.each(optimizers)('dense parameters by %o', (optimizer) => {
  const gradientsOf = (stream: RandomStream, length: number) => Float32Array.from({ length }, () => stream.normal());
  const lengths: readonly (readonly [string, readonly number[]])[] = [
    ['kernel', [70, 130]],
    ['bias', [5]],
  ];
  const open = (pool: typeof kernels) => {
    const parameters = new DenseParameters(pool, 3);
    for (const [name, shape] of lengths) parameters.add(name, shape, 'xavier-normal', optimizer);
    return parameters;
  };
  const steps = (parameters: DenseParameters, from: number, to: number) => {
    for (let step = from; step <= to; step++) {
      const stream = new RandomStream(step);
      for (const { name, values } of parameters.all) {
        // A gradient that depends on the parameter, as that of a loss.
        const gradient = gradientsOf(stream, values.length).map((g, n) => 0.1 * g + values[n]!);
        parameters.apply(name, gradient, { learningRate: 0.01, step, scale: 0.9 });
      }
    }
  };
  const numbers = (parameters: DenseParameters) =>
    [...parameters.state()].map(([name, array]) => [name, array.slice()]);

  it('have the same bits on any number of threads', () => {
    const [first, ...others] = pools.map((pool) => {
      const parameters = open(pool);
      steps(parameters, 1, 8);
      const found = numbers(parameters);
      parameters.dispose();
      return found;
    });
    for (const other of others) expect(other).toEqual(first);
  });

  it('saved and gone back to, go on as if never stopped', () => {
    const plain = open(kernels);
    steps(plain, 1, 8);
    const stopped = open(kernels);
    steps(stopped, 1, 5);
    const saved = new Map([...stopped.state()].map(([name, array]) => [name, array.slice()]));
    steps(stopped, 6, 6);
    const resumed = open(kernels);
    for (const [name, array] of resumed.state()) array.set(saved.get(name)!);
    steps(resumed, 6, 8);
    expect(numbers(resumed)).toEqual(numbers(plain));
    for (const parameters of [plain, stopped, resumed]) parameters.dispose();
  });

  it('find the least of a bowl', () => {
    const parameters = new DenseParameters(kernels, 3);
    const goal = gradientsOf(new RandomStream(1), 40);
    const { values } = parameters.add('x', [40], 'zeros', optimizer);
    const learningRate = optimizer.kind === 'adagrad' ? 0.5 : 0.05;
    const far = () => Math.hypot(...values.map((x, n) => x - goal[n]!));
    const before = far();
    for (let step = 1; step <= 300; step++) {
      parameters.apply(
        'x',
        values.map((x, n) => x - goal[n]!),
        { learningRate, step },
      );
    }
    // The decay of AdamW pulls towards zero.
    expect(far()).toBeLessThan(before * (optimizer.kind === 'adamw' ? 0.2 : 0.02));
    parameters.dispose();
  });
});

it('names are given once, and unknown ones and gradients of another size refused', () => {
  const parameters = new DenseParameters(kernels, 5);
  parameters.add('bias', [3], 'zeros');
  expect(() => parameters.add('bias', [3], 'zeros')).toThrow("two parameters are named 'bias'");
  expect(() => parameters.get('scale')).toThrow("no parameter is named 'scale'");
  expect(() => parameters.apply('bias', new Float32Array(2), { learningRate: 1, step: 1 })).toThrow(
    '2 gradients for 3',
  );
  const { used } = kernels;
  parameters.dispose();
  expect(kernels.used).toBeLessThan(used);
});
