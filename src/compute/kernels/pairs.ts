// Weights between the columns of a sparse matrix: those that its rows bring together, the largest of each, and what sums of them
// rank first. A thread's room holds sums f64 [cols], flags u8 [cols, to a multiple of 16], met i32 [cols], and a heap of k ids and
// scores; sums and flags are zero before and after each column.
import { beginHeap, offer, sortHeap, worse } from './topk';

// @ts-ignore: decorator
@inline
function flagsOf(room: usize, cols: i32): usize {
  return room + (<usize>cols << 3);
}
// @ts-ignore: decorator
@inline
function metOf(room: usize, cols: i32): usize {
  return flagsOf(room, cols) + <usize>((cols + 15) & ~15);
}
// @ts-ignore: decorator
@inline
function heapOf(room: usize, cols: i32): usize {
  return metOf(room, cols) + (<usize>cols << 2);
}

/** Adds to a column's sum; returns how many were met. */
// @ts-ignore: decorator
@inline
function add(sums: usize, flags: usize, met: usize, count: i32, column: i32, amount: f64): i32 {
  const sum = sums + (<usize>column << 3);
  store<f64>(sum, load<f64>(sum) + amount);
  const flag = flags + <usize>column;
  if (load<u8>(flag)) return count;
  store<u8>(flag, 1);
  store<i32>(met + (<usize>count << 2), column);
  return count + 1;
}

/**
 * Column c of the range is column `first + c` of A: weights[c, ·] = the `most` largest of f32(Σ_r ofRow[r] · ofFrom[j] · ofTo[first + c])
 * over the rows r that have both, j ≠ first + c, of equals the smaller j; by j, counts[c] of them. offsets, indices: A's rows; people,
 * ofColumn: the same of its transpose; ofRow: f64 [rows]; ofFrom, ofTo: f64 [cols], at least 0; ids: i32 [n, most]; weights: f32 [n, most].
 */
export function coOccurrence(
  thread: i32, begin: i32, end: i32,
  first: i32, offsets: usize, indices: usize, people: usize, ofColumn: usize, ofRow: usize, ofFrom: usize, ofTo: usize,
  cols: i32, most: i32, ids: usize, weights: usize, counts: usize, scratch: usize, pitch: i32,
): void {
  const sums = scratch + <usize>thread * <usize>pitch;
  const flags = flagsOf(sums, cols), met = metOf(sums, cols), heap = heapOf(sums, cols);
  const heapScores = heap + (<usize>most << 2);
  for (let c = begin; c < end; c++) {
    const own = first + c;
    let count = 0;
    for (let p = load<i32>(people + (<usize>own << 2)), last = load<i32>(people + (<usize>own << 2), 4); p < last; p++) {
      const row = load<i32>(ofColumn + (<usize>p << 2));
      const share = load<f64>(ofRow + (<usize>row << 3));
      for (let e = load<i32>(offsets + (<usize>row << 2)), stop = load<i32>(offsets + (<usize>row << 2), 4); e < stop; e++)
        count = add(sums, flags, met, count, load<i32>(indices + (<usize>e << 2)), share);
    }
    // Itself is met by whoever is met at all.
    store<u8>(flags + <usize>own, 0);
    store<f64>(sums + (<usize>own << 3), 0);
    const to = load<f64>(ofTo + (<usize>own << 3));
    const all = count - 1 <= most;
    if (!all) {
      beginHeap(most, heap, heapScores);
      for (let m = 0; m < count; m++) {
        const column = load<i32>(met + (<usize>m << 2));
        if (column != own) offer(weightOf(sums, ofFrom, to, column), column, most, heap, heapScores);
      }
    }
    const worst = load<f32>(heapScores), worstId = load<i32>(heap);
    let kept = <usize>c * <usize>most << 2;
    const start = kept;
    for (let from = 0; from < cols; from += 16) {
      if (!v128.any_true(v128.load(flags + <usize>from))) continue;
      for (let column = from, stop = min(from + 16, cols); column < stop; column++) {
        if (!load<u8>(flags + <usize>column)) continue;
        const weight = weightOf(sums, ofFrom, to, column);
        store<u8>(flags + <usize>column, 0);
        store<f64>(sums + (<usize>column << 3), 0);
        if (!all && worse(weight, column, worst, worstId)) continue;
        store<i32>(ids + kept, column);
        store<f32>(weights + kept, weight);
        kept += 4;
      }
    }
    store<i32>(counts + (<usize>c << 2), <i32>((kept - start) >> 2));
  }
}

