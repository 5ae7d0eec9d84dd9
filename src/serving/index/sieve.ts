/**
 * The scan of all rows as they are, a quarter as dear: by bytes first, then as they are for those that may be among the best. How far
 * bytes can be off is known, so that what is left out is proven to be none of the best; where it cannot be proven nothing is answered.
 * With x̂ and q̂ what the bytes of a row and of a query say,
 *
 *   ⟨q, x⟩ − ⟨q̂, x̂⟩ = ⟨q, x − x̂⟩ + ⟨q − q̂, x̂⟩ ≤ ‖q‖ · ‖x − x̂‖ + ‖q − q̂‖ · ‖x̂‖      (Cauchy and Schwarz)
 *
 * The same numbers are added up in the same order as by the scan of all rows: scores, and ties, are the same to the bit.
 */
import type { Kernels, PackedRows, TopK } from '../../compute/kernels.ts';
import type { SearchLimits } from './vectorIndex.ts';

export interface Sieve {
  readonly bytes: number;
  /** The best `k` for one query; undefined where they are not proven to be those. */
  best(query: Float32Array, k: number, limits: SearchLimits): TopK | undefined;
  dispose(): void;
}

/** Levels of bytes, as `kernels/bytes.ts` has them. */
const [rowLevels, queryLevels] = [127, 63];
/** Candidates beside those wanted: of trained vectors these sufficed always, and a few more cost little. */
const more = 118;
/** A sieve for more than this is no cheaper than the scan. */
const mostWanted = 512;
/** What rounding to float32 adds to the bound, of the product of lengths. */
const rounding = 1e-5;

/** `laid`: the same rows for the scan. Errors: compute/memory. */
export function openSieve(rows: Float32Array, laid: PackedRows, kernels: Kernels): Sieve {
  const { dim } = laid;
  const packed = kernels.packBytes(rows, dim);
  const { panels, scales, shifts, count } = packed;
  let [farthest, longest] = [0, 0];
  for (let row = 0; row < count; row++) {
    const { error, length } = asLevels(rows.subarray(row * dim, (row + 1) * dim), rowLevels);
    farthest = Math.max(farthest, error);
    longest = Math.max(longest, length);
  }
  return {
    bytes: panels.byteLength + scales.byteLength + shifts.byteLength,
    best(query, k, { exclude, allowed }) {
      const wanted = Math.min(count, k + more);
      if (wanted > mostWanted) return undefined;
      const sieved = kernels.topBytes(query, packed, wanted, exclude, allowed);
      const found = kernels.topAmong(query, laid, sieved.ids, k);
      // Where fewer were found than asked for, there are no others.
      if (sieved.ids[wanted - 1]! >= 0 && wanted < count) {
        const { error, length } = asLevels(query, queryLevels);
        const norm = Math.hypot(length, error);
        const most = sieved.scores[wanted - 1]! + norm * farthest + error * longest + rounding * norm * longest;
        if (!(most < found.scores[k - 1]!)) return undefined;
      }
      return found;
    },
    dispose: () => kernels.release(panels, scales, shifts),
  };
}

/** How far a row is from what its levels say, and how long that is. */
function asLevels(row: Float32Array, levels: number): { readonly error: number; readonly length: number } {
  // By index: an iterator takes ten times as long, and a version that is switched to waits for all its rows.
  let greatest = 0;
  for (let d = 0; d < row.length; d++) greatest = Math.max(greatest, Math.abs(row[d]!));
  const step = greatest / levels;
  if (step === 0) return { error: 0, length: 0 };
  let [errors, squares] = [0, 0];
  for (let d = 0; d < row.length; d++) {
    const said = step * Math.round(row[d]! / step);
    errors += (row[d]! - said) * (row[d]! - said);
    squares += said * said;
  }
  return { error: Math.sqrt(errors), length: Math.sqrt(squares) };
}
