import type { Table, Vectors } from './model.ts';

/** A copy of all rows of a table. [rows, dim] */
export function allRows(table: Pick<Table, 'rows' | 'dim' | 'gather'>): Float32Array {
  return someRows(table, 0, table.rows);
}

/** A copy of rows that follow each other. [count, dim] */
export function someRows(table: Pick<Table, 'dim' | 'gather'>, first: number, count: number): Float32Array {
  const found = new Float32Array(count * table.dim);
  table.gather(
    Int32Array.from({ length: count }, (_, row) => first + row),
    found,
  );
  return found;
}

/** Columns that the bias adds: kernels take widths in multiples of 8. */
const BIAS_COLUMNS = 8;

/** The same scores as plain dot products: the bias becomes a column of the items, beside a column of ones of the users. */
export function foldBias({ dim, users, items, itemBias }: Vectors): Required<Omit<Vectors, 'itemBias'>> {
  if (!itemBias) return { dim, users, items };
  const width = dim + BIAS_COLUMNS;
  const widen = (rows: Float32Array, column: (row: number) => number): Float32Array => {
    const wide = new Float32Array((rows.length / dim) * width);
    for (let row = 0; row * dim < rows.length; row++) {
      wide.set(rows.subarray(row * dim, (row + 1) * dim), row * width);
      wide[row * width + dim] = column(row);
    }
    return wide;
  };
  return { dim: width, users: widen(users, () => 1), items: widen(items, (item) => itemBias[item]!) };
}
