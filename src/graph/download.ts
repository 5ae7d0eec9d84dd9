/** Neo4j's own download, for where there is no Maven: the same jars, out of the archive that Neo4j publishes. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Report } from '../progress.ts';
import { neo4jVersion } from './maven.ts';

export const downloadUrl = `https://dist.neo4j.org/neo4j-community-${neo4jVersion}-unix.tar.gz`;

export interface ArchiveFetch {
  readonly url: string;
  /** Folder to fill with those of `names` that the archive holds. */
  readonly jars: string;
  readonly names: readonly string[];
  /** Folder for the archive, on the same file system. */
  readonly aside: string;
  readonly report: Report;
  readonly signal: AbortSignal | undefined;
}

/**
 * Fetches the archive and takes the named jars out of its `lib` folder. Whether they are right is for the caller to check.
 * Throws whatever went wrong on the way.
 */
export async function fetchArchive({ url, jars, names, aside, report, signal }: ArchiveFetch): Promise<void> {
  const answer = await fetch(url, signal ? { signal } : {});
  if (!answer.ok || !answer.body) throw new Error(`${url} answered ${answer.status}`);
  const length = Number(answer.headers.get('content-length'));
  const archive = join(aside, 'neo4j.tar.gz');
  let done = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      report({ phase: 'fetching Neo4j', done, ...(length > 0 ? { total: length } : {}), unit: 'bytes' });
      next(null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), counting, createWriteStream(archive));

  const unpacked = join(aside, 'unpacked');
  mkdirSync(unpacked, { recursive: true });
  mkdirSync(jars, { recursive: true });
  const tar = spawn('tar', ['-xzf', archive, '-C', unpacked], { stdio: 'ignore', ...(signal ? { signal } : {}) });
  const code = await new Promise<number | null>((resolve, reject) => {
    tar.on('error', reject);
    tar.on('close', resolve);
  });
  if (code !== 0) throw new Error(`tar ended with exit code ${code} on what ${url} gave`);
  const library = join(unpacked, `neo4j-community-${neo4jVersion}`, 'lib');
  const held = new Set(readdirSync(library));
  for (const name of names) if (held.has(name)) renameSync(join(library, name), join(jars, name));
}
