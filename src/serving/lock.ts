/** One publisher at a time in a folder, also across processes. */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TastegraphError } from '../errors.ts';

/** Ticks since boot at which a process started (Linux), so that a recycled id is not taken for the old process; '' elsewhere. */
export function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : (fields[19] ?? '');
  } catch {
    return '';
  }
}

interface Holder {
  readonly pid: number;
  readonly start: string;
  readonly since: string;
}

function holderOf(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

/**
 * Runs `work` while this process alone holds the lock file `path`. A lock whose process is gone is taken over.
 * Errors: version/locked, where another process holds it longer than `patienceMs`.
 */
export async function withLock<T>(path: string, work: () => T | Promise<T>, patienceMs = 60_000): Promise<T> {
  const mine = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const self: Holder = { pid: process.pid, start: startOf(process.pid) ?? '', since: new Date().toISOString() };
  writeFileSync(mine, JSON.stringify(self));
  try {
    const deadline = Date.now() + patienceMs;
    // A hard link appears whole, with its content, or not at all: a crash never leaves an empty lock.
    while (!linked(mine, path)) {
      const holder = holderOf(path);
      if (holder && startOf(holder.pid) !== holder.start) {
        removeStale(path, mine, holder);
        continue;
      }
      if (Date.now() > deadline)
        throw new TastegraphError('version/locked', { pid: holder?.pid ?? 0, lock: path, since: holder?.since ?? '' });
      await sleep(25);
    }
    try {
      return await work();
    } finally {
      unlinkSync(path);
    }
  } finally {
    unlinkSync(mine);
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

/** Removes a dead holder's lock: by a rename first, so that of two processes that find it dead one alone removes it. */
function removeStale(path: string, mine: string, dead: Holder): void {
  const taken = `${mine}.stale`;
  try {
    renameSync(path, taken);
    const found = holderOf(taken);
    // Another process had already replaced it by its own: give it back.
    if (found && (found.pid !== dead.pid || found.start !== dead.start)) linked(taken, path);
    unlinkSync(taken);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
  }
}
