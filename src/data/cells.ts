/** Single cells of a row, whatever the file: CSV has text only, JSON numbers and lists too, Parquet also times and large numbers. */
import { idProblem, parseNumber, parseTime, timeOfNumber } from './fields.ts';
import type { Problem } from './reader.ts';
import type { FeatureValue } from './records.ts';

export type Cell = string | number | bigint | boolean | Date | readonly unknown[] | null | undefined;

export const absent = (cell: Cell): cell is null | undefined | '' => cell === undefined || cell === null || cell === '';

/** An id from a cell: text, or a whole number. */
export function idOf(cell: Cell): string | Problem {
  if (typeof cell === 'bigint' || (typeof cell === 'number' && Number.isSafeInteger(cell))) return String(cell);
  if (cell === undefined || cell === null) return { field: '', reason: 'is missing' };
  if (typeof cell !== 'string') return { field: '', reason: 'is neither text nor a whole number' };
  const reason = idProblem(cell);
  return reason === undefined ? cell : { field: '', reason };
}

/** A finite number; undefined for anything else. */
export function numberIn(cell: Cell): number | undefined {
  if (typeof cell === 'string') return parseNumber(cell);
  const value = typeof cell === 'bigint' ? Number(cell) : cell;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** ms since 1970; undefined where it is no time. A count of seconds or milliseconds is told by its size, a Date says it. */
export function timeIn(cell: Cell): number | undefined {
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? undefined : cell.getTime();
  if (typeof cell === 'string') return parseTime(cell);
  const value = numberIn(cell);
  return value === undefined ? undefined : timeOfNumber(value);
}

/** Between the elements of a list that is written as text; a JSON list always is one. */
export type Separator = '|' | ' ';

/** The elements of a list: a JSON list, or text that is cut at the separator. */
export function elementsOf(cell: Cell, separator: Separator): readonly unknown[] {
  if (Array.isArray(cell)) return cell as readonly unknown[];
  if (ArrayBuffer.isView(cell)) return Array.from(cell as unknown as ArrayLike<unknown>);
  if (typeof cell !== 'string') return absent(cell) ? [] : [cell];
  if (cell.startsWith('[') && cell.endsWith(']')) {
    try {
      return JSON.parse(cell) as unknown[];
    } catch {
      // Text that happens to stand in brackets.
    }
  }
  return cell.split(separator);
}

/** Finite numbers; undefined where some element is none. A vector has at least one. */
export function vectorIn(cell: Cell, separator: Separator): number[] | undefined {
  const elements = elementsOf(typeof cell === 'string' ? cell.trim() : cell, separator).filter(
    (element) => element !== '',
  );
  const numbers = elements.map((element) => numberIn(element as Cell));
  return numbers.length === 0 || numbers.includes(undefined) ? undefined : (numbers as number[]);
}

/** Longest value of a feature, and longest title. */
export const maxFeatureLength = 1000;

/** Values of a feature: one, or those of a list; what is empty is left out. What is wrong is told in words. */
export function featureValues(kind: string, cell: Cell, separator: Separator = '|'): FeatureValue[] | string {
  const values = new Set<string>();
  for (const element of elementsOf(cell, separator)) {
    const text = tokenIn(element);
    if (text === undefined) return 'holds something else than text, numbers and lists of them';
    const value = text.trim();
    if (value.length > maxFeatureLength) return `is longer than ${maxFeatureLength} characters`;
    if (value !== '') values.add(value);
  }
  return [...values].map((value) => ({ kind, value }));
}

/** A single value as text; undefined where it is a list or an object. */
export function tokenIn(cell: unknown): string | undefined {
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? undefined : cell.toISOString();
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof cell) ? String(cell) : undefined;
}
