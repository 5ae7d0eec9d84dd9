import type { Csr, SharedAllocator } from './csr.ts';
import { KernelPool, type KernelVariant } from './pool.ts';

/** The best `k` of each query, best first; ids are -1 and scores -Infinity where fewer than `k` were left. */
export interface TopK {
  readonly k: number;
  readonly ids: Int32Array; // [queries, k]
  readonly scores: Float32Array; // [queries, k]
}

/** Moment estimates' decay, step length and guard of Adam (Kingma & Ba, ICLR 2015, algorithm 1). */
export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Number of this step, from 1, for the bias corrections. */
  readonly step: number;
}

/** Adam's constants as its paper gives them. */
export const adamConstants = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** A table with the two moments of each of its numbers, all [rows, dim] in the kernels' memory. */
export interface Moments {
  readonly parameters: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/**
 * Kernels over one shared memory, run by a pool of threads. Every array argument lies in that memory (`floats`, `ints`, `put`).
 * Results do not depend on the number of threads, and each has a plain twin in `reference.ts`. Widths are multiples of 8.
 * Errors: compute/memory, compute/worker-failed.
 */
export interface Kernels extends SharedAllocator {
  readonly threads: number;
  readonly variant: KernelVariant;
  /** Bytes of the kernels' memory in use. */
  readonly used: number;
  floats(length: number): Float32Array;
  ints(length: number): Int32Array;
  /** The same numbers in the kernels' memory: the array itself where it already lies there. */
  put<A extends Float32Array | Int32Array>(array: A): A;
  /** Gives arrays of the kernels' memory back; others are passed over. */
  release(...arrays: (Float32Array | Int32Array | undefined)[]): void;

