import type { Kernels } from '../../compute/kernels.ts';
import type { Initial } from '../../models/model.ts';
import { RandomStream } from '../../random.ts';

/** Rows whose bounds are asked for at once. */
const BLOCK = 1 << 16;
/** Φ(−2): the share of a normal distribution below two deviations under its mean. */
const BELOW_TWO = 0.022750131948179195;

/** The first values of a table: any rows, at any time, always the same for the same seed and name. */
export class InitialRows {
  readonly #kernels: Kernels;
  readonly #path: readonly [number, string, string];
  readonly #dim: number;
  readonly #initial: Initial;
  /** Rows of one stream, which has 2^32 draws. */
  readonly #streamRows: number;

  constructor(kernels: Kernels, seed: number, name: string, dim: number, initial: Initial) {
    this.#kernels = kernels;
    this.#path = [seed, 'table', name];
    this.#dim = dim;
    this.#initial = initial;
    this.#streamRows = Math.floor(2 ** 32 / dim);
  }

  /** Fills `out` [n, dim], in the kernels' memory, with rows `begin` to begin + n. */
  fill(begin: number, out: Float32Array): void {
    const initial = this.#initial;
    if (typeof initial !== 'function' && initial.kind === 'zeros') {
      out.fill(0);
      return;
    }
    const rows = out.length / this.#dim;
    for (let row = begin; row < begin + rows; ) {
      const number = Math.floor(row / this.#streamRows);
      const inStream = row - number * this.#streamRows;
      const count = Math.min(begin + rows - row, this.#streamRows - inStream, BLOCK);
      const part = out.subarray((row - begin) * this.#dim, (row - begin + count) * this.#dim);
      this.#draw(row, number, inStream * this.#dim, part, count);
      row += count;
    }
  }

  #draw(row: number, number: number, from: number, out: Float32Array, count: number): void {
    const { keys } = new RandomStream(...this.#path, ...(number === 0 ? [] : [number]));
    const initial = this.#initial;
    if (typeof initial === 'function') {
      const bounds = Float64Array.from({ length: count }, (_, n) => initial(row + n));
      this.#kernels.drawUniform(keys, from, bounds, out, this.#dim);
    } else if (initial.kind === 'normal') {
      const low = initial.truncated ? BELOW_TWO : 0;
      this.#kernels.drawNormal(keys, from, low, initial.deviation, out);
    }
  }
}
