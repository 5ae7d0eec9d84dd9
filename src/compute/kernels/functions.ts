// Elementary functions on four floats at a time, over the whole range: infinities, NaN and numbers below the normal range included.
import { multiplyAdd } from './math';

/**
 * e^x = 2^n · e^r with x = n ln 2 + r, |r| ≤ ln 2 / 2, by the Taylor polynomial of degree 6 (relative error under 3e-7). The
 * power of two is applied in two halves, so that results below the normal range and infinity come out by themselves.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  // Pseudo-minimum and -maximum are one instruction each, and in this order keep a NaN.
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-105.0)), f32x4.splat(90.0));
  // Adding 1.5 · 2^23 rounds to a whole number, which then stands in the low bits.
  const shifted = f32x4.add(f32x4.mul(clamped, f32x4.splat(1.44269504)), f32x4.splat(12582912.0));
  const n = f32x4.sub(shifted, f32x4.splat(12582912.0));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.0 / 720.0);
  p = multiplyAdd(p, r, f32x4.splat(1.0 / 120.0));
  p = multiplyAdd(p, r, f32x4.splat(1.0 / 24.0));
  p = multiplyAdd(p, r, f32x4.splat(1.0 / 6.0));
  p = multiplyAdd(p, r, f32x4.splat(0.5));
  p = multiplyAdd(p, r, f32x4.splat(1.0));
  p = multiplyAdd(p, r, f32x4.splat(1.0));
  const power = i32x4.sub(shifted, i32x4.splat(0x4b400000));
  const half = i32x4.shr_s(power, 1);
  const one = i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23);
  const other = i32x4.shl(i32x4.add(i32x4.sub(power, half), i32x4.splat(127)), 23);
  return f32x4.mul(f32x4.mul(p, one), other);
}

/** ln x: exponent and mantissa apart, the mantissa's logarithm by the polynomial of Cephes' logf (relative error under 2e-7). */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const bits = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608.0)), x, tiny);
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(bits, 23), i32x4.splat(126)));
  e = f32x4.sub(e, v128.and(tiny, f32x4.splat(23.0)));
  let m = v128.or(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(m, f32x4.splat(0.707106781));
  e = f32x4.sub(e, v128.and(low, f32x4.splat(1.0)));
  m = f32x4.sub(f32x4.add(m, v128.and(low, m)), f32x4.splat(1.0));
  const square = f32x4.mul(m, m);
  let p = f32x4.splat(7.0376836292e-2);
  p = multiplyAdd(p, m, f32x4.splat(-1.1514610310e-1));
  p = multiplyAdd(p, m, f32x4.splat(1.1676998740e-1));
  p = multiplyAdd(p, m, f32x4.splat(-1.2420140846e-1));
  p = multiplyAdd(p, m, f32x4.splat(1.4249322787e-1));
  p = multiplyAdd(p, m, f32x4.splat(-1.6668057665e-1));
  p = multiplyAdd(p, m, f32x4.splat(2.0000714765e-1));
  p = multiplyAdd(p, m, f32x4.splat(-2.4999993993e-1));
  p = multiplyAdd(p, m, f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(m, square), p);
  y = multiplyAdd(e, f32x4.splat(-2.12194440e-4), y);
  y = f32x4.sub(y, f32x4.mul(f32x4.splat(0.5), square));
  y = multiplyAdd(e, f32x4.splat(0.693359375), f32x4.add(m, y));
  // ln ∞ = ∞, ln 0 = −∞, ln of less or of NaN is NaN.
  y = v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(Infinity)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(y, f32x4.splat(NaN), f32x4.ge(x, f32x4.splat(0)));
}

/** ln(1 + x) for x > −1; the quotient gives back what rounding 1 + x took. */
// @ts-ignore: decorator
@inline
export function log1p4(x: v128): v128 {
  const one = f32x4.splat(1);
  const u = f32x4.add(one, x);
  const exact = v128.or(f32x4.eq(u, one), f32x4.eq(u, f32x4.splat(Infinity)));
  const corrected = f32x4.div(f32x4.mul(log4(u), x), f32x4.sub(u, one));
  return v128.bitselect(x, corrected, exact);
}

/** 1 / (1 + e^−x). */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}

/** tanh x: an odd polynomial (Cephes' tanhf) near zero, where the quotient would lose digits, else 1 − 2 / (e^2|x| + 1). */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const magnitude = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = multiplyAdd(p, square, f32x4.splat(2.06390887954e-2));
  p = multiplyAdd(p, square, f32x4.splat(-5.37397155531e-2));
  p = multiplyAdd(p, square, f32x4.splat(1.33314422036e-1));
  p = multiplyAdd(p, square, f32x4.splat(-3.33332819422e-1));
  const near = multiplyAdd(f32x4.mul(p, square), x, x);
  const e = exp4(f32x4.add(magnitude, magnitude));
  let far = f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(e, f32x4.splat(1))));
  far = v128.or(far, v128.and(x, i32x4.splat(0x80000000)));
  return v128.bitselect(near, far, f32x4.lt(magnitude, f32x4.splat(0.625)));
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|). */
// @ts-ignore: decorator
@inline
export function softplus4(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log1p4(exp4(f32x4.neg(f32x4.abs(x)))));
}

/** tanh's argument in GELU: √(2/π) · (x + 0.044715 x³). */
// @ts-ignore: decorator
@inline
function geluInner(x: v128): v128 {
  const cubic = multiplyAdd(f32x4.mul(f32x4.splat(0.044715), x), f32x4.mul(x, x), x);
  return f32x4.mul(f32x4.splat(0.7978845608), cubic);
}

/** GELU in its tanh form: Hendrycks & Gimpel, 2016, section 2. */
// @ts-ignore: decorator
@inline
export function gelu4(x: v128): v128 {
  return f32x4.mul(f32x4.mul(f32x4.splat(0.5), x), f32x4.add(f32x4.splat(1), tanh4(geluInner(x))));
}

/** dy · d GELU / dx. */
// @ts-ignore: decorator
@inline
export function geluGradient4(x: v128, dy: v128): v128 {
  const t = tanh4(geluInner(x));
  const inner = f32x4.mul(f32x4.splat(0.7978845608), multiplyAdd(f32x4.mul(f32x4.splat(0.134145), x), x, f32x4.splat(1)));
  const slope = f32x4.mul(f32x4.mul(x, f32x4.sub(f32x4.splat(1), f32x4.mul(t, t))), inner);
  return f32x4.mul(dy, f32x4.mul(f32x4.splat(0.5), f32x4.add(f32x4.add(f32x4.splat(1), t), slope)));
}