  /** y = scale · (A x + add), for all rows of A, or y[o] for rows[o]. x: [cols, dim]; y, add: [outputs, dim]. */
  multiplySparse(matrix: Csr, x: Float32Array, y: Float32Array, dim: number, more?: SparseProduct): void;
  /** Last backward propagation and Adam on its result, row by row; see `propagateAdam` in `kernels/sparse.ts`. */
  propagateAdam(
    matrix: Csr,
    batch: PropagationGradient,
    table: Moments,
    dim: number,
    adam: AdamStep,
    lazy: boolean,
  ): void;
  /** y[o] = x[ids[o]]. */
  gatherRows(ids: Int32Array, x: Float32Array, y: Float32Array, dim: number): void;
  /** y[ids[o]] += x[o]; repeated ids add up in order. */
  scatterAdd(ids: Int32Array, x: Float32Array, y: Float32Array, dim: number): void;
  /** Adam on rows `ids`, each once, with gradients [ids, dim] + l2 · parameters. */
  adamRows(ids: Int32Array, gradients: Float32Array, table: Moments, dim: number, adam: AdamStep, l2: number): void;
  /** unit[r] = x[r] / ‖x[r]‖ for the first `rows`; inverse[r] = 1 / ‖x[r]‖. */
  unitRows(rows: number, x: Float32Array, unit: Float32Array, inverse: Float32Array, dim: number): void;
  /** Gradient through unitRows, in place of `d`. */
  unitRowsGradient(rows: number, unit: Float32Array, inverse: Float32Array, d: Float32Array, dim: number): void;
  /** out[o] = ⟨a[left[o]], b[right[o]]⟩ for the first `count`. */
  dotPairs(
    count: number,
    a: Float32Array,
    left: Int32Array,
    b: Float32Array,
    right: Int32Array,
    out: Float32Array,
    dim: number,
  ): void;
  /** In-batch softmax loss with its gradients; see `SoftmaxBatch`. Returns the mean loss. */
  softmaxLoss(batch: SoftmaxBatch, x: Float32Array, dim: number, temperature: number, gradient: Float32Array): number;
  /** Lays rows [n, dim] out for `topK`: done once for a table that many queries are held against. */
  packRows(rows: Float32Array, dim: number): PackedRows;
  /**
   * Best rows for each of `queries` [q, dim] by dot product; row `i` of `exclude` names rows that query `i` must not get.
   * Any arrays will do here: those outside the kernels' memory are copied in.
   */
  topK(queries: Float32Array, rows: PackedRows, k: number, exclude?: Csr): TopK;
  close(): Promise<void>;
}

/** Rows in panels of eight, transposed; in the kernels' memory until `release(panels)`. */
export interface PackedRows {
  readonly count: number;
  readonly dim: number;
  readonly panels: Float32Array; // [⌈count / 8⌉, dim, 8]
}

export interface SparseProduct {
  /** Rows of the matrix to compute, one for each output; all where absent. */
  readonly rows?: Int32Array;
  readonly outputs?: number;
  readonly add?: Float32Array;
  readonly scale?: number;
}

export interface PropagationGradient {
  /** Place of each node in the batch, −1 elsewhere. */
  readonly slots: Int32Array; // [nodes]
  /** Gradient at the batch's nodes. */
  readonly gradient: Float32Array; // [slots in use, dim]
  /** Weight of the squared norm for each of them. */
  readonly decay: Float32Array; // [slots in use]
  /** What has been propagated back so far; the gradient itself (by slots) where absent. */
  readonly propagated?: Float32Array; // [nodes, dim]
  readonly scale: number;
}

/**
 * A batch for the in-batch softmax loss. Position p pairs row left[p] with row right[p] of x; the positives of the other
 * positions in the same group of `size` are its negatives, unless they are the same item.
 */
export interface SoftmaxBatch {
  readonly count: number;
  readonly size: number;
  readonly left: Int32Array; // [padded], padded = count rounded up to a multiple of size
  readonly right: Int32Array; // [padded]; equal numbers are the same item
}

const chunk = { rows: 64, light: 1024, panels: 16, tiles: 4, queries: 4 } as const;

export interface KernelOptions {
  readonly threads?: number | undefined;
  readonly variant?: KernelVariant;
}

/** Opens the kernels. Errors: compute/not-built. */
export function openKernels({ threads, variant }: KernelOptions = {}): Kernels {
  const pool = new KernelPool(threads, variant);
  const { memory } = pool;
  const at = (array: Float32Array | Int32Array | undefined): number => array?.byteOffset ?? 0;
  const inside = (array: Float32Array | Int32Array) => array.buffer === memory.memory.buffer || owned.has(array.buffer);
  // The buffer object changes when the memory grows; arrays over an earlier one still lie in it.
  const owned = new WeakSet<ArrayBufferLike>();
  const allocate = (bytes: number) => {
    const place = memory.allocate(bytes);
    owned.add(place.buffer);
    return place;
  };
  const floats = (length: number) => {
    const place = allocate(length * 4);
    return new Float32Array(place.buffer, place.byteOffset, length);
  };
  const ints = (length: number) => {
    const place = allocate(length * 4);
    return new Int32Array(place.buffer, place.byteOffset, length);
  };
  const release = (...arrays: (Float32Array | Int32Array | undefined)[]) => {
    for (const array of arrays) if (array && inside(array)) memory.free(array.byteOffset);
  };
  const put = <A extends Float32Array | Int32Array>(array: A): A => {
    if (inside(array)) return array;
    const copy = array instanceof Float32Array ? floats(array.length) : ints(array.length);
    copy.set(array);
    return copy as A;
  };
  const longestRows = new WeakMap<Int32Array, number>();
  const longestRow = (matrix: Csr): number => {
    let longest = longestRows.get(matrix.offsets);
    if (longest === undefined) {
      longest = 1;
      for (let r = 0; r < matrix.rows; r++) longest = Math.max(longest, matrix.offsets[r + 1]! - matrix.offsets[r]!);
      longestRows.set(matrix.offsets, longest);
    }
    return longest;
  };
  const scratches = new Map<string, Float32Array>();
  /** Room that a kernel needs while it runs; kept and grown, since the next step needs it again. */
  const scratch = (name: string, length: number): Float32Array => {
    let array = scratches.get(name);
    if (!array || array.length < length) {
      release(array);
      array = floats(length);
      scratches.set(name, array);
    }
    return array;
  };
  const correction = ({ learningRate, beta1, beta2, epsilon, step }: AdamStep) => {
    // lr · m̂ / (√v̂ + ε) with m̂ = m / (1 − β1^t), v̂ = v / (1 − β2^t), written with one step length and one guard.
    const root = Math.sqrt(1 - beta2 ** step);
    return [(learningRate * root) / (1 - beta1 ** step), beta1, beta2, epsilon * root] as const;
  };

  return {
    threads: pool.threads,
    variant: pool.variant,
    get used() {
      return memory.used;
    },
    allocate,
    floats,
    ints,
    put,
    release,

    multiplySparse(matrix, x, y, dim, { rows, outputs = rows?.length ?? matrix.rows, add, scale = 1 } = {}) {
      pool.run(
        'multiplySparse',
        outputs,
        chunk.rows,
        at(rows),
        at(matrix.offsets),
        at(matrix.indices),
        at(matrix.weights),
        at(x),
        at(add),
        at(y),
        dim,
        scale,
      );
    },

    propagateAdam(matrix, { slots, gradient, decay, propagated, scale }, table, dim, adam, lazy) {
      const longest = longestRow(matrix);
      const room = scratch('propagateAdam', pool.threads * (longest + dim) * 2);
      pool.run(
        'propagateAdam',
        matrix.rows,
        4 * chunk.rows,
        at(matrix.offsets),
        at(matrix.indices),
        at(matrix.weights),
        at(slots),
        propagated ? 0 : 1,
        at(propagated ?? gradient),
        at(gradient),
        at(decay),
        dim,
        scale,
        at(table.parameters),
        at(table.first),
        at(table.second),
        ...correction(adam),
        lazy ? 1 : 0,
        at(room),
        longest,
      );
    },

    gatherRows(ids, x, y, dim) {
      pool.run('gatherRows', ids.length, chunk.light, at(ids), at(x), at(y), dim);
    },
    scatterAdd(ids, x, y, dim) {
      pool.run('scatterAdd', ids.length, ids.length, at(ids), at(x), at(y), dim);
    },
    adamRows(ids, gradients, table, dim, adam, l2) {
      pool.run(
        'adamRows',
        ids.length,
        chunk.rows,
        at(ids),
        at(gradients),
        l2,
        at(table.parameters),
        at(table.first),
        at(table.second),
        dim,
        ...correction(adam),
      );
    },
    unitRows(rows, x, unit, inverse, dim) {
      pool.run('unitRows', rows, chunk.light, at(x), at(unit), at(inverse), dim);
    },
    unitRowsGradient(rows, unit, inverse, d, dim) {
      pool.run('unitRowsGradient', rows, chunk.light, at(unit), at(inverse), at(d), dim);
    },
    dotPairs(count, a, left, b, right, out, dim) {
      pool.run('dotPairs', count, chunk.light, at(a), at(left), at(b), at(right), at(out), dim);
    },

    softmaxLoss({ count, size, left, right }, x, dim, temperature, gradient) {
      const padded = Math.ceil(count / size) * size;
      const room = scratch('softmaxLoss', padded * (4 * dim + size + 2));
      const part = (from: number, length: number) => room.subarray(from, from + length);
      const rows = part(0, padded * dim);
      const transposed = part(padded * dim, padded * dim);
      const rightColumns = part(2 * padded * dim, padded * dim);
      const leftColumns = part(3 * padded * dim, padded * dim);
      const p = part(4 * padded * dim, padded * size);
      const losses = part(4 * padded * dim + padded * size, 2 * padded);
      pool.run('gatherRows', padded, chunk.light, at(left), at(x), at(rows), dim);
      pool.run('packTransposed', padded / 8, chunk.panels, at(right), count, at(x), dim, at(transposed));
      pool.run('packColumns', padded, chunk.light, at(right), count, at(x), dim, size, at(rightColumns));
      pool.run('packColumns', padded, chunk.light, at(left), count, at(x), dim, size, at(leftColumns));
      pool.run(
        'softmaxForward',
        padded / 4,
        chunk.tiles,
        at(rows),
        at(transposed),
        at(rightColumns),
        at(right),
        count,
        size,
        dim,
        1 / temperature,
        at(p),
        at(losses),
        at(gradient),
      );
      pool.run(
        'softmaxBackward',
        padded / 4,
        chunk.tiles,
        at(leftColumns),
        size,
        dim,
        1 / temperature,
        at(p),
        at(gradient) + padded * dim * 4,
      );
      let loss = 0;
      for (let r = 0; r < count; r++) loss += Math.log(losses[2 * r]!) + losses[2 * r + 1]!;
      return loss / count;
    },

    packRows(rows, dim) {
      const count = rows.length / dim;
      const source = put(rows);
      const panels = floats(Math.ceil(count / 8) * 8 * dim);
      pool.run('packTransposed', Math.ceil(count / 8), chunk.panels, 0, count, at(source), dim, at(panels));
      if (source !== rows) release(source);
      return { count, dim, panels };
    },

    topK(queries, { count: rows, dim, panels }, k, exclude) {
      const count = queries.length / dim;
      const padded = floats(Math.ceil(count / 4) * 4 * dim);
      padded.set(queries);
      const offsets = exclude && put(exclude.offsets);
      const excluded = exclude && put(exclude.indices);
      const ids = ints(count * k);
      const scores = floats(count * k);
      pool.run(
        'topRows',
        Math.ceil(count / 4),
        chunk.queries,
        at(padded),
        count,
        at(panels),
        rows,
        dim,
        at(offsets),
        at(excluded),
        k,
        at(ids),
        at(scores),
        at(scratch('topK', pool.threads * 1024)),
      );
      const found: TopK = { k, ids: ids.slice(), scores: scores.slice() };
      release(padded, ids, scores);
      if (offsets !== exclude?.offsets) release(offsets);
      if (excluded !== exclude?.indices) release(excluded);
      return found;
    },

    close: () => pool.close(),
  };
}
