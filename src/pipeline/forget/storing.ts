/** Stores nothing with somebody in it who was forgotten meanwhile. */
import type { Snapshot } from '../../sampling/snapshot.ts';
import { withoutUsers } from '../../sampling/withoutUsers.ts';
import type { ForgottenUser } from '../../serving/manifest.ts';
import type { Leaving } from '../../serving/withoutUsers.ts';
import type { Run } from '../run.ts';
import { forgottenIn, withForgetLock } from './ledger.ts';

/** Users whom something that is to be stored was made with, and who are to be taken out of it first. */
export interface LeavingFirst extends Leaving {
  readonly forgotten: readonly ForgottenUser[];
}

/**
 * Runs `store`, which stores something with a snapshot's users in it, while nobody is being forgotten, and gives it the snapshot as
 * it is to be stored: without those who were forgotten after it was read. Errors: forget/locked.
 */
export async function storeWithoutForgotten<T>(
  home: string,
  snapshot: Snapshot,
  run: Pick<Run, 'report' | 'signal'>,
  store: (kept: Snapshot, leaving?: LeavingFirst) => T | Promise<T>,
): Promise<T> {
  return await withForgetLock(home, run, async () => {
    const forgotten = forgottenIn(home, snapshot);
    if (forgotten.size === 0) return await store(snapshot);
    const gone = new Set(forgotten.keys());
    const after = withoutUsers(snapshot, gone);
    return await store(after, { before: snapshot, after, gone, forgotten: [...forgotten.values()] });
  });
}
