/**
 * Seeded random numbers, once for the whole program. Counter-based: draw `n` of a stream is a pure function of (seed, path, n),
 * so any thread can ask for any draw in any order and all get the same. Not for secrets.
 *
 * The mixer is `triple32` of Chris Wellons, "Prospecting for Hash Functions" (2018; public domain), a bijection of 32 bits
 * whose avalanche bias (0.021) is near the least possible. A draw mixes the counter twice, under two independent keys, so
 * that streams are not shifted copies of each other.
 */

/** Mixes 32 bits; returns an unsigned 32-bit integer. */
export function mix32(bits: number): number {
  let x = bits | 0;
  x = Math.imul(x ^ (x >>> 17), 0xed5ad4bb);
  x = Math.imul(x ^ (x >>> 11), 0xac4c1b51);
  x = Math.imul(x ^ (x >>> 15), 0x31848bab);
  return (x ^ (x >>> 14)) >>> 0;
}

const golden = 0x9e3779b9; // 2^32 / φ: keeps the fold of a path from losing its order
const unit = 2 ** -32;

/** 32 bits of a name (FNV-1a over its code units) or of an integer of up to 53 bits. */
function bitsOf(part: string | number): number {
  if (typeof part === 'number') return (mix32(part % 2 ** 32) ^ Math.floor(part / 2 ** 32)) >>> 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** One stream of random numbers, named by a seed and a path: `new RandomStream(seed, 'negatives', epoch)`. */
export class RandomStream {
  readonly #first: number;
  readonly #second: number;
  #counter = 0;

  constructor(seed: number, ...path: readonly (string | number)[]) {
    let first = mix32(bitsOf(seed) ^ 0x243f6a88);
    let second = mix32(bitsOf(seed) ^ 0x85a308d3);
    for (const part of path) {
      const bits = bitsOf(part);
      first = mix32(first + golden + bits);
      second = mix32((second ^ bits) + golden);
    }
    this.#first = first;
    this.#second = second;
  }

  /** The two keys that make this stream: with them a kernel draws the same numbers. */
  get keys(): readonly [number, number] {
    return [this.#first, this.#second];
  }

  /** Draw `counter` (0 … 2^32 − 1) as an unsigned 32-bit integer, whatever was drawn before. */
  at(counter: number): number {
    return mix32(mix32(counter ^ this.#first) + this.#second);
  }

  /** Draw `counter` as an integer in [0, n); n ≤ 2^32. The bias of the multiplication is below n / 2^32. */
  integerAt(counter: number, n: number): number {
    return Math.floor(this.at(counter) * unit * n);
  }

  /** The next draw of the stream: an unsigned 32-bit integer. */
  next(): number {
    return this.at(this.#counter++);
  }

  /** The next draw in [0, 1). */
  uniform(): number {
    return this.next() * unit;
  }

  /** The next draw as an integer in [0, n). */
  integer(n: number): number {
    return Math.floor(this.next() * unit * n);
  }

  /** The next draw from the normal distribution of mean 0 and deviation 1 (Box and Muller, 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Puts `values` in random order, in place (Fisher and Yates); every order is equally likely. */
  shuffle<A extends { readonly length: number; [index: number]: unknown }>(values: A): A {
    for (let last = values.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const kept = values[last];
      values[last] = values[other];
      values[other] = kept;
    }
    return values;
  }
}
