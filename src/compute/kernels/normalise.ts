// Softmax and layer norm, row by row, with their gradients.
import { exp4, log4 } from './functions';
import { sumLanes } from './math';
import { sumRange } from './reduce';

/** Maximum of the floats in [at, end). A NaN may be passed over: what is made of it is NaN anyway. */
// @ts-ignore: decorator
@inline
function mostOf(at: usize, end: usize): f32 {
  let m = f32x4.splat(-Infinity);
  for (; at + 16 <= end; at += 16) m = f32x4.pmax(m, v128.load(at));
  let most = max(max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)), max(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)));
  for (; at < end; at += 4) most = max(most, load<f32>(at));
  return most;
}

// @ts-ignore: decorator
@inline
function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/**
 * y[r] = softmax(scale · x[r] + mask[r]), or its logarithm. x, y: f32 [rows, count]. The mask's row for r = o · middle + m lies
 * o · maskOuter + m · maskMiddle bytes in; 0 for none.
 */
export function softmaxRows(
  thread: i32, begin: i32, end: i32, isLogarithm: i32, x: usize, count: i32, scale: f32,
  mask: usize, middle: i32, maskOuter: usize, maskMiddle: usize, y: usize,
): void {
  const width = <usize>count << 2;
  const factor = f32x4.splat(scale);
  for (let r = begin; r < end; r++) {
    const from = x + <usize>r * width;
    const to = y + <usize>r * width;
    let source = from;
    if (mask || scale != 1) {
      const outer = r / middle;
      const row = mask + <usize>outer * maskOuter + <usize>(r - outer * middle) * maskMiddle;
      let at: usize = 0;
      if (mask) {
        for (; at + 16 <= width; at += 16) v128.store(to + at, f32x4.add(f32x4.mul(factor, v128.load(from + at)), v128.load(row + at)));
        for (; at < width; at += 4) store<f32>(to + at, scale * load<f32>(from + at) + load<f32>(row + at));
      } else {
        for (; at + 16 <= width; at += 16) v128.store(to + at, f32x4.mul(factor, v128.load(from + at)));
        for (; at < width; at += 4) store<f32>(to + at, scale * load<f32>(from + at));
      }
      source = to;
    }
    const most = mostOf(source, source + width);
    const shift = f32x4.splat(most);
    let sums = f32x4.splat(0);
    let at: usize = 0;
    if (isLogarithm) {
      for (; at + 16 <= width; at += 16) sums = f32x4.add(sums, exp4(f32x4.sub(v128.load(source + at), shift)));
      let sum = sumLanes(sums);
      for (; at < width; at += 4) sum += exp1(load<f32>(source + at) - most);
      const less = most + f32x4.extract_lane(log4(f32x4.splat(sum)), 0);
      const lesser = f32x4.splat(less);
      for (at = 0; at + 16 <= width; at += 16) v128.store(to + at, f32x4.sub(v128.load(source + at), lesser));
      for (; at < width; at += 4) store<f32>(to + at, load<f32>(source + at) - less);
    } else {
      for (; at + 16 <= width; at += 16) {
        const e = exp4(f32x4.sub(v128.load(source + at), shift));
        v128.store(to + at, e);
        sums = f32x4.add(sums, e);
      }
      let sum = sumLanes(sums);
      for (; at < width; at += 4) {
        const e = exp1(load<f32>(source + at) - most);
        store<f32>(to + at, e);
        sum += e;
      }
      const share: f32 = 1 / sum;
      const shares = f32x4.splat(share);
      for (at = 0; at + 16 <= width; at += 16) v128.store(to + at, f32x4.mul(shares, v128.load(to + at)));
      for (; at < width; at += 4) store<f32>(to + at, share * load<f32>(to + at));
    }
  }
}

/** dx[r] = scale · y ∘ (dy − ⟨dy, y⟩), y = softmax's result. All f32 [rows, count]. */
export function softmaxRowsGradient(
  thread: i32, begin: i32, end: i32, y: usize, dy: usize, count: i32, scale: f32, dx: usize,
): void {
  const width = <usize>count << 2;
  const factor = f32x4.splat(scale);
  for (let r = begin; r < end; r++) {
    const p = y + <usize>r * width, d = dy + <usize>r * width, to = dx + <usize>r * width;
    let sums = f32x4.splat(0);
    let at: usize = 0;
    for (; at + 16 <= width; at += 16) sums = f32x4.add(sums, f32x4.mul(v128.load(p + at), v128.load(d + at)));
    let along = sumLanes(sums);
    for (; at < width; at += 4) along += load<f32>(p + at) * load<f32>(d + at);
    const less = f32x4.splat(along);
    for (at = 0; at + 16 <= width; at += 16) {
      v128.store(to + at, f32x4.mul(factor, f32x4.mul(v128.load(p + at), f32x4.sub(v128.load(d + at), less))));
    }
    for (; at < width; at += 4) store<f32>(to + at, scale * (load<f32>(p + at) * (load<f32>(d + at) - along)));
  }
}

