/** Reads one file into batches of records; each format is a list of these. */
import { basename } from 'node:path';
import { TastegraphError } from '../errors.ts';
import { endsWithinQuotes } from './csv.ts';
import { type LineOptions, type LineProblem, readLines } from './lines.ts';
import type { BadLine, DataRecord } from './records.ts';
import type { Batch, DataFile, Place } from './source.ts';

export interface Problem {
  /** Name or number of the field. */
  readonly field: string;
  /** Follows the field's name: 'is empty'. */
  readonly reason: string;
}

/** Reads one line (one record of CSV), number `line` from 1, and adds what it holds to `out`; nothing where it returns a problem. */
export type Parse = (text: string, out: DataRecord[], line: number) => Problem | undefined;

export interface FileReader {
  readonly file: DataFile;
  /** Batches after `from`, which lies in this file; `bytesBefore` is the size of the files before it. */
  read(from: Place, bytesBefore: number): AsyncIterable<Batch>;
}

/** Longest text of a bad line that is kept: enough to recognise it. */
export const keptText = 500;

export function lineReader(
  file: DataFile,
  parse: Parse,
  options: LineOptions & { readonly header?: boolean } = {},
): FileReader {
  return {
    file,
    async *read(from, bytesBefore) {
      let place = from;
      const chunks = readLines(file.path, from.offset, options);
      for await (const { lines, end, consumed } of withLine(chunks, file, () => place.line + 1)) {
        const records: DataRecord[] = [];
        const bad: BadLine[] = [];
        let read = place.read;
        for (let i = 0; i < lines.length; ) {
          const line = place.line + i + 1;
          const record = joined(lines, i, options.delimiter);
          i += record.lines;
          if (line === 1 && options.header === true) continue;
          if (record.text === '') continue;
          read++;
          let problem: Problem | undefined;
          if (typeof record.text !== 'string') problem = record.text;
          else if (record.open) problem = { field: 'line', reason: 'has a quote that is never closed' };
          else problem = parse(record.text, records, line);
          if (problem === undefined) continue;
          // A bad record over many lines may have swallowed good ones: read on at its second line.
          i += 1 - record.lines;
          const first = lines[i - 1]!;
          const text = typeof first === 'string' ? first : first.text;
          bad.push({ kind: 'bad', file: file.name, line, ...pick(problem), text: text.slice(0, keptText) });
        }
        place = { file: from.file, offset: end, line: place.line + lines.length, read, bytes: bytesBefore + consumed };
        yield { records, bad, next: place };
      }
    },
  };
}

/** Tells the line that the reading stopped at, which the chunks do not know. */
async function* withLine<T>(chunks: AsyncIterable<T>, file: DataFile, line: () => number): AsyncGenerator<T> {
  try {
    yield* chunks;
  } catch (cause) {
    if (!(cause instanceof TastegraphError) || cause.code !== 'data/malformed') throw cause;
    throw new TastegraphError('data/malformed', { ...cause.details, file: file.name, line: line() }, cause);
  }
}

const pick = ({ field, reason }: Problem): Problem => ({ field, reason });

interface Joined {
  readonly text: string | LineProblem;
  readonly lines: number;
  readonly open: boolean;
}

/** The record that starts at line `i`: that line, or with quotes left open, all up to where they close. */
function joined(lines: readonly (string | LineProblem)[], i: number, delimiter: string | undefined): Joined {
  const text = lines[i]!;
  if (delimiter === undefined || typeof text !== 'string' || !endsWithinQuotes(text, delimiter, false)) {
    return { text, lines: 1, open: false };
  }
  for (let last = i + 1; last < lines.length; last++) {
    const next = lines[last]!;
    if (typeof next !== 'string') break;
    if (!endsWithinQuotes(next, delimiter, true)) {
      return { text: lines.slice(i, last + 1).join('\n'), lines: last + 1 - i, open: false };
    }
  }
  return { text, lines: 1, open: true };
}

/** First line of a file that is not empty, for its header and its layout. Errors: data/not-found, data/malformed. */
export async function firstLine(path: string, options: LineOptions = {}): Promise<string> {
  return (await firstLines(path, options)).find((line) => line.trim() !== '') ?? '';
}

/** The lines of the first chunk; throws where one is not text. */
export async function firstLines(path: string, options: LineOptions = {}): Promise<readonly string[]> {
  for await (const { lines } of readLines(path, 0, options)) {
    return lines.filter((line, index) => {
      if (typeof line === 'string') return true;
      if (index > 0) return false;
      throw new TastegraphError('data/malformed', {
        file: basename(path),
        line: 1,
        field: line.field,
        reason: line.reason,
      });
    }) as string[];
  }
  return [];
}
