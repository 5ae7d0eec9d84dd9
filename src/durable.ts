import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** SHA-256 of bytes or text, in hexadecimal. */
export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** SHA-256 of a file, read as a stream. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Writes all of `content` and waits until it lies on the disk. A new file gets `mode`. */
export function writeSynced(path: string, content: Uint8Array | string, mode = 0o666): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const file = openSync(path, 'w', mode);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Waits until a folder's entries (new names, renames) lie on the disk. */
export function syncFolder(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Replaces a file so that a reader, or a crash at any moment, sees the old content or the new, never a part. */
export function replaceFile(path: string, content: Uint8Array | string, mode?: number): void {
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeSynced(aside, content, mode);
    renameSync(aside, path);
  } catch (cause) {
    try {
      unlinkSync(aside);
    } catch {
      // Never written: nothing to remove.
    }
    throw cause;
  }
  syncFolder(dirname(path));
}

/** Fills `bytes` from a file that must have exactly as many; false where it has not, or is not there. */
export function fillFrom(path: string, bytes: Uint8Array): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    if (fstatSync(file).size !== bytes.length) return false;
    for (let at = 0; at < bytes.length; ) {
      // One call reads less than 2 GiB.
      const got = readSync(file, bytes, at, Math.min(bytes.length - at, 1 << 30), at);
      if (got === 0) return false;
      at += got;
    }
    return true;
  } finally {
    closeSync(file);
  }
}
