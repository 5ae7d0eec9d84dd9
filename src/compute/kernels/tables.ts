// Optimizer steps on chosen rows of a table, each row once. What is added up for a row is added by one thread in the order of
// the batch, so the bits do not depend on the number of threads.
import { adagradSpan, adamSpan, sgdSpan } from './optimizers';

/** How the gradient of row o was summed and clipped: the span to read and what to multiply it by. */
let spanAt: usize = 0;
let spanScale: f32 = 1;

/**
 * The gradient of row o: of the positions order[starts[o] … starts[o + 1]) one after another, or of position o where `order`
 * is 0. Times `scale`, then shortened to length `clip` where it is longer (0: never).
 * gradients: f32 [positions, dim]; room: f32 [dim], this thread's own.
 */
// @ts-ignore: decorator
@inline
function takeGradient(o: i32, starts: usize, order: usize, gradients: usize, width: usize, scale: f32, clip: f32, room: usize): void {
  spanScale = scale;
  if (order) {
    let next = <usize>load<i32>(starts + (<usize>o << 2)) << 2;
    const end = <usize>load<i32>(starts + (<usize>o << 2), 4) << 2;
    spanAt = gradients + <usize>load<i32>(order + next) * width;
    next += 4;
    if (next < end) {
      memory.copy(room, spanAt, width);
      spanAt = room;
      for (; next < end; next += 4) addSpan(gradients + <usize>load<i32>(order + next) * width, room, width);
    }
  } else spanAt = gradients + <usize>o * width;
  if (clip > 0) {
    const norm = sqrt<f64>(squaredSpan(spanAt, width)) * <f64>abs<f32>(scale);
    if (norm > <f64>clip) spanScale = <f32>(<f64>scale * (<f64>clip / norm));
  }
}

// @ts-ignore: decorator
@inline
function addSpan(from: usize, to: usize, width: usize): void {
  let at: usize = 0;
  for (; at + 16 <= width; at += 16) v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
  for (; at < width; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at));
}

/** Sum of squares in double precision, two lanes and a tail, always in the same order. */
function squaredSpan(from: usize, width: usize): f64 {
  let sum = f64x2.splat(0);
  let at: usize = 0;
  for (; at + 8 <= width; at += 8) {
    const x = f64x2.promote_low_f32x4(v128.load64_zero(from + at));
    sum = f64x2.add(sum, f64x2.mul(x, x));
  }
  let total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  if (at < width) {
    const x = <f64>load<f32>(from + at);
    total += x * x;
  }
  return total;
}

/**
 * Adam on rows[o]. Row r of each array begins `stride` floats after row r − 1, so that a row may have its state beside it.
 * With `steps` (i32, `stepsStride` apart) each row counts its own steps t, and its bias corrections are
 * corrections[2 · min(t, last)] = √(1 − β2^t) / (1 − β1^t) and, beside it, √(1 − β2^t): f32 [last + 1, 2]; `step` is then the
 * learning rate and `epsilon` the bare guard. Without, both have the correction of the whole table's step in them.
 */
export function adamTable(
  thread: i32, begin: i32, end: i32,
  rows: usize, starts: usize, order: usize, gradients: usize, dim: i32, scale: f32, clip: f32, shrink: f32, scratch: usize,
  stride: i32, parameters: usize, first: usize, second: usize,
  step: f32, beta1: f32, beta2: f32, epsilon: f32, steps: usize, stepsStride: i32,
  corrections: usize, last: i32,
): void {
  const width = <usize>dim << 2, pitch = <usize>stride << 2;
  const room = scratch + <usize>thread * width;
  for (let o = begin; o < end; o++) {
    takeGradient(o, starts, order, gradients, width, scale, clip, room);
    const r = <usize>load<i32>(rows + (<usize>o << 2));
    const row = r * pitch;
    let rate = step, guard = epsilon;
    if (steps) {
      const own = steps + ((r * <usize>stepsStride) << 2);
      const t = load<i32>(own) + 1;
      store<i32>(own, t);
      const pair = corrections + (<usize>min<i32>(t, last) << 3);
      rate = step * load<f32>(pair);
      guard = epsilon * load<f32>(pair, 4);
    }
    adamSpan(spanAt, spanScale, shrink, parameters + row, first + row, second + row, width, rate, beta1, beta2, guard, 1);
  }
}

