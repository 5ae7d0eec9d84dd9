import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { syncFolder } from '../durable.ts';
import { TastegraphError } from '../errors.ts';
import type { DatabaseContent } from '../graph/backup.ts';
import type { CommandOptions } from '../options.ts';
import { packageVersion } from '../package.ts';
import { processStart } from '../processes.ts';
import type { BackupManifest } from './backup/archive.ts';
import type { Run } from './run.ts';

/**
 * Parts of the home that are folders of files, which lie in a backup as they are. Versions are copied first: the snapshots that
 * they name were there before them.
 */
const parts = ['versions', 'snapshots'] as const;
const databaseFolder = 'neo4j';

export interface BackupSummary {
  readonly folder: string;
  /** ISO 8601. */
  readonly at: string;
  /** Absent where the home had no database. */
  readonly database?: { readonly neo4j: string; readonly content: DatabaseContent } | undefined;
  readonly files: number;
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Backs the managed database, the snapshots and the versions up into a folder that is not there yet, or is empty. It appears
 * whole or not at all. Errors: backup/exists, backup/in-use, backup/not-managed, backup/interrupted, neo4j/tool-failed.
 */
export async function backUp(path: string, options: CommandOptions<'backup'>, run: Run): Promise<BackupSummary> {
  const { recordJob } = await import('./jobRecords.ts');
  const about = resolve(path);
  return await recordJob(
    options,
    { kind: 'backup', about },
    run,
    (recorded) => write(about, options, recorded),
    filesIn,
  );
}

const filesIn = ({ files, bytes }: BackupSummary): string => `${files} files, ${(bytes / 2 ** 20).toFixed(1)} MiB`;

async function write(folder: string, options: CommandOptions<'backup'>, run: Run): Promise<BackupSummary> {
  const { archived, copyIn, writeManifest } = await import('./backup/archive.ts');
  const { dumpDatabase, dumpFile } = await import('../graph/backup.ts');
  const { whileNobodyPublishes } = await import('../serving/versions.ts');
  const started = performance.now();
  const at = new Date().toISOString();
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new TastegraphError('backup/exists', { folder });
  mkdirSync(dirname(folder), { recursive: true });
  sweep(folder);
  const aside = asideOf(folder, process.pid);
  mkdirSync(join(aside, databaseFolder), { recursive: true, mode: 0o700 });
  return await orInterrupted(run, async () => {
    try {
      // What --home names may have no database: versions can be trained on files alone.
      const isThere = options.neo4jUri !== undefined || existsSync(join(options.home, 'neo4j'));
      const to = join(aside, databaseFolder);
      const database = isThere ? await dumpDatabase(options, to, run.report, run.signal) : undefined;
      const files = database ? [await archived(aside, `${databaseFolder}/${dumpFile}`)] : [];
      await whileNobodyPublishes(options.home, async () => {
        for (const part of parts) files.push(...(await copyIn(options.home, part, aside, run.report, run.signal)));
      });
      const manifest: BackupManifest = {
        format: 'tastegraph-backup',
        version: 1,
        at,
        program: packageVersion,
        ...(database ? { database } : {}),
        files,
      };
      writeManifest(aside, manifest);
      rmSync(folder, { recursive: true, force: true }); // empty, or not there
      renameSync(aside, folder);
      syncFolder(dirname(folder));
      return summaryOf(folder, manifest, started);
    } catch (thrown) {
      rmSync(aside, { recursive: true, force: true });
      throw thrown;
    }
  });
}

/**
 * Puts a backup in the place of the database, the snapshots and the versions. Every checksum is compared before anything is
 * touched; all is put together aside, the database opened and counted, and then switched at once.
 * Errors: backup/not-found, backup/corrupt, backup/differs, backup/in-use, backup/not-managed, backup/interrupted, neo4j/tool-failed.
 */
export async function restore(path: string, options: CommandOptions<'restore'>, run: Run): Promise<BackupSummary> {
  const { recordJob } = await import('./jobRecords.ts');
  const about = resolve(path);
  return await recordJob(
    options,
    { kind: 'restore', about },
    run,
    (recorded) => putBack(about, options, recorded),
    filesIn,
  );
}

async function putBack(folder: string, options: CommandOptions<'restore'>, run: Run): Promise<BackupSummary> {
  const { copyOut, readManifest, syncBelow, verifyFiles } = await import('./backup/archive.ts');
  const { replaceHome } = await import('../graph/backup.ts');
  const { whileNobodyPublishes } = await import('../serving/versions.ts');
  const started = performance.now();
  const manifest = readManifest(folder);
  const { database, files } = manifest;
  return await orInterrupted(run, async () => {
    await verifyFiles(folder, files, run.report, run.signal);
    const fill: Parameters<typeof replaceHome>[1] = async (staging) => {
      // A home without any is what it was: the folders are replaced by empty ones.
      for (const part of parts) mkdirSync(join(staging.folder, part));
      const own = files.filter((file) => !file.path.startsWith(`${databaseFolder}/`));
      await copyOut(folder, own, staging.folder, run.report, run.signal);
      if (database) compare(database.content, await staging.load(join(folder, databaseFolder)), options.force);
      await syncBelow(staging.folder);
    };
    await whileNobodyPublishes(options.home, () => replaceHome(options, fill, run.report, run.signal));
    return summaryOf(folder, manifest, started);
  });
}

/** Finishes a restore that was killed half-way through its switch. For the beginning of whatever looks at a home. */
export async function finishRestore({ home }: { readonly home: string }, run: Run): Promise<void> {
  if (!existsSync(join(home, 'restoring'))) return;
  const { finishKilledRestore } = await import('../graph/backup.ts');
  await finishKilledRestore(home, run.report, run.signal);
}

/** Errors: backup/differs. */
function compare(wanted: DatabaseContent, found: DatabaseContent, force: boolean): void {
  if (force) return; // others may have written between the count and the dump
  for (const [what, count] of Object.entries(wanted)) {
    const held = found[what as keyof DatabaseContent];
    if (held !== count) throw new TastegraphError('backup/differs', { what, found: held, wanted: count });
  }
}

async function orInterrupted<T>({ signal }: Run, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw signal.aborted ? new TastegraphError('backup/interrupted', {}, thrown) : thrown;
  }
}

const asideOf = (folder: string, pid: number): string => join(dirname(folder), `.${basename(folder)}.${pid}.part`);

/** Removes what backups to this place that were killed have left. */
function sweep(folder: string): void {
  for (const name of readdirSync(dirname(folder))) {
    if (!name.startsWith(`.${basename(folder)}.`) || !name.endsWith('.part')) continue;
    const pid = Number(name.slice(basename(folder).length + 2, -'.part'.length));
    if (Number.isInteger(pid) && processStart(pid) === undefined) {
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
    }
  }
}

function summaryOf(
  folder: string,
  { at, database, files }: Pick<BackupSummary, 'at' | 'database'> & { readonly files: readonly { bytes: number }[] },
  started: number,
): BackupSummary {
  return {
    folder,
    at,
    ...(database ? { database } : {}),
    files: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    seconds: (performance.now() - started) / 1000,
  };
}
