/**
 * What every tensor backend must do, whichever it is: the values of each operation beside TensorFlow.js's plain JavaScript kernels,
 * gradients by finite differences, and no tensor left behind.
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as operations from '../../src/compute/tensors/operations.ts';
import type { Tensors } from '../../src/compute/tensors.ts';
import { RandomStream } from '../../src/random.ts';
import { rowwiseCases } from './rowwiseCases.ts';
import { type Case, cases, type Shape } from './tensorCases.ts';

type Tensor = tf.Tensor;

export interface OpenedTensors {
  readonly tensors: Tensors;
  /** Bytes in use outside TensorFlow.js's own count; 0 where the backend cannot tell. */
  used(): number;
  /** Whether numbers below the normal range count as zero there, as they do on most GPUs. */
  readonly flushesSubnormals?: boolean;
  /** Whether it may take it that there are no infinities and no NaN, as WGSL lets an implementation do. */
  readonly assumesFinite?: boolean;
  /** Steps of the training that must leave nothing behind; 100 where absent. */
  readonly steps?: number;
  /** Whether an index out of range reads some other place or nothing, as on GPUs, where no error can come back. */
  readonly clampsIndices?: boolean;
  close(): Promise<void>;
}

/** `leaveOut` names cases that would take too long on a backend. */
export function describeTensors(name: string, open: () => Promise<OpenedTensors>, leaveOut?: RegExp): void {
  describe(`tensors on ${name}`, () => {
    let opened: OpenedTensors;
    let backend: string;
    beforeAll(async () => {
      opened = await open();
      backend = tf.getBackend();
    });
    afterAll(() => opened.close());

    /** Values of an operation's results, computed by the backend `on`. */
    async function valuesOn(on: string, inputs: readonly Drawn[], run: Case['run']): Promise<Drawn[]> {
      await tf.setBackend(on);
      try {
        const found = tf.tidy(() => [run(...inputs.map(({ values, shape }) => tf.tensor(values, [...shape])))].flat());
        const drawn = await Promise.all(
          found.map(async (tensor) => ({ values: Float32Array.from(await tensor.data()), shape: tensor.shape })),
        );
        tf.dispose(found);
        return drawn;
      } finally {
        await tf.setBackend(backend);
      }
    }

    it.each([...cases, ...rowwiseCases].filter(({ name }) => !leaveOut?.test(name)))(
      '$name',
      async ({ name: label, shapes, run, draw, isFlat, tolerance }) => {
        const stream = new RandomStream(2026, label);
        const inputs = shapes.map((shape) => drawnFrom(stream, shape, draw));
        const found = await valuesOn(backend, inputs, run);
        const expected = await valuesOn('cpu', inputs, run);
        for (const [i, result] of expected.entries()) {
          expect(found[i]!.shape).toEqual(result.shape);
          expectClose(found[i]!.values, result.values, tolerance ?? 1e-4);
        }
        if (isFlat) return;
        // A fixed weight for each result makes the sum a function whose gradient differs everywhere.
        const weights = expected.map(({ shape }) => drawnFrom(stream, shape));
        const weighed = (...tensors: Tensor[]): Tensor =>
          tf.addN(
            [run(...tensors)]
              .flat()
              .map((result, i) => tf.sum(tf.mul(result, tf.tensor(weights[i]!.values, result.shape)))),
          );
        const gradients = await valuesOn(backend, inputs, (...tensors) => tf.grads((...x) => weighed(...x))(tensors));
        for (const [i, input] of inputs.entries()) {
          expect(gradients[i]!.shape).toEqual(input.shape);
          for (const at of placesOf(input.values.length)) {
            const step = 1e-2;
            const shifted = [step, -step].map((shift) =>
              inputs.map((other, j) =>
                j === i ? { ...other, values: other.values.with(at, other.values[at]! + shift) } : other,
              ),
            );
            const [up, down] = await Promise.all(
              shifted.map(async (moved) => (await valuesOn(backend, moved, weighed))[0]!.values[0]!),
            );
            const slope = (up! - down!) / (2 * step);
            const gradient = gradients[i]!.values[at]!;
            expect(
              Math.abs(gradient - slope),
              `input ${i}, place ${at}: ${gradient}, by differences ${slope}`,
            ).toBeLessThan(2e-2 * (1 + Math.abs(slope)));
          }
        }
      },
    );

    it('products and broadcasts of random shapes', async () => {
      const size = fc.integer({ min: 0, max: 40 });
      const property = fc.asyncProperty(
        fc.tuple(size, size, size),
        fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
        fc.integer(),
        async ([m, k, n], [left, right, first, second], seed) => {
          const stream = new RandomStream(seed >>> 0, 'shapes');
          const factors = [left ? [k, m] : [m, k], right ? [n, k] : [k, n]].map((shape) => drawnFrom(stream, shape));
          const product = (...[a, b]: Tensor[]) => tf.matMul(a!, b!, left, right);
          const terms = [
            [m, first ? 1 : k, n],
            [second ? 1 : m, k, first && second ? 1 : n],
          ].map((shape) => drawnFrom(stream, shape));
          const difference = (...[a, b]: Tensor[]) => tf.sub(a!, b!);
          for (const [inputs, run] of [
            [factors, product],
            [terms, difference],
          ] as const) {
            const [found] = await valuesOn(backend, inputs, run);
            const [expected] = await valuesOn('cpu', inputs, run);
            expect(found!.shape).toEqual(expected!.shape);
            expectClose(found!.values, expected!.values, 1e-4);
          }
        },
      );
      await fc.assert(property, { numRuns: 30 });
    });

    it('infinities, NaN and numbers below the normal range', async () => {
      if (opened.assumesFinite) return;
      const hard = [
        0,
        -0,
        1e-42,
        -1e-42,
        1e-38,
        3e38,
        Infinity,
        -Infinity,
        Number.NaN,
        88,
        100,
        -87.5,
        -95,
        -200,
        1e-7,
        20,
      ];
      const input = { values: Float32Array.from(hard), shape: [hard.length] };
      for (const run of [tf.exp, tf.log, tf.sigmoid, tf.tanh, tf.softplus, tf.relu, tf.sqrt, tf.abs, tf.step]) {
        const [found] = await valuesOn(backend, [input], (x) => run(x as never) as Tensor);
        const [expected] = await valuesOn('cpu', [input], (x) => run(x as never) as Tensor);
        for (const [i, x] of hard.entries()) {
          const [a, b] = [found!.values[i]!, expected!.values[i]!];
          if (opened.flushesSubnormals && x !== 0 && Math.abs(x) < 2 ** -126) continue;
          const agree = Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-5 * Math.abs(b) + 1e-37;
          expect(agree, `${run.name}(${x}) is ${a}, not ${b}`).toBe(true);
        }
      }
    });

    it('a result may be read after its tensor is gone, and a tensor does not follow the array it was made from', async () => {
      const source = Float32Array.from([1, 2, 3]);
      const tensor = tf.tensor(source);
      const doubled = tf.mul(tensor, 2);
      const values = await doubled.data();
      tf.dispose([tensor, doubled]);
      const other = tf.fill([3], 9);
      expect([...values]).toEqual([2, 4, 6]);
      tf.dispose(other);
    });

    it('trains without leaving tensors or memory behind', async () => {
      const stream = new RandomStream(5, 'flat');
      const x = tf.tensor(drawnFrom(stream, [12, 7]).values, [12, 7]);
      const w = tf.variable(tf.tensor(drawnFrom(stream, [7, 5]).values, [7, 5]));
      const gamma = tf.variable(tf.ones([5]));
      const beta = tf.variable(tf.zeros([5]));
      const adam = operations.denseAdam([w, gamma, beta], { learningRate: 0.05 });
      const step = async (seed: number): Promise<number> => {
        const { value, grads } = tf.variableGrads(() => {
          const hidden = operations.dropout(operations.dense(x, w, undefined, 'relu'), 0.1, seed);
          const probabilities = tf.softmax(operations.layerNorm(hidden, gamma, beta));
          return tf.mean(tf.square(tf.sub(probabilities, 0.2))) as tf.Scalar;
        });
        adam.apply(grads);
        const [loss] = await value.data();
        tf.dispose([value, grads] as tf.TensorContainer);
        return loss!;
      };
      const first = await step(1);
      for (let s = 0; s < 5; s++) await step(s);
      const [tensors, used] = [tf.memory().numTensors, opened.used()];
      let last = first;
      for (let s = 0; s < (opened.steps ?? 100); s++) last = await step(s);
      expect(tf.memory().numTensors).toBe(tensors);
      expect(opened.used()).toBe(used);
      expect(last).toBeLessThan(first);
      adam.dispose();
      tf.dispose([x, w, gamma, beta]);
    });

    it('Adam on dense parameters, beside its formulas', async () => {
      const stream = new RandomStream(6, 'adam');
      const start = drawnFrom(stream, [5, 3]).values;
      const parameter = tf.variable(tf.tensor(start, [5, 3]));
      const before = parameter.clone();
      const adam = operations.denseAdam([parameter], { learningRate: 0.1, decay: 0.01 });
      const [p, m, v] = [Array.from(start, Number), Array(15).fill(0), Array(15).fill(0)] as [
        number[],
        number[],
        number[],
      ];
      for (let step = 1; step <= 3; step++) {
        const gradient = drawnFrom(stream, [5, 3]).values;
        const tensor = tf.tensor(gradient, [5, 3]);
        adam.apply({ [parameter.name]: tensor });
        tensor.dispose();
        for (let i = 0; i < 15; i++) {
          const d = gradient[i]! + 0.01 * p[i]!;
          m[i] = 0.9 * m[i]! + 0.1 * d;
          v[i] = 0.999 * v[i]! + 0.001 * d * d;
          p[i]! -= (0.1 * (m[i]! / (1 - 0.9 ** step))) / (Math.sqrt(v[i]! / (1 - 0.999 ** step)) + 1e-8);
        }
      }
      expectClose(Float32Array.from(await parameter.data()), Float32Array.from(p), 1e-4);
      // A copy taken before the steps keeps what it was.
      expectClose(Float32Array.from(await before.data()), start, 1e-7);
      adam.dispose();
      tf.dispose([parameter, before]);
    });

    it('adopts arrays, and reads them back', async () => {
      const tensor = opened.tensors.adopt(Float32Array.from([1, 2, 3, 4, 5, 6]), [2, 3]);
      const sums = tf.sum(tensor, 1);
      expect([...(await opened.tensors.read(sums))]).toEqual([6, 15]);
      expect([...(await opened.tensors.read(tensor))]).toEqual([1, 2, 3, 4, 5, 6]);
      tf.dispose([tensor, sums]);
    });

    it('says so where an index is out of range', () => {
      if (opened.clampsIndices) return;
      const x = tf.ones([3, 2]);
      const at = tf.tensor1d([0, 3], 'int32');
      expect(() => tf.gather(x, at).dataSync()).toThrow();
      tf.dispose([x, at]);
    });
  });
}

interface Drawn {
  readonly values: Float32Array;
  readonly shape: Shape;
}

function drawnFrom(stream: RandomStream, shape: Shape, draw: (normal: number) => number = (x) => x): Drawn {
  const length = shape.reduce((size, dimension) => size * dimension, 1);
  return { values: Float32Array.from({ length }, () => draw(stream.normal())), shape };
}

/** Up to five places spread over an array, its ends among them. */
function placesOf(length: number): number[] {
  return [...new Set([0, 1, Math.floor(length / 2), length - 2, length - 1])].filter((at) => at >= 0 && at < length);
}

export function expectClose(found: Float32Array, expected: Float32Array, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!);
    if (!(difference <= tolerance * (1 + Math.abs(expected[i]!))))
      expect.fail(`[${i}] is ${found[i]}, not ${expected[i]}`);
  }
}
