/** Tables of interactions: who met what, how, when, and under which circumstances. */
import type { FileOptions } from '../options.ts';
import { absent, elementsOf, idOf, numberIn, timeIn, tokenIn } from './cells.ts';
import { idProblem } from './fields.ts';
import type { FileReader } from './reader.ts';
import type { FeatureValue, InteractionRecord, Part } from './records.ts';
import type { DataFile } from './source.ts';
import { needColumn, type Table, tableReader } from './table.ts';

/** Names under which the columns are known. */
export interface InteractionColumns {
  readonly user: string;
  readonly item: string;
  readonly type: string;
  readonly value: string;
  readonly time: string;
  /** Type of an interaction where there is no such column. */
  readonly usualType?: string;
}

export const columnsIn = (options: FileOptions): InteractionColumns => ({
  user: options.userColumn,
  item: options.itemColumn,
  type: options.typeColumn,
  value: options.valueColumn,
  time: options.timeColumn,
});

/** Names that may be absent, since they are only the defaults. */
const byDefault = { type: 'type', value: 'value', time: 'time' };

/**
 * One interaction a row. What the header types beside the known columns ('weather:token') is the interaction's context, each with its
 * text as the value. Errors: data/malformed, where the header lacks a column.
 */
export function interactionTable(
  file: DataFile,
  options: Pick<FileOptions, 'delimiter'>,
  namesIn: InteractionColumns | ((table: Table) => InteractionColumns),
  part?: Part,
): Promise<FileReader> {
  return tableReader(file, options, (table) => {
    const names = typeof namesIn === 'function' ? namesIn(table) : namesIn;
    const { user, item, usualType = 'interaction' } = names;
    for (const column of [user, item]) needColumn(table, file, column);
    for (const key of ['type', 'value', 'time'] as const) {
      if (names[key] !== byDefault[key]) needColumn(table, file, names[key]);
    }
    const known = [user, item, names.type, names.value, names.time];
    const isTyped = table.encoding !== 'parquet'; // its schema types every column, which says nothing of circumstances
    const circumstances = isTyped ? [...table.types.keys()].filter((column) => !known.includes(column)) : [];
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
      const value = absent(valueCell) ? 1 : numberIn(valueCell);
      if (value === undefined) return { field: names.value, reason: 'is not a number' };
      const timeCell = row(names.time);
      const at = absent(timeCell) ? 0 : timeIn(timeCell);
      if (at === undefined)
        return { field: names.time, reason: 'is neither seconds nor milliseconds since 1970 nor ISO 8601' };
      const context: FeatureValue[] = [];
      for (const kind of circumstances) {
        const cell = row(kind);
        if (absent(cell)) continue;
        const text = Array.isArray(cell) ? elementsOf(cell, ' ').join(' ') : tokenIn(cell);
        const reason = text === undefined ? 'is neither text nor a number' : idProblem(text);
        if (reason !== undefined) return { field: kind, reason };
        context.push({ kind, value: text! });
      }
      const record: InteractionRecord = {
        kind: 'interaction',
        user: userId,
        item: itemId,
        type,
        at,
        value,
        ...(part === undefined ? {} : { part }),
        ...(context.length === 0 ? {} : { context }),
      };
      out.push(record);
      return undefined;
    };
  });
}
