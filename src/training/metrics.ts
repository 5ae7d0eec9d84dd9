import type { Csr } from '../compute/csr.ts';
import { inKernels, releaseCopy } from '../compute/inKernels.ts';
import type { Kernels } from '../compute/kernels.ts';
import type { ItemFilter, ItemWeights, Vectors } from '../models/model.ts';
import { foldBias } from '../models/vectors.ts';
import type { Metrics } from './result.ts';

/**
 * Ranking metrics at several cut-offs, averaged over the users who have items in the part that is evaluated.
 * For one user with relevant items R and hits h_1 … h_k at ranks 1 … k:
 *
 *   recall = Σh / |R|                        precision = Σh / k                    hit = [Σh > 0]
 *   ndcg   = Σ h_r / log2(r + 1)  ÷  Σ_{r ≤ min(k, |R|)} 1 / log2(r + 1)           (Järvelin & Kekäläinen, TOIS 2002)
 *   map    = Σ h_r · precision@r  ÷  min(k, |R|)                                   mrr = 1 / rank of the first hit
 */
export class RankingMetrics {
  readonly #at: readonly number[];
  readonly #sums = new Map<string, number>();
  #users = 0;

  constructor(at: readonly number[]) {
    this.#at = at;
  }

  /** Ranked items of one user, best first (−1 ends the list), and her relevant items, ascending. */
  add(ranked: Int32Array, relevant: Int32Array): void {
    if (relevant.length === 0) return;
    this.#users++;
    for (const k of this.#at) {
      let hits = 0;
      let gain = 0;
      let ideal = 0;
      let precisions = 0;
      let reciprocal = 0;
      for (let r = 0; r < k; r++) {
        const discount = 1 / Math.log2(r + 2);
        if (r < relevant.length) ideal += discount;
        const item = ranked[r] ?? -1;
        if (item < 0 || !contains(relevant, item)) continue;
        hits++;
        gain += discount;
        precisions += hits / (r + 1);
        if (reciprocal === 0) reciprocal = 1 / (r + 1);
      }
      this.#add(`recall@${k}`, hits / relevant.length);
      this.#add(`precision@${k}`, hits / k);
      this.#add(`ndcg@${k}`, gain / ideal);
      this.#add(`map@${k}`, precisions / Math.min(k, relevant.length));
      this.#add(`mrr@${k}`, reciprocal);
      this.#add(`hit@${k}`, hits > 0 ? 1 : 0);
    }
  }

  result(): Metrics {
    return Object.fromEntries([...this.#sums].map(([name, sum]) => [name, sum / this.#users]));
  }

  #add(name: string, value: number): void {
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + value);
  }
}

function contains(ascending: Int32Array, wanted: number): boolean {
  let low = 0;
  let high = ascending.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = ascending[middle]!;
    if (value === wanted) return true;
    if (value < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/** What a model recommends. */
export interface Ranker {
  /** Best first, −1 where fewer are left; row q of `exclude` names what user users[q] must not get. [n, k] */
  best(users: readonly number[], k: number, exclude: Csr): Int32Array;
  dispose(): void;
}

/** By dot product, on all threads. */
export function vectorRanker(kernels: Kernels, vectors: Vectors): Ranker {
  const { dim, users, items } = foldBias(vectors);
  const packed = kernels.packRows(items, dim);
  return {
    best(asked, k, exclude) {
      const queries = new Float32Array(asked.length * dim);
      for (const [q, u] of asked.entries()) queries.set(users.subarray(u * dim, (u + 1) * dim), q * dim);
      return kernels.topK(queries, packed, k, exclude).ids;
    },
    dispose: () => kernels.release(packed.panels),
  };
}

/** By weights between items, on all threads; `seen`, users × items, is what the users have done. */
export function weightRanker(kernels: Kernels, weights: ItemWeights, seen: Csr): Ranker {
  const inside = inKernels(kernels, weights);
  return {
    best: (asked, k, exclude) => kernels.topSums(selectRows(seen, asked), inside, k, exclude).ids,
    dispose: () => releaseCopy(kernels, inside, weights),
  };
}

/** By a filter of what the users have done: `seen`, users × items. */
export function filterRanker(filter: ItemFilter, seen: Csr): Ranker {
  return {
    best: (asked, k, exclude) => filter.best(selectRows(seen, asked), k, exclude).ids,
    dispose() {},
  };
}

/** Users ranked between two looks at the event loop: a tenth of a second or so. */
const BLOCK = 2048;

/**
 * Full ranking of all items that a user has no interaction with in `exclude`, against `relevant`; both users × items.
 * Users without relevant items take no part. Disposes of the ranker.
 */
export async function evaluate(
  ranker: Ranker,
  exclude: Csr,
  relevant: Csr,
  at: readonly number[],
  signal?: AbortSignal,
): Promise<Metrics> {
  const metrics = new RankingMetrics(at);
  const k = Math.min(Math.max(...at), relevant.cols);
  const asked: number[] = [];
  for (let u = 0; u < relevant.rows; u++) if (relevant.offsets[u + 1]! > relevant.offsets[u]!) asked.push(u);
  try {
    for (let from = 0; from < asked.length; from += BLOCK) {
      const block = asked.slice(from, from + BLOCK);
      const ids = ranker.best(block, k, selectRows(exclude, block));
      for (const [q, u] of block.entries()) {
        metrics.add(
          ids.subarray(q * k, (q + 1) * k),
          relevant.indices.subarray(relevant.offsets[u]!, relevant.offsets[u + 1]!),
        );
      }
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    }
  } finally {
    ranker.dispose();
  }
  return metrics.result();
}

/** The given rows of a matrix, in the given order. */
function selectRows(matrix: Csr, rows: readonly number[]): Csr {
  const offsets = new Int32Array(rows.length + 1);
  for (const [r, row] of rows.entries()) offsets[r + 1] = offsets[r]! + matrix.offsets[row + 1]! - matrix.offsets[row]!;
  const indices = new Int32Array(offsets[rows.length]!);
  for (const [r, row] of rows.entries()) {
    indices.set(matrix.indices.subarray(matrix.offsets[row]!, matrix.offsets[row + 1]!), offsets[r]!);
  }
  return { rows: rows.length, cols: matrix.cols, offsets, indices };
}

/** Everyone is recommended what most users have: the baseline that a personal model must beat. */
export function popularity(train: Csr): Vectors {
  const dim = 8; // the narrowest that the kernels take
  const itemBias = new Float32Array(train.cols);
  for (const item of train.indices) itemBias[item]! += 1;
  return { dim, users: new Float32Array(train.rows * dim), items: new Float32Array(train.cols * dim), itemBias };
}
