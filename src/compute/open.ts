import type { Csr } from './csr.ts';
import { greedyKernels } from './greedy.ts';
import { adamArguments, type Kernels } from './kernels.ts';
import { pairKernels } from './pairs.ts';
import { KernelPool, type KernelVariant } from './pool.ts';
import { searchKernels } from './search.ts';
import { tableKernels } from './tables.ts';

const chunk = { rows: 64, light: 1024, panels: 16, tiles: 4 } as const;

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
  const allocate = (bytes: number, zeroed = true) => {
    const place = memory.allocate(bytes, zeroed);
    owned.add(place.buffer);
    return place;
  };
  const floats = (length: number) => {
    const place = allocate(length * 4);
    return new Float32Array(place.buffer, place.byteOffset, length);
  };
  const unfilled = (length: number) => {
    const place = allocate(length * 4, false);
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
    const copy = array instanceof Float32Array ? unfilled(array.length) : ints(array.length);
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

  /** Both sides of a product within groups as its kernels read them, and room for the product and `lossWidth` numbers a row. */
  const packSides = (
    left: Int32Array,
    right: Int32Array,
    live: { readonly left: number; readonly right: number },
    padded: number,
    size: number,
    x: Float32Array,
    dim: number,
    lossWidth: number,
  ) => {
    const room = scratch('packSides', padded * (4 * dim + size + lossWidth));
    const part = (from: number, length: number) => room.subarray(from, from + length);
    const rows = part(0, padded * dim);
    const transposed = part(padded * dim, padded * dim);
    const rightColumns = part(2 * padded * dim, padded * dim);
    const leftColumns = part(3 * padded * dim, padded * dim);
    const p = part(4 * padded * dim, padded * size);
    const losses = part(4 * padded * dim + padded * size, lossWidth * padded);
    pool.run('gatherRows', padded, chunk.light, at(left), at(x), at(rows), dim, dim);
    pool.run('packTransposed', padded / 8, chunk.panels, at(right), live.right, at(x), dim, at(transposed));
    pool.run('packColumns', padded, chunk.light, at(right), live.right, at(x), dim, size, at(rightColumns));
    pool.run('packColumns', padded, chunk.light, at(left), live.left, at(x), dim, size, at(leftColumns));
    return { rows, transposed, rightColumns, leftColumns, p, losses };
  };
  /** Gradient of the right side, after that of the left. */
  const rightGradient = (
    { leftColumns, p }: { readonly leftColumns: Float32Array; readonly p: Float32Array },
    padded: number,
    size: number,
    dim: number,
    scale: number,
    gradient: Float32Array,
  ) => {
    const to = at(gradient) + padded * dim * 4;
    pool.run('softmaxBackward', padded / 4, chunk.tiles, at(leftColumns), size, dim, scale, at(p), to);
  };

  return {
    threads: pool.threads,
    variant: pool.variant,
    get used() {
      return memory.used;
    },
    allocate: (bytes) => allocate(bytes),
    floats,
    ints,
    unfilled,
    run: (kernel, total, grain, ...args) => pool.run(kernel, total, grain, ...args),
    put,
    release,
    ...searchKernels(pool, { at, floats, ints, put, release, scratch }),
    ...pairKernels(pool, { at, floats, ints, put, release }),
    ...tableKernels(pool, { at, inside, scratch }),
    ...greedyKernels(pool, { scratch }),

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

    multiplySlots(matrix, slots, x, y, dim) {
      const longest = longestRow(matrix);
      const room = scratch('multiplySlots', pool.threads * longest * 2);
      const { offsets, indices, weights } = matrix;
      const entries = [at(offsets), at(indices), at(weights), at(slots)] as const;
      pool.run('multiplySlots', matrix.rows, 4 * chunk.rows, ...entries, at(x), at(y), dim, at(room), longest);
    },

    propagateAdam(matrix, { slots, gradient, own = true, decay, propagated, scale }, table, dim, adam, lazy) {
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
        own ? at(gradient) : 0,
        at(decay),
        dim,
        scale,
        at(table.parameters),
        at(table.first),
        at(table.second),
        ...adamArguments(adam),
        lazy ? 1 : 0,
        at(room),
        longest,
      );
    },

    gatherRows(ids, x, y, dim, stride = dim) {
      pool.run('gatherRows', ids.length, chunk.light, at(ids), at(x), at(y), dim, stride);
    },
    scatterAdd(ids, x, y, dim) {
      pool.run('scatterAdd', ids.length, ids.length, at(ids), at(x), at(y), dim);
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

    perturbRows([first, second], length, x, dim, chosen) {
      const room = scratch('perturbRows', pool.threads * dim);
      const count = chosen?.count ?? x.length / dim;
      pool.run('perturbRows', count, chunk.light, first, second, at(chosen?.rows), length, at(x), dim, at(room));
    },

    softmaxLoss({ count, size, left, right, decoupled, pull = 1 }, x, dim, temperature, gradient) {
      const padded = Math.ceil(count / size) * size;
      const sides = packSides(left, right, { left: count, right: count }, padded, size, x, dim, 2);
      const { rows, transposed, rightColumns, p, losses } = sides;
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
        decoupled ? 1 : 0,
        pull,
        at(p),
        at(losses),
        at(gradient),
      );
      rightGradient(sides, padded, size, dim, 1 / temperature, gradient);
      let loss = 0;
      for (let r = 0; r < count; r++) loss += Math.log(losses[2 * r]!) + losses[2 * r + 1]!;
      return loss / count;
    },

    logisticLoss({ count, size, left, right, base, leftWeights, rightWeights }, x, dim, gradient) {
      const padded = Math.ceil(count / size) * size;
      const sides = packSides(left, right, { left: count, right: padded }, padded, size, x, dim, 1);
      const { rows, transposed, rightColumns, p, losses } = sides;
      pool.run(
        'logisticForward',
        padded / 4,
        chunk.tiles,
        at(rows),
        at(transposed),
        at(rightColumns),
        count,
        size,
        dim,
        base,
        at(leftWeights),
        at(rightWeights),
        at(p),
        at(losses),
        at(gradient),
      );
      rightGradient(sides, padded, size, dim, 1, gradient);
      let loss = 0;
      for (let r = 0; r < count; r++) loss += losses[r]!;
      return loss;
    },

    close: () => pool.close(),
  };
}
