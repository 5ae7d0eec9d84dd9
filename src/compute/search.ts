/** The best rows of a table for queries, by a scan of all of them: as they are, or as bytes. */
import type { Csr } from './csr.ts';
import type { Kernels } from './kernels.ts';
import type { KernelPool } from './pool.ts';

/** The best `k` of each query, best first; ids are -1 and scores -Infinity where fewer than `k` were left. */
export interface TopK {
  readonly k: number;
  readonly ids: Int32Array; // [queries, k]
  readonly scores: Float32Array; // [queries, k]
}

/** Rows in panels of eight, transposed; in the kernels' memory until `release(panels)`. */
export interface PackedRows {
  readonly count: number;
  readonly dim: number;
  readonly panels: Float32Array; // [⌈count / 8⌉, dim, 8]
}

/** Rows as bytes with a scale each, for `topBytes`; in the kernels' memory until `release(panels, scales, shifts)`. */
export interface PackedBytes {
  readonly count: number;
  readonly dim: number;
  readonly panels: Int32Array; // four bytes a number: [2 ⌈count / 8⌉, ⌈dim / 4⌉, 4]
  readonly scales: Float32Array; // [8 ⌈count / 8⌉]
  /** What the products of shifted queries have too much. [8 ⌈count / 8⌉] */
  readonly shifts: Int32Array;
}

/**
 * Any arrays will do here: those outside the kernels' memory are copied in. Any dim. Row `i` of `exclude` names rows that query `i` must
 * not get; `allowed` the rows that any may get: bit `id % 32` of number ⌊id / 32⌋, all where absent.
 */
export interface SearchKernels {
  /** Lays rows [n, dim] out for `topK`: done once for a table that many queries are held against. */
  packRows(rows: Float32Array, dim: number): PackedRows;
  /** Best rows for each of `queries` [q, dim] by dot product. */
  topK(queries: Float32Array, rows: PackedRows, k: number, exclude?: Csr, allowed?: Int32Array): TopK;
  /** The best among some rows for one query [dim], which are named in any order, -1 for none: as `topK` would find them, to the bit. */
  topAmong(query: Float32Array, rows: PackedRows, among: Int32Array, k: number): TopK;
  /** Rows [n, dim] as bytes, for `topBytes`. */
  packBytes(rows: Float32Array, dim: number): PackedBytes;
  /**
   * The same by bytes of rows (8 bits) and queries (7 bits): scores are off by about a hundredth of the greatest, so more should be
   * asked for than are wanted, and their scores computed anew.
   */
  topBytes(queries: Float32Array, rows: PackedBytes, k: number, exclude?: Csr, allowed?: Int32Array): TopK;
}

/** Rows that are laid out at a time: so many that threads have enough to do, so few that a table is never there twice. */
const slice = 8192;
/** Panels of rows a chunk. */
const grain = 16;
/** Queries that are held against a block of rows together. */
const tile = 4;
/** Least rows of a part, where few queries are shared out among threads; a multiple of the kernels' blocks of 256. */
const leastPart = 32_768;
/** Rows whose scores a kernel computes before it looks at them. */
const block = 256;

type Room = Pick<Kernels, 'floats' | 'ints' | 'put' | 'release' | 'scratch'> & {
  readonly at: (array: Float32Array | Int32Array | undefined) => number;
};

