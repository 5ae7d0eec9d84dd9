import type { Kernels } from '../../compute/kernels.ts';
import type { DistinctIds, RowGradients } from '../../compute/tables.ts';
import { TastegraphError } from '../../errors.ts';
import type { DistinctRows, Table } from '../../models/model.ts';

type Shape = Pick<Table, 'name' | 'rows' | 'dim'>;

/** The ids in the kernels' memory. Refuses those that are no rows of the table: kernels would write anywhere. */
export function heldIds(kernels: Kernels, table: Shape, ids: Int32Array): Int32Array {
  const held = kernels.hold('table ids', ids);
  const largest = kernels.largestId(held);
  if (largest >= table.rows) {
    const wrong = ids.find((id) => id < 0 || id >= table.rows);
    throw new TastegraphError('internal', {
      problem: `row ${wrong} was asked of table '${table.name}', which has rows 0 to ${table.rows - 1}`,
    });
  }
  return held;
}

/** A model that asked for distinct rows gives their gradients back as they are: ascending already, nothing to sum. */
function isAscending(ids: Int32Array): boolean {
  for (let n = 1; n < ids.length; n++) if (ids[n]! <= ids[n - 1]!) return false;
  return true;
}

/** The distinct rows of a batch with the gradients that belong to each, valid until the next call. */
export function rowGradients(kernels: Kernels, table: Shape, ids: Int32Array, gradients: Float32Array): RowGradients {
  if (gradients.length !== ids.length * table.dim) {
    throw new TastegraphError('internal', {
      problem: `table '${table.name}' got ${gradients.length} gradients for ${ids.length} rows of ${table.dim}`,
    });
  }
  const rows = heldIds(kernels, table, ids);
  const held = kernels.hold('table gradients', gradients);
  if (isAscending(rows)) return { rows, gradients: held };
  const { starts, order, rows: distinct } = kernels.distinctIds(rows, table.rows);
  return { rows: distinct, gradients: held, starts, order };
}

/** What `Table.unique` answers, of any table. */
export function uniqueRows(kernels: Kernels, table: Shape, ids: Int32Array): DistinctRows {
  const { rows, places }: DistinctIds = kernels.distinctIds(heldIds(kernels, table, ids), table.rows);
  return { rows: new Int32Array(rows), places: new Int32Array(places) };
}

/** What `Table.gather` does around reading: `read` finds rows [n] in the kernels' memory and puts them at `found` [n, dim]. */
export function gatherInto(
  kernels: Kernels,
  table: Shape,
  ids: Int32Array,
  out: Float32Array,
  read: (rows: Int32Array, found: Float32Array) => void,
): void {
  const rows = heldIds(kernels, table, ids);
  const length = ids.length * table.dim;
  const found = kernels.holds(out) ? out : kernels.scratch('gathered rows', length).subarray(0, length);
  read(rows, found);
  if (found !== out) out.set(found);
}