/**
 * y[r] = γ ∘ (x[r] − mean) / √(variance + ε) + β: Ba, Kiros & Hinton, 2016, eq. 4. statistics[r] = (mean, 1 / √(variance + ε)).
 * x, y: f32 [rows, dim]; γ, β: f32 [dim]; statistics: f32 [rows, 2].
 */
export function layerNormRows(
  thread: i32, begin: i32, end: i32, x: usize, gamma: usize, beta: usize, dim: i32, epsilon: f32, y: usize, statistics: usize,
): void {
  const width = <usize>dim << 2;
  for (let r = begin; r < end; r++) {
    const from = x + <usize>r * width, to = y + <usize>r * width;
    const mean = sumRange(from, from + width) / <f32>dim;
    const means = f32x4.splat(mean);
    let squares = f32x4.splat(0);
    let at: usize = 0;
    for (; at + 16 <= width; at += 16) {
      const difference = f32x4.sub(v128.load(from + at), means);
      squares = f32x4.add(squares, f32x4.mul(difference, difference));
    }
    let square = sumLanes(squares);
    for (; at < width; at += 4) square += (load<f32>(from + at) - mean) * (load<f32>(from + at) - mean);
    const inverse: f32 = 1 / sqrt<f32>(square / <f32>dim + epsilon);
    const inverses = f32x4.splat(inverse);
    store<f32>(statistics + (<usize>r << 3), mean);
    store<f32>(statistics + (<usize>r << 3), inverse, 4);
    for (at = 0; at + 16 <= width; at += 16) {
      const unit = f32x4.mul(inverses, f32x4.sub(v128.load(from + at), means));
      v128.store(to + at, f32x4.add(f32x4.mul(unit, v128.load(gamma + at)), v128.load(beta + at)));
    }
    for (; at < width; at += 4) {
      store<f32>(to + at, inverse * (load<f32>(from + at) - mean) * load<f32>(gamma + at) + load<f32>(beta + at));
    }
  }
}

/**
 * Gradient through layerNormRows: with u = (x − mean) · inverse and g = dy ∘ γ,
 *
 *   dx = inverse · (g − mean(g) − u · mean(g ∘ u))        dγ = Σ_r dy ∘ u        dβ = Σ_r dy
 *
 * One chunk is a block of `block` rows, whose part of dγ and dβ goes to partial[block]: f32 [blocks, 2, dim].
 */
export function layerNormRowsGradient(
  thread: i32, begin: i32, end: i32,
  x: usize, dy: usize, gamma: usize, statistics: usize, rows: i32, dim: i32, block: i32, dx: usize, partial: usize,
): void {
  const width = <usize>dim << 2;
  for (let b = begin; b < end; b++) {
    const dGamma = partial + <usize>b * (width << 1), dBeta = dGamma + width;
    memory.fill(dGamma, 0, width << 1);
    const last = min(rows, (b + 1) * block);
    for (let r = b * block; r < last; r++) {
      const from = x + <usize>r * width, d = dy + <usize>r * width, to = dx + <usize>r * width;
      const mean = load<f32>(statistics + (<usize>r << 3)), inverse = load<f32>(statistics + (<usize>r << 3), 4);
      const means = f32x4.splat(mean), inverses = f32x4.splat(inverse);
      let plain4 = f32x4.splat(0), along4 = f32x4.splat(0);
      let at: usize = 0;
      for (; at + 16 <= width; at += 16) {
        const unit = f32x4.mul(inverses, f32x4.sub(v128.load(from + at), means));
        const dOut = v128.load(d + at);
        const g = f32x4.mul(dOut, v128.load(gamma + at));
        plain4 = f32x4.add(plain4, g);
        along4 = f32x4.add(along4, f32x4.mul(g, unit));
        v128.store(dGamma + at, f32x4.add(v128.load(dGamma + at), f32x4.mul(dOut, unit)));
        v128.store(dBeta + at, f32x4.add(v128.load(dBeta + at), dOut));
      }
      let plain = sumLanes(plain4), along = sumLanes(along4);
      for (; at < width; at += 4) {
        const unit = inverse * (load<f32>(from + at) - mean);
        const dOut = load<f32>(d + at);
        const g = dOut * load<f32>(gamma + at);
        plain += g;
        along += g * unit;
        store<f32>(dGamma + at, load<f32>(dGamma + at) + dOut * unit);
        store<f32>(dBeta + at, load<f32>(dBeta + at) + dOut);
      }
      plain /= <f32>dim;
      along /= <f32>dim;
      const plains = f32x4.splat(plain), alongs = f32x4.splat(along);
      for (at = 0; at + 16 <= width; at += 16) {
        const unit = f32x4.mul(inverses, f32x4.sub(v128.load(from + at), means));
        const g = f32x4.mul(v128.load(d + at), v128.load(gamma + at));
        v128.store(to + at, f32x4.mul(inverses, f32x4.sub(f32x4.sub(g, plains), f32x4.mul(unit, alongs))));
      }
      for (; at < width; at += 4) {
        const unit = inverse * (load<f32>(from + at) - mean);
        store<f32>(to + at, inverse * (load<f32>(d + at) * load<f32>(gamma + at) - plain - unit * along));
      }
    }
  }
}
