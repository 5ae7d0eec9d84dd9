/** Lines of a text file, streamed: a few hundred KiB at a time, whatever the file's size and whatever it holds. */
import { isUtf8 } from 'node:buffer';
import { problemOf, TastegraphError } from '../errors.ts';
import { openBytes } from './bytes.ts';
import { endOfLastRecord } from './csv.ts';

/** Bytes a chunk aims at: some 10,000 lines of a table. Cut-off ingests are resumed between chunks, so see `ingest.ts` before a change. */
export const chunkBytes = 256 * 1024;
/** Longest line, or quoted record over many lines, that is read; a longer one is bad. Bounds the memory. */
export const maxLineBytes = 1024 * 1024;

export interface LineProblem {
  readonly field: string;
  readonly reason: string;
  readonly text: string;
}

/** Consecutive whole lines. */
export interface Chunk {
  /** Without line ends; a line that is not text is the problem with it. */
  readonly lines: readonly (string | LineProblem)[];
  /** Bytes up to the end of the chunk, unpacked where the file is gzip. */
  readonly end: number;
  /** Bytes of the file itself that were read by then, for progress. */
  readonly consumed: number;
}

export interface LineOptions {
  /** Lines that are not UTF-8 are ISO 8859-1 instead of bad (the files of MovieLens 100K). */
  readonly latin1?: boolean;
  /** Keeps quoted records that span lines within one chunk; the column separator. */
  readonly delimiter?: string;
}

// Everything below the space but tab and line feed: no id or title holds these, and a carriage return is a stray one here.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const control = /[\x00-\x08\x0b-\x1f\x7f]/;
const lineFeed = 10;

/** Streams the lines after `offset` bytes. Errors: data/not-found; data/malformed, where the file itself is damaged, as truncated gzip is. */
export async function* readLines(path: string, offset: number, options: LineOptions = {}): AsyncGenerator<Chunk> {
  const bytes = await openBytes(path, offset);
  let buffer = Buffer.allocUnsafe(chunkBytes);
  let held = 0; // bytes in the buffer
  let ended = false;
  const fill = async (target: number): Promise<void> => {
    if (buffer.length < target) {
      const larger = Buffer.allocUnsafe(target);
      buffer.copy(larger, 0, 0, held);
      buffer = larger;
    }
    while (held < target && !ended) {
      const bytesRead = await bytes.read(buffer, held, target - held);
      if (bytesRead === 0) ended = true;
      held += bytesRead;
    }
  };
  const drop = (bytes: number): void => {
    buffer.copyWithin(0, bytes, held);
    held -= bytes;
    offset += bytes;
  };
  try {
    for (let target = chunkBytes; ; ) {
      await fill(target);
      if (held === 0) return;
      const window = buffer.subarray(0, Math.min(held, target));
      const whole = ended && held < target;
      let cut = whole ? held : endOfLastRecord(window, options.delimiter);
      if (cut === 0 && target < maxLineBytes) {
        target *= 2;
        continue;
      }
      // A quote that is never closed: cut at a line, and let the parser name the line.
      if (cut === 0) cut = window.lastIndexOf(lineFeed) + 1;
      if (cut === 0) {
        const lines = [
          { field: 'line', reason: `is longer than ${maxLineBytes} bytes`, text: window.toString('latin1', 0, 500) },
        ];
        for (;;) {
          const end = buffer.subarray(0, held).indexOf(lineFeed) + 1;
          drop(end > 0 ? end : held);
          if (end > 0) break;
          await fill(chunkBytes);
          if (held === 0) break;
        }
        yield { lines, end: offset, consumed: bytes.packed ?? offset };
      } else {
        const lines = decode(window.subarray(0, cut), offset === 0, options.latin1 === true);
        drop(cut);
        yield { lines, end: offset, consumed: bytes.packed ?? offset };
      }
      target = chunkBytes;
    }
  } catch (cause) {
    if (cause instanceof TastegraphError) throw cause;
    const reason = `cannot be read to its end (${problemOf(cause)})`;
    throw new TastegraphError('data/malformed', { file: path, line: 0, field: 'file', reason }, cause);
  } finally {
    await bytes.close();
  }
}

function decode(bytes: Buffer, first: boolean, latin1: boolean): (string | LineProblem)[] {
  const clean = isUtf8(bytes);
  if (clean || latin1) {
    const text = plain(bytes.toString(clean ? 'utf8' : 'latin1'), first);
    const lines = text.split('\n');
    if (lines.length > 1 && lines.at(-1) === '') lines.pop();
    return control.test(text) ? lines.map(withoutControl) : lines;
  }
  // Some line is not UTF-8: find out which.
  const lines: (string | LineProblem)[] = [];
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(lineFeed, start);
    const end = feed < 0 ? bytes.length : feed;
    const line = bytes.subarray(start, end);
    if (isUtf8(line)) lines.push(withoutControl(plain(line.toString('utf8'), first && start === 0)));
    else lines.push({ field: 'line', reason: 'is not UTF-8', text: line.toString('latin1', 0, 500) });
    start = end + 1;
  }
  return lines;
}

/** Without byte order mark and carriage returns at line ends. */
function plain(text: string, first: boolean): string {
  if (first && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  return text.includes('\r') ? text.replaceAll('\r\n', '\n').replace(/\r$/, '') : text;
}

function withoutControl(line: string): string | LineProblem {
  const at = line.search(control);
  if (at < 0) return line;
  const code = line.charCodeAt(at).toString(16).padStart(2, '0');
  return {
    field: 'line',
    reason: `holds the control character 0x${code} at position ${at + 1}`,
    text: line.slice(0, 500),
  };
}
