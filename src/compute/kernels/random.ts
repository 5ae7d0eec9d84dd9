// The counter-based random numbers of src/random.ts once more: draw `counter` of the stream with these two keys.

// @ts-ignore: decorator
@inline
export function mix32(bits: u32): u32 {
  let x = bits;
  x = (x ^ (x >>> 17)) * 0xed5ad4bb;
  x = (x ^ (x >>> 11)) * 0xac4c1b51;
  x = (x ^ (x >>> 15)) * 0x31848bab;
  return x ^ (x >>> 14);
}

// @ts-ignore: decorator
@inline
export function draw(first: u32, second: u32, counter: u32): u32 {
  return mix32(mix32(counter ^ first) + second);
}

/** Bits as a number in [0, 1). */
// @ts-ignore: decorator
@inline
export function uniform(bits: u32): f64 {
  return <f64>bits * (1.0 / 4294967296.0);
}

/** Bits as an integer in [0, n): the one that RandomStream gives, whose double precision is exact for n up to 2^21. */
// @ts-ignore: decorator
@inline
export function below(bits: u32, n: i32): i32 {
  return <i32>((<u64>bits * <u64>n) >> 32);
}
