/** Weights between the columns of a sparse matrix: made, thinned out, and summed over histories. */
import type { Csr } from './csr.ts';
import type { Kernels } from './kernels.ts';
import type { KernelPool } from './pool.ts';
import type { TopK } from './search.ts';

/** Entries of some rows, by column within each. */
export interface SparseRows {
  readonly counts: Int32Array; // [n]
  readonly ids: Int32Array; // [n, most], of which a row's first `counts` are in use
  readonly weights: Float32Array; // [n, most]
  readonly most: number;
}

/** What rows and columns count where they meet; at least 0. */
export interface PairFactors {
  readonly ofRow: Float64Array; // [rows]
  readonly ofFrom: Float64Array; // [cols]
  readonly ofTo: Float64Array; // [cols]
}

/** Any arrays will do here: those outside the kernels' memory are copied in. */
export interface PairKernels {
  /**
   * For the columns `to` of A in [first, first + count): the `most` largest of Σ_r ofRow[r] · ofFrom[from] · ofTo[to] over the rows r that
   * have both, from ≠ to, of equals the smaller `from`. `people` is Aᵀ.
   */
  coOccurrence(a: Csr, people: Csr, factors: PairFactors, most: number, first: number, count: number): SparseRows;
  /** For the rows [first, first + count) of W: the `most` largest of W[row, col] · ofColumn[col], of equals the smaller column. */
  largestOfRows(
    w: Required<Pick<Csr, 'weights'>> & Csr,
    ofColumn: Float64Array,
    most: number,
    first: number,
    count: number,
  ): SparseRows;
  /** The best k of each history [q, cols] by Σ_{j ∈ history} W[j, i]; nothing that no weight leads to, or that row q of `exclude` names. */
  topSums(histories: Csr, w: Required<Pick<Csr, 'weights'>> & Csr, k: number, exclude: Csr): TopK;
}

/** Columns, rows or histories a chunk: the work of one varies by far. */
const grain = 8;

type Room = Pick<Kernels, 'floats' | 'ints' | 'put' | 'release'> & {
  readonly at: (array: Float32Array | Int32Array | undefined) => number;
};

export function pairKernels(pool: KernelPool, { at, floats, ints, put, release }: Room): PairKernels {
  /** Runs `work` with arrays in the kernels' memory; those that had to be copied in, and `room`, are given back. */
  const within = <T>(arrays: readonly (Float32Array | Int32Array)[], work: (addresses: readonly number[]) => T): T => {
    const inside = arrays.map((array) => put(array));
    try {
      return work(inside.map(at));
    } finally {
      release(...inside.filter((array, place) => array !== arrays[place]));
    }
  };
  /** Doubles as pairs of the kernels' numbers, bit by bit. */
  const words = (doubles: Float64Array) => new Int32Array(doubles.buffer, doubles.byteOffset, 2 * doubles.length);
  /** Bytes of a thread's room for sums over columns and a heap: see `kernels/pairs.ts`. */
  const pitchOf = (cols: number, k: number) => Math.ceil((12 * cols + 16 * Math.ceil(cols / 16) + 8 * k) / 64) * 64;

  const rowsOf = (count: number, most: number, fill: (addresses: readonly number[]) => void): SparseRows => {
    const [ids, weights, counts] = [ints(count * most), floats(count * most), ints(count)];
    fill([at(ids), at(weights), at(counts)]);
    const made = { ids: ids.slice(), weights: weights.slice(), counts: counts.slice(), most };
    release(ids, weights, counts);
    return made;
  };

  return {
    coOccurrence(a, people, { ofRow, ofFrom, ofTo }, most, first, count) {
      const pitch = pitchOf(a.cols, most);
      const room = floats((pool.threads * pitch) / 4);
      const arrays = [a.offsets, a.indices, people.offsets, people.indices, words(ofRow), words(ofFrom), words(ofTo)];
      const made = within(arrays, (matrices) =>
        rowsOf(count, most, (out) =>
          pool.run('coOccurrence', count, grain, first, ...matrices, a.cols, most, ...out, at(room), pitch),
        ),
      );
      release(room);
      return made;
    },

    largestOfRows(w, ofColumn, most, first, count) {
      const room = floats(pool.threads * 2 * most);
      const made = within([w.offsets, w.indices, w.weights, words(ofColumn)], (matrix) =>
        rowsOf(count, most, (out) => pool.run('largestOfRows', count, grain, first, ...matrix, most, ...out, at(room))),
      );
      release(room);
      return made;
    },

    topSums(histories, w, k, exclude) {
      const queries = histories.rows;
      const pitch = pitchOf(w.cols, 0);
      const [ids, scores, room] = [ints(queries * k), floats(queries * k), floats((pool.threads * pitch) / 4)];
      const [left, right] = [
        [histories.offsets, histories.indices, w.offsets, w.indices, w.weights],
        [exclude.offsets, exclude.indices],
      ];
      within([...left, ...right], (matrices) =>
        pool.run(
          'topSums',
          queries,
          grain,
          ...matrices.slice(0, left.length),
          w.cols,
          ...matrices.slice(left.length),
          k,
          at(ids),
          at(scores),
          at(room),
          pitch,
        ),
      );
      const found: TopK = { k, ids: ids.slice(), scores: scores.slice() };
      release(ids, scores, room);
      return found;
    },
  };
}
