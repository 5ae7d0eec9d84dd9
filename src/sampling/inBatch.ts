/**
 * The other positives of a batch as negatives. They come as often as they are popular, which Yi et al., "Sampling-Bias-Corrected
 * Neural Modeling for Large Corpus Item Recommendations", RecSys 2019, take out of the logits: s(u, j) − ln q(j).
 */
import type { Csr } from '../compute/csr.ts';

export interface InBatch {
  /** ln of the probability that a drawn pair has this position's item: subtract it from the logits of its column. */
  readonly logQ: Float32Array; // [b]
  /** 1 where the user of a row has a training edge to the item of a column, but for the row's own: no negative. */
  readonly known: Uint8Array; // [b, b]
}

export class InBatchNegatives {
  readonly #train: Csr;
  readonly #logQ: Float32Array; // [cols]
  readonly #first: Int32Array; // [cols], position of an item's first place in the batch, −1 elsewhere

  constructor(train: Csr) {
    this.#train = train;
    this.#logQ = logShares(train);
    this.#first = new Int32Array(train.cols).fill(-1);
  }

  /** For a batch of pairs (users[p], positives[p]), p < size. */
  of(users: Int32Array, positives: Int32Array, size: number): InBatch {
    const { offsets, indices } = this.#train;
    const first = this.#first;
    const next = new Int32Array(size); // position of the same item's next place
    for (let p = size - 1; p >= 0; p--) {
      next[p] = first[positives[p]!]!;
      first[positives[p]!] = p;
    }
    const known = new Uint8Array(size * size);
    for (let p = 0; p < size; p++) {
      const user = users[p]!;
      for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
        for (let q = first[indices[entry]!]!; q >= 0; q = next[q]!) if (q !== p) known[p * size + q] = 1;
      }
    }
    for (let p = 0; p < size; p++) first[positives[p]!] = -1;
    return { logQ: Float32Array.from({ length: size }, (_, p) => this.#logQ[positives[p]!]!), known };
  }
}

/** ln of each column's share of all entries, −Infinity where it has none: [cols]. */
export function logShares({ indices, cols }: Csr): Float32Array {
  const counts = new Float64Array(cols);
  for (const column of indices) counts[column]!++;
  return Float32Array.from(counts, (count) => Math.log(count / indices.length));
}
