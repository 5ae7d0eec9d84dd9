/** Removes a user from the graph: everything that hangs on them, in bounded transactions, each with the note of what it removed. */
import type { ManagedTransaction } from 'neo4j-driver';
import { type Report, silent } from '../progress.ts';
import type { Graph } from './driver.ts';
import { refuseMapped } from './schema.ts';
import { statement } from './statements.ts';

/** Relationships a transaction: some 10 MB of transaction state. */
const edgesAtOnce = 10_000;

/** What was removed, by kind: 'INTERACTED', 'TRUSTS', 'TRUSTS of others', 'SHOWN', 'HAS', 'users', 'vectors', 'features' … */
export type RemovedCounts = Readonly<Record<string, number>>;

export interface GraphForgetting {
  readonly user: string;
  /** Of `removedKey`. */
  readonly key: string;
  /** Names the operation: a second try under the same name goes on counting. */
  readonly operation: string;
  /** Whether the user may never be taken in again. */
  readonly block: boolean;
}

interface Note {
  counts: Record<string, number>;
  /** Keys of features that were the user's; what becomes of them is decided at the end. */
  features: string[];
}

/**
 * Removes the user's relationships of whatever type, the node with its vectors, and features that are left to nobody; leaves the
 * tombstone first. Answers all that the operation has removed, earlier tries included. Of an unknown user it removes what an
 * earlier try has left. Errors: mapping/read-only; neo4j/*; abort of `signal`, between two transactions.
 */
export async function forgetInGraph(
  graph: Graph,
  { user, key, operation, block }: GraphForgetting,
  report: Report = silent,
  signal?: AbortSignal,
): Promise<RemovedCounts> {
  refuseMapped(graph, 'who is forgotten');
  let note = await graph.write(async (tx) => {
    const { records } = await tx.run(statement('write/forget-begin'), { key, operation, block });
    const { counts, features } = records[0]!.toObject() as { counts: string; features: string[] };
    return { counts: JSON.parse(counts) as Record<string, number>, features };
  }, 'that begins to forget');
  for (let left = true; left; ) {
    signal?.throwIfAborted();
    const before = note;
    ({ note, left } = await graph.write((tx) => removeSome(tx, { user, key }, before), 'that removes a user'));
    const done = Object.values(note.counts).reduce((sum, count) => sum + count, 0);
    report({ phase: 'out of the graph', done, unit: 'edges and nodes' });
  }
  if (note.features.length === 0) return note.counts;
  const features = await orphans(graph, note.features);
  const before = note;
  return await graph.write(async (tx) => {
    const { records } = await tx.run(statement('write/forget-features'), { keys: features });
    const removed = (records[0]?.get('removed') as number | undefined) ?? 0;
    const counts = removed > 0 ? plus(before.counts, { features: removed }) : before.counts;
    await tx.run(statement('write/forget-note'), { key, counts: JSON.stringify(counts), features: [] });
    return counts;
  }, 'that removes features');
}

/** Removes the note of an operation: its receipt says all that it said. */
export async function endForgetting(graph: Graph, key: string): Promise<void> {
  await graph.write((tx) => tx.run(statement('write/forget-end'), { key }), 'that ends forgetting');
}

/** Some of the user's edges, and the node with the last of them: the lock that the first took lets nobody add one in between. */
async function removeSome(
  tx: ManagedTransaction,
  { user, key }: { readonly user: string; readonly key: string },
  before: Note,
): Promise<{ readonly note: Note; readonly left: boolean }> {
  const { records } = await tx.run(statement('write/forget-edges'), { user, limit: edgesAtOnce });
  const removed: Record<string, number> = {};
  const features = new Set(before.features);
  let edges = 0;
  for (const record of records) {
    const count = record.get('removed') as number;
    removed[record.get('kind') as string] = count;
    edges += count;
    for (const keys of record.get('features') as string[][]) for (const key of keys) features.add(key);
  }
  const left = edges === edgesAtOnce;
  if (!left) {
    const gone = await tx.run(statement('write/forget-node'), { user, key });
    if (gone.records.length > 0) {
      removed.users = 1;
      removed.vectors = gone.records[0]!.get('vectors') as number;
    }
  }
  const note = { counts: plus(before.counts, removed), features: [...features].sort() };
  const written = { key, counts: JSON.stringify(note.counts), features: note.features };
  await tx.run(statement('write/forget-note'), written);
  return { note, left };
}

/** Those of some features that lead nowhere and are nobody's circumstances; only of the former is the graph searched for the latter. */
async function orphans(graph: Graph, keys: readonly string[]): Promise<string[]> {
  return await graph.read(async (tx) => {
    const ask = async (name: string, column: string, asked: readonly string[]): Promise<string[]> => {
      const { records } = await tx.run(statement(name), { keys: asked });
      return records[0]?.get(column) as string[];
    };
    const unused = await ask('read/features-unused', 'unused', keys);
    if (unused.length === 0) return [];
    const used = new Set(await ask('read/features-in-context', 'used', unused));
    return unused.filter((key) => !used.has(key));
  }, 'that looks for features');
}

function plus(counts: RemovedCounts, more: RemovedCounts): Record<string, number> {
  const sum = { ...counts };
  for (const [kind, count] of Object.entries(more)) sum[kind] = (sum[kind] ?? 0) + count;
  return sum;
}

/** What the proof counts; all of it is 0 of a user who is forgotten, but for the tombstone. */
export type GraphProof = {
  readonly nodes: number;
  readonly interactions: number;
  readonly impressions: number;
  readonly trust: number;
  readonly trustOfOthers: number;
  readonly features: number;
  readonly relationships: number;
  readonly vectors: number;
  readonly tombstones: number;
};

/** Counts everything under a user's id. */
export async function proveForgotten(graph: Graph, user: string, key: string): Promise<GraphProof> {
  return await graph.read(async (tx) => {
    const { records } = await tx.run(statement('admin/forget-proof'), { user, key });
    return records[0]!.toObject() as unknown as GraphProof;
  }, 'that proves');
}

/** A stored snapshot that was replaced by the same without some users. */
export interface RewrittenSnapshot {
  readonly from: string;
  readonly to: string;
  readonly users: number;
  readonly features: number;
  readonly interactions: number;
}

/** Names in the lineage the snapshot that took another's place. Again changes nothing. */
export async function renameSnapshot(graph: Graph, rewritten: RewrittenSnapshot): Promise<void> {
  await graph.write((tx) => tx.run(statement('write/snapshot-rewritten'), { ...rewritten }), 'that renames a snapshot');
}
