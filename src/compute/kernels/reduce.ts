// Sums and maxima over the last or a middle dimension. Long rows are cut into segments and columns into blocks of rows, each
// reduced by itself and their results once more, so that the order of additions never depends on the number of threads.
import { sumLanes } from './math';

// @ts-ignore: decorator
@inline
function maxLanes(x: v128): f32 {
  return max(max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)), max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)));
}

/** Sum of the floats in [at, end). */
// @ts-ignore: decorator
@inline
export function sumRange(at: usize, end: usize): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (; at + 64 <= end; at += 64) {
    s0 = f32x4.add(s0, v128.load(at)); s1 = f32x4.add(s1, v128.load(at, 16));
    s2 = f32x4.add(s2, v128.load(at, 32)); s3 = f32x4.add(s3, v128.load(at, 48));
  }
  for (; at + 16 <= end; at += 16) s0 = f32x4.add(s0, v128.load(at));
  let sum = sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; at < end; at += 4) sum += load<f32>(at);
  return sum;
}

/** Maximum of the floats in [at, end); −∞ of none, NaN where one is. */
// @ts-ignore: decorator
@inline
export function maxRange(at: usize, end: usize): f32 {
  let m = f32x4.splat(-Infinity);
  for (; at + 16 <= end; at += 16) m = f32x4.max(m, v128.load(at));
  let most = maxLanes(m);
  for (; at < end; at += 4) most = max(most, load<f32>(at));
  return most;
}

/**
 * y[r, s] = scale · reduce(x[r, segment s]). One chunk is one segment of one row. x: f32 [rows, count]; y: f32 [rows, segments],
 * segments = ⌈count / segment⌉, at least 1.
 */
export function reduceLast(
  thread: i32, begin: i32, end: i32, isMaximum: i32, x: usize, count: i32, segment: i32, scale: f32, y: usize,
): void {
  const segments = max(1, (count + segment - 1) / segment);
  for (let unit = begin; unit < end; unit++) {
    const row = unit / segments;
    const first = (unit - row * segments) * segment;
    const start = x + (<usize>row * <usize>count + <usize>first << 2);
    const last = start + (<usize>min(segment, count - first) << 2);
    store<f32>(y + (<usize>unit << 2), isMaximum ? maxRange(start, last) : scale * sumRange(start, last));
  }
}

/**
 * y[o, b, i] = scale · reduce over the rows n of block b of x[o, n, i]. One chunk is one block of `block` rows of one outer index.
 * x: f32 [outer, count, inner]; y: f32 [outer, blocks, inner], blocks = ⌈count / block⌉, at least 1.
 */
export function reduceMiddle(
  thread: i32, begin: i32, end: i32, isMaximum: i32, x: usize, count: i32, inner: i32, block: i32, scale: f32, y: usize,
): void {
  const blocks = max(1, (count + block - 1) / block);
  const width = <usize>inner << 2;
  for (let unit = begin; unit < end; unit++) {
    const outer = unit / blocks;
    const first = (unit - outer * blocks) * block;
    const live = min(block, count - first);
    const from = x + (<usize>outer * <usize>count + <usize>first) * width;
    const to = y + <usize>unit * width;
    if (live <= 0) {
      for (let at: usize = 0; at < width; at += 4) store<f32>(to + at, isMaximum ? -Infinity : 0);
      continue;
    }
    if (isMaximum) maxRows(from, live, width, to);
    else sumRows(from, live, width, scale, to);
  }
}

/** Column sums of `rows` rows, sixteen columns at a time so that the sums stay in registers. */
// @ts-ignore: decorator
@inline
function sumRows(from: usize, rows: i32, width: usize, scale: f32, to: usize): void {
  const factor = f32x4.splat(scale);
  let at: usize = 0;
  for (; at + 64 <= width; at += 64) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let row = from + at;
    for (let r = 0; r < rows; r++, row += width) {
      s0 = f32x4.add(s0, v128.load(row)); s1 = f32x4.add(s1, v128.load(row, 16));
      s2 = f32x4.add(s2, v128.load(row, 32)); s3 = f32x4.add(s3, v128.load(row, 48));
    }
    v128.store(to + at, f32x4.mul(factor, s0)); v128.store(to + at, f32x4.mul(factor, s1), 16);
    v128.store(to + at, f32x4.mul(factor, s2), 32); v128.store(to + at, f32x4.mul(factor, s3), 48);
  }
  for (; at + 16 <= width; at += 16) {
    let sum = f32x4.splat(0);
    let row = from + at;
    for (let r = 0; r < rows; r++, row += width) sum = f32x4.add(sum, v128.load(row));
    v128.store(to + at, f32x4.mul(factor, sum));
  }
  for (; at < width; at += 4) {
    let sum: f32 = 0;
    let row = from + at;
    for (let r = 0; r < rows; r++, row += width) sum += load<f32>(row);
    store<f32>(to + at, scale * sum);
  }
}

// @ts-ignore: decorator
@inline
function maxRows(from: usize, rows: i32, width: usize, to: usize): void {
  for (let at: usize = 0; at < width; at += 4) {
    let most: f32 = -Infinity;
    let row = from + at;
    for (let r = 0; r < rows; r++, row += width) most = max(most, load<f32>(row));
    store<f32>(to + at, most);
  }
}
