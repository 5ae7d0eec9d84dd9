import {
  adagradEpsilon,
  adamConstants,
  adamCorrection,
  type DenseOptimizer,
  type OptimizerState,
  type OptimizerStep,
  type RowOptimizer,
} from './optimizers.ts';
import type { KernelPool } from './pool.ts';

/** The distinct ids of a batch. In the kernels' memory, valid until the next call. */
export interface DistinctIds {
  /** Ascending. [u] */
  readonly rows: Int32Array;
  /** Which of them each position has. [n] */
  readonly places: Int32Array;
  /** Where each one's positions begin in `order`. [u + 1] */
  readonly starts: Int32Array;
  /** Positions by id, those of one id in order. [n] */
  readonly order: Int32Array;
}

/** Gradients of rows, each row once. With `starts` and `order` (of `distinctIds`) those of a row's positions are summed. */
export interface RowGradients {
  readonly rows: Int32Array; // [u]
  readonly gradients: Float32Array; // [u, dim], or [n, dim] with `order`
  readonly starts?: Int32Array;
  readonly order?: Int32Array;
}

/** Kernels of tables and dense parameters: any dim. Arrays lie in the kernels' memory. */
export interface TableKernels {
  /** Room of `length` floats that is kept and grown under a name: no allocation a step. Not zeroed. */
  scratch(name: string, length: number): Float32Array;
  /** Whether an array lies in the kernels' memory. */
  holds(array: Float32Array | Int32Array): boolean;
  /** The array itself where it lies in the kernels' memory, else a copy in scratch room of that name. */
  hold<A extends Float32Array | Int32Array>(name: string, array: A): A;
  /** The largest id, a negative one as larger than any row; −1 of none. */
  largestId(ids: Int32Array): number;
  /** Sorts ids below `below`; costs what the batch costs. */
  distinctIds(ids: Int32Array, below: number): DistinctIds;
  /** One step of the optimizer on rows of a table. */
  updateRows(
    batch: RowGradients,
    table: OptimizerState,
    dim: number,
    optimizer: RowOptimizer,
    step: OptimizerStep,
  ): void;
  /** One step of the optimizer on a whole array. */
  updateDense(gradient: Float32Array, state: OptimizerState, optimizer: DenseOptimizer, step: OptimizerStep): void;
  /** Σ x², in double precision: blocks of 4,096, then a tree over the blocks. */
  squaredNorm(values: Float32Array): number;
  /** out[r, d] uniform in ±bounds[r], draw `from + r · dim + d` of a stream (`RandomStream.keys`). */
  drawUniform(keys: StreamKeys, from: number, bounds: Float64Array, out: Float32Array, shape: DrawnShape): void;
  /** out[r, d] normal with `deviation`, drawn likewise; `low` is the share cut off at each end, 0 for none. */
  drawNormal(
    keys: StreamKeys,
    from: number,
    { low, deviation }: { readonly low: number; readonly deviation: number },
    out: Float32Array,
    shape: DrawnShape,
  ): void;
}

export type StreamKeys = readonly [number, number];

/** `rows` rows, `stride` numbers apart (dim where not given), of which the first `dim` are drawn. */
export interface DrawnShape {
  readonly rows: number;
  readonly dim: number;
  readonly stride?: number;
}

/** What `openKernels` knows of its memory. */
interface Room {
  at(array: Float32Array | Int32Array | undefined): number;
  inside(array: Float32Array | Int32Array): boolean;
  scratch(name: string, length: number): Float32Array;
}

const grain = { rows: 128, blocks: 1, drawn: 512 } as const;
/** Floats in a block of a dense array; BLOCK in `kernels/tables.ts`. */
export const denseBlock = 4096;
/** Most counters of a digit: 16 KiB, so that they stay in the first-level cache beside the pairs. */
const MOST_BITS = 12;

/** Where 1 − β^t is 1 in single precision, and from where on a longer table of corrections would say nothing. */
function lastCorrection(beta1: number, beta2: number): number {
  const beta = Math.max(beta1, beta2);
  return beta <= 0 ? 1 : Math.min(1 << 20, Math.max(1, Math.ceil((-25 * Math.LN2) / Math.log(beta))));
}

