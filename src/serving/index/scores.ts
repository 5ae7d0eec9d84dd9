/** Exact scores of the few rows that a search by something nearer to hand has found. */
import type { TopK } from '../../compute/kernels.ts';
import type { IndexedRows } from './vectorIndex.ts';

export class Scores {
  readonly #rows: Float32Array;
  readonly #dim: number;
  /** 1 / the length of each row, 0 for a row of zeros; where rows count as of length 1. */
  readonly inverse: Float32Array | undefined;

  constructor({ rows, dim, metric }: IndexedRows) {
    this.#rows = rows;
    this.#dim = dim;
    this.inverse = metric === 'cosine' ? inverseLengths(rows, dim) : undefined;
  }

  get count(): number {
    return this.#rows.length / this.#dim;
  }
  /** Bytes that are held beside the rows. */
  get bytes(): number {
    return this.inverse?.byteLength ?? 0;
  }

  /** A row's score. query: [dim] */
  of(query: Float32Array, id: number): number {
    const from = id * this.#dim;
    let sum = 0;
    for (let d = 0; d < this.#dim; d++) sum += query[d]! * this.#rows[from + d]!;
    return Math.fround(this.inverse ? sum * this.inverse[id]! : sum);
  }

  /** Writes the best `found.k` of some candidates as those of query `q`; −1 among the candidates is none. */
  best(query: Float32Array, candidates: Iterable<number>, found: TopK, q: number): void {
    const scored: { readonly id: number; readonly score: number }[] = [];
    for (const id of candidates) if (id >= 0) scored.push({ id, score: this.of(query, id) });
    scored.sort((a, b) => b.score - a.score || a.id - b.id);
    for (let place = 0; place < Math.min(found.k, scored.length); place++) {
      found.ids[q * found.k + place] = scored[place]!.id;
      found.scores[q * found.k + place] = scored[place]!.score;
    }
  }
}

/** Room for what queries find, nothing found yet. */
export const nothingFound = (queries: number, k: number): TopK => ({
  k,
  ids: new Int32Array(queries * k).fill(-1),
  scores: new Float32Array(queries * k).fill(-Infinity),
});

function inverseLengths(rows: Float32Array, dim: number): Float32Array {
  const inverse = new Float32Array(rows.length / dim);
  for (let row = 0; row < inverse.length; row++) {
    let squares = 0;
    for (let d = row * dim; d < (row + 1) * dim; d++) squares += rows[d]! * rows[d]!;
    inverse[row] = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  }
  return inverse;
}

/** Rows of length 1, so that their dot product is their cosine; a row of zeros stays one. */
export function unitRows(rows: Float32Array, dim: number): Float32Array {
  const unit = new Float32Array(rows.length);
  for (let from = 0; from < rows.length; from += dim) {
    let squares = 0;
    for (let d = from; d < from + dim; d++) squares += rows[d]! * rows[d]!;
    const inverse = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let d = from; d < from + dim; d++) unit[d] = rows[d]! * inverse;
  }
  return unit;
}
