/** The seam between ranking and the ways of finding the best rows of a table: a scan, a scan of bytes, a graph, the database. */
import type { Csr } from '../../compute/csr.ts';
import type { TopK } from '../../compute/kernels.ts';
import type { IndexKind } from '../../options.ts';

/**
 * What a row scores: its inner product with the query, or that of the row made as long as 1, which is the cosine for queries of
 * length 1.
 */
export type Metric = 'dot' | 'cosine';

/** The table that an index is over. It is read, never changed, and kept for as long as the index is. */
export interface IndexedRows {
  readonly rows: Float32Array; // [n, dim]
  readonly dim: number;
  readonly metric: Metric;
}

/** Which rows a search may find. */
export interface SearchLimits {
  /** Row `i` names, ascending, the rows that query `i` must not get. */
  readonly exclude?: Csr | undefined;
  /** The rows that any query may get; all where absent. See `bitmapOf`. */
  readonly allowed?: Int32Array | undefined;
}

/** Finds the rows that score best. One that asks over a network promises its answer. */
export interface VectorIndex<Answer extends TopK | Promise<TopK> = TopK> {
  readonly kind: Exclude<IndexKind, 'auto'>;
  /** How many rows it is over. */
  readonly count: number;
  /** What it holds in memory beside the rows themselves. */
  readonly bytes: number;
  /** Share of the best ten that it finds, where it may miss some and was tried. */
  readonly recall?: number;
  /**
   * The best `k` rows of each of `queries` [q, dim], best first, ties by the lower id, with exact scores; fewer only where no more may be
   * found. Errors: compute/memory; neo4j/* of the index in the graph.
   */
  search(queries: Float32Array, k: number, limits?: SearchLimits): Answer;
  /** Gives back what it holds. It must not be asked afterwards. */
  dispose(): void;
}

/** Rows by id as bits, for `SearchLimits.allowed`: bit `id % 32` of number ⌊id / 32⌋. [⌈count / 32⌉] */
export function bitmapOf(ids: Iterable<number>, count: number): Int32Array {
  const bits = new Int32Array(Math.ceil(count / 32));
  for (const id of ids) bits[id >>> 5]! |= 1 << (id & 31);
  return bits;
}

export const isAllowed = (bits: Int32Array, id: number): boolean => ((bits[id >>> 5]! >>> (id & 31)) & 1) === 1;

/** How many rows are allowed. */
export function countAllowed(bits: Int32Array): number {
  const known = counts.get(bits);
  if (known !== undefined) return known;
  let count = 0;
  for (let word = 0; word < bits.length; word++) {
    // Sums of bits in pairs, in fours, in bytes, and of the bytes.
    let sums = bits[word]!;
    sums -= (sums >>> 1) & 0x55555555;
    sums = (sums & 0x33333333) + ((sums >>> 2) & 0x33333333);
    count += Math.imul((sums + (sums >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  counts.set(bits, count);
  return count;
}
/** Of bitmaps, which nobody changes once they are handed out. */
const counts = new WeakMap<Int32Array, number>();

/** So many rows are as well excluded one by one. */
const mostForbidden = 256;

/** The rows of `count` that are not allowed, ascending; undefined where they are more than a few. */
export function fewForbidden(allowed: Int32Array, count: number): readonly number[] | undefined {
  if (count - countAllowed(allowed) > mostForbidden) return undefined;
  const forbidden: number[] = [];
  for (let word = 0; word < allowed.length; word++) {
    if (allowed[word] === -1) continue;
    for (let id = 32 * word; id < Math.min(count, 32 * word + 32); id++)
      if (!isAllowed(allowed, id)) forbidden.push(id);
  }
  return forbidden;
}

/** One row of a matrix of exclusions. */
export const excludedOf = ({ offsets, indices }: Csr, query: number): Int32Array =>
  indices.subarray(offsets[query], offsets[query + 1]);
