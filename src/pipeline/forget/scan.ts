/** Looks for an id's bytes in the files of a home. */
import { createReadStream, type Dirent, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface FileProof {
  readonly scanned: number;
  /** Files that hold the id, by path within the home. */
  readonly holding: readonly string[];
}

/** Shorter ids stand in any file by chance. */
const leastBytes = 8;

/**
 * Searches every file under a home but the database's own, which only the database can read; undefined for ids so short that
 * they would be found by chance. `look` is told the bytes of each file that was read.
 */
export async function scanFiles(
  home: string,
  id: string,
  look: (bytes: number) => void = () => {},
  signal?: AbortSignal,
): Promise<FileProof | undefined> {
  const sought = Buffer.from(id);
  if (sought.length < leastBytes) return undefined;
  let scanned = 0;
  const holding: string[] = [];
  for (const path of filesIn(home)) {
    signal?.throwIfAborted();
    try {
      if (await holds(path, sought)) holding.push(relative(home, path));
      look(statSync(path).size);
      scanned++;
    } catch (thrown) {
      // A file that another process has just removed holds nothing.
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    }
  }
  return { scanned, holding };
}

function* filesIn(folder: string): Iterable<string> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && entry.name !== 'neo4j') yield* filesIn(path);
  }
}

async function holds(path: string, sought: Buffer): Promise<boolean> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const text = Buffer.concat([rest, chunk as Buffer]);
    if (text.includes(sought)) return true;
    rest = text.subarray(Math.max(0, text.length - sought.length + 1));
  }
  return false;
}
