/** Rows of general tables, as CSV, as JSON Lines or as Parquet: one reader for whoever binds a meaning to the columns. */
import { TastegraphError } from '../errors.ts';
import type { Cell } from './cells.ts';
import { type ColumnType, columnOf, readHeaders } from './columns.ts';
import { splitRecord } from './csv.ts';
import { parquetReader } from './parquet.ts';
import { isParquet, parquetColumns } from './parquetFile.ts';
import { type FileReader, firstLine, lineReader, type Parse, type Problem } from './reader.ts';
import type { DataRecord } from './records.ts';
import type { DataFile } from './source.ts';

/** The cell of a column, by its name without type. */
export type Row = (column: string) => Cell;
export type ParseRow = (row: Row, columns: readonly string[], out: DataRecord[]) => Problem | undefined;

export type Encoding = 'csv' | 'jsonl' | 'parquet';

export interface Table {
  readonly encoding: Encoding;
  /** Of the header or the schema; of the first object where there is none. */
  readonly columns: readonly string[];
  /** Types that the header or the schema says. */
  readonly types: ReadonlyMap<string, ColumnType>;
  /** Of CSV. */
  readonly delimiter?: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Separators in the order in which they are tried on a header; the one that cuts it into the most fields wins. */
const delimiters = [',', '\t', ';', '|'];

export function delimiterOf(line: string, given?: string): string {
  if (given !== undefined) {
    if (given.charCodeAt(0) < 127 && !/["\r\n]/.test(given)) return given;
    throw new TastegraphError('options/invalid', {
      name: 'delimiter',
      where: 'the options',
      given,
      problem: 'it must be an ASCII character, no quote and no line end',
    });
  }
  const fields = delimiters
    .map((delimiter) => splitRecord(line, delimiter))
    .map((cut) => (typeof cut === 'string' ? 0 : cut.length));
  return delimiters[fields.indexOf(Math.max(...fields))]!;
}

/** What a file holds, by its first line or its schema; undefined where it is no table. */
export async function tableOf(path: string, delimiter?: string): Promise<Table | undefined> {
  if (await isParquet(path)) return { encoding: 'parquet', ...(await parquetColumns(path, path)) };
  const line = await firstLine(path);
  if (line.startsWith('{')) {
    const object = jsonObject(line);
    return object === undefined ? undefined : { encoding: 'jsonl', ...readHeaders(Object.keys(object)) };
  }
  const separator = delimiterOf(line, delimiter);
  const columns = splitRecord(line, separator);
  if (typeof columns === 'string') return undefined;
  return { encoding: 'csv', ...readHeaders(columns), delimiter: separator };
}

/** Reads rows with what `bind` makes of the columns. Errors: data/malformed. */
export async function tableReader(
  file: DataFile,
  { delimiter: given }: { readonly delimiter?: string | undefined },
  bind: (table: Table) => ParseRow,
): Promise<FileReader> {
  const table = await tableOf(file.path, given);
  if (table === undefined) {
    throw malformed(file, 'header', 'is neither a CSV header nor a JSON object');
  }
  const { encoding, columns, delimiter, types } = table;
  if (new Set(columns).size < columns.length) throw malformed(file, 'header', 'names a column twice');
  const parseRow = bind(table);
  if (encoding === 'parquet') {
    return parquetReader(file, (cells, out) => parseRow((column) => cells[column], columns, out));
  }
  if (encoding === 'jsonl') {
    return lineReader(file, (text, out) => {
      const given = jsonObject(text);
      if (given === undefined) return { field: 'line', reason: 'is not a JSON object' };
      const object = types.size === 0 ? given : withoutTypes(given);
      return parseRow(
        (column) => (Object.hasOwn(object, column) ? (object[column] as Cell) : undefined),
        Object.keys(object),
        out,
      );
    });
  }
  const positions = new Map(columns.map((column, position) => [column, position]));
  const parse: Parse = (text, out) => {
    const cells = splitRecord(text, delimiter!);
    if (typeof cells === 'string') return { field: 'line', reason: cells };
    if (cells.length !== columns.length) {
      return { field: 'line', reason: `has ${cells.length} fields where the header has ${columns.length}` };
    }
    return parseRow((column) => cells[positions.get(column) ?? -1], columns, out);
  };
  return lineReader(file, parse, { header: true, delimiter: delimiter! });
}

const withoutTypes = (object: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [columnOf(key).name, value]));

export const malformed = (file: DataFile, field: string, reason: string) =>
  new TastegraphError('data/malformed', { file: file.name, line: 1, field, reason });

/** The first of some names that is a column; undefined where none is. */
export const namedIn = (table: Table, names: readonly string[]): string | undefined =>
  names.find((name) => table.columns.includes(name));

/** Refuses a table that lacks the column. A JSON object may have it in another line. Errors: data/malformed. */
export function needColumn(table: Table, file: DataFile, column: string): void {
  if (table.encoding === 'jsonl' || table.columns.includes(column)) return;
  throw malformed(file, column, `is no column. There are: ${table.columns.join(', ')}`);
}
