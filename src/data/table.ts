/** General tables, as CSV or as JSON Lines: interactions, attributes of users or items, and who trusts whom. */

import { TastegraphError } from '../errors.ts';
import type { FileOptions } from '../options.ts';
import { splitRecord } from './csv.ts';
import { idProblem, parseNumber, parseTime, timeOfNumber } from './fields.ts';
import { type FileReader, firstLine, lineReader, type Parse, type Problem } from './reader.ts';
import type { DataRecord, FeatureValue, InteractionRecord } from './records.ts';
import type { DataFile } from './source.ts';

/** One row: cells by column. CSV has text only; JSON also numbers, lists and so on. */
export type Cell = string | number | boolean | readonly unknown[] | null | undefined;
type Row = (column: string) => Cell;
type ParseRow = (row: Row, columns: readonly string[], out: DataRecord[]) => Problem | undefined;

interface Table {
  /** Of the header; of the first object where there is no header. */
  readonly columns: readonly string[];
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

/** Columns and separator of a CSV or JSON Lines file, by its first line; undefined where it is neither. */
export async function tableOf(path: string, delimiter?: string): Promise<Table | undefined> {
  const line = await firstLine(path);
  if (line.startsWith('{')) {
    const object = jsonObject(line);
    return object === undefined ? undefined : { columns: Object.keys(object) };
  }
  const separator = delimiterOf(line, delimiter);
  const columns = splitRecord(line, separator);
  if (typeof columns === 'string') return undefined;
  return { columns: columns.map((column) => column.trim()), delimiter: separator };
}

/** Reads rows with what `bind` makes of the header. Errors: data/malformed. */
export async function tableReader(
  file: DataFile,
  options: FileOptions,
  bind: (table: Table) => ParseRow,
): Promise<FileReader> {
  const table = await tableOf(file.path, options.delimiter);
  if (table === undefined) {
    throw malformed(file, 'header', 'is neither a CSV header nor a JSON object');
  }
  const parseRow = bind(table);
  const { columns, delimiter } = table;
  if (delimiter === undefined) {
    return lineReader(file, (text, out) => {
      const object = jsonObject(text);
      if (object === undefined) return { field: 'line', reason: 'is not a JSON object' };
      return parseRow(
        (column) => (Object.hasOwn(object, column) ? (object[column] as Cell) : undefined),
        Object.keys(object),
        out,
      );
    });
  }
  if (new Set(columns).size < columns.length) throw malformed(file, 'header', 'names a column twice');
  const positions = new Map(columns.map((column, position) => [column, position]));
  const parse: Parse = (text, out) => {
    const cells = splitRecord(text, delimiter);
    if (typeof cells === 'string') return { field: 'line', reason: cells };
    if (cells.length !== columns.length) {
      return { field: 'line', reason: `has ${cells.length} fields where the header has ${columns.length}` };
    }
    return parseRow((column) => cells[positions.get(column) ?? -1], columns, out);
  };
  return lineReader(file, parse, { header: true, delimiter });
}

export const malformed = (file: DataFile, field: string, reason: string) =>
  new TastegraphError('data/malformed', { file: file.name, line: 1, field, reason });

const absent = (cell: Cell): cell is null | undefined | '' => cell === undefined || cell === null || cell === '';

/** An id from a cell: text, or a whole number in JSON. */
export function idOf(cell: Cell): string | Problem {
  if (typeof cell === 'number' && Number.isSafeInteger(cell)) return String(cell);
  if (cell === undefined || cell === null) return { field: '', reason: 'is missing' };
  if (typeof cell !== 'string') return { field: '', reason: 'is neither text nor a whole number' };
  const reason = idProblem(cell);
  return reason === undefined ? cell : { field: '', reason };
}

/** The named column, which must be there where the user named it, and may be absent where the name is only the default. */
function columnIn(table: Table, file: DataFile, column: string, byDefault: string): void {
  if (column === byDefault || table.delimiter === undefined || table.columns.includes(column)) return;
  throw malformed(file, column, `is no column. There are: ${table.columns.join(', ')}`);
}

/** Names under which the columns are known; the first is used where the file has it. */
export interface InteractionColumns {
  readonly user: string;
  readonly item: string;
  readonly type: string;
  readonly value: string;
  readonly time: string;
  /** Type of an interaction where there is no such column. */
  readonly usualType?: string;
}

export const columnsOf = (options: FileOptions): InteractionColumns => ({
  user: options.userColumn,
  item: options.itemColumn,
  type: options.typeColumn,
  value: options.valueColumn,
  time: options.timeColumn,
});

/** Errors: data/malformed, where the header lacks a column. */
export function interactionTable(file: DataFile, options: FileOptions, names: InteractionColumns): Promise<FileReader> {
  const { user, item, usualType = 'interaction' } = names;
  return tableReader(file, options, (table) => {
    for (const column of [user, item]) columnIn(table, file, column, '');
    columnIn(table, file, names.type, 'type');
    columnIn(table, file, names.value, 'value');
    columnIn(table, file, names.time, 'time');
    return (row, _columns, out) => {
      const userId = idOf(row(user));
      if (typeof userId !== 'string') return { field: user, reason: userId.reason };
      const itemId = idOf(row(item));
      if (typeof itemId !== 'string') return { field: item, reason: itemId.reason };
      const typeCell = row(names.type);
      const type = absent(typeCell) ? usualType : typeCell;
      if (typeof type !== 'string' || idProblem(type) !== undefined)
        return { field: names.type, reason: 'is not a name' };
      const valueCell = row(names.value);
      const value = absent(valueCell) ? 1 : typeof valueCell === 'string' ? parseNumber(valueCell) : valueCell;
      if (typeof value !== 'number') return { field: names.value, reason: 'is not a number' };
      const timeCell = row(names.time);
      const at = absent(timeCell) ? 0 : timeIn(timeCell);
      if (at === undefined)
        return { field: names.time, reason: 'is neither seconds nor milliseconds since 1970 nor ISO 8601' };
      const record: InteractionRecord = { kind: 'interaction', user: userId, item: itemId, type, at, value };
      out.push(record);
      return undefined;
    };
  });
}

function timeIn(cell: Cell): number | undefined {
  if (typeof cell === 'string') return parseTime(cell);
  return typeof cell === 'number' && Number.isFinite(cell) ? timeOfNumber(cell) : undefined;
}

/** Longest value of a feature. */
const maxFeatureLength = 1000;

/** Values of a cell: one, or several in a JSON list or between bars ('Action|Comedy'). */
export function featureValues(kind: string, cell: Cell): FeatureValue[] | string {
  const list: readonly unknown[] = Array.isArray(cell)
    ? cell
    : typeof cell === 'string'
      ? listIn(cell)
      : absent(cell)
        ? []
        : [cell];
  const values = new Set<string>();
  for (const entry of list) {
    if (!['string', 'number', 'boolean'].includes(typeof entry))
      return 'holds something else than text, numbers and lists of them';
    const value = String(entry).trim();
    if (value.length > maxFeatureLength) return `is longer than ${maxFeatureLength} characters`;
    if (value !== '') values.add(value);
  }
  return [...values].map((value) => ({ kind, value }));
}

function listIn(text: string): readonly unknown[] {
  if (text.startsWith('[') && text.endsWith(']')) {
    try {
      return JSON.parse(text) as unknown[];
    } catch {
      // Text that happens to stand in brackets.
    }
  }
  return text.split('|');
}

/** Attributes: an id column, for items `title` and a time, and every other column a feature whose kind is the column's name. */
export function attributeTable(file: DataFile, options: FileOptions, of: 'user' | 'item'): Promise<FileReader> {
  return tableReader(file, options, (table) => {
    const named = of === 'user' ? options.userColumn : options.itemColumn;
    const id =
      [named, 'id', `${of}_id`, `${of}Id`].find((column) => table.columns.includes(column)) ?? table.columns[0]!;
    const title =
      of === 'item' ? (['title', 'name'].find((column) => table.columns.includes(column)) ?? 'title') : undefined;
    const time = of === 'item' ? options.timeColumn : undefined;
    return (row, columns, out) => {
      const key = idOf(row(id));
      if (typeof key !== 'string') return { field: id, reason: key.reason };
      const features: FeatureValue[] = [];
      let titleText: string | undefined;
      let at: number | undefined;
      for (const column of columns) {
        const cell = row(column);
        if (column === id || absent(cell)) continue;
        if (column === title) {
          if (typeof cell !== 'string' || cell.length > maxFeatureLength)
            return { field: column, reason: 'is not a title' };
          titleText = cell;
        } else if (column === time) {
          at = timeIn(cell);
          if (at === undefined) return { field: column, reason: 'is not a time' };
        } else {
          const values = featureValues(column, cell);
          if (typeof values === 'string') return { field: column, reason: values };
          features.push(...values);
        }
      }
      if (of === 'user') out.push({ kind: 'user', id: key, features });
      else
        out.push({
          kind: 'item',
          id: key,
          ...(titleText === undefined ? {} : { title: titleText }),
          ...(at === undefined ? {} : { at }),
          features,
        });
      return undefined;
    };
  });
}
