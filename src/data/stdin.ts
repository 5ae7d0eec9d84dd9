/** Standard input as a file: what cannot be read twice is put aside first, so that a cut-off ingest of it can go on. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { processStart } from '../processes.ts';

/** How standard input is named where a path is expected. */
export const stdinPath = '-';

/**
 * Copies a stream into `<home>/spool`, in a file whose name is its content's digest: the same input again is the same file, and
 * so the same ingest. What dead processes left half copied is removed. The caller removes the file once it was taken in.
 */
export async function spool(home: string, input: Readable = process.stdin): Promise<string> {
  const folder = join(home, 'spool');
  mkdirSync(folder, { recursive: true });
  sweep(folder);
  const aside = join(folder, `.${process.pid}.${randomBytes(4).toString('hex')}`);
  const hash = createHash('sha256');
  try {
    const hashed = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    };
    // Opened before anything can fail: a file that is made later than it is removed would stay.
    const file = await open(aside, 'wx', 0o600);
    await pipeline(input, hashed, file.createWriteStream({ flush: true }));
    const path = join(folder, `stdin-${hash.digest('hex').slice(0, 32)}`);
    renameSync(aside, path);
    return path;
  } catch (cause) {
    rmSync(aside, { force: true });
    throw cause;
  }
}

function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(/^\.(\d+)\.[0-9a-f]{8}$/.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && processStart(pid) === undefined) rmSync(join(folder, name), { force: true });
  }
}
