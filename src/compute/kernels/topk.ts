// Scores of every row for some queries, with exclusions, and the best k of each. Item blocks of 256 keep a tile's scores in
// the first cache; a lane is looked at only where it beats the worst score kept. Panels of which no row is allowed are passed over:
// what stands in their places then is never kept.
import { multiplyRow, multiplyTile } from './dense';
import { multiplyAdd } from './math';

/** Rows of a block: their scores stay in the first cache. */
export const BLOCK: i32 = 256;

/**
 * One chunk is four queries and one of `parts` of the rows: `partRows`, a multiple of 256. queries: f32 [4 · tiles, dim]; packed: the rows
 * as packTransposed gives them, `rows` of them; excludeOffsets: i32 [count + 1] or 0, exclude: i32 ascending within a query; allowed:
 * a bit for each row, or 0 where all are; ids: i32 [count, parts, k], scores: f32 [count, parts, k], best first, ties by the lower
 * id; scratch: f32 [threads, 4 · 256 + 4].
 */
export function topRows(
  thread: i32, begin: i32, end: i32,
  queries: usize, count: i32, packed: usize, rows: i32, dim: i32,
  excludeOffsets: usize, exclude: usize, allowed: usize, k: i32, partRows: i32, parts: i32, ids: usize, scores: usize, scratch: usize,
): void {
  const width = <usize>dim << 2;
  const blockRow = <usize>BLOCK << 2;
  const tileScores = scratch + <usize>thread * ((blockRow << 2) + 16);
  const cursors = tileScores + (blockRow << 2);
  const heap = <usize>k << 2;
  for (let unit = begin; unit < end; unit++) {
    const tile = unit / parts;
    const part = unit - tile * parts;
    const q0 = tile << 2;
    const live = min(4, count - q0);
    const first = part * partRows, last = min(rows, first + partRows);
    for (let i = 0; i < live; i++) {
      const kept = <usize>((q0 + i) * parts + part) * heap;
      beginHeap(k, ids + kept, scores + kept);
      store<i32>(cursors + (<usize>i << 2), firstExcluded(excludeOffsets, exclude, q0 + i, first));
    }
    for (let from = first; from < last; from += BLOCK) {
      const size = min(BLOCK, last - from);
      if (allowed && isForbidden(allowed, from, size)) continue;
      const block = packed + <usize>from * width;
      const panels = (size + 7) >> 3;
      const bits = allowed + (<usize>from >> 3);
      for (let p = 0; p < panels; p++) {
        if (allowed && !load<u8>(bits + <usize>p)) continue;
        const panel = block + <usize>p * (width << 3);
        const out = tileScores + (<usize>p << 5);
        if (live == 1) {
          const begin = p++;
          while (p < panels && (!allowed || load<u8>(bits + <usize>p))) p++;
          multiplyRow(queries + <usize>q0 * width, panel, dim, p - begin, out);
        } else {
          multiplyTile(queries + <usize>q0 * width, width, 4, panel, dim, out, blockRow, 1);
        }
      }
      for (let i = 0; i < live; i++) {
        const row = tileScores + <usize>i * blockRow;
        const kept = <usize>((q0 + i) * parts + part) * heap;
        leaveOut(row, from, size, excludeOffsets, exclude, q0 + i, cursors + (<usize>i << 2));
        keepBest(row, from, size, allowed, k, ids + kept, scores + kept);
      }
    }
    for (let i = 0; i < live; i++) {
      const kept = <usize>((q0 + i) * parts + part) * heap;
      sortHeap(k, ids + kept, scores + kept);
    }
  }
}

/**
 * The best k of some rows for one query: scores to the last bit, and ties, as `topRows` has them. query: f32 [dim]; among: i32 [total], -1
 * for none; all is one chunk.
 */
export function topAmong(
  thread: i32, begin: i32, end: i32, query: usize, packed: usize, dim: i32, among: usize, total: i32, k: i32, ids: usize, scores: usize, lanes: usize,
): void {
  const last = query + (<usize>dim << 2);
  beginHeap(k, ids, scores);
  for (let n = 0; n < total; n++) {
    const id = load<i32>(among + (<usize>n << 2));
    if (id < 0) continue;
    // The half of its panel that the row lies in.
    let at = packed + (<usize>(id >> 3) * <usize>dim << 5) + (<usize>(id & 4) << 2);
    let sum = f32x4.splat(0);
    for (let x = query; x < last; x += 4, at += 32) sum = multiplyAdd(v128.load32_splat(x), v128.load(at), sum);
    v128.store(lanes, sum);
    offer(load<f32>(lanes + (<usize>(id & 3) << 2)), id, k, ids, scores);
  }
  sortHeap(k, ids, scores);
}

/** k empty places. */
export function beginHeap(k: i32, ids: usize, scores: usize): void {
  for (let at: usize = 0; at < <usize>k << 2; at += 4) {
    store<i32>(ids + at, -1);
    store<f32>(scores + at, -Infinity);
  }
}