export function tableKernels(pool: KernelPool, { at, inside, scratch }: Room): TableKernels {
  const ints = (name: string, length: number) => {
    const room = scratch(name, length);
    return new Int32Array(room.buffer, room.byteOffset, length);
  };
  /** √(1 − β2^t) / (1 − β1^t) and √(1 − β2^t) for t = 0 … last; a table for each pair of constants. */
  const corrections = new Map<string, { readonly pairs: Float32Array; readonly last: number }>();
  const correctionsOf = (beta1: number, beta2: number) => {
    const name = `corrections ${beta1} ${beta2}`;
    const known = corrections.get(name);
    if (known) return known;
    const last = lastCorrection(beta1, beta2);
    const pairs = scratch(name, 2 * (last + 1));
    for (let t = 1; t <= last; t++) pairs.set(adamCorrection({ beta1, beta2, epsilon: 1 }, 1, t), 2 * t);
    corrections.set(name, { pairs, last });
    return { pairs, last };
  };
  const adamArguments = (optimizer: Extract<DenseOptimizer, { kind: 'adam' | 'adamw' }>, step: OptimizerStep) => {
    const constants = { ...adamConstants, ...optimizer };
    const [rate, guard] = adamCorrection(constants, step.learningRate, step.step);
    return [rate, constants.beta1, constants.beta2, guard] as const;
  };

  return {
    scratch,
    holds: inside,
    hold<A extends Float32Array | Int32Array>(name: string, array: A): A {
      if (inside(array)) return array;
      const { buffer, byteOffset } = scratch(name, array.length);
      const make = array.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => A;
      const copy = new make(buffer, byteOffset, array.length);
      copy.set(array);
      return copy;
    },

    largestId(ids) {
      if (ids.length === 0) return -1;
      const out = ints('largestId', 1);
      pool.run('largestId', 1, 1, at(ids), ids.length, at(out));
      return out[0]! >>> 0;
    },

    distinctIds(ids, below) {
      const count = ids.length;
      const idBits = Math.max(1, 32 - Math.clz32(Math.max(1, below - 1)));
      const passes = Math.ceil(idBits / MOST_BITS);
      const bits = Math.ceil(idBits / passes);
      const pairs = scratch('distinctIds pairs', 4 * count);
      const counters = ints('distinctIds counters', passes << bits);
      const rows = ints('distinctIds rows', count);
      const places = ints('distinctIds places', count);
      const starts = ints('distinctIds starts', count + 1);
      const order = ints('distinctIds order', count);
      const found = ints('distinctIds found', 1);
      pool.run(
        'distinctIds',
        1,
        1,
        at(ids),
        count,
        bits,
        passes,
        at(pairs),
        at(counters),
        at(rows),
        at(places),
        at(starts),
        at(order),
        at(found),
      );
      const unique = found[0]!;
      return { rows: rows.subarray(0, unique), places, starts: starts.subarray(0, unique + 1), order };
    },

    updateRows({ rows, gradients, starts, order }, table, dim, optimizer, step) {
      const { learningRate, l2 = 0, scale = 1, clip = 0 } = step;
      const room = scratch('updateRows', pool.threads * dim);
      const { stride = dim } = table;
      const batch = [at(rows), at(starts), at(order), at(gradients), dim, scale, clip, l2, at(room), stride] as const;
      const run = (kernel: string, ...more: number[]) => pool.run(kernel, rows.length, grain.rows, ...batch, ...more);
      switch (optimizer.kind) {
        case 'adam': {
          const moments = [at(table.parameters), at(table.first), at(table.second)] as const;
          const [rate, beta1, beta2, guard] = adamArguments(optimizer, step);
          if (!table.steps) return run('adamTable', ...moments, rate, beta1, beta2, guard, 0, 0, 0, 0);
          const { pairs, last } = correctionsOf(beta1, beta2);
          const { epsilon = adamConstants.epsilon } = optimizer;
          return run(
            'adamTable',
            ...moments,
            learningRate,
            beta1,
            beta2,
            epsilon,
            at(table.steps),
            table.stride ?? 1,
            at(pairs),
            last,
          );
        }
        case 'adagrad':
          return run(
            'adagradTable',
            at(table.parameters),
            at(table.second),
            learningRate,
            optimizer.epsilon ?? adagradEpsilon,
          );
        case 'sgd':
          return run('sgdTable', at(table.parameters), at(table.first), learningRate, optimizer.momentum ?? 0);
      }
    },

    updateDense(gradient, state, optimizer, step) {
      const { learningRate, l2 = 0, scale = 1 } = step;
      const { length } = state.parameters;
      const run = (kernel: string, ...more: number[]) =>
        pool.run(
          kernel,
          Math.ceil(length / denseBlock),
          grain.blocks,
          at(gradient),
          length,
          scale,
          l2,
          at(state.parameters),
          ...more,
        );
      switch (optimizer.kind) {
        case 'adam':
          return run('adamDense', at(state.first), at(state.second), ...adamArguments(optimizer, step), 1);
        case 'adamw': {
          const keep = 1 - learningRate * optimizer.decay;
          return run('adamDense', at(state.first), at(state.second), ...adamArguments(optimizer, step), keep);
        }
        case 'adagrad':
          return run('adagradDense', at(state.second), learningRate, optimizer.epsilon ?? adagradEpsilon);
        case 'sgd':
          return run('sgdDense', at(state.first), learningRate, optimizer.momentum ?? 0);
      }
    },

    squaredNorm(values) {
      const blocks = Math.ceil(values.length / denseBlock);
      const room = scratch('squaredNorm', 2 * blocks);
      const sums = new Float64Array(room.buffer, room.byteOffset, blocks);
      pool.run('squaredBlocks', blocks, grain.blocks, at(values), values.length, at(room));
      return sumTree(sums);
    },

    drawUniform([first, second], from, bounds, out, { rows, dim, stride = dim }) {
      const room = scratch('drawUniform', 2 * rows);
      new Float64Array(room.buffer, room.byteOffset, rows).set(bounds);
      pool.run('drawUniform', rows, grain.drawn, first, second, from, at(room), at(out), dim, stride);
    },

    drawNormal([first, second], from, { low, deviation }, out, { rows, dim, stride = dim }) {
      pool.run('drawNormal', rows, grain.drawn, first, second, from, low, deviation, at(out), dim, stride);
    },
  };
}

/** Sum in a tree whose shape depends on the number of terms alone; 0 of none. */
export function sumTree(terms: ArrayLike<number>, from = 0, to = terms.length): number {
  if (to - from <= 2) return to - from === 2 ? terms[from]! + terms[from + 1]! : (terms[from] ?? 0);
  const middle = (from + to) >>> 1;
  return sumTree(terms, from, middle) + sumTree(terms, middle, to);
}
