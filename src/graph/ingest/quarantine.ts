/** The file of bad lines of one ingest: JSON Lines, on the disk before the batch they were in counts as written. */
import { closeSync, createReadStream, fsyncSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { BadLine } from '../../data/records.ts';
import type { DataFile, Place } from '../../data/source.ts';
import { syncFolder } from '../../durable.ts';

export class Quarantine {
  readonly path: string;
  readonly #files: readonly DataFile[];
  #descriptor: number | undefined;
  /** Bad lines before the place that reading has reached. */
  count = 0;
  /** Last line that is in the file already: a resumed ingest meets some lines again. */
  #last = { file: -1, line: 0 };

  constructor(home: string, id: string, files: readonly DataFile[]) {
    this.path = join(home, 'quarantine', `${id}.jsonl`);
    this.#files = files;
  }

  /** Starts anew, or goes on from a place with what an earlier process has written. */
  async open(resumed: boolean, from: Place): Promise<void> {
    if (!resumed) {
      rmSync(this.path, { force: true });
      return;
    }
    const whole = await this.#readBack(from);
    if (whole === undefined) return;
    this.#descriptor = openSync(this.path, 'r+');
    ftruncateSync(this.#descriptor, whole); // a line that was being written as the process died
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.path, 'a');
  }

  /** Adds the lines that are not there yet, and waits until they lie on the disk. */
  add(bad: readonly BadLine[]): void {
    if (bad.length === 0) return;
    this.count += bad.length;
    const fresh = bad.filter((line) => this.#isAfter(line, this.#last.file, this.#last.line));
    if (fresh.length === 0) return;
    if (this.#descriptor === undefined) {
      const folder = join(this.path, '..');
      mkdirSync(folder, { recursive: true });
      this.#descriptor = openSync(this.path, 'a');
      syncFolder(folder);
    }
    const content = Buffer.from(
      fresh
        .map(({ file, line, field, reason, text }) => `${JSON.stringify({ file, line, field, reason, text })}\n`)
        .join(''),
    );
    for (let at = 0; at < content.length; ) at += writeSync(this.#descriptor, content, at);
    fsyncSync(this.#descriptor);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #isAfter({ file, line }: Pick<BadLine, 'file' | 'line'>, otherFile: number, otherLine: number): boolean {
    const index = this.#files.findIndex(({ name }) => name === file);
    return index > otherFile || (index === otherFile && line > otherLine);
  }

  /** Bytes of the whole lines in the file, which are counted up to `from`; undefined where there is no file. */
  async #readBack(from: Place): Promise<number | undefined> {
    let whole = 0;
    let rest = Buffer.alloc(0);
    try {
      for await (const chunk of createReadStream(this.path)) {
        rest = Buffer.concat([rest, chunk as Buffer]);
        for (let feed = rest.indexOf(10); feed >= 0; feed = rest.indexOf(10)) {
          const line = JSON.parse(rest.toString('utf8', 0, feed)) as BadLine;
          this.#last = { file: this.#files.findIndex(({ name }) => name === line.file), line: line.line };
          if (!this.#isAfter(line, from.file, from.line)) this.count++;
          whole += feed + 1;
          rest = rest.subarray(feed + 1);
        }
      }
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw cause;
    }
    return whole;
  }
}