/** AdaGrad on rows[o]; arguments as in adamTable. */
export function adagradTable(
  thread: i32, begin: i32, end: i32,
  rows: usize, starts: usize, order: usize, gradients: usize, dim: i32, scale: f32, clip: f32, shrink: f32, scratch: usize,
  stride: i32, parameters: usize, sums: usize, rate: f32, epsilon: f32,
): void {
  const width = <usize>dim << 2, pitch = <usize>stride << 2;
  const room = scratch + <usize>thread * width;
  for (let o = begin; o < end; o++) {
    takeGradient(o, starts, order, gradients, width, scale, clip, room);
    const row = <usize>load<i32>(rows + (<usize>o << 2)) * pitch;
    adagradSpan(spanAt, spanScale, shrink, parameters + row, sums + row, width, rate, epsilon);
  }
}

/** Gradient descent on rows[o], with momentum where there are velocities; arguments as in adamTable. */
export function sgdTable(
  thread: i32, begin: i32, end: i32,
  rows: usize, starts: usize, order: usize, gradients: usize, dim: i32, scale: f32, clip: f32, shrink: f32, scratch: usize,
  stride: i32, parameters: usize, velocities: usize, rate: f32, momentum: f32,
): void {
  const width = <usize>dim << 2, pitch = <usize>stride << 2;
  const room = scratch + <usize>thread * width;
  for (let o = begin; o < end; o++) {
    takeGradient(o, starts, order, gradients, width, scale, clip, room);
    const row = <usize>load<i32>(rows + (<usize>o << 2)) * pitch;
    sgdSpan(spanAt, spanScale, shrink, parameters + row, velocities ? velocities + row : 0, width, rate, momentum);
  }
}

/** Numbers of a dense array that make one piece of work. */
const BLOCK: i32 = 4096;

// @ts-ignore: decorator
@inline
function blockWidth(block: i32, length: i32): usize {
  return <usize>min<i32>(BLOCK, length - block * BLOCK) << 2;
}

/** Adam or AdamW on blocks of a dense array of `length` floats. */
export function adamDense(
  thread: i32, begin: i32, end: i32, gradient: usize, length: i32, scale: f32, shrink: f32,
  parameters: usize, first: usize, second: usize,
  step: f32, beta1: f32, beta2: f32, epsilon: f32, keep: f32,
): void {
  for (let b = begin; b < end; b++) {
    const at = (<usize>b * BLOCK) << 2;
    adamSpan(gradient + at, scale, shrink, parameters + at, first + at, second + at, blockWidth(b, length), step, beta1, beta2, epsilon, keep);
  }
}

/** AdaGrad on blocks of a dense array. */
export function adagradDense(
  thread: i32, begin: i32, end: i32, gradient: usize, length: i32, scale: f32, shrink: f32,
  parameters: usize, sums: usize, rate: f32, epsilon: f32,
): void {
  for (let b = begin; b < end; b++) {
    const at = (<usize>b * BLOCK) << 2;
    adagradSpan(gradient + at, scale, shrink, parameters + at, sums + at, blockWidth(b, length), rate, epsilon);
  }
}

/** Gradient descent on blocks of a dense array. */
export function sgdDense(
  thread: i32, begin: i32, end: i32, gradient: usize, length: i32, scale: f32, shrink: f32,
  parameters: usize, velocities: usize, rate: f32, momentum: f32,
): void {
  for (let b = begin; b < end; b++) {
    const at = (<usize>b * BLOCK) << 2;
    sgdSpan(gradient + at, scale, shrink, parameters + at, velocities ? velocities + at : 0, blockWidth(b, length), rate, momentum);
  }
}

/** sums[b] = squared length of block b of `values`, f64: what threads add up; the blocks are then added in a fixed tree. */
export function squaredBlocks(thread: i32, begin: i32, end: i32, values: usize, length: i32, sums: usize): void {
  for (let b = begin; b < end; b++) {
    store<f64>(sums + (<usize>b << 3), squaredSpan(values + ((<usize>b * BLOCK) << 2), blockWidth(b, length)));
  }
}
