/** Tables of what users or items are: tokens become features that nodes share; numbers, texts and vectors stay with the node. */
import type { FileOptions } from '../options.ts';
import {
  absent,
  type Cell,
  featureValues,
  idOf,
  maxFeatureLength,
  numberIn,
  type Separator,
  timeIn,
  tokenIn,
  vectorIn,
} from './cells.ts';
import type { ColumnType } from './columns.ts';
import type { FileReader } from './reader.ts';
import type { AttributeValue, FeatureValue } from './records.ts';
import type { DataFile } from './source.ts';
import { namedIn, tableReader } from './table.ts';

/** How a format writes attributes, where it differs from a general table. */
export interface AttributeNames {
  /** Names of the id's column; the first that is there. Without one the first column is it. */
  readonly id: readonly string[];
  /** Names of an item's title. */
  readonly title?: RegExp;
  readonly separator?: Separator;
}

export type AttributeOptions = Pick<
  FileOptions,
  'delimiter' | 'userColumn' | 'itemColumn' | 'timeColumn' | 'numberColumns' | 'textColumns' | 'vectorColumns'
>;

/** What a row said of one node. */
interface Described {
  readonly features: FeatureValue[];
  readonly attributes: Record<string, AttributeValue>;
  title?: string;
  at?: number;
  available?: boolean;
}

/**
 * An id column, for items `title`, a time and `available`, and every other column an attribute: of the type that the options or
 * the header say, else tokens. Errors: data/malformed.
 */
export function attributeTable(
  file: DataFile,
  options: AttributeOptions,
  of: 'user' | 'item',
  names: AttributeNames = {
    id: [of === 'user' ? options.userColumn : options.itemColumn, 'id', `${of}_id`, `${of}Id`],
  },
): Promise<FileReader> {
  const { separator = '|' } = names;
  return tableReader(file, options, (table) => {
    const id = namedIn(table, names.id) ?? table.columns[0]!;
    const title = of === 'item' ? titleIn(table.columns, names) : undefined;
    const time = of === 'item' ? options.timeColumn : undefined;
    const said = new Map<string, ColumnType>(table.types);
    for (const [columns, type] of [
      [options.numberColumns, 'float'],
      [options.textColumns, 'text'],
      [options.vectorColumns, 'float_seq'],
    ] as const) {
      for (const column of columns) said.set(column, type);
    }
    return (row, columns, out) => {
      const key = idOf(row(id));
      if (typeof key !== 'string') return { field: id, reason: key.reason };
      const is: Described = { features: [], attributes: {} };
      for (const column of columns) {
        const cell = row(column);
        if (column === id || absent(cell)) continue;
        let reason: string | undefined;
        if (column === title) reason = describeTitle(is, cell);
        else if (column === time) {
          const at = timeIn(cell);
          if (at === undefined) reason = 'is not a time';
          else is.at = at;
        } else if (of === 'item' && column === 'available') {
          const available = booleanIn(cell);
          if (available === undefined) reason = 'is neither true nor false';
          else is.available = available;
        } else reason = describe(is, column, said.get(column), cell, separator);
        if (reason !== undefined) return { field: column, reason };
      }
      const { features, attributes, ...rest } = is;
      const more = Object.keys(attributes).length === 0 ? { features } : { features, attributes };
      if (of === 'user') out.push({ kind: 'user', id: key, ...more });
      else out.push({ kind: 'item', id: key, ...rest, ...more });
      return undefined;
    };
  });
}

const titleIn = (columns: readonly string[], { title = /^(title|name)$/ }: AttributeNames): string =>
  columns.find((column) => title.test(column)) ?? 'title';

function describeTitle(is: Described, cell: Cell): string | undefined {
  const text = tokenIn(cell);
  if (text === undefined || text.length > maxFeatureLength) return 'is not a title';
  is.title = text;
  return undefined;
}

/** Adds a cell to what is known of the node; what is wrong with it in words. */
export function describe(
  is: Pick<Described, 'features' | 'attributes'>,
  name: string,
  type: ColumnType | undefined,
  cell: Cell,
  separator: Separator,
): string | undefined {
  if (type === 'float') {
    const value = numberIn(cell);
    if (value === undefined) return 'is not a number';
    is.attributes[name] = value;
  } else if (type === 'float_seq') {
    const vector = vectorIn(cell, typeof cell === 'string' && cell.includes('|') ? '|' : ' ');
    if (vector === undefined) return 'is not a list of numbers';
    is.attributes[name] = vector;
  } else if (type === 'text') {
    const text = tokenIn(cell);
    if (text === undefined) return 'is not text';
    is.attributes[name] = text;
  } else {
    const values = type === 'token' ? featureValues(name, [cell]) : featureValues(name, cell, separator);
    if (typeof values === 'string') return values;
    is.features.push(...values);
  }
  return undefined;
}

function booleanIn(cell: Cell): boolean | undefined {
  if (typeof cell === 'boolean') return cell;
  const text = tokenIn(cell)?.toLowerCase();
  return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined;
}
