/** The folder of an export appears whole or not at all: it is written aside, and then takes the place of an earlier one. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { syncFolder } from '../durable.ts';
import { TastegraphError } from '../errors.ts';
import { processStart } from '../processes.ts';
import { readExportManifest } from './exported.ts';

/** Refuses a folder that is there, unless it is empty, or an export that may be replaced. Errors: export/exists. */
export function checkTarget(folder: string, overwrite: boolean): void {
  if (!existsSync(folder) || contentOf(folder).length === 0) return;
  const isExport = readExportManifest(folder) !== undefined;
  if (overwrite && isExport) return;
  const todo = isExport ? 'Choose another, or replace it with --overwrite' : 'It is no export: choose another';
  throw new TastegraphError('export/exists', { folder, todo });
}

/** Lets `write` fill a folder beside the target, which becomes the target once it is whole. Errors: export/exists; those of `write`. */
export async function writeFolder<T>(
  target: string,
  overwrite: boolean,
  write: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = resolve(target);
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true });
  mend(folder);
  checkTarget(folder, overwrite);
  const mark = `${process.pid}.${randomBytes(4).toString('hex')}`;
  const aside = join(parent, `.${basename(folder)}.exporting.${mark}`);
  mkdirSync(aside, { mode: 0o700 }); // it says what people did
  try {
    const written = await write(aside);
    syncFolder(aside);
    checkTarget(folder, overwrite); // somebody else may have been there in the meantime
    const old = join(parent, `.${basename(folder)}.replaced.${mark}`);
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(aside, folder);
    syncFolder(parent);
    rmSync(old, { recursive: true, force: true });
    return written;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Removes what dead processes left aside; an export that one was about to replace, and did not, is put back. */
function mend(folder: string): void {
  const parent = dirname(folder);
  const own = `.${basename(folder)}.`;
  for (const name of contentOf(parent)) {
    if (!name.startsWith(own)) continue;
    const [, kind, pid] = /^(exporting|replaced)\.(\d+)\.[0-9a-f]{8}$/.exec(name.slice(own.length)) ?? [];
    if (pid === undefined || processStart(Number(pid)) !== undefined) continue;
    if (kind === 'replaced' && !existsSync(folder)) renameSync(join(parent, name), folder);
    else rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function contentOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
