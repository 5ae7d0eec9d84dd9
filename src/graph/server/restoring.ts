/**
 * How a home is replaced by one that was put together aside, so that a crash at any moment leaves the old one or the new one.
 *
 * The new one is made in `<home>/restoring.part`. It is decided on by one rename, to `<home>/restoring`; from then on whoever
 * comes first puts its parts in place, one rename each, and does again what a crash left undone. Nothing runs on the parts
 * meanwhile: all this is done by the holder of the server's lock.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { syncFolder } from '../../durable.ts';
import { endAdminTool, endProcess } from './ending.ts';
import { runningServer, type ServerHome, serverHome, strayServer } from './home.ts';

/** What a restore replaces, from the home. One that the new home does not have stays. */
export const restoredParts = ['neo4j/data', 'snapshots', 'versions'] as const;

const stagingOf = ({ root }: ServerHome): string => join(root, 'restoring.part');
const decidedOf = ({ root }: ServerHome): string => join(root, 'restoring');
const doneOf = ({ root }: ServerHome): string => join(root, 'restoring.done');

/** An empty folder for the new home. */
export async function beginRestore(home: ServerHome): Promise<string> {
  await settleRestore(home);
  mkdirSync(stagingOf(home), { mode: 0o700 });
  return stagingOf(home);
}

/** Decides on the new home, whose files lie on the disk, and puts it in place. The server does not run. */
export function finishRestore(home: ServerHome): void {
  renameSync(stagingOf(home), decidedOf(home));
  syncFolder(home.root);
  putInPlace(home);
}

/** Undoes a restore that was not decided on, with what runs in its folder, and finishes one that was. The server does not run. */
export async function settleRestore(home: ServerHome): Promise<void> {
  rmSync(doneOf(home), { recursive: true, force: true });
  if (existsSync(stagingOf(home))) {
    const inner = serverHome(stagingOf(home));
    await endAdminTool(inner);
    const server = runningServer(inner) ?? strayServer(inner);
    if (server) await endProcess(server);
    rmSync(stagingOf(home), { recursive: true, force: true });
  }
  if (existsSync(decidedOf(home))) putInPlace(home);
}

function putInPlace(home: ServerHome): void {
  const decided = decidedOf(home);
  for (const part of restoredParts) {
    const fresh = join(decided, part);
    if (!existsSync(fresh)) continue; // it is in place already, or stays as it was
    const place = join(home.root, part);
    mkdirSync(dirname(place), { recursive: true });
    // Under a name of its own: somebody may have made the folder again between a crash and now.
    if (existsSync(place)) renameSync(place, join(decided, `old-${randomBytes(4).toString('hex')}`));
    renameSync(fresh, place);
    syncFolder(dirname(place));
  }
  syncFolder(decided);
  renameSync(decided, doneOf(home)); // at once: a half removed folder would count as one to put in place
  syncFolder(home.root);
  rmSync(doneOf(home), { recursive: true, force: true });
}
