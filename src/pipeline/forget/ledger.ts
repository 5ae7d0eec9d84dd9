/**
 * Who was forgotten, under `<home>/forgotten`: one file a user, named by the key of the tombstone, so that none names anybody. It is
 * written before anything is removed, says how far the operation is, and stays: what was read before a user was forgotten, and is
 * stored after it, leaves the user out.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile, syncFolder } from '../../durable.ts';
import { TastegraphError } from '../../errors.ts';
import { removedKey } from '../../graph/removed.ts';
import { withLock } from '../../lock.ts';
import { processStart } from '../../processes.ts';
import type { Report } from '../../progress.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';
import type { ForgottenUser } from '../../serving/manifest.ts';

/** How an operation stands, or stood. */
export interface ForgetRecord extends ForgottenUser {
  /** Names the operation: another one for the same user has another. */
  readonly operation: string;
  /** ms since 1970; absent while the operation is not done. */
  readonly finishedAt?: number;
  /** Whether the user may never be taken in again. */
  readonly blocked: boolean;
  /** What was removed from files, written down before it goes. */
  readonly snapshots: readonly { readonly from: string; readonly to: string }[];
  readonly withdrawn: readonly string[];
  readonly checkpoints: readonly string[];
  /** Lines by file. */
  readonly quarantine: Readonly<Record<string, number>>;
  /** Operations that are done, oldest first. */
  readonly done: readonly string[];
}

export const forgottenFolder = (home: string): string => join(home, 'forgotten');

const pathOf = (home: string, key: string): string => join(forgottenFolder(home), `${key}.json`);

export function readRecord(home: string, key: string): ForgetRecord | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(home, key), 'utf8')) as ForgetRecord;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Waits until the record lies on the disk. */
export function writeRecord(home: string, record: ForgetRecord): void {
  mkdirSync(forgottenFolder(home), { recursive: true, mode: 0o700 });
  replaceFile(pathOf(home, record.key), `${JSON.stringify(record, null, 1)}\n`);
  syncFolder(home);
}

/**
 * Users of a snapshot who were forgotten after it was read, or who may never be taken in, by dense index. No id is hashed where
 * nobody was.
 */
export function forgottenIn(home: string, { users, asOf }: Snapshot): ReadonlyMap<number, ForgottenUser> {
  const found = new Map<number, ForgottenUser>();
  const records = new Map(
    recordsOf(home)
      .filter(({ blocked, finishedAt = Number.POSITIVE_INFINITY }) => blocked || asOf < finishedAt)
      .map((record) => [record.key, record]),
  );
  if (records.size === 0) return found;
  for (let user = 0; user < users.count; user++) {
    const record = records.get(removedKey('user', users.id(user)));
    if (record) found.set(user, { key: record.key, at: record.at });
  }
  return found;
}

export function recordsOf(home: string): ForgetRecord[] {
  return namesIn(forgottenFolder(home)).flatMap((name) => {
    const key = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
    return (key && readRecord(home, key)) || [];
  });
}

/** How long whoever stores something waits for somebody who is being forgotten, or the other way round, in ms. */
const patience = 600_000;

/**
 * Runs `work` while nobody else forgets a user in this home, or stores what a forgotten user could be in.
 * Errors: forget/locked; abort of `signal`.
 */
export async function withForgetLock<T>(
  home: string,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(home, { recursive: true });
  const lock = join(home, '.forget.lock');
  const options = {
    patience,
    signal,
    waiting: () => report({ phase: 'waiting for another process', done: 0, unit: 's' }),
    locked: (holder: { readonly pid: number; readonly since: string } | undefined) =>
      new TastegraphError('forget/locked', { pid: holder?.pid ?? 0, lock, since: holder?.since ?? '' }),
  };
  return await withLock(lock, options, async () => {
    sweep(home);
    return await work();
  });
}

/** Removes what processes that were killed have left. Called under the lock: only who waits for it has a file here, and lives. */
function sweep(home: string): void {
  const left = (name: string): boolean => {
    const waiter = /^\.forget\.lock\.(\d+)\./.exec(name);
    return waiter !== null && processStart(Number(waiter[1])) === undefined;
  };
  for (const name of namesIn(home)) if (left(name)) rmSync(join(home, name), { force: true });
  for (const folder of [forgottenFolder(home), join(forgottenFolder(home), 'receipts')])
    for (const name of namesIn(folder)) if (name.endsWith('.tmp')) rmSync(join(folder, name), { force: true });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
