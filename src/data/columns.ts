/** Columns of a table: their names and, where the header or the file says them, their types. */

/** As RecBole's headers name them after a colon ('age:float', 'genres:token_seq'); `text` is ours, for what is no token. */
export const columnTypes = ['token', 'token_seq', 'float', 'float_seq', 'text'] as const;
export type ColumnType = (typeof columnTypes)[number];

/** Name and type of a header such as 'age:float'; any other colon belongs to the name. */
export function columnOf(header: string): { readonly name: string; readonly type?: ColumnType } {
  const colon = header.lastIndexOf(':');
  const type = columnTypes.find((each) => each === header.slice(colon + 1));
  return colon > 0 && type !== undefined ? { name: header.slice(0, colon), type } : { name: header };
}

/** The names of some headers, and the types of those that have one. */
export function readHeaders(headers: readonly string[]) {
  const columns = headers.map((header) => columnOf(header.trim()));
  const types = new Map<string, ColumnType>();
  for (const { name, type } of columns) if (type !== undefined) types.set(name, type);
  return { columns: columns.map(({ name }) => name), types };
}
