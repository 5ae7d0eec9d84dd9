/**
 * What was shown and is not yet in the graph, on disk: `<home>/impressions/<run>/`, a folder a running server, with segments of JSON
 * lines. A line is there for good once `append` has returned, which waits for the disk: neither `kill -9` nor a power cut loses it.
 * A segment is removed when all of it is in the graph; what a server that was killed left is taken over by the next that starts.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../durable.ts';
import type { Shown } from '../../graph/impressions.ts';
import { acquireLock } from '../../lock.ts';

/** A segment that is as large is closed: what is in the graph already and was not yet removed is written once more after a crash. */
const segmentBytes = 1 << 20;

/** Read at once, and more where one line is longer. */
const chunkBytes = 1 << 18;

interface Segment {
  readonly path: string;
  /** Those that lie on the disk. */
  bytes: number;
}

export interface JournalBatch {
  readonly shown: readonly Shown[];
  /** Where it ends in its segment; to be given to `commit`. */
  readonly end: number;
}

export class ImpressionJournal {
  readonly #folder: string;
  readonly #release: () => void;
  /** In the order in which they are read. */
  readonly #segments: Segment[] = [];
  #writing: { readonly segment: Segment; readonly handle: FileHandle } | undefined;
  /** Until an `append` has returned its segment stays as it is. */
  #isAppending = false;
  #reading: FileHandle | undefined;
  /** Up to where the first segment is in the graph. */
  #offset = 0;
  #count = 0;

  private constructor(folder: string, release: () => void) {
    this.#folder = folder;
    this.#release = release;
  }

  /** Opens a journal of this process under `home`, with what servers that are gone have left there. */
  static async open(home: string): Promise<ImpressionJournal> {
    const base = join(home, 'impressions');
    mkdirSync(base, { recursive: true, mode: 0o700 });
    const folder = join(base, `${process.pid}-${randomBytes(6).toString('hex')}`);
    // The lock before the folder: a folder without one is nobody's.
    const release = await lockRun(folder);
    mkdirSync(folder, { mode: 0o700 });
    const journal = new ImpressionJournal(folder, release);
    await journal.adopt();
    return journal;
  }

