/**
 * The jars of the Neo4j community server: fetched once a user into the cache folder, each with its checksum pinned in
 * `infra/neo4j/jars.sha256`. Neo4j is GPL-3.0: it is fetched at set-up and spoken to over Bolt, never shipped.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../cache.ts';
import { replaceFile, sha256File } from '../durable.ts';
import { problemOf, TastegraphError } from '../errors.ts';
import { withLock } from '../lock.ts';
import { packageRoot } from '../package.ts';
import { type Report, silent } from '../progress.ts';
import { downloadUrl, fetchArchive } from './download.ts';
import { fetchWithMaven, neo4jVersion } from './maven.ts';

/** Where the jars lie. */
export function jarFolder(): string {
  return join(cacheFolder(), `neo4j-${neo4jVersion}`);
}

/** Name → SHA-256 of every jar. */
export function jarChecksums(): ReadonlyMap<string, string> {
  const lines = readFileSync(join(packageRoot, 'infra', 'neo4j', 'jars.sha256'), 'utf8')
    .trim()
    .split('\n');
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

/** A line of size and modification time for each jar: what was there when the checksums were last compared. */
function stampOf(folder: string): string {
  const lines = readdirSync(folder)
    .filter((name) => name.endsWith('.jar'))
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    });
  return `${lines.join('\n')}\n`;
}

const stampFile = (folder: string): string => join(folder, 'checked');

/** Whether the jars are as they were when their checksums were last compared. Takes a few ms. */
function isUntouched(folder: string): boolean {
  try {
    return readFileSync(stampFile(folder), 'utf8') === stampOf(folder);
  } catch {
    return false;
  }
}

/** First jar that is missing, too many or not what its checksum says; undefined where all are right. About 0.5 s. */
export async function firstWrongJar(folder: string): Promise<string | undefined> {
  const wanted = jarChecksums();
  let present: string[];
  try {
    present = readdirSync(folder).filter((name) => name.endsWith('.jar'));
  } catch {
    return folder;
  }
  const stranger = present.find((name) => !wanted.has(name));
  if (stranger) return join(folder, stranger);
  const held = new Set(present);
  for (const [name, checksum] of wanted) {
    const path = join(folder, name);
    if (!held.has(name) || (await sha256File(path)) !== checksum) return path;
  }
  return undefined;
}

/** How many of the jars are there; says nothing of their checksums. */
export function jarsPresent(): number {
  try {
    const names = new Set(readdirSync(jarFolder()));
    return [...jarChecksums().keys()].filter((name) => names.has(name)).length;
  } catch {
    return 0;
  }
}

export interface JarOptions {
  readonly report?: Report | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Compares every checksum even where size and time of all jars are as before: for when a start has failed. */
  readonly thorough?: boolean;
  /** Where to turn without Maven: a mirror of Neo4j's own download. */
  readonly archive?: string;
}

/**
 * The folder with every jar in place and right, fetched where it is not. A wrong jar is fetched again once.
 * Errors: neo4j/fetch-failed, neo4j/corrupt-jars, neo4j/locked.
 */
export async function ensureJars({
  report = silent,
  signal,
  thorough = false,
  archive = downloadUrl,
}: JarOptions = {}): Promise<string> {
  const folder = jarFolder();
  if (!thorough && isUntouched(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const lock = `${folder}.lock`;
  const options = {
    patience: 30 * 60_000, // a first fetch over a slow line
    signal,
    waiting: (holder: { readonly pid: number }) =>
      report({ phase: `waiting for process ${holder.pid}, which fetches Neo4j`, done: 0, unit: 'jars' }),
    locked: (holder: { readonly pid: number; readonly since: string } | undefined) =>
      new TastegraphError('neo4j/locked', { pid: holder?.pid ?? 0, lock, since: holder?.since ?? '' }),
  };
  return withLock(lock, options, async () => {
    removeLeftovers(folder);
    if (!thorough && isUntouched(folder)) return folder;
    if ((await firstWrongJar(folder)) === undefined) {
      replaceFile(stampFile(folder), stampOf(folder));
      return folder;
    }
    await refill(folder, archive, report, signal);
    return folder;
  });
}

/** What a fetch that was killed left behind. Only called by the holder of the lock. */
function removeLeftovers(folder: string): void {
  const parent = dirname(folder);
  for (const name of readdirSync(parent)) {
    if (name.startsWith(`neo4j-${neo4jVersion}.fetch-`)) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** Fetches aside, compares every checksum, and only then puts the folder in place. */
async function refill(folder: string, archive: string, report: Report, signal: AbortSignal | undefined): Promise<void> {
  const aside = mkdtempSync(`${folder}.fetch-`);
  const names = [...jarChecksums().keys()];
  try {
    let wrong: string | undefined;
    for (const attempt of [1, 2]) {
      const jars = join(aside, `jars-${attempt}`);
      // The second time without what Maven has cached itself, where the fault may lie.
      const repository = attempt === 1 ? undefined : join(aside, 'repository');
      try {
        await fetchWithMaven({ jars, repository, names, report, signal });
      } catch (thrown) {
        if (!(thrown instanceof TastegraphError)) throw thrown;
        await fetchArchive({ url: archive, jars, names, aside, report, signal }).catch((other: unknown) => {
          signal?.throwIfAborted();
          const problem = `${thrown.details.problem}; and ${archive}: ${problemOf(other)}`;
          throw new TastegraphError('neo4j/fetch-failed', { version: neo4jVersion, problem }, thrown);
        });
      }
      wrong = await firstWrongJar(jars);
      if (wrong === undefined) {
        putInPlace(jars, folder, join(aside, 'old'));
        return;
      }
    }
    throw new TastegraphError('neo4j/corrupt-jars', { path: wrong ?? folder, folder });
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Renames away what was there first: a folder cannot be renamed over one that is not empty. */
function putInPlace(jars: string, folder: string, old: string): void {
  replaceFile(stampFile(jars), stampOf(jars));
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(jars, folder);
}
