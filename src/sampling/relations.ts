/** Edges as compressed sparse rows, by counting sort: linear in edges and nodes, no comparisons. */
import { type Csr, type SharedAllocator, transposeCsr } from '../compute/csr.ts';
import { sharedArray } from './memory.ts';

/** Edges as parallel columns, in any order, possibly repeated. */
export interface EdgeList {
  readonly from: ArrayLike<number>; // [n]
  readonly to: ArrayLike<number>; // [n]
  readonly weights?: ArrayLike<number>; // [n]
}

/**
 * One stable pass of a counting sort: `order` rearranged so that `keys` ascends along it.
 * `keys[order[i]]` lies in [0, buckets). Stable passes from the least to the most significant key sort by all of them.
 */
export function countingPass(keys: ArrayLike<number>, buckets: number, order: Uint32Array): Uint32Array {
  const starts = new Uint32Array(buckets + 1);
  for (let i = 0; i < order.length; i++) starts[keys[order[i]!]! + 1]!++;
  for (let bucket = 0; bucket < buckets; bucket++) starts[bucket + 1]! += starts[bucket]!;
  const sorted = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) {
    const entry = order[i]!;
    sorted[starts[keys[entry]!]!++] = entry;
  }
  return sorted;
}

/** Rows of at most this many are sorted by insertion: a call of the built-in sort costs more. */
const shortRow = 32;

/**
 * `order` rearranged, stably, so that along it rows ascend, and columns within a row. Edges of a row mostly come near each
 * other, and then this stays within the caches, where a counting pass over columns would leave them.
 * from[e] < rows, and to[e] · the longest row < 2^53.
 */
export function rowOrder({ from, to }: EdgeList, rows: number, order: Uint32Array): Uint32Array {
  let sortedUntil = 1;
  for (; sortedUntil < order.length; sortedUntil++) {
    const [before, entry] = [order[sortedUntil - 1]!, order[sortedUntil]!];
    if (from[entry]! < from[before]! || (from[entry] === from[before] && to[entry]! < to[before]!)) break;
  }
  if (sortedUntil >= order.length) return order;
  const ends = new Uint32Array(rows + 1);
  for (let i = 0; i < order.length; i++) ends[from[order[i]!]! + 1]!++;
  let longest = 0;
  for (let row = 0; row < rows; row++) {
    longest = Math.max(longest, ends[row + 1]!);
    ends[row + 1]! += ends[row]!;
  }
  const sorted = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) sorted[ends[from[order[i]!]!]!++] = order[i]!;

  const keys = new Float64Array(longest);
  const unsorted = new Uint32Array(longest);
  for (let row = 0, begin = 0; row < rows; begin = ends[row++]!) {
    const end = ends[row]!;
    const length = end - begin;
    let ascending = begin + 1;
    while (ascending < end && to[sorted[ascending]!]! >= to[sorted[ascending - 1]!]!) ascending++;
    if (ascending >= end) continue;
    if (length <= shortRow) {
      for (let i = ascending; i < end; i++) {
        const entry = sorted[i]!;
        let j = i - 1;
        for (; j >= begin && to[sorted[j]!]! > to[entry]!; j--) sorted[j + 1] = sorted[j]!;
        sorted[j + 1] = entry;
      }
      continue;
    }
    // Column and place in one number: sorting those is stable, and needs no comparison in JavaScript.
    for (let i = 0; i < length; i++) {
      unsorted[i] = sorted[begin + i]!;
      keys[i] = to[unsorted[i]!]! * length + i;
    }
    const places = keys.subarray(0, length).sort();
    for (let i = 0; i < length; i++) sorted[begin + i] = unsorted[places[i]! % length]!;
  }
  return sorted;
}

/** 0, 1, 2, … */
export function identity(length: number): Uint32Array {
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  return order;
}

/** Rows ascending, each pair once; of a repeated pair the last weight stays. */
export function relationOf(rows: number, cols: number, edges: EdgeList, allocator: SharedAllocator): Csr {
  const { from, to, weights } = edges;
  const order = rowOrder(edges, rows, identity(from.length));
  const isLast = (i: number): boolean => {
    const entry = order[i]!;
    const next = order[i + 1]; // undefined after the last
    return next === undefined || from[entry] !== from[next] || to[entry] !== to[next];
  };
  let pairs = 0;
  for (let i = 0; i < order.length; i++) if (isLast(i)) pairs++;

  const offsets = sharedArray('i32', rows + 1, allocator);
  const indices = sharedArray('i32', pairs, allocator);
  const kept = weights ? sharedArray('f32', pairs, allocator) : undefined;
  let at = 0;
  for (let i = 0; i < order.length; i++) {
    if (!isLast(i)) continue;
    const entry = order[i]!;
    offsets[from[entry]! + 1]!++;
    indices[at] = to[entry]!;
    if (kept) kept[at] = weights![entry]!;
    at++;
  }
  for (let row = 0; row < rows; row++) offsets[row + 1]! += offsets[row]!;
  return kept ? { rows, cols, offsets, indices, weights: kept } : { rows, cols, offsets, indices };
}

/** The same edges seen from the other side; rows ascend again. */
export const transpose = (csr: Csr, allocator: SharedAllocator): Csr =>
  transposeCsr(csr, {
    ints: (length) => sharedArray('i32', length, allocator),
    floats: (length) => sharedArray('f32', length, allocator),
  });
