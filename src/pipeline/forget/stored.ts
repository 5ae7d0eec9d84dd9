/** Takes users out of what is stored of a snapshot: the snapshot, the versions that were trained on it, their checkpoints. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RewrittenSnapshot } from '../../graph/forget.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';
import { removeSnapshot, writeSnapshot } from '../../sampling/store.ts';
import { withoutUsers } from '../../sampling/withoutUsers.ts';
import { forgetInVersion } from '../../serving/forget.ts';
import type { ForgottenUser } from '../../serving/manifest.ts';
import { listVersions } from '../../serving/versions.ts';

export interface Leaving {
  /** Those who leave, by dense index. */
  readonly gone: ReadonlyMap<number, ForgottenUser>;
  /** Told when the new snapshot stands in the old one's place, and before the old one goes. */
  readonly rewritten?: (snapshot: RewrittenSnapshot) => Promise<void> | void;
  /** Told of a version that had to be removed. */
  readonly withdrawn?: (version: string) => void;
}

/**
 * Stores a snapshot without some users, moves its versions over to it, removes its checkpoints and then the old one. Cut off at any
 * moment, the old one is there still, and the next call does what is left. Returns the new one.
 */
export async function leaveSnapshot(
  home: string,
  before: Snapshot,
  { gone, rewritten, withdrawn }: Leaving,
): Promise<Snapshot> {
  const places = new Set(gone.keys());
  const after = withoutUsers(before, places);
  writeSnapshot(home, after);
  for (const { manifest } of listVersions(home)) {
    if (manifest.snapshot !== before.digest) continue;
    const leaving = { after, gone: places, forgotten: [...gone.values()] };
    if ((await forgetInVersion(home, manifest.id, leaving)) === 'withdrawn') withdrawn?.(manifest.id);
  }
  const { users, features, interactions } = after;
  const counts = { users: users.count, features: features.count, interactions: interactions.count };
  await rewritten?.({ from: before.digest, to: after.digest, ...counts });
  for (const name of checkpointsOf(home, before.digest)) removeCheckpoint(home, name);
  removeSnapshot(home, before.digest);
  return after;
}

const checkpointsFolder = (home: string): string => join(home, 'checkpoints');

/** Names of the checkpoints of trainings on a snapshot, whose tables have rows of its users. */
export function checkpointsOf(home: string, digest: string): string[] {
  let names: string[];
  try {
    names = readdirSync(checkpointsFolder(home));
  } catch {
    return [];
  }
  return names.filter((name) => {
    try {
      const text = readFileSync(join(checkpointsFolder(home), name, 'manifest.json'), 'utf8');
      return (JSON.parse(text) as { run: { snapshot?: unknown } }).run.snapshot === digest;
    } catch {
      return false; // Nothing was saved yet, or it is not whole: it cannot be resumed.
    }
  });
}

/** Removes the checkpoint of a model's training. */
export function removeCheckpoint(home: string, name: string): void {
  rmSync(join(checkpointsFolder(home), name), { recursive: true, force: true });
}
