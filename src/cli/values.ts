/** Values as a command line brings them and as a table shows them. */
import { TastegraphError } from '../errors.ts';

/** 'name=value' of a flag that repeats, by name. Errors: options/invalid. */
export function assignments(given: readonly string[], flag: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const equals = text.indexOf('=');
      if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
      const problem = 'expected name=value';
      throw new TastegraphError('options/invalid', { name: flag, where: 'the command line', problem, given: text });
    }),
  );
}

/** Longest text of a cell; --json has all of it. */
const mostLetters = 60;

/** A value on one line of a table. */
export function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\s+/g, ' ');
  return text.length > mostLetters ? `${text.slice(0, mostLetters - 1)}…` : text;
}
