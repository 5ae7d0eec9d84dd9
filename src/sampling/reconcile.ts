/**
 * Finds what was written without marks: the newest stored snapshot, brought up to date by its marks, against the whole graph. What
 * differs is marked, so that any earlier snapshot can be begun from again, and the whole reading is kept as the newest snapshot.
 */

import { graphMoment, readChanges } from '../graph/changes.ts';
import type { Graph } from '../graph/driver.ts';
import { type Flaws, findFlaws, markChanged } from '../graph/marking.ts';
import { removedKey } from '../graph/removed.ts';
import { type Report, silent } from '../progress.ts';
import { compareSnapshots, type Differences } from './compare.ts';
import { snapshotFromGraph } from './fromGraph.ts';
import { withChanges } from './incremental.ts';
import type { Snapshot } from './snapshot.ts';
import { listSnapshots, loadSnapshot, writeSnapshot } from './store.ts';

export interface Reconciled {
  readonly snapshot: Snapshot;
  readonly folder: string;
  /** Absent where no earlier snapshot of this graph was there to compare with. */
  readonly compared?: {
    /** Digest of the earlier snapshot. */
    readonly base: string;
    /** Users and items that marks tell of, since it. */
    readonly marked: { readonly users: number; readonly items: number; readonly removed: number };
    /** What no mark tells of. */
    readonly unmarked: Omit<Differences, 'touched'>;
  };
  readonly flaws: Flaws;
}

/** Samples of each kind of difference. */
const samples = 5;

/** Errors: snapshot/empty; those of the database and of the stored snapshot. */
export async function reconcile(
  graph: Graph,
  home: string,
  report: Report = silent,
  signal?: AbortSignal,
): Promise<Reconciled> {
  const start = await graphMoment(graph);
  const stored = listSnapshots(home).find(({ mark }) => mark?.graph === start.moment.graph);
  const whole = await snapshotFromGraph(graph, report, signal);
  const compared =
    stored && (await compare(graph, loadSnapshot(stored.folder), whole, start.moment.since, report, signal));
  if (compared) {
    signal?.throwIfAborted();
    await markChanged(graph, compared.touched);
  }
  report({ phase: 'flaws', done: 0, unit: 'interactions' });
  const flaws = await findFlaws(graph, samples);
  const folder = writeSnapshot(home, whole);
  return { snapshot: whole, folder, ...(compared && { compared: compared.told }), flaws };
}

async function compare(
  graph: Graph,
  base: Snapshot,
  whole: Snapshot,
  begun: number,
  report: Report,
  signal: AbortSignal | undefined,
) {
  const { bookmarks } = await graphMoment(graph);
  const reading = { bookmarks, mostUsers: Number.POSITIVE_INFINITY, readFeatures: () => true };
  const changes = (await readChanges(graph, { ...reading, since: base.mark!.since }, report, signal))!;
  const { builder, removed } = withChanges(base, changes);
  const expected = builder.build({ asOf: changes.asOf, source: 'neo4j' });
  // What was marked after all was begun to be read may be in one of the two alone: whoever wrote it did set a mark.
  const during = (await readChanges(graph, { ...reading, since: begun, readFeatures: () => false }, report, signal))!;
  const isAmong = (
    kind: 'user' | 'item',
    nodes: readonly { readonly id: string | null }[],
    gone: ReadonlySet<string>,
  ) => {
    const ids = new Set(nodes.map(({ id }) => id));
    return (id: string) => ids.has(id) || (gone.size > 0 && gone.has(removedKey(kind, id)));
  };
  report({ phase: 'comparing', done: 0, unit: 'interactions' });
  const { touched, ...unmarked } = compareSnapshots(expected, whole, {
    samples,
    except: {
      users: isAmong('user', during.users, during.removedUsers),
      items: isAmong('item', during.items, during.removedItems),
    },
  });
  const marked = { users: changes.users.length, items: changes.items.length, removed };
  return { told: { base: base.digest, marked, unmarked }, touched };
}
