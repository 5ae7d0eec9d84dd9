/**
 * The scan of all rows as bytes, with a scale for each row, and exact scores for some more than are wanted: a quarter of the memory
 * to read. A byte is off by half a step of 1/127 of its row's greatest number, a query's by half a step of 1/63, so that what is best
 * by bytes lies among the best few times as many by exact scores. Post-hoc symmetric quantisation by row, as in Jacob et al.,
 * "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018, eq. 1 with Z = 0.
 */
import type { Kernels } from '../../compute/kernels.ts';
import { nothingFound, Scores } from './scores.ts';
import type { IndexedRows, VectorIndex } from './vectorIndex.ts';

/** Candidates by bytes for each row wanted, and at least so many more. */
const factor = 4;
const more = 32;

/** Errors: compute/memory. */
export function int8Index(table: IndexedRows, kernels: Kernels): VectorIndex {
  const { rows, dim } = table;
  const scores = new Scores(table);
  const packed = kernels.packBytes(rows, dim);
  const { panels, scales, shifts, count } = packed;
  // The bytes of a row are the same at any length: its scale alone changes.
  scores.inverse?.forEach((inverse, id) => {
    scales[id]! *= inverse;
  });
  return {
    kind: 'int8',
    count,
    bytes: panels.byteLength + scales.byteLength + shifts.byteLength + scores.bytes,
    search(queries, k, { exclude, allowed } = {}) {
      const wanted = Math.min(count, Math.max(factor * k, k + more));
      const { ids } = kernels.topBytes(queries, packed, wanted, exclude, allowed);
      const found = nothingFound(queries.length / dim, k);
      for (let q = 0; q * dim < queries.length; q++)
        scores.best(queries.subarray(q * dim, (q + 1) * dim), ids.subarray(q * wanted, (q + 1) * wanted), found, q);
      return found;
    },
    dispose: () => kernels.release(panels, scales, shifts),
  };
}
