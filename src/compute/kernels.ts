import type { Csr, SharedAllocator } from './csr.ts';

/** The best `k` of each query, best first; ids are -1 and scores -Infinity where fewer than `k` were left. */
export interface TopK {
  readonly k: number;
  readonly ids: Int32Array; // [queries, k]
  readonly scores: Float32Array; // [queries, k]
}

/** Kernels over shared memory, run by a pool of threads. Results do not depend on the number of threads. */
export interface Kernels extends SharedAllocator {
  readonly threads: number;
  /**
   * Best rows of `rows` [n, dim] for each of `queries` [q, dim] by dot product; row `i` of `exclude` names rows that
   * query `i` must not get.
   */
  topK(queries: Float32Array, rows: Float32Array, dim: number, k: number, exclude?: Csr): TopK;
  close(): Promise<void>;
}
