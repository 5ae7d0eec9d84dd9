/**
 * What every tensor backend must do, whichever it is: the values of each operation beside TensorFlow.js's plain JavaScript kernels,
 * gradients by finite differences, and no tensor left behind.
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as operations from '../../src/compute/tensors/operations.ts';
import type { Tensors } from '../../src/compute/tensors.ts';
import { RandomStream } from '../../src/random.ts';

type Tensor = tf.Tensor;
type Shape = readonly number[];

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

/** An operation on drawn inputs of these shapes. `draw` turns a normal number into a fitting one; itself where absent. */
interface Case {
  readonly name: string;
  readonly shapes: readonly Shape[];
  readonly run: (...inputs: Tensor[]) => Tensor | Tensor[];
  readonly draw?: (normal: number) => number;
  /** Without a gradient worth checking: integers, or kinks that finite differences step over. */
  readonly isFlat?: boolean;
  /** Elements may lie this far from the expected ones, relative to 1 + their size. */
  readonly tolerance?: number;
}

const positive = (x: number) => Math.abs(x) + 0.1;
const unaryCases = Object.entries({
  neg: tf.neg,
  exp: tf.exp,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  square: tf.square,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  softplus: tf.softplus,
  log: tf.log,
  log1p: tf.log1p,
  reciprocal: tf.reciprocal,
  relu: tf.relu,
  abs: tf.abs,
  step: tf.step,
}).map(
  ([name, run]): Case => ({
    name,
    shapes: [[5, 7]],
    run: (x) => run(x as never) as Tensor,
    draw: ['sqrt', 'rsqrt', 'log', 'reciprocal'].includes(name)
      ? positive
      : (x) => (name === 'log1p' ? positive(x) : 1.5 * x + 0.05),
    isFlat: ['relu', 'abs', 'step'].includes(name),
  }),
);

const binaryShapes: readonly (readonly [Shape, Shape])[] = [
  [
    [6, 5],
    [6, 5],
  ],
  [[6, 5], []],
  [[], [6, 5]],
  [[6, 5], [5]],
  [
    [6, 5],
    [6, 1],
  ],
  [
    [1, 5],
    [6, 5],
  ],
  [
    [3, 1, 5],
    [3, 4, 1],
  ],
  [
    [2, 3, 4, 5],
    [1, 1, 4, 5],
  ],
  [
    [2, 3, 4, 5],
    [2, 1, 1, 5],
  ],
  [
    [2, 1, 4, 1],
    [1, 3, 1, 5],
  ],
  [[0, 5], [5]],
  [[1], [1]],
];
const binaryCases = Object.entries({ add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div }).flatMap(([name, run]) =>
  binaryShapes.map(
    (shapes): Case => ({
      name: `${name} ${shapes.map((shape) => `[${shape}]`).join(' ')}`,
      shapes,
      run: (a, b) => run(a!, b!),
      draw: (x) => x + Math.sign(x),
    }),
  ),
);
const kinkedCases = Object.entries({
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
}).map(([name, run]): Case => ({ name, shapes: [[9, 5], [5]], run: (a, b) => run(a!, b!), isFlat: true }));

const productCases = [
  [1, 1, 1],
  [4, 8, 8],
  [5, 3, 7],
  [13, 17, 9],
  [67, 41, 23],
  [3, 0, 5],
  [0, 4, 5],
].flatMap(([m, k, n]) =>
  [false, true].flatMap((left) =>
    [false, true].map((right): Case => {
      const [a, b] = [left ? [k!, m!] : [m!, k!], right ? [n!, k!] : [k!, n!]];
      return {
        name: `product ${m} × ${k} × ${n}${left ? ', left transposed' : ''}${right ? ', right transposed' : ''}`,
        shapes: [a, b],
        run: (x, y) => tf.matMul(x!, y!, left, right),
      };
    }),
  ),
);

