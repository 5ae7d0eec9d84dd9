/** Weights between columns once more, in plain TypeScript: see `pairs.ts`. */
import type { Csr } from '../csr.ts';
import type { PairFactors, SparseRows } from '../pairs.ts';
import type { TopK } from '../search.ts';

export function coOccurrence(
  a: Csr,
  { ofRow, ofFrom, ofTo }: PairFactors,
  most: number,
  first: number,
  count: number,
): SparseRows {
  const has = Array.from({ length: a.rows }, (_, row) => new Set(entriesOf(a, row)));
  return keep(count, most, (c) => {
    const to = first + c;
    const found: [number, number][] = [];
    for (let from = 0; from < a.cols; from++) {
      const rows = [...has.keys()].filter((row) => from !== to && has[row]!.has(from) && has[row]!.has(to));
      const sum = rows.reduce((total, row) => total + ofRow[row]!, 0);
      if (rows.length > 0) found.push([from, Math.fround(sum * ofFrom[from]! * ofTo[to]!)]);
    }
    return found;
  });
}

export function largestOfRows(w: Csr, ofColumn: Float64Array, most: number, first: number, count: number): SparseRows {
  return keep(count, most, (c) => {
    const row = first + c;
    return [...entriesOf(w, row)].map((column, n) => {
      return [column, Math.fround(w.weights![w.offsets[row]! + n]! * ofColumn[column]!)];
    });
  });
}

export function topSums(histories: Csr, w: Csr, k: number, exclude: Csr): TopK {
  const ids = new Int32Array(histories.rows * k).fill(-1);
  const scores = new Float32Array(histories.rows * k).fill(-Infinity);
  for (let q = 0; q < histories.rows; q++) {
    const sums = new Map<number, number>();
    for (const from of entriesOf(histories, q))
      for (let e = w.offsets[from]!; e < w.offsets[from + 1]!; e++)
        sums.set(w.indices[e]!, (sums.get(w.indices[e]!) ?? 0) + w.weights![e]!);
    for (const left of entriesOf(exclude, q)) sums.delete(left);
    const best = [...sums].map(([id, sum]) => [id, Math.fround(sum)] as const).sort(byWeight);
    for (const [place, [id, score]] of best.slice(0, k).entries()) {
      ids[q * k + place] = id;
      scores[q * k + place] = score;
    }
  }
  return { k, ids, scores };
}

const entriesOf = ({ offsets, indices }: Csr, row: number) => indices.subarray(offsets[row], offsets[row + 1]);
const byWeight = (a: readonly [number, number], b: readonly [number, number]) => b[1] - a[1] || a[0] - b[0];

function keep(count: number, most: number, of: (row: number) => readonly (readonly [number, number])[]): SparseRows {
  const made = {
    counts: new Int32Array(count),
    ids: new Int32Array(count * most),
    weights: new Float32Array(count * most),
    most,
  };
  for (let row = 0; row < count; row++) {
    const kept = of(row)
      .toSorted(byWeight)
      .slice(0, most)
      .sort((a, b) => a[0] - b[0]);
    made.counts[row] = kept.length;
    made.ids.set(
      kept.map(([id]) => id),
      row * most,
    );
    made.weights.set(
      kept.map(([, weight]) => weight),
      row * most,
    );
  }
  return made;
}
