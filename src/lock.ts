/** One process at a time: a lock file that names its holder, and that outlives no holder. */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, processStart } from './processes.ts';

export interface LockHolder {
  readonly pid: number;
  readonly start: string;
  /** ISO 8601. */
  readonly since: string;
  /** Tells two locks of one process apart. */
  readonly nonce: string;
}

export interface LockOptions {
  /** Longest wait for another holder, ms. */
  readonly patience: number;
  readonly signal?: AbortSignal | undefined;
  /** Called once a second with the holder that is waited for. */
  readonly waiting?: ((holder: LockHolder) => void) | undefined;
  /** The error to throw when patience is at its end. */
  readonly locked: (holder: LockHolder | undefined) => Error;
}

/** Who holds the lock file `path`, alive or not; undefined where nobody does. */
export function lockHolder(path: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

/** Takes the lock file `path`, from a dead holder too, and resolves to what gives it back. Its folder must be there. */
export async function acquireLock(path: string, options: LockOptions): Promise<() => void> {
  const nonce = randomBytes(6).toString('hex');
  const mine = `${path}.${process.pid}.${nonce}`;
  const self: LockHolder = {
    pid: process.pid,
    start: processStart(process.pid) ?? '',
    since: new Date().toISOString(),
    nonce,
  };
  const started = performance.now();
  let told = 0;
  // A hard link appears whole, with its content, or not at all: a crash never leaves an empty lock.
  writeFileSync(mine, JSON.stringify(self));
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      if (tryLink(mine, path)) {
        // Where a stale lock was being removed at this very moment, ours may have been taken with it: look again.
        await sleep(5);
        if (lockHolder(path)?.nonce === nonce) break;
        continue;
      }
      const holder = lockHolder(path);
      if (holder && !isAlive(holder.pid, holder.start)) {
        removeStale(path, `${mine}.stale`, holder);
        continue;
      }
      const waited = performance.now() - started;
      if (waited > options.patience) throw options.locked(holder);
      if (holder && waited - told > 1000) {
        options.waiting?.(holder);
        told = waited;
      }
      await sleep(50);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => {
    if (lockHolder(path)?.nonce === nonce) rmSync(path, { force: true });
  };
}

/** Runs `work` while this process alone holds the lock file `path`. */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const release = await acquireLock(path, options);
  try {
    return await work();
  } finally {
    release();
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

/** Removes a dead holder's lock by a rename, so that of several processes that find it dead one alone removes it. */
function removeStale(path: string, aside: string, dead: LockHolder): void {
  try {
    renameSync(path, aside);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw thrown;
  }
  // Another process was faster and this is its new lock: give it back.
  if (lockHolder(aside)?.nonce !== dead.nonce) tryLink(aside, path);
  rmSync(aside, { force: true });
}
