// Rows of an embedding table: gather, scatter-add, unit length and its gradient, dots of pairs.
import { dot } from './math';

/** y[o] = x[ids[o]]. ids: i32 [outputs]; x: f32 [rows, stride], its first `dim` columns; y: f32 [outputs, dim]. Any dim. */
export function gatherRows(thread: i32, begin: i32, end: i32, ids: usize, x: usize, y: usize, dim: i32, stride: i32): void {
  const width = <usize>dim << 2, pitch = <usize>stride << 2;
  for (let o = begin; o < end; o++) {
    const from = x + <usize>load<i32>(ids + (<usize>o << 2)) * pitch;
    const to = y + <usize>o * width;
    // A call of memory.copy costs more than the copy of a short row.
    let at: usize = 0;
    for (; at + 16 <= width; at += 16) v128.store(to + at, v128.load(from + at));
    for (; at < width; at += 4) store<f32>(to + at, load<f32>(from + at));
  }
}

/** y[ids[o]] += x[o], in order, so repeated ids add up: one chunk only. Shapes as in gatherRows, the other way round. */
export function scatterAdd(thread: i32, begin: i32, end: i32, ids: usize, x: usize, y: usize, dim: i32): void {
  const width = <usize>dim << 2;
  for (let o = begin; o < end; o++) {
    const from = x + <usize>o * width;
    const to = y + <usize>load<i32>(ids + (<usize>o << 2)) * width;
    for (let at: usize = 0; at < width; at += 16) {
      v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
    }
  }
}

/** unit[r] = x[r] / ‖x[r]‖ and inverse[r] = 1 / ‖x[r]‖ (0 for a row of zeros). */
export function unitRows(thread: i32, begin: i32, end: i32, x: usize, unit: usize, inverse: usize, dim: i32): void {
  const width = <usize>dim << 2;
  for (let r = begin; r < end; r++) {
    const from = x + <usize>r * width;
    const to = unit + <usize>r * width;
    const square = dot(from, from, dim);
    const factor: f32 = square > 0 ? 1 / sqrt<f32>(square) : 0;
    store<f32>(inverse + (<usize>r << 2), factor);
    const splat = f32x4.splat(factor);
    for (let at: usize = 0; at < width; at += 16) v128.store(to + at, f32x4.mul(splat, v128.load(from + at)));
  }
}

/** Gradient through unitRows, in place: d = (d − unit ⟨unit, d⟩) · inverse. */
export function unitRowsGradient(thread: i32, begin: i32, end: i32, unit: usize, inverse: usize, d: usize, dim: i32): void {
  const width = <usize>dim << 2;
  for (let r = begin; r < end; r++) {
    const u = unit + <usize>r * width;
    const to = d + <usize>r * width;
    const along = f32x4.splat(dot(u, to, dim));
    const factor = f32x4.splat(load<f32>(inverse + (<usize>r << 2)));
    for (let at: usize = 0; at < width; at += 16) {
      v128.store(to + at, f32x4.mul(factor, f32x4.sub(v128.load(to + at), f32x4.mul(along, v128.load(u + at)))));
    }
  }
}

/** out[o] = ⟨a[left[o]], b[right[o]]⟩. left, right: i32 [outputs]; out: f32 [outputs]. */
export function dotPairs(thread: i32, begin: i32, end: i32, a: usize, left: usize, b: usize, right: usize, out: usize, dim: i32): void {
  const width = <usize>dim << 2;
  for (let o = begin; o < end; o++) {
    const i = <usize>load<i32>(left + (<usize>o << 2)) * width;
    const j = <usize>load<i32>(right + (<usize>o << 2)) * width;
    store<f32>(out + (<usize>o << 2), dot(a + i, b + j, dim));
  }
}
