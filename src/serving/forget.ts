/**
 * Takes users out of published versions. New arrays are written beside the old ones, and the manifest that names them is replaced
 * at once: a reader, or a crash at any moment, finds the version with the users or without them, always whole.
 */
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile, sha256, syncFolder, writeSynced } from '../durable.ts';
import { bytesOf, elementTypeOf } from '../sampling/memory.ts';
import type { Snapshot } from '../sampling/snapshot.ts';
import { type ForgottenUser, readManifest, sealManifest, type VersionArray, type VersionManifest } from './manifest.ts';
import { loadVersion } from './published.ts';
import {
  arraysOf,
  asideOf,
  currentFile,
  listVersions,
  readCurrent,
  sweep,
  textOf,
  versionsFolder,
  withVersionsLock,
} from './versions.ts';
import { contentWithout } from './withoutUsers.ts';

export interface LeavingVersion {
  /** The version's snapshot without the users; it must be stored already. */
  readonly after: Snapshot;
  /** The users, by dense index in the version's snapshot. */
  readonly gone: ReadonlySet<number>;
  /** The same users, for the version's manifest. */
  readonly forgotten: readonly ForgottenUser[];
}

/**
 * Rewrites a version without some users. 'withdrawn' where its model cannot be made again without them: it is then removed, and the
 * one before it is current. Errors: version/*, snapshot/*.
 */
export async function forgetInVersion(
  home: string,
  id: string,
  { after, gone, forgotten }: LeavingVersion,
): Promise<'rewritten' | 'withdrawn'> {
  return await withVersionsLock(home, () => {
    const published = loadVersion(home, id);
    const { manifest, snapshot: before } = published;
    const without = contentWithout(published, manifest, { before, after, gone });
    if (!without) {
      withdraw(home, id);
      return 'withdrawn';
    }
    const folder = join(versionsFolder(home), id);
    const arrays = arraysOf(without.content).map(([name, shape, values]): VersionArray => {
      const bytes = bytesOf(values);
      const digest = sha256(bytes);
      const known = manifest.arrays.find((array) => array.name === name);
      if (known?.sha256 === digest) return known;
      const file = `${name}.${digest.slice(0, 12)}.bin`;
      writeSynced(join(folder, file), bytes);
      return { name, file, type: elementTypeOf(values), shape, sha256: digest };
    });
    syncFolder(folder);
    const rewritten: VersionManifest = {
      ...manifest,
      options: without.options,
      snapshot: after.digest,
      users: after.users.count,
      pairs: without.content.train.indices.length,
      arrays,
      forgotten: [...(manifest.forgotten ?? []), ...forgotten],
    };
    replaceFile(join(folder, 'manifest.json'), sealManifest(rewritten));
    sweepVersion(folder);
    return 'rewritten';
  });
}

/** Removes what rewriting that was cut off has left in versions, and tells servers to look at the current one again. */
export async function settleVersions(home: string): Promise<void> {
  if (listVersions(home).length === 0) return;
  await withVersionsLock(home, () => {
    sweep(versionsFolder(home));
    for (const { manifest } of listVersions(home)) sweepVersion(join(versionsFolder(home), manifest.id));
    const current = readCurrent(home);
    if (current) replaceFile(currentFile(home), textOf(current));
  });
}

/** Files that the manifest does not name hold what it held before. */
function sweepVersion(folder: string): void {
  const named = new Set(['manifest.json', ...readManifest(folder).arrays.map(({ file }) => file)]);
  for (const name of readdirSync(folder)) if (!named.has(name)) rmSync(join(folder, name), { force: true });
}

function withdraw(home: string, id: string): void {
  const now = readCurrent(home);
  if (now) {
    const left = new Set(listVersions(home).map(({ manifest }) => manifest.id));
    const history = now.history.filter((entry) => entry.id !== id && left.has(entry.id));
    const current = now.current === id ? history.at(-1)?.id : now.current;
    if (current !== undefined) replaceFile(currentFile(home), textOf({ current, history }));
    else rmSync(currentFile(home));
  }
  renameSync(join(versionsFolder(home), id), asideOf(home, id));
  syncFolder(versionsFolder(home));
  rmSync(asideOf(home, id), { recursive: true });
}
