import type { Kernels } from '../../compute/kernels.ts';
import type { Initial } from '../../models/model.ts';
import { RandomStream } from '../../random.ts';

/** Rows whose bounds are asked for at once. */
const BLOCK = 1 << 16;
/** Φ(−2): the share of a normal distribution below two deviations under its mean. */
export const BELOW_TWO = 0.022750131948179195;

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

  /** Fills the first columns of `out` [n, stride], zeroed and in the kernels' memory, with rows `begin` to begin + n. */
  fill(begin: number, out: Float32Array, stride = this.#dim): void {
    const initial = this.#initial;
    if (typeof initial !== 'function' && initial.kind === 'zeros') return;
    const end = begin + out.length / stride;
    for (let row = begin; row < end; ) {
      const number = Math.floor(row / this.#streamRows);
      const inStream = row - number * this.#streamRows;
      const rows = Math.min(end - row, this.#streamRows - inStream, BLOCK);
      const part = out.subarray((row - begin) * stride, (row - begin + rows) * stride);
      const { keys } = new RandomStream(...this.#path, ...(number === 0 ? [] : [number]));
      const shape = { rows, dim: this.#dim, stride };
      if (typeof initial === 'function') {
        const bounds = Float64Array.from({ length: rows }, (_, n) => initial(row + n));
        this.#kernels.drawUniform(keys, inStream * this.#dim, bounds, part, shape);
      } else {
        const low = initial.truncated ? BELOW_TWO : 0;
        this.#kernels.drawNormal(keys, inStream * this.#dim, { ...initial, low }, part, shape);
      }
      row += rows;
    }
  }
}
