// Rows as bytes, a quarter of their size, and a scan over them: scores that are near enough to find the rows worth an exact score.
import { BLOCK, beginHeap, firstExcluded, keepBest, leaveOut, sortHeap } from './topk';

/** Largest byte of a row. */
const LEVELS: f32 = 127;
/** Largest byte of a query. Shifted by 64 it has seven bits and no sign: the relaxed product of bytes is exact for those alone. */
const QUERY_LEVELS: f32 = 63;
const SHIFT: i32 = 64;
/** So many panels of a block are sooner multiplied alone than among all 64. */
const FEW: i32 = 16;

/**
 * Panel p holds rows 4p to 4p + 3, four dimensions of each in turn: panels[p, g, r, j] = nearest(x[4p + r, 4g + j] / scales[4p + r]), zeros
 * past `dim` and past `rows`. scales: f32 [panels, 4], the greatest of a row by 127; shifts: i32 [panels, 4], −64 times the sum of a
 * row's bytes. x: f32 [rows, dim]; panels: i8 [panels, ⌈dim / 4⌉, 4, 4].
 */
export function packBytes(
  thread: i32, begin: i32, end: i32, x: usize, rows: i32, dim: i32, panels: usize, scales: usize, shifts: usize,
): void {
  const groups = <usize>((dim + 3) >> 2);
  for (let p = begin; p < end; p++) {
    const panel = panels + <usize>p * (groups << 4);
    for (let r = 0; r < 4; r++) {
      const row = (p << 2) + r;
      const from = x + <usize>row * (<usize>dim << 2);
      const live = row < rows ? dim : 0;
      const greatest = greatestOf(from, live);
      const inverse: f32 = greatest > 0 ? LEVELS / greatest : 0;
      let sum = 0;
      for (let d = 0; d < <i32>groups << 2; d++) {
        const byte = d < live ? <i32>nearest<f32>(load<f32>(from + (<usize>d << 2)) * inverse) : 0;
        sum += byte;
        store<i8>(panel + (<usize>(d >> 2) << 4) + (<usize>r << 2) + <usize>(d & 3), <i8>byte);
      }
      store<f32>(scales + (<usize>row << 2), greatest / LEVELS);
      store<i32>(shifts + (<usize>row << 2), -SHIFT * sum);
    }
  }
}

function greatestOf(x: usize, count: i32): f32 {
  let greatest: f32 = 0;
  for (let d = 0; d < count; d++) greatest = max(greatest, abs(load<f32>(x + (<usize>d << 2))));
  return greatest;
}

/**
 * A query as the product of this build reads it: bytes shifted to have no sign, or 16-bit numbers. Returns its scale; past `dim` it
 * meets zeros alone. to: [⌈dim / 4⌉, 4].
 */
function packQuery(query: usize, dim: i32, to: usize): f32 {
  const greatest = greatestOf(query, dim);
  const inverse: f32 = greatest > 0 ? QUERY_LEVELS / greatest : 0;
  for (let d = 0; d < ((dim + 3) & ~3); d++) {
    const level = d < dim ? <i32>nearest<f32>(load<f32>(query + (<usize>d << 2)) * inverse) : 0;
    if (ASC_FEATURE_RELAXED_SIMD) store<u8>(to + <usize>d, <u8>(level + SHIFT));
    else store<i16>(to + (<usize>d << 1), <i16>level);
  }
  return greatest / QUERY_LEVELS;
}

/**
 * Products of a query with the rows of two panels, times the rows' scales: each of whose sums need not wait for the other's. out: f32
 * [panels, 4]. Both builds give the same numbers.
 */
// @ts-ignore: decorator
@inline
function multiplyPanels(query: usize, a: usize, b: usize, panels: usize, groups: usize, scales: usize, shifts: usize, out: usize): void {
  let panel = panels + a * groups;
  const other = (b - a) * groups;
  const end = panel + (groups << 4);
  let low: v128, high: v128;
  if (ASC_FEATURE_RELAXED_SIMD) {
    low = v128.load(shifts + a);
    high = v128.load(shifts + b);
    for (; panel < end; panel += 16, query += 4) {
      const q = v128.load32_splat(query);
      low = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(panel), q, low);
      high = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(panel + other), q, high);
    }
  } else {
    // Each lane holds half of a row's sum: rows 0 and 1, rows 2 and 3.
    let low0 = i32x4.splat(0), low1 = low0, high0 = low0, high1 = low0;
    for (; panel < end; panel += 16, query += 8) {
      const q = v128.load64_splat(query);
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(v128.load_ext<i8>(panel), q));
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(v128.load_ext<i8>(panel, 8), q));
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(v128.load_ext<i8>(panel + other), q));
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(v128.load_ext<i8>(panel + other, 8), q));
    }
    low = i32x4.add(i32x4.shuffle(low0, low1, 0, 2, 4, 6), i32x4.shuffle(low0, low1, 1, 3, 5, 7));
    high = i32x4.add(i32x4.shuffle(high0, high1, 0, 2, 4, 6), i32x4.shuffle(high0, high1, 1, 3, 5, 7));
  }
  v128.store(out + a, f32x4.mul(f32x4.convert_i32x4_s(low), v128.load(scales + a)));
  v128.store(out + b, f32x4.mul(f32x4.convert_i32x4_s(high), v128.load(scales + b)));
}