// @ts-ignore: decorator
@inline
function weightOf(sums: usize, ofFrom: usize, to: f64, column: i32): f32 {
  return <f32>(load<f64>(sums + (<usize>column << 3)) * load<f64>(ofFrom + (<usize>column << 3)) * to);
}

/**
 * Row c of the range is row `first + c` of a matrix: the `most` largest of its f32(values · ofColumn), of equals the smaller column, by
 * column. ofColumn: f64 [cols]; ids: i32 [n, most]; weights: f32 [n, most]; counts: i32 [n]; scratch: a heap a thread, f32 [threads, 2 · most].
 */
export function largestOfRows(
  thread: i32, begin: i32, end: i32,
  first: i32, offsets: usize, indices: usize, values: usize, ofColumn: usize, most: i32, ids: usize, weights: usize, counts: usize,
  scratch: usize,
): void {
  const heap = scratch + <usize>thread * (<usize>most << 3);
  const heapScores = heap + (<usize>most << 2);
  for (let c = begin; c < end; c++) {
    const row = offsets + (<usize>(first + c) << 2);
    const from = load<i32>(row), stop = load<i32>(row, 4);
    const all = stop - from <= most;
    if (!all) {
      beginHeap(most, heap, heapScores);
      for (let e = from; e < stop; e++)
        offer(scaled(values, indices, ofColumn, e), load<i32>(indices + (<usize>e << 2)), most, heap, heapScores);
    }
    const worst = load<f32>(heapScores), worstId = load<i32>(heap);
    let kept = <usize>c * <usize>most << 2;
    const start = kept;
    for (let e = from; e < stop; e++) {
      const column = load<i32>(indices + (<usize>e << 2));
      const weight = scaled(values, indices, ofColumn, e);
      if (!all && worse(weight, column, worst, worstId)) continue;
      store<i32>(ids + kept, column);
      store<f32>(weights + kept, weight);
      kept += 4;
    }
    store<i32>(counts + (<usize>c << 2), <i32>((kept - start) >> 2));
  }
}

// @ts-ignore: decorator
@inline
function scaled(values: usize, indices: usize, ofColumn: usize, entry: i32): f32 {
  const place = <usize>entry << 2;
  return <f32>(<f64>load<f32>(values + place) * load<f64>(ofColumn + (<usize>load<i32>(indices + place) << 3)));
}

/**
 * The best k of each history by sums of weights, f32(Σ_{j ∈ history} W[j, i]), of those that anything leads to: ids and scores as `topRows`
 * has them. histories, done: rows of columns; offsets, indices, weights: W's rows; excludeOffsets, exclude: rows of what each must not get.
 */
export function topSums(
  thread: i32, begin: i32, end: i32,
  histories: usize, done: usize, offsets: usize, indices: usize, weights: usize, cols: i32,
  excludeOffsets: usize, exclude: usize, k: i32, ids: usize, scores: usize, scratch: usize, pitch: i32,
): void {
  const sums = scratch + <usize>thread * <usize>pitch;
  const flags = flagsOf(sums, cols), met = metOf(sums, cols);
  for (let q = begin; q < end; q++) {
    const row = <usize>q << 2;
    let count = 0;
    for (let h = load<i32>(histories + row), last = load<i32>(histories + row, 4); h < last; h++) {
      const from = offsets + (<usize>load<i32>(done + (<usize>h << 2)) << 2);
      for (let e = <usize>load<i32>(from) << 2, stop = <usize>load<i32>(from, 4) << 2; e < stop; e += 4)
        count = add(sums, flags, met, count, load<i32>(indices + e), load<f32>(weights + e));
    }
    for (let e = load<i32>(excludeOffsets + row), last = load<i32>(excludeOffsets + row, 4); e < last; e++)
      store<u8>(flags + <usize>load<i32>(exclude + (<usize>e << 2)), 0);
    const kept = <usize>q * (<usize>k << 2);
    beginHeap(k, ids + kept, scores + kept);
    for (let m = 0; m < count; m++) {
      const column = load<i32>(met + (<usize>m << 2));
      if (load<u8>(flags + <usize>column))
        offer(<f32>load<f64>(sums + (<usize>column << 3)), column, k, ids + kept, scores + kept);
      store<u8>(flags + <usize>column, 0);
      store<f64>(sums + (<usize>column << 3), 0);
    }
    sortHeap(k, ids + kept, scores + kept);
  }
}
