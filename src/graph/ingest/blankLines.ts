/** Takes what is a user's out of the files of bad lines, while ingests may be adding to them. */
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { BadLine } from '../../data/records.ts';

const files = (home: string): string[] => {
  try {
    return readdirSync(join(home, 'quarantine')).filter((name) => name.endsWith('.jsonl'));
  } catch {
    return [];
  }
};

interface FoundLine {
  /** Bytes of the file before the line, and of the line without its end. */
  readonly from: number;
  readonly length: number;
  readonly file: string;
  readonly line: number;
  readonly field: string;
}

/** How many lines of each file of a home's quarantine speak of a user; files without any are left out. */
export function quarantinedLines(home: string, user: string): ReadonlyMap<string, number> {
  const counts = files(home).map((name) => [name, linesOf(join(home, 'quarantine', name), user).length] as const);
  return new Map(counts.filter(([, count]) => count > 0));
}

/**
 * Overwrites text and reason of the lines that speak of a user with blanks, in place: an ingest that has the file open goes on
 * adding to it, and one that is resumed counts the same lines.
 */
export function blankLines(home: string, user: string): void {
  for (const name of files(home)) {
    const path = join(home, 'quarantine', name);
    const lines = linesOf(path, user);
    if (lines.length === 0) continue;
    const descriptor = openSync(path, 'r+');
    try {
      for (const { from, length, file, line, field } of lines) {
        const blank = JSON.stringify({ file, line, field, reason: '', text: '' });
        const bytes = Buffer.alloc(length, ' ');
        bytes.write(blank);
        for (let at = 0; at < length; ) at += writeSync(descriptor, bytes, at, length - at, from + at);
      }
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

/** The whole lines of a file in which the user's id stands as a word. */
function linesOf(path: string, user: string): FoundLine[] {
  const content = readFileSync(path);
  const speaksOf = mentions(user);
  const found: FoundLine[] = [];
  for (let from = 0, end = content.indexOf(10); end >= 0; from = end + 1, end = content.indexOf(10, from)) {
    const { file, line, field, reason, text } = JSON.parse(content.toString('utf8', from, end)) as BadLine;
    if (speaksOf(text) || speaksOf(reason)) found.push({ from, length: end - from, file, line, field });
  }
  return found;
}

/** Whether a text holds an id, as it is or as JSON writes it, with no letter or digit next to it. */
function mentions(id: string): (text: string) => boolean {
  const forms = [...new Set([id, JSON.stringify(id).slice(1, -1)])].map((form) =>
    form.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
  );
  const word = new RegExp(`(?<![\\p{L}\\p{N}])(?:${forms.join('|')})(?![\\p{L}\\p{N}])`, 'u');
  return (text) => word.test(text);
}
