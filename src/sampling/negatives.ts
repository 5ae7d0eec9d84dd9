/**
 * Negatives: columns that a row has no training edge with. Every kind is exact: what is drawn follows its distribution over
 * the columns that are left when the row's edges are taken out, and never is one of them. The edges may be of any relation.
 */
import type { Csr } from '../compute/csr.ts';
import { RandomStream } from '../random.ts';
import { AliasTable } from './aliasTable.ts';
import { entryOf } from './meetings.ts';

export const negativeKinds = ['uniform', 'popularity'] as const;
export type NegativeKind = (typeof negativeKinds)[number];

export interface NegativeOptions {
  readonly kind: NegativeKind;
  /** Exponent of the number of edges that a column has (popularity): 0.75 in word2vec (Mikolov et al., NeurIPS 2013). */
  readonly alpha?: number;
  /** Draw from these edges instead of from all columns, where a row has any that are not training edges: seen and not taken. */
  readonly pool?: Csr;
  readonly seed: number;
}

/** Rejections after which the distribution over what is left is written out: the result is the same, only slower. */
const mostTries = 32;

export class NegativeSampler {
  readonly #train: Csr;
  readonly #options: NegativeOptions;
  readonly #pool: Csr | undefined;
  readonly #weights: Float64Array | undefined; // [cols]
  readonly #table: AliasTable | undefined;
  #epoch = -1;
  #streams: RandomStream[] = []; // one for each try, twice

  /** `train`: rows ascending. */
  constructor(train: Csr, options: NegativeOptions) {
    this.#train = train;
    this.#options = options;
    this.#pool = options.pool && difference(options.pool, train);
    if (options.kind === 'popularity') {
      this.#weights = popularity(train, options.alpha ?? 0.75);
      if (this.#weights.some((weight) => weight > 0)) this.#table = new AliasTable(this.#weights);
    }
  }

  /**
   * The negative of draw `counter` of an epoch for `row`. A row that has all columns gets `otherwise` back, by custom its
   * positive: a pair from which no loss over differences of scores learns anything.
   */
  draw(row: number, otherwise: number, epoch: number, counter: number): number {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#streams = [new RandomStream(this.#options.seed, 'negatives', epoch)];
    }
    const { offsets, cols } = this.#train;
    const missing = cols - (offsets[row + 1]! - offsets[row]!);
    if (missing === 0) return otherwise;
    const pool = this.#pool;
    if (pool && pool.offsets[row]! < pool.offsets[row + 1]!) {
      const from = pool.offsets[row]!;
      return pool.indices[from + this.#streams[0]!.integerAt(counter, pool.offsets[row + 1]! - from)]!;
    }
    if (!this.#table) return missingColumn(this.#train, row, this.#streams[0]!.integerAt(counter, missing));
    for (let tried = 0; tried < mostTries; tried++) {
      const column = this.#table.pick(this.#unit(2 * tried, counter), this.#unit(2 * tried + 1, counter));
      if (entryOf(this.#train, row, column) < 0) return column;
    }
    return this.#written(row, this.#unit(2 * mostTries, counter)) ?? otherwise;
  }

  #unit(stream: number, counter: number): number {
    const { seed } = this.#options;
    this.#streams[stream] ??= new RandomStream(seed, 'negatives', this.#epoch, stream);
    return this.#streams[stream].at(counter) / 2 ** 32;
  }

  /** By the distribution over the columns that are left, written out. */
  #written(row: number, unit: number): number | undefined {
    const { offsets, indices, cols } = this.#train;
    const left = this.#weights!.slice();
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) left[indices[entry]!] = 0;
    let at = unit * left.reduce((sum, weight) => sum + weight, 0);
    let last: number | undefined;
    for (let column = 0; column < cols; column++) {
      if (left[column] === 0) continue;
      last = column;
      at -= left[column]!;
      if (at < 0) break;
    }
    return last;
  }
}

/** The r-th (from 0) of the columns that are not in a row: exact, nothing to reject. Rows ascend. */
export function missingColumn({ offsets, indices }: Csr, row: number, r: number): number {
  const start = offsets[row]!;
  // Before the row's k-th column lie indices[k] − k columns that are not in the row: find the first k where that exceeds r.
  let low = 0;
  let high = offsets[row + 1]! - start;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (indices[start + middle]! - middle <= r) low = middle + 1;
    else high = middle;
  }
  return r + low;
}

/** Edges of each column, to the power of alpha: [cols]. */
export function popularity({ indices, cols }: Csr, alpha: number): Float64Array {
  const weights = new Float64Array(cols);
  for (const column of indices) weights[column]!++;
  return weights.map((edges) => (edges === 0 ? 0 : edges ** alpha));
}

/** The entries of one matrix that another does not have. */
function difference(pool: Csr, train: Csr): Csr {
  const offsets = new Int32Array(pool.rows + 1);
  const indices = new Int32Array(pool.indices.length);
  let count = 0;
  for (let row = 0; row < pool.rows; row++) {
    for (let entry = pool.offsets[row]!; entry < pool.offsets[row + 1]!; entry++) {
      const column = pool.indices[entry]!;
      if (entryOf(train, row, column) < 0) indices[count++] = column;
    }
    offsets[row + 1] = count;
  }
  return { rows: pool.rows, cols: pool.cols, offsets, indices: indices.slice(0, count) };
}
