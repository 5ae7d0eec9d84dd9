/** One user is forgotten: out of the graph, out of files, proof, receipt. Each step can be cut off and done again. */
import { randomUUID } from 'node:crypto';
import { TastegraphError } from '../../errors.ts';
import type { Graph } from '../../graph/driver.ts';
import {
  endForgetting,
  forgetInGraph,
  proveForgotten,
  type RemovedCounts,
  renameSnapshot,
} from '../../graph/forget.ts';
import { blankLines, quarantinedLines } from '../../graph/ingest/blankLines.ts';
import { removedKey } from '../../graph/removed.ts';
import { listSnapshots, loadSnapshot, loadUserIds, sweepSnapshots } from '../../sampling/store.ts';
import { settleVersions } from '../../serving/forget.ts';
import { listVersions } from '../../serving/versions.ts';
import type { Run } from '../run.ts';
import { influence } from './influence.ts';
import { type ForgetRecord, readRecord, writeRecord } from './ledger.ts';
import { type ForgetReceipt, type SignedReceipt, storedReceipt, storeReceipt } from './receipt.ts';
import { scanFiles } from './scan.ts';
import { checkpointsOf, leaveSnapshot } from './stored.ts';

export interface ForgetHow {
  readonly home: string;
  /** Never take the user in again. */
  readonly block: boolean;
  /** Write the id into the receipt. */
  readonly withId: boolean;
}

type Watch = Pick<Run, 'report' | 'signal'>;

/** Forgets a user, or goes on where it was cut off. For whoever holds the home's forget lock. Errors: see `forgetUser`. */
export async function forgetOne(
  user: string,
  { home, block, withId }: ForgetHow,
  { report, signal }: Watch,
  graph: Graph | undefined,
): Promise<SignedReceipt> {
  report({ phase: 'noting what is to be forgotten', done: 0, unit: 'users' });
  const key = removedKey('user', user);
  let record = begin(home, key, block);
  const finish = async (signed: SignedReceipt): Promise<SignedReceipt> => {
    const { operation, done } = record;
    writeRecord(home, { ...record, finishedAt: Date.parse(signed.receipt.finishedAt), done: [...done, operation] });
    if (graph) await endForgetting(graph, key);
    return signed;
  };
  // Cut off between the receipt and the note of it.
  const whole = storedReceipt(home, record.operation);
  if (whole) return await finish(whole);

  const { operation, blocked } = record;
  const remove = async () =>
    graph && (await forgetInGraph(graph, { user, key, operation, block: blocked }, report, signal));
  await remove();
  record = await forgetInFiles(home, user, record, { report, signal }, graph);
  // What somebody has written of them since.
  const removed = await remove();
  report({ phase: 'proving that nothing is left', done: 0, unit: 'bytes' });
  const proof = await prove(home, user, key, { report, signal }, graph);
  const receipt = receiptOf(home, record, { removed, proof });
  report({ phase: 'signing', done: 0, unit: 'receipts' });
  return await finish(storeReceipt(home, withId ? { ...receipt, user } : receipt));
}

/** The record of an operation that was cut off, or a new one. */
function begin(home: string, key: string, block: boolean): ForgetRecord {
  const known = readRecord(home, key);
  const blocked = block || (known?.blocked ?? false);
  const none = { snapshots: [], withdrawn: [], checkpoints: [], quarantine: {} };
  const fresh = { key, at: Date.now(), operation: randomUUID(), ...none, done: known?.done ?? [] };
  const record = { ...(known && known.finishedAt === undefined ? known : fresh), blocked };
  writeRecord(home, record);
  return record;
}