/** Where among all exclusions a query's own begin that are `from` or more. */
export function firstExcluded(offsets: usize, exclude: usize, query: i32, from: i32): i32 {
  if (!offsets) return 0;
  let low = load<i32>(offsets + (<usize>query << 2)), high = load<i32>(offsets + (<usize>query << 2), 4);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<i32>(exclude + (<usize>middle << 2)) < from) low = middle + 1; else high = middle;
  }
  return low;
}

/** Whether no row of a block is allowed. */
export function isForbidden(allowed: usize, from: i32, size: i32): bool {
  let bits = allowed + (<usize>from >> 3);
  for (const end = bits + (<usize>(size + 7) >> 3); bits < end; bits++) if (load<u8>(bits)) return false;
  return true;
}

/** Takes a query's exclusions, from where the cursor stands, out of a block's scores, and what pads the block. */
export function leaveOut(row: usize, from: i32, size: i32, offsets: usize, exclude: usize, query: i32, cursor: usize): void {
  if (offsets) {
    let next = load<i32>(cursor);
    const last = load<i32>(offsets + (<usize>query << 2), 4);
    while (next < last) {
      const place = load<i32>(exclude + (<usize>next << 2)) - from;
      if (place >= size) break;
      // One that lies before was in a block that was passed over.
      if (place >= 0) store<f32>(row + (<usize>place << 2), -Infinity);
      next++;
    }
    store<i32>(cursor, next);
  }
  // Padding past the last row has a score of zero: it must not win.
  for (let c = size; c < ((size + 3) & ~3); c++) store<f32>(row + (<usize>c << 2), -Infinity);
}

/** Is (a, i) a worse candidate than (b, j)? A lower score, or the same score and a higher id; an empty place is worst. */
// @ts-ignore: decorator
@inline
export function worse(a: f32, i: i32, b: f32, j: i32): bool {
  return a < b || (a == b && <u32>i > <u32>j);
}

/** Takes what beats the heap's root; the root is the worst of the k kept. `from` is a multiple of 8. */
// @ts-ignore: decorator
@inline
export function keepBest(row: usize, from: i32, size: i32, allowed: usize, k: i32, ids: usize, scores: usize): void {
  for (let c = 0; c < size; c += 4) {
    let lanes = i32x4.bitmask(f32x4.gt(v128.load(row + (<usize>c << 2)), v128.load32_splat(scores)));
    if (lanes == 0) continue;
    if (allowed) lanes &= <i32>load<u8>(allowed + (<usize>(from + c) >> 3)) >> (c & 4);
    for (let lane = 0; lane < 4; lane++) {
      if ((lanes >> lane) & 1) {
        const score = load<f32>(row + (<usize>(c + lane) << 2));
        // An earlier lane may have raised the root. Ids ascend, so at the same score the one kept is the lower.
        if (score > load<f32>(scores)) sink(score, from + c + lane, 0, k, ids, scores);
      }
    }
  }
}

/** Takes one candidate, of any id, where it beats the heap's root. */
// @ts-ignore: decorator
@inline
export function offer(score: f32, id: i32, k: i32, ids: usize, scores: usize): void {
  if (worse(load<f32>(scores), load<i32>(ids), score, id)) sink(score, id, 0, k, ids, scores);
}

/** Puts (score, id) at `place` or below, where each parent is worse than its children. */
export function sink(score: f32, id: i32, place: i32, k: i32, ids: usize, scores: usize): void {
  for (;;) {
    let child = 2 * place + 1;
    if (child >= k) break;
    let childScore = load<f32>(scores + (<usize>child << 2)), childId = load<i32>(ids + (<usize>child << 2));
    if (child + 1 < k) {
      const other = load<f32>(scores + (<usize>child << 2), 4), otherId = load<i32>(ids + (<usize>child << 2), 4);
      if (worse(other, otherId, childScore, childId)) {
        child++;
        childScore = other;
        childId = otherId;
      }
    }
    if (!worse(childScore, childId, score, id)) break;
    store<f32>(scores + (<usize>place << 2), childScore);
    store<i32>(ids + (<usize>place << 2), childId);
    place = child;
  }
  store<f32>(scores + (<usize>place << 2), score);
  store<i32>(ids + (<usize>place << 2), id);
}

/** Best first: takes the worst from the root to the end, k times. */
export function sortHeap(k: i32, ids: usize, scores: usize): void {
  for (let last = k - 1; last > 0; last--) {
    const score = load<f32>(scores + (<usize>last << 2)), id = load<i32>(ids + (<usize>last << 2));
    store<f32>(scores + (<usize>last << 2), load<f32>(scores));
    store<i32>(ids + (<usize>last << 2), load<i32>(ids));
    sink(score, id, 0, last, ids, scores);
  }
}
