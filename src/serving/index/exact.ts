/**
 * The scan of all rows as they are: finds the best, always. Four bytes a number, in the kernels' memory; one more for a single question
 * to large tables, which is put through a sieve first and answered the same.
 */
import type { Kernels } from '../../compute/kernels.ts';
import { unitRows } from './scores.ts';
import { openSieve } from './sieve.ts';
import type { IndexedRows, VectorIndex } from './vectorIndex.ts';

/** A table of fewer rows is scanned as soon. */
const leastSieved = 4096;

/** Errors: compute/memory. */
export function exactIndex({ rows: given, dim, metric }: IndexedRows, kernels: Kernels): VectorIndex {
  const rows = metric === 'cosine' ? unitRows(given, dim) : given;
  const packed = kernels.packRows(rows, dim);
  const sieve = packed.count < leastSieved ? undefined : openSieve(rows, packed, kernels);
  return {
    kind: 'exact',
    count: packed.count,
    bytes: packed.panels.byteLength + (sieve?.bytes ?? 0),
    search(queries, k, { exclude, allowed } = {}) {
      const sieved = queries.length === dim ? sieve?.best(queries, k, { exclude, allowed }) : undefined;
      return sieved ?? kernels.topK(queries, packed, k, exclude, allowed);
    },
    dispose() {
      sieve?.dispose();
      kernels.release(packed.panels);
    },
  };
}
