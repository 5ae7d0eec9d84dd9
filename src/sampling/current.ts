/** The graph as it is now, from the newest stored snapshot of it and what has changed since, or read whole. */
import { problemOf } from '../errors.ts';
import { graphMoment } from '../graph/changes.ts';
import type { Graph } from '../graph/driver.ts';
import { type Report, silent } from '../progress.ts';
import { snapshotFromGraph } from './fromGraph.ts';
import { type ChangeCounts, snapshotSince } from './incremental.ts';
import type { GraphMark, Snapshot } from './snapshot.ts';
import { listSnapshots, loadSnapshot } from './store.ts';

export interface CurrentOptions {
  /** Folder under which earlier snapshots lie. */
  readonly home: string;
  /** Read the whole graph even where an earlier snapshot could be begun from. */
  readonly full: boolean;
}

/** How a snapshot of the graph came about. */
export type Reading =
  /** From the earlier snapshot of this digest. */
  | { readonly kind: 'incremental'; readonly base: string; readonly read: ChangeCounts }
  /** Where an earlier snapshot could not be begun from, why. */
  | { readonly kind: 'full'; readonly reason?: string };

/** Errors: snapshot/empty; those of the database. */
export async function currentSnapshot(
  graph: Graph,
  { home, full }: CurrentOptions,
  report: Report = silent,
  signal?: AbortSignal,
): Promise<{ readonly snapshot: Snapshot; readonly reading: Reading }> {
  const whole = async (reason?: string) => {
    if (reason) report({ phase: 'reading all', done: 0, unit: 'interactions', note: reason });
    const snapshot = await snapshotFromGraph(graph, report, signal);
    return { snapshot, reading: { kind: 'full', ...(reason && { reason }) } as const };
  };
  if (full || graph.schema.names) return await whole();
  const start = await graphMoment(graph);
  const stored = listSnapshots(home).find(({ mark }) => mark?.graph === start.moment.graph);
  if (!stored) return await whole();
  let base: Snapshot;
  try {
    base = loadSnapshot(stored.folder);
  } catch (thrown) {
    return await whole(`the earlier snapshot cannot be used: ${problemOf(thrown)}`);
  }
  const marked = base as Snapshot & { readonly mark: GraphMark };
  const found = await snapshotSince(graph, start, marked, report, signal);
  if ('reason' in found) return await whole(found.reason);
  return { snapshot: found.snapshot, reading: { kind: 'incremental', base: base.digest, read: found.read } };
}