/** Snapshots with their versions and checkpoints, then quarantined lines; each is in the record before it goes. */
async function forgetInFiles(
  home: string,
  user: string,
  begun: ForgetRecord,
  { report, signal }: Watch,
  graph: Graph | undefined,
): Promise<ForgetRecord> {
  let record = begun;
  const note = (more: Partial<ForgetRecord>): void => {
    record = { ...record, ...more };
    writeRecord(home, record);
  };
  const snapshots = listSnapshots(home);
  for (const [n, { digest, folder }] of snapshots.entries()) {
    signal.throwIfAborted();
    report({ phase: 'out of snapshots and versions', done: n, total: snapshots.length, unit: 'snapshots' });
    if (loadUserIds(folder).search(user) === undefined) continue;
    const snapshot = loadSnapshot(folder);
    note({ checkpoints: [...new Set([...record.checkpoints, ...checkpointsOf(home, digest)])] });
    await leaveSnapshot(home, snapshot, {
      gone: new Map([[snapshot.users.index(user)!, { key: record.key, at: record.at }]]),
      withdrawn: (version) => note({ withdrawn: [...record.withdrawn, version] }),
      rewritten: async (rewritten) => {
        if (graph) await renameSnapshot(graph, rewritten);
        const others = record.snapshots.filter(({ from }) => from !== digest);
        note({ snapshots: [...others, { from: digest, to: rewritten.to }] });
      },
    });
  }
  sweepSnapshots(home);
  await settleVersions(home);
  report({ phase: 'out of the quarantine', done: 0, unit: 'lines' });
  // Lines that an earlier try has counted are counted already.
  note({ quarantine: { ...Object.fromEntries(quarantinedLines(home, user)), ...record.quarantine } });
  blankLines(home, user);
  return record;
}

/** Counts what is left of the user. Errors: forget/returned. */
async function prove(
  home: string,
  user: string,
  key: string,
  { report, signal }: Watch,
  graph: Graph | undefined,
): Promise<ForgetReceipt['proof']> {
  const left = graph && (await proveForgotten(graph, user, key));
  const holding = listSnapshots(home).filter(({ folder }) => loadUserIds(folder).search(user) !== undefined);
  if ((left?.nodes ?? 0) > 0) throw new TastegraphError('forget/returned');
  const digests = new Set(holding.map(({ digest }) => digest));
  let bytes = 0;
  const look = (more: number): void => {
    bytes += more;
    report({ phase: 'proving that nothing is left', done: bytes, unit: 'bytes' });
  };
  const files = await scanFiles(home, user, look, signal);
  return {
    ...(left && { graph: left }),
    snapshots: holding.length,
    versions: listVersions(home).filter(({ manifest }) => digests.has(manifest.snapshot)).length,
    ...(files && { files }),
  };
}

function receiptOf(
  home: string,
  record: ForgetRecord,
  { removed, proof }: { readonly removed: RemovedCounts | undefined; readonly proof: ForgetReceipt['proof'] },
): ForgetReceipt {
  const { key, at, operation, blocked, snapshots, withdrawn, checkpoints, quarantine, done } = record;
  const all = listVersions(home).map(({ manifest }) => manifest);
  const lines = Object.values(quarantine).reduce((sum, count) => sum + count, 0);
  const rewritten = all.filter(({ forgotten }) => forgotten?.some((user) => user.key === key && user.at === at));
  const { influenced, free } = influence(home, key);
  return {
    format: 'tastegraph-forget-1',
    operation,
    key,
    known: Object.values(removed ?? {}).some((count) => count > 0) || snapshots.length > 0 || lines > 0,
    startedAt: new Date(at).toISOString(),
    finishedAt: new Date().toISOString(),
    removed: {
      ...(removed && { graph: removed }),
      snapshots,
      versions: rewritten.map(({ id }) => id),
      withdrawn,
      checkpoints,
      quarantineLines: lines,
    },
    blocked,
    influenced,
    free,
    proof,
    beyond: beyondOf(blocked, removed !== undefined),
    earlier: done,
  };
}

const beyondOf = (blocked: boolean, hasDatabase: boolean): readonly string[] => [
  ...(blocked
    ? []
    : ['An ingest of files that name the user, or a request, brings them back; --block keeps them out.']),
  ...(hasDatabase
    ? ["The database's own files keep bytes of what was removed, in logs and free room, until it writes over them."]
    : []),
  'Backups, exports and the files that were brought in lie outside of what this program keeps, and hold what they held.',
  'A training that runs now leaves the user out when it publishes; its tables learned from them.',
];
