/** Draws from a fixed distribution in constant time: Walker's alias method, built as Vose has it (IEEE TSE 17, 1991). */
export class AliasTable {
  readonly #accept: Float64Array; // [n], probability of keeping a cell's own value
  readonly #alias: Int32Array; // [n]

  /** Weights need not sum to one; throws RangeError where none is positive. */
  constructor(weights: ArrayLike<number>) {
    const n = weights.length;
    let total = 0;
    for (let i = 0; i < n; i++) total += weights[i]!;
    if (!(total > 0)) throw new RangeError('no weight is positive: nothing can be drawn');
    this.#accept = new Float64Array(n);
    this.#alias = new Int32Array(n);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < n; i++) {
      this.#accept[i] = (weights[i]! * n) / total;
      (this.#accept[i]! < 1 ? small : large).push(i);
    }
    while (small.length > 0 && large.length > 0) {
      const less = small.pop()!;
      const more = large.at(-1)!;
      this.#alias[less] = more;
      this.#accept[more]! -= 1 - this.#accept[less]!;
      if (this.#accept[more]! < 1) small.push(large.pop()!);
    }
    // What is left differs from one by rounding alone.
    for (const i of [...small, ...large]) {
      this.#accept[i] = 1;
      this.#alias[i] = i;
    }
  }

  /** The value that two numbers in [0, 1) pick. */
  pick(cell: number, coin: number): number {
    const place = Math.floor(cell * this.#accept.length);
    return coin < this.#accept[place]! ? place : this.#alias[place]!;
  }
}
