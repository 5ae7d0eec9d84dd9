/** What published versions know still of a user who was forgotten. */
import { removedKey } from '../../graph/removed.ts';
import { findSnapshot, loadUserIds } from '../../sampling/store.ts';
import { listVersions } from '../../serving/versions.ts';

export interface Influence {
  /** Versions that learned from the user's edges what they know of items and of others. */
  readonly influenced: readonly string[];
  /** Versions that did not. */
  readonly free: readonly string[];
  /** Trained with the user, who was brought back after they were forgotten. */
  readonly returned: readonly string[];
}

/** How each version stands to a forgotten user, by the tombstone's key. Hashes the ids of all snapshots that versions use. */
export function influence(home: string, key: string): Influence {
  const known = new Map<string, boolean>();
  const holds = (digest: string): boolean => {
    let found = known.get(digest);
    if (found === undefined) {
      const ids = loadUserIds(findSnapshot(home, digest).folder);
      found = Array.from({ length: ids.count }, (_, at) => at).some((at) => removedKey('user', ids.at(at)) === key);
      known.set(digest, found);
    }
    return found;
  };
  const [influenced, free, returned]: string[][] = [[], [], []];
  for (const { manifest } of listVersions(home)) {
    const isInfluenced = manifest.forgotten?.some((user) => user.key === key) ?? false;
    (isInfluenced ? influenced! : holds(manifest.snapshot) ? returned! : free!).push(manifest.id);
  }
  return { influenced: influenced!, free: free!, returned: returned! };
}