const cases: readonly Case[] = [
  ...unaryCases,
  ...binaryCases,
  ...kinkedCases,
  ...productCases,
  {
    name: 'product in passes over a depth above 512',
    shapes: [
      [10, 1100],
      [1100, 13],
    ],
    run: (a, b) => tf.matMul(a!, b!),
    isFlat: true,
  },
  {
    name: 'small product of great depth',
    shapes: [
      [2500, 7],
      [2500, 13],
    ],
    run: (a, b) => tf.matMul(a!, b!, true),
    isFlat: true,
    tolerance: 1e-3,
  },
  {
    name: 'product in passes, left transposed',
    shapes: [
      [1100, 10],
      [1100, 13],
    ],
    run: (a, b) => tf.matMul(a!, b!, true),
    isFlat: true,
  },
  {
    name: 'batched product',
    shapes: [
      [3, 2, 5, 4],
      [3, 2, 4, 6],
    ],
    run: (a, b) => tf.matMul(a!, b!),
  },
  {
    name: 'batched product, right transposed',
    shapes: [
      [6, 5, 4],
      [6, 7, 4],
    ],
    run: (a, b) => tf.matMul(a!, b!, false, true),
  },
  {
    name: 'batched product, left transposed',
    shapes: [
      [6, 4, 5],
      [6, 4, 7],
    ],
    run: (a, b) => tf.matMul(a!, b!, true),
  },
  {
    name: 'one left side for a batch',
    shapes: [
      [1, 5, 4],
      [6, 4, 7],
    ],
    run: (a, b) => tf.matMul(a!, b!),
    isFlat: true,
  },
  {
    name: 'one right side for a batch',
    shapes: [
      [6, 5, 4],
      [4, 7],
    ],
    run: (a, b) => tf.matMul(a!, b!),
    isFlat: true,
  },
  { name: 'dense', shapes: [[2, 5, 7], [7, 9], [9]], run: (x, w, b) => operations.dense(x!, w!, b) },
  {
    name: 'dense without a bias',
    shapes: [
      [5, 7],
      [7, 3],
    ],
    run: (x, w) => operations.dense(x!, w!),
  },
  {
    name: 'rectified dense',
    shapes: [[5, 7], [7, 9], [9]],
    run: (x, w, b) => operations.dense(x!, w!, b, 'relu'),
    isFlat: true,
  },
  { name: 'layer norm', shapes: [[3, 5, 7], [7], [7]], run: (x, g, b) => operations.layerNorm(x!, g!, b!) },
  { name: 'layer norm of many rows', shapes: [[300, 6], [6], [6]], run: (x, g, b) => operations.layerNorm(x!, g!, b!) },
  { name: 'gelu', shapes: [[7, 5]], run: (x) => operations.gelu(x!), draw: (x) => 2 * x },
  { name: 'dropout', shapes: [[11, 13]], run: (x) => operations.dropout(x!, 0.3, 7) },
  {
    name: 'masked softmax, a mask of the last two dimensions',
    shapes: [[2, 3, 5, 5]],
    run: (x) => operations.maskedSoftmax(x!, tf.tensor4d(triangle(5), [1, 1, 5, 5]), 0.7),
  },
  {
    name: 'masked softmax, a mask for each of the first dimension',
    shapes: [[2, 3, 5, 7]],
    run: (x) =>
      operations.maskedSoftmax(
        x!,
        tf.tensor4d(
          [...Array(14)].map((_, i) => (i % 3 === 1 ? -1e9 : 0)),
          [2, 1, 1, 7],
        ),
        2,
      ),
  },
  { name: 'softmax', shapes: [[4, 3, 9]], run: (x) => tf.softmax(x!), draw: (x) => 5 * x },
  { name: 'log softmax', shapes: [[6, 11]], run: (x) => tf.logSoftmax(x!), draw: (x) => 5 * x },
  { name: 'sum of all', shapes: [[5, 7, 3]], run: (x) => tf.sum(x!) },
  { name: 'sum over the last axis', shapes: [[5, 7, 3]], run: (x) => tf.sum(x!, -1) },
  { name: 'sum over the first axis', shapes: [[5, 7, 3]], run: (x) => tf.sum(x!, 0, true) },
  { name: 'sum over the middle axis', shapes: [[5, 7, 3]], run: (x) => tf.sum(x!, 1) },
  { name: 'sum over the outer axes', shapes: [[5, 7, 3]], run: (x) => tf.sum(x!, [0, 2]) },
  { name: 'sum of a long column', shapes: [[1000, 3]], run: (x) => tf.sum(x!, 0), isFlat: true },
  { name: 'sum of a long row', shapes: [[2, 20_000]], run: (x) => tf.sum(x!, 1), isFlat: true, tolerance: 1e-3 },
  { name: 'sum of nothing', shapes: [[0, 4]], run: (x) => tf.sum(x!, 0) },
  { name: 'mean over the last axis', shapes: [[5, 7]], run: (x) => tf.mean(x!, -1, true) },
  { name: 'mean of all', shapes: [[5, 7]], run: (x) => tf.mean(x!) },
  { name: 'maximum over the last axis', shapes: [[5, 7]], run: (x) => tf.max(x!, -1), isFlat: true },
  { name: 'maximum over the first axis', shapes: [[5, 7]], run: (x) => tf.max(x!, 0), isFlat: true },
  { name: 'transposition of two', shapes: [[5, 7]], run: (x) => tf.transpose(x!) },
  { name: 'transposition of heads', shapes: [[3, 4, 2, 5]], run: (x) => tf.transpose(x!, [0, 2, 1, 3]) },
  { name: 'transposition of four', shapes: [[3, 4, 2, 5]], run: (x) => tf.transpose(x!, [3, 1, 0, 2]) },
  { name: 'transposition of five', shapes: [[2, 3, 2, 3, 2]], run: (x) => tf.transpose(x!, [4, 2, 0, 3, 1]) },
  {
    name: 'concat',
    shapes: [
      [3, 4, 2],
      [3, 1, 2],
      [3, 5, 2],
    ],
    run: (...x) => tf.concat(x, 1),
  },
  {
    name: 'stack',
    shapes: [
      [3, 4],
      [3, 4],
    ],
    run: (...x) => tf.stack(x, 1),
  },
  { name: 'unstack', shapes: [[3, 4, 2]], run: (x) => tf.unstack(x!, 1) },
  { name: 'slice', shapes: [[5, 7, 2]], run: (x) => tf.slice(x!, [0, 2, 0], [5, 3, 2]) },
  { name: 'slice of two axes', shapes: [[5, 7, 2]], run: (x) => tf.slice(x!, [1, 2, 0], [3, 3, 2]) },
  { name: 'split', shapes: [[5, 6]], run: (x) => tf.split(x!, [1, 3, 2], 1) },
  {
    name: 'pad',
    shapes: [[5, 3]],
    run: (x) =>
      tf.pad(x!, [
        [0, 0],
        [2, 1],
      ]),
  },
  { name: 'tile', shapes: [[3, 1, 2]], run: (x) => tf.tile(x!, [1, 4, 1]) },
  { name: 'tile of more than one', shapes: [[3, 2]], run: (x) => tf.tile(x!, [2, 3]) },
  { name: 'broadcast', shapes: [[4, 1]], run: (x) => tf.broadcastTo(x!, [3, 4, 5]) },
  { name: 'gather', shapes: [[6, 5]], run: (x) => tf.gather(x!, tf.tensor1d([3, 0, 3, 5], 'int32')) },
  {
    name: 'gather of a table of indices',
    shapes: [[6, 3]],
    run: (x) =>
      tf.gather(
        x!,
        tf.tensor2d(
          [
            [3, 0],
            [3, 5],
          ],
          [2, 2],
          'int32',
        ),
      ),
  },
  {
    name: 'segment sum, some places left out',
    shapes: [[6, 5]],
    run: (x) => tf.unsortedSegmentSum(x!, tf.tensor1d([2, 0, 2, 40, 1, 2], 'int32'), 41),
  },
  { name: 'zeros and ones', shapes: [[3, 5]], run: (x) => [tf.zerosLike(x!), tf.onesLike(x!)], isFlat: true },
  { name: 'cast', shapes: [[3, 5]], run: (x) => tf.cast(tf.cast(tf.mul(x!, 10), 'int32'), 'float32'), isFlat: true },
  {
    name: 'where',
    shapes: [
      [3, 5],
      [3, 5],
    ],
    run: (a, b) => tf.where(tf.greater(a!, 0), a!, b!),
    isFlat: true,
  },
  { name: 'clip', shapes: [[3, 5]], run: (x) => tf.clipByValue(x!, -0.5, 0.5), isFlat: true },
  { name: 'erf, which no backend has a kernel of ours for', shapes: [[3, 5]], run: (x) => tf.add(tf.erf(x!), x!) },
];

/** Zero on and below the diagonal, a large negative number above. */
function triangle(n: number): number[] {
  return Array.from({ length: n * n }, (_, at) => (at % n > Math.floor(at / n) ? -1e9 : 0));
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

    it.each(cases.filter(({ name }) => !leaveOut?.test(name)))(
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

function expectClose(found: Float32Array, expected: Float32Array, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!);
    if (!(difference <= tolerance * (1 + Math.abs(expected[i]!))))
      expect.fail(`[${i}] is ${found[i]}, not ${expected[i]}`);
  }
}