  /** Bytes that are not yet in the graph. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, -this.#offset);
  }

  /** Takes over the segments of servers that are gone. */
  async adopt(): Promise<void> {
    const base = join(this.#folder, '..');
    for (const name of readdirSync(base)) {
      const other = join(base, name);
      if (name.includes('.') || other === this.#folder) continue; // Locks have a dot, folders none.
      let release: () => void;
      try {
        release = await lockRun(other);
      } catch {
        continue; // It lives, or another server is taking it over.
      }
      const files = existsSync(other) ? readdirSync(other).sort() : [];
      for (const file of files) {
        const path = join(this.#folder, `${name}-${file}`);
        renameSync(join(other, file), path);
        this.#segments.push({ path, bytes: statSync(path).size });
      }
      syncFolder(this.#folder);
      rmSync(other, { recursive: true, force: true });
      release();
    }
  }

  /** Adds answers; when this returns they lie on the disk. One call at a time. */
  async append(shown: readonly Shown[]): Promise<void> {
    const text = Buffer.from(shown.map((one) => `${JSON.stringify(one)}\n`).join(''));
    this.#isAppending = true;
    try {
      this.#writing ??= await this.#newSegment();
      const { segment, handle } = this.#writing;
      await handle.writeFile(text);
      await handle.datasync();
      segment.bytes += text.length;
      if (segment.bytes >= segmentBytes) await this.#endSegment();
    } catch (thrown) {
      await this.#endSegment(); // It may end in half a line: the next attempt begins a new one.
      throw thrown;
    } finally {
      this.#isAppending = false;
    }
  }

  /** The next answers that are not yet in the graph, at most `most` impressions or one answer; undefined where there are none. */
  async read(most: number): Promise<JournalBatch | undefined> {
    for (;;) {
      const segment = this.#segments[0];
      if (!segment) return undefined;
      if (this.#offset >= segment.bytes) {
        if (this.#isWritten(segment)) {
          if (this.#segments.length === 1 || this.#isAppending) return undefined;
          await this.#endSegment();
        }
        await this.#removeFirst();
        continue;
      }
      this.#reading ??= await open(segment.path, 'r');
      const shown: Shown[] = [];
      let end = this.#offset;
      let impressions = 0;
      for (const line of await linesFrom(this.#reading, this.#offset, segment.bytes)) {
        const one = parse(line);
        if (one && shown.length > 0 && impressions + one.items.length > most) break;
        end = Math.min(end + line.length + 1, segment.bytes);
        if (!one) continue; // Half a line that was never acknowledged: its server was killed in the midst of it.
        shown.push(one);
        impressions += one.items.length;
      }
      if (shown.length > 0) return { shown, end };
      this.#offset = end;
    }
  }

  /** Says that everything up to the end of the batch that was read last is in the graph. */
  async commit({ end }: JournalBatch): Promise<void> {
    this.#offset = end;
    const segment = this.#segments[0]!;
    if (end >= segment.bytes && !this.#isWritten(segment)) await this.#removeFirst();
  }

  /** Removes the segment that is being written, where all of it is in the graph: a quiet server leaves nobody's id on the disk. */
  async retire(): Promise<void> {
    if (this.#isAppending || this.#segments.length !== 1 || this.bytes > 0) return;
    await this.#endSegment();
    await this.#removeFirst();
  }

  /** Leaves what is not yet in the graph for the next server. */
  async close(): Promise<void> {
    await this.retire();
    await this.#endSegment();
    await this.#reading?.close();
    if (this.#segments.length === 0) rmSync(this.#folder, { recursive: true, force: true });
    this.#release();
  }

  #isWritten(segment: Segment): boolean {
    return segment === this.#writing?.segment;
  }

  async #newSegment() {
    const path = join(this.#folder, `${String(++this.#count).padStart(8, '0')}.jsonl`);
    const handle = await open(path, 'wx', 0o600);
    const folder = await open(this.#folder, 'r');
    await folder.sync().finally(() => folder.close()); // Its name is there for good too.
    const segment = { path, bytes: 0 };
    this.#segments.push(segment);
    return { segment, handle };
  }

  async #endSegment(): Promise<void> {
    const writing = this.#writing;
    this.#writing = undefined;
    await writing?.handle.close();
  }

  async #removeFirst(): Promise<void> {
    const segment = this.#segments.shift()!;
    this.#offset = 0;
    const handle = this.#reading;
    this.#reading = undefined;
    await handle?.close();
    await rm(segment.path, { force: true });
  }
}

/** Takes the lock of a run's folder, from a dead holder too. Throws where a living one has it. */
const lockRun = (folder: string): Promise<() => void> =>
  acquireLock(`${folder}.lock`, { patience: 0, locked: () => new Error('the run lives') });

/** Whole lines from `from` on, at least one where there is one; what no newline ends is a line where the segment ends. */
async function linesFrom(file: FileHandle, from: number, to: number): Promise<Buffer[]> {
  for (let wanted = chunkBytes; ; wanted *= 2) {
    const chunk = Buffer.alloc(Math.min(wanted, to - from));
    let filled = 0;
    while (filled < chunk.length) {
      const { bytesRead } = await file.read(chunk, filled, chunk.length - filled, from + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      lines.push(chunk.subarray(start, end));
      start = end + 1;
    }
    const isWhole = wanted >= to - from;
    if (isWhole && start < chunk.length) lines.push(chunk.subarray(start));
    if (lines.length > 0 || isWhole) return lines;
  }
}

function parse(line: Buffer): Shown | undefined {
  try {
    return JSON.parse(line.toString('utf8')) as Shown;
  } catch {
    return undefined;
  }
}