export function searchKernels(pool: KernelPool, { at, floats, ints, put, release, scratch }: Room): SearchKernels {
  /** Hands the rows over in slices that lie in the kernels' memory. */
  const inSlices = (rows: Float32Array, dim: number, take: (part: Float32Array, first: number) => void): void => {
    const count = rows.length / dim;
    for (let first = 0; first < count; first += slice) {
      const part = rows.subarray(first * dim, Math.min(count, first + slice) * dim);
      const inside = put(part);
      take(inside, first);
      if (inside !== part) release(inside);
    }
  };

  /** Runs a scan over tiles of queries, and over parts of the rows where there are fewer tiles than threads; best of the parts. */
  const scan = (
    kernel: string,
    queries: Float32Array,
    { count: rows, dim }: { readonly count: number; readonly dim: number },
    table: readonly number[],
    k: number,
    exclude: Csr | undefined,
    allowed: Int32Array | undefined,
    room: { readonly name: string; readonly length: number },
  ): TopK => {
    const count = queries.length / dim;
    const tiles = Math.ceil(count / tile);
    // Two chunks a thread, so that one that is held up does not hold up the rest. What is found does not depend on it.
    const wanted = pool.threads === 1 || tiles === 0 ? 1 : Math.ceil((2 * pool.threads) / tiles);
    const parts = Math.max(1, Math.min(wanted, Math.floor(rows / leastPart)));
    const partRows = Math.ceil(rows / parts / block) * block;
    const padded = floats(tiles * tile * dim);
    padded.set(queries);
    const offsets = exclude && put(exclude.offsets);
    const excluded = exclude && put(exclude.indices);
    const bits = allowed && put(allowed);
    const ids = ints(count * parts * k);
    const scores = floats(count * parts * k);
    pool.run(
      kernel,
      tiles * parts,
      1,
      at(padded),
      count,
      ...table,
      at(offsets),
      at(excluded),
      at(bits),
      k,
      partRows,
      parts,
      at(ids),
      at(scores),
      at(scratch(room.name, pool.threads * room.length)),
    );
    const found: TopK = { k, ids: ids.slice(), scores: scores.slice() };
    release(padded, ids, scores);
    if (offsets !== exclude?.offsets) release(offsets);
    if (excluded !== exclude?.indices) release(excluded);
    if (bits !== allowed) release(bits);
    return parts === 1 ? found : bestOfParts(found, count, parts);
  };

  return {
    packRows(rows, dim) {
      const count = rows.length / dim;
      const panels = floats(Math.ceil(count / 8) * 8 * dim);
      inSlices(rows, dim, (part, first) => {
        const total = part.length / dim;
        const to = at(panels) + first * dim * 4;
        pool.run('packTransposed', Math.ceil(total / 8), grain, 0, total, at(part), dim, to);
      });
      return { count, dim, panels };
    },

    topK(queries, packed, k, exclude, allowed) {
      const table = [at(packed.panels), packed.count, packed.dim];
      return scan('topRows', queries, packed, table, k, exclude, allowed, { name: 'topK', length: tile * (block + 1) });
    },

    topAmong(query, { panels, dim }, among, k) {
      const [asked, named] = [put(query), put(among)];
      const [ids, scores] = [ints(k), floats(k)];
      const lanes = at(scratch('topAmong', 4));
      const places = [at(asked), at(panels), dim, at(named), among.length, k, at(ids), at(scores), lanes];
      pool.run('topAmong', 1, 1, ...places);
      const found: TopK = { k, ids: ids.slice(), scores: scores.slice() };
      release(ids, scores);
      if (asked !== query) release(asked);
      if (named !== among) release(named);
      return found;
    },

    packBytes(rows, dim) {
      const count = rows.length / dim;
      const padded = Math.ceil(count / 8) * 8;
      const groups = Math.ceil(dim / 4);
      const panels = ints(padded * groups);
      const scales = floats(padded);
      const shifts = ints(padded);
      inSlices(rows, dim, (part, first) => {
        const total = part.length / dim;
        const to = [at(panels) + first * groups * 4, at(scales) + first * 4, at(shifts) + first * 4];
        pool.run('packBytes', Math.ceil(total / 4), grain, at(part), total, dim, ...to);
      });
      return { count, dim, panels, scales, shifts };
    },

    topBytes(queries, packed, k, exclude, allowed) {
      const { panels, scales, shifts, count, dim } = packed;
      const table = [at(panels), at(scales), at(shifts), count, dim];
      const length = block + (block / 4 + 4) + tile * (2 + 2 * Math.ceil(dim / 4));
      return scan('topBytes', queries, packed, table, k, exclude, allowed, { name: 'topBytes', length });
    },
  };
}

/** The best of each query among what was found in each part of the rows, parts in order. found: [queries, parts, k] */
function bestOfParts({ k, ids, scores }: TopK, queries: number, parts: number): TopK {
  const best: TopK = { k, ids: new Int32Array(queries * k), scores: new Float32Array(queries * k) };
  const next = new Int32Array(parts);
  for (let q = 0; q < queries; q++) {
    for (let part = 0; part < parts; part++) next[part] = (q * parts + part) * k;
    for (let place = 0; place < k; place++) {
      let first = 0;
      // At the same score an earlier part has the lower id; a part that is used up says -Infinity.
      for (let part = 1; part < parts; part++)
        if (scoreAt(part) > scoreAt(first) || (idAt(first) < 0 && idAt(part) >= 0)) first = part;
      best.ids[q * k + place] = idAt(first);
      best.scores[q * k + place] = scoreAt(first);
      next[first]!++;
    }

    function scoreAt(part: number): number {
      const end = (q * parts + part + 1) * k;
      return next[part]! < end ? scores[next[part]!]! : -Infinity;
    }
    function idAt(part: number): number {
      const end = (q * parts + part + 1) * k;
      return next[part]! < end ? ids[next[part]!]! : -1;
    }
  }
  return best;
}
