// Moving numbers without changing them: strided copies, transposition, gather and its gradient, for rows of any width.

// @ts-ignore: decorator
@inline
function copyRow(from: usize, to: usize, width: usize): void {
  const end = from + width;
  for (; from + 16 <= end; from += 16, to += 16) v128.store(to, v128.load(from));
  for (; from < end; from += 4, to += 4) store<i32>(to, load<i32>(from));
}

/** Rows of `width` bytes from one stride to another: to + r · toStep = from + r · fromStep. */
export function copyRows(thread: i32, begin: i32, end: i32, from: usize, fromStep: usize, to: usize, toStep: usize, width: usize): void {
  for (let r = begin; r < end; r++) copyRow(from + <usize>r * fromStep, to + <usize>r * toStep, width);
}

/**
 * Transposition of four dimensions: y[i, j, k, l] = x at i · s0 + j · s1 + k · s2 + l · s3 bytes. One chunk is one (i, j).
 * y: f32 [i, n1, n2, n3].
 */
export function permute(
  thread: i32, begin: i32, end: i32, x: usize, s0: usize, s1: usize, s2: usize, s3: usize, n1: i32, n2: i32, n3: i32, y: usize,
): void {
  const width = <usize>n3 << 2;
  for (let unit = begin; unit < end; unit++) {
    const i = unit / n1;
    let from = x + <usize>i * s0 + <usize>(unit - i * n1) * s1;
    let to = y + <usize>unit * <usize>n2 * width;
    for (let k = 0; k < n2; k++) {
      if (s3 == 4) {
        copyRow(from, to, width);
      } else {
        let at = from;
        for (let l: usize = 0; l < width; l += 4) {
          store<i32>(to + l, load<i32>(at));
          at += s3;
        }
      }
      from += s2;
      to += width;
    }
  }
}

/** y[o] = x[ids[o]]. ids: i32 [outputs]; x: f32 [rows, width / 4]; y: f32 [outputs, width / 4]. */
export function gather(thread: i32, begin: i32, end: i32, ids: usize, x: usize, y: usize, width: usize): void {
  for (let o = begin; o < end; o++) copyRow(x + <usize>load<i32>(ids + (<usize>o << 2)) * width, y + <usize>o * width, width);
}

/**
 * y[s] += Σ x[o] over the o with ids[o] = s, in their order; ids outside [0, segments) take no part. One chunk holds the segments
 * s with s mod parts = chunk, `parts` a power of two, so that no two threads write the same row. x: f32 [count, width / 4]; y: f32 [segments, width / 4].
 */
export function segmentSum(
  thread: i32, begin: i32, end: i32, ids: usize, count: i32, x: usize, segments: i32, width: usize, parts: i32, y: usize,
): void {
  for (let part = begin; part < end; part++) {
    for (let o = 0; o < count; o++) {
      const s = load<i32>(ids + (<usize>o << 2));
      if (<u32>s >= <u32>segments || (s & (parts - 1)) != part) continue;
      const from = x + <usize>o * width, to = y + <usize>s * width;
      let at: usize = 0;
      for (; at + 16 <= width; at += 16) v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
      for (; at < width; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at));
    }
  }
}

/** y[i] = x[i] as a float. x: i32, y: f32. */
export function floatsOfInts(thread: i32, begin: i32, end: i32, x: usize, y: usize): void {
  let i = begin;
  for (; i + 4 <= end; i += 4) v128.store(y + (<usize>i << 2), f32x4.convert_i32x4_s(v128.load(x + (<usize>i << 2))));
  for (; i < end; i++) store<f32>(y + (<usize>i << 2), <f32>load<i32>(x + (<usize>i << 2)));
}
