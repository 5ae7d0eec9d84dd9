// First values of tables. Counter-based: number n of a stream is a function of its two keys and n alone (`random.ts`), so any
// thread may draw any part, and a part may be drawn long after the others.

/** The mixer of `random.ts`: triple32 of Wellons. */
// @ts-ignore: decorator
@inline
function mix32(bits: u32): u32 {
  let x = bits;
  x = (x ^ (x >> 17)) * 0xed5ad4bb;
  x = (x ^ (x >> 11)) * 0xac4c1b51;
  x = (x ^ (x >> 15)) * 0x31848bab;
  return x ^ (x >> 14);
}

// @ts-ignore: decorator
@inline
function draw(first: u32, second: u32, counter: u32): f64 {
  return <f64>mix32(mix32(counter ^ first) + second);
}

const UNIT: f64 = 1.0 / 4294967296.0;

/**
 * out[r, d] uniform in ±bounds[r]; its draw is number `from + r · dim + d`. bounds: f64 [rows]; out: f32 [rows, stride], of which
 * the first `dim` columns are drawn.
 */
export function drawUniform(
  thread: i32, begin: i32, end: i32, first: u32, second: u32, from: u32, bounds: usize, out: usize, dim: i32, stride: i32,
): void {
  for (let r = begin; r < end; r++) {
    const range = 2 * load<f64>(bounds + (<usize>r << 3));
    let counter = from + <u32>r * <u32>dim;
    const rowAt = out + ((<usize>r * <usize>stride) << 2);
    for (let d = 0; d < dim; d++) store<f32>(rowAt + (<usize>d << 2), <f32>(range * (draw(first, second, counter++) * UNIT - 0.5)));
  }
}

/**
 * out[r, d] from a normal distribution of the given deviation, by inversion of the draw `from + r · dim + d`: u = low +
 * (1 − 2 low)(draw + ½) / 2³². `low` is 0, or Φ(−c) for one that is cut off at c deviations. out: as in drawUniform.
 */
export function drawNormal(
  thread: i32, begin: i32, end: i32, first: u32, second: u32, from: u32, low: f64, deviation: f64, out: usize, dim: i32, stride: i32,
): void {
  const range = (1 - 2 * low) * UNIT;
  for (let r = begin; r < end; r++) {
    let counter = from + <u32>r * <u32>dim;
    const rowAt = out + ((<usize>r * <usize>stride) << 2);
    for (let d = 0; d < dim; d++) {
      const u = low + range * (draw(first, second, counter++) + 0.5);
      store<f32>(rowAt + (<usize>d << 2), <f32>(deviation * normalQuantile(u)));
    }
  }
}

/**
 * ln x for a normal x > 0, as fdlibm has it (Sun, 1993): x = 2^k (1 + f), ln(1 + f) from the series of s = f / (2 + f).
 * AssemblyScript's own Math.log brings a table along, which each thread's start would write over the arrays of the others.
 */
function logarithm(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  // Exponent of x / √½, so that 1 + f lies between √½ and √2.
  const k = <i64>(bits - 0x3fe6a09e667f3bcd) >> 52;
  const f = reinterpret<f64>(bits - (<u64>k << 52)) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940941908 + w * (0.2222219843214978396 + w * 0.1531383769920937332));
  const odd = z * (0.6666666666666735130 + w * (0.2857142874366239149 + w * (0.1818357216161805012 + w * 0.1479819860511658591)));
  const half = 0.5 * f * f;
  return <f64>k * 0.693147180559945309417 + (f - (half - s * (half + (odd + even))));
}

/** Φ⁻¹(u), 0 < u < 1, to a relative 1e-7: PPND7 of Wichura, "Algorithm AS 241", Applied Statistics 37 (1988). */
// @ts-ignore: decorator
@inline
function normalQuantile(u: f64): f64 {
  const q = u - 0.5;
  if (abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (
      (q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)) /
      (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1)
    );
  }
  let r = sqrt<f64>(-logarithm(q < 0 ? u : 1 - u));
  let tail: f64;
  if (r <= 5) {
    r -= 1.6;
    tail =
      (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
      ((0.12021132975 * r + 0.73700164250) * r + 1);
  } else {
    r -= 5;
    tail =
      (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150) /
      ((0.012258202635 * r + 0.24197894225) * r + 1);
  }
  return q < 0 ? -tail : tail;
}
