/** Writes the tables of an export: rows in, one file of CSV, JSON Lines or Parquet out, in bounded memory. */
import { closeSync, fsyncSync, openSync, statSync, writeFileSync } from 'node:fs';
import { sha256File } from '../durable.ts';
import type { encodings } from '../options.ts';
import type { CellValue, ExportColumn } from './exported.ts';
import { ParquetTable } from './parquetWriter.ts';

/** Takes rows, a value a column. */
export interface TableWriter {
  add(row: readonly CellValue[]): void;
  /** Writes what is held; the file is whole from then on. */
  end(): void;
}

/** What was written, as the manifest tells it. */
export interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

export function openTable(
  path: string,
  encoding: (typeof encodings)[number],
  columns: readonly ExportColumn[],
): TableWriter {
  switch (encoding) {
    case 'csv':
      return new TextTable(path, `${columns.map(({ name }) => csvText(name)).join(',')}\n`, csvLine);
    case 'jsonl':
      return new TextTable(path, '', (row) => jsonLine(row, columns));
    case 'parquet':
      return new ParquetTable(path, columns);
  }
}

/** Waits until a written file lies on the disk, and reads it back for its digest. */
export async function sealFile(path: string): Promise<WrittenFile> {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return { bytes: statSync(path).size, sha256: await sha256File(path) };
}

/** Characters that are held before they are written. */
const heldCharacters = 1 << 20;

class TextTable implements TableWriter {
  readonly #file: number;
  readonly #lineOf: (row: readonly CellValue[]) => string;
  #held: string;

  constructor(path: string, header: string, lineOf: (row: readonly CellValue[]) => string) {
    this.#file = openSync(path, 'w', 0o600);
    this.#held = header;
    this.#lineOf = lineOf;
  }

  add(row: readonly CellValue[]): void {
    this.#held += this.#lineOf(row);
    if (this.#held.length > heldCharacters) this.#flush();
  }

  end(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    writeFileSync(this.#file, this.#held);
    this.#held = '';
  }
}

const csvLine = (row: readonly CellValue[]): string => `${row.map(csvCell).join(',')}\n`;

/** As `exported.ts` reads it: nothing is no value, lists are JSON, and so is text that CSV cannot hold or that begins with a quote. */
function csvCell(value: CellValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return csvText(json(value));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what no line may hold
  return csvText(value === '' || /^"|[\x00-\x08\x0b-\x1f\x7f]/.test(value) ? json(value) : value);
}

const csvText = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function jsonLine(row: readonly CellValue[], columns: readonly ExportColumn[]): string {
  const said = columns.flatMap(({ name }, place) => {
    const value = row[place];
    return value === null || value === undefined ? [] : [[name, value] as const];
  });
  return `${json(Object.fromEntries(said))}\n`;
}

/** JSON escapes every control character but this one, which no line may hold either. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('\x7f', '\\u007f');
