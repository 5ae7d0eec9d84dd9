import type { Vectors } from './model.ts';

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
