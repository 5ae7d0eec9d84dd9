/** The scan of all rows as they are: finds the best, always. Four bytes a number, in the kernels' memory. */
import type { Kernels } from '../../compute/kernels.ts';
import { unitRows } from './scores.ts';
import type { IndexedRows, VectorIndex } from './vectorIndex.ts';

/** Errors: compute/memory. */
export function exactIndex({ rows, dim, metric }: IndexedRows, kernels: Kernels): VectorIndex {
  const packed = kernels.packRows(metric === 'cosine' ? unitRows(rows, dim) : rows, dim);
  return {
    kind: 'exact',
    count: packed.count,
    bytes: packed.panels.byteLength,
    search: (queries, k, { exclude, allowed } = {}) => kernels.topK(queries, packed, k, exclude, allowed),
    dispose: () => kernels.release(packed.panels),
  };
}
