/** Greedy choice of rows that are unlike each other: what diversity of lists spends its time on. */
import type { Kernels } from './kernels.ts';
import type { KernelPool } from './pool.ts';

/** Rows, of length about 1: how alike two are is their dot product. Any arrays will do: they are copied in. */
export interface UnlikeRows {
  readonly rows: Float64Array; // [n, width]
  readonly width: number;
  /** The gain of each while none is chosen. [n] */
  readonly first: Float64Array;
  /** How many are to be chosen, at most n. */
  readonly wanted: number;
}

/** Both answer places in the order of choice, of equal gains the first; their plain twins are in serving/reranking. */
export interface GreedyKernels {
  /** argmax first(i) − strength · max_{j chosen} ⟨i, j⟩, `wanted` times. */
  chooseUnlike(rows: UnlikeRows, strength: number): Int32Array;
  /** argmax first(i) · d_i², with 1 − d_i² what the chosen rows, each times `scale`, span of row i times `scale`. */
  chooseSpanning(rows: UnlikeRows, scale: number): Int32Array;
}

export function greedyKernels(pool: KernelPool, { scratch }: Pick<Kernels, 'scratch'>): GreedyKernels {
  const choose = ({ rows, width, first, wanted }: UnlikeRows, isVolume: boolean, amount: number): Int32Array => {
    const n = first.length;
    const doubles = [n, n, n, n * width, wanted * width] as const; // first, gains, state, rows, basis
    const room = scratch('chooseGreedily', 2 * doubles.reduce((sum, length) => sum + length, 0) + n + wanted);
    let at = room.byteOffset;
    const [firstAt, gainsAt, stateAt, rowsAt, basisAt] = doubles.map((length) => {
      const from = at;
      at += 8 * length;
      return from;
    }) as [number, number, number, number, number];
    const put = (from: number, values: Float64Array) => new Float64Array(room.buffer, from, values.length).set(values);
    put(firstAt, first);
    put(gainsAt, first);
    put(rowsAt, rows);
    new Float64Array(room.buffer, stateAt, n).fill(isVolume ? 1 : 0);
    new Int32Array(room.buffer, at, n).fill(0);
    const chosenAt = at + 4 * n;
    pool.run(
      ...(['chooseGreedily', 1, 1, Number(isVolume), amount, n, width, wanted] as const),
      ...[firstAt, gainsAt, stateAt, at, rowsAt, basisAt, chosenAt],
    );
    return new Int32Array(room.buffer, chosenAt, wanted).slice();
  };
  return {
    chooseUnlike: (rows, strength) => choose(rows, false, strength),
    chooseSpanning: (rows, scale) => choose(rows, true, scale),
  };
}
