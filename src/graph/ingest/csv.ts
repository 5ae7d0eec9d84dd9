/** The CSV that Neo4j's importer reads. */
import { closeSync, openSync, writeFileSync } from 'node:fs';

/** Text that is held before it is written. */
const heldCharacters = 1 << 20;

/** Between the elements of a list in a cell: no text that is taken in holds it. */
export const arraySeparator = '\x1f';

export type Cell = string | number | boolean | null;

/** As the importer reads it: nothing is null, and "" an empty text. */
export function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export class Csv {
  readonly #file: number;
  #held: string[] = [];
  #characters = 0;
  /** Whether a cell holds a line feed. */
  multiline = false;

  constructor(path: string, header: string) {
    this.#file = openSync(path, 'w', 0o600);
    this.line(header);
  }

  row(...cells: readonly Cell[]): void {
    const line = cells.map(cellText).join(',');
    this.multiline ||= line.includes('\n');
    this.line(line);
  }

  /** A row whose cells are text already. */
  line(line: string): void {
    this.#held.push(line);
    this.#characters += line.length;
    if (this.#characters > heldCharacters) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    if (this.#held.length > 0) writeFileSync(this.#file, `${this.#held.join('\n')}\n`);
    this.#held = [];
    this.#characters = 0;
  }
}