/**
 * Lists the panels of a block of which a row is allowed, as offsets of their rows' numbers; -1 where these are more than a few, since
 * memory is read much faster in its order. listed: i32 [256 / 4 + 1]
 */
function listFew(allowed: usize, from: i32, size: i32, listed: usize): i32 {
  let count = 0;
  for (let c = 0; c < size; c += 8) {
    const bits = <i32>load<u8>(allowed + (<usize>(from + c) >> 3));
    // One that does not count is written over, or past the end.
    store<i32>(listed + (<usize>count << 2), c << 2);
    count += <i32>((bits & 0x0f) != 0);
    store<i32>(listed + (<usize>count << 2), (c + 4) << 2);
    count += <i32>((bits & 0xf0) != 0);
  }
  return count <= FEW ? count : -1;
}

/**
 * The best k of each query among rows as `packBytes` gives them, by bytes. Chunks, exclusions, `allowed` and what is found are as in
 * `topRows`. queries: f32 [count, dim]; scratch: f32 [threads, 256 + 68 + 4 · (2 + 2 · ⌈dim / 4⌉)].
 */
export function topBytes(
  thread: i32, begin: i32, end: i32,
  queries: usize, count: i32, panels: usize, scales: usize, shifts: usize, rows: i32, dim: i32,
  excludeOffsets: usize, exclude: usize, allowed: usize, k: i32, partRows: i32, parts: i32, ids: usize, scores: usize, scratch: usize,
): void {
  const groups = <usize>((dim + 3) >> 2);
  const queryBytes = 8 + (groups << 3); // a cursor, a scale, and room for 16-bit numbers
  const row = scratch + <usize>thread * ((<usize>BLOCK << 2) + <usize>BLOCK + 16 + (queryBytes << 2));
  const listed = row + (<usize>BLOCK << 2);
  const packed = listed + <usize>BLOCK + 16;
  const heap = <usize>k << 2;
  for (let unit = begin; unit < end; unit++) {
    const tile = unit / parts;
    const part = unit - tile * parts;
    const q0 = tile << 2;
    const live = min(4, count - q0);
    const first = part * partRows, last = min(rows, first + partRows);
    for (let i = 0; i < live; i++) {
      const kept = <usize>((q0 + i) * parts + part) * heap;
      const query = packed + <usize>i * queryBytes;
      beginHeap(k, ids + kept, scores + kept);
      store<i32>(query, firstExcluded(excludeOffsets, exclude, q0 + i, first));
      store<f32>(query, packQuery(queries + <usize>(q0 + i) * (<usize>dim << 2), dim, query + 8), 4);
    }
    for (let from = first; from < last; from += BLOCK) {
      const size = min(BLOCK, last - from);
      const few = allowed ? listFew(allowed, from, size, listed) : -1;
      if (few == 0) continue;
      const at = <usize>from << 2;
      for (let i = 0; i < live; i++) {
        const query = packed + <usize>i * queryBytes;
        if (few < 0) {
          for (let c: usize = 0, end = <usize>size << 2; c < end; c += 32) {
            multiplyPanels(query + 8, c, c + 16, panels + at * groups, groups, scales + at, shifts + at, row);
          }
        }
        for (let n = 0; n < few; n += 2) {
          const a = <usize>load<i32>(listed + (<usize>n << 2));
          const b = <usize>load<i32>(listed + (<usize>min(n + 1, few - 1) << 2));
          multiplyPanels(query + 8, a, b, panels + at * groups, groups, scales + at, shifts + at, row);
        }
        const kept = <usize>((q0 + i) * parts + part) * heap;
        leaveOut(row, from, size, excludeOffsets, exclude, q0 + i, query);
        keepBest(row, from, size, allowed, k, ids + kept, scores + kept);
      }
    }
    for (let i = 0; i < live; i++) {
      const kept = <usize>((q0 + i) * parts + part) * heap;
      const scale = load<f32>(packed + <usize>i * queryBytes, 4);
      sortHeap(k, ids + kept, scores + kept);
      for (let at = kept; at < kept + heap && load<i32>(ids + at) >= 0; at += 4) store<f32>(scores + at, scale * load<f32>(scores + at));
    }
  }
}
