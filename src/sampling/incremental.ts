/**
 * A snapshot of the graph as it is now, from an earlier one and what has changed since. It is, bit for bit, what reading the whole
 * graph gives, as long as whoever writes sets marks (`graph/changes.ts`): what was removed is left out of the earlier one, what has
 * changed is read again whole. The graph's own counters are then compared with it, which shows most writes without marks.
 */
import type { SharedAllocator } from '../compute/csr.ts';
import { TastegraphError } from '../errors.ts';
import { type ChangedFeatures, type Changes, type ReadingStart, readChanges } from '../graph/changes.ts';
import type { Graph } from '../graph/driver.ts';
import { removedKey } from '../graph/removed.ts';
import { type Report, silent } from '../progress.ts';
import { SnapshotBuilder } from './builder.ts';
import { excessOf } from './fromGraph.ts';
import { fates, refill } from './refill.ts';
import type { GraphMark, NodeTable, Snapshot } from './snapshot.ts';

/** Where more users than this share have changed, reading everything is as fast. */
const mostChanged = 1 / 3;

/** What became of an attempt: the snapshot and what it took, or why the whole graph must be read. */
export type Incremental = { readonly snapshot: Snapshot; readonly read: ChangeCounts } | { readonly reason: string };

export interface ChangeCounts {
  /** Users and items that were read again. */
  readonly users: number;
  readonly items: number;
  /** Users and items of the earlier snapshot that were removed since. */
  readonly removed: number;
}

/** Errors: snapshot/empty; those of the database. */
export async function snapshotSince(
  graph: Graph,
  { moment, bookmarks }: ReadingStart,
  base: Snapshot & { readonly mark: GraphMark },
  report: Report = silent,
  signal?: AbortSignal,
  allocator?: SharedAllocator,
): Promise<Incremental> {
  if (moment.graph !== base.mark.graph) return { reason: 'it is of another graph' };
  if (moment.newest < base.mark.newest) return { reason: 'the graph was set back to an earlier state' };
  const hasContexts = base.interactions.contexts !== undefined;
  const options = {
    since: base.mark.since,
    bookmarks,
    mostUsers: Math.max(1000, mostChanged * base.users.count),
    // Which of a snapshot's features are nodes, and which only named by interactions, it does not say.
    readFeatures: (count: number) => hasContexts || count !== base.features.count + base.mark.excess.features,
  };
  const changes = await readChanges(graph, options, report, signal);
  if (!changes) return { reason: 'so much has changed that reading all is faster' };
  const { builder, removed } = withChanges(base, changes);
  if (builder.interactions === 0) throw new TastegraphError('snapshot/empty');
  report({ phase: 'building', done: 0, unit: 'interactions' });
  const snapshot = builder.build({ asOf: changes.asOf, source: 'neo4j', ...(allocator && { allocator }) });
  // Counts of another moment than what was read say nothing; the next reading compares again.
  const excess = changes.consistent ? excessOf(changes.counts, snapshot) : base.mark.excess;
  const reason = difference(base.mark.excess, excess, changes);
  if (reason) return { reason };
  return {
    snapshot: { ...snapshot, mark: { ...moment, excess } },
    read: { users: changes.users.length, items: changes.items.length, removed },
  };
}

/** An earlier snapshot's content with what has changed, and how many of its nodes were removed. */
export function withChanges(
  base: Snapshot,
  changes: Changes,
): { readonly builder: SnapshotBuilder; readonly removed: number } {
  const builder = new SnapshotBuilder();
  for (const { kind, value } of changes.features ?? []) {
    if (kind !== null && value !== null) builder.feature(kind, value);
  }
  const users = fatesOf(base.users, changes.users, 'user', changes.removedUsers);
  const items = fatesOf(base.items, changes.items, 'item', changes.removedItems);
  refill(builder, base, { users, items, onlyUsedFeatures: changes.features !== undefined });
  addChanges(builder, changes);
  const goneOf = (all: Uint8Array): number => all.reduce((sum, fate) => sum + (fate === fates.gone ? 1 : 0), 0);
  return { builder, removed: goneOf(users) + goneOf(items) };
}

/** What was removed goes first: where it is there again, all that it has came later, and is read anew. */
function fatesOf(
  table: NodeTable,
  changed: readonly { readonly id: string | null }[],
  kind: 'user' | 'item',
  removed: ReadonlySet<string>,
): Uint8Array {
  const all = new Uint8Array(table.count);
  for (const { id } of changed) {
    const index = typeof id === 'string' ? table.index(id) : undefined;
    if (index !== undefined) all[index] = fates.stale;
  }
  if (removed.size > 0) {
    for (let index = 0; index < table.count; index++) {
      if (removed.has(removedKey(kind, table.id(index)))) all[index] = fates.gone;
    }
  }
  return all;
}

/** Edges to nodes that are not there, which came in after the nodes were read, are left out, as in a whole reading. */
function addChanges(builder: SnapshotBuilder, { users, items }: Changes): void {
  const features = (
    { kinds, featureValues, weights }: ChangedFeatures,
    push: (feature: number, weight: number) => void,
  ) => {
    for (const [i, kind] of kinds.entries()) {
      const value = featureValues[i]!;
      if (kind !== null && value !== null) push(builder.feature(kind, value), weights[i]!);
    }
  };
  for (const item of items) {
    if (typeof item.id !== 'string') continue;
    const { title, at, available } = item;
    const number = builder.item(item.id);
    builder.describeItem(number, { ...(title !== null && { title }), ...(at !== null && { at }), available });
    features(item, (feature, weight) => builder.itemFeature(number, feature, weight));
  }
  for (const { id } of users) if (typeof id === 'string') builder.user(id);
  for (const user of users) {
    if (typeof user.id !== 'string') continue;
    const number = builder.user(user.id);
    for (const [i, id] of user.items.entries()) {
      const item = id === null ? undefined : builder.known('item', id);
      if (item === undefined) continue;
      const type = builder.type(user.types[i] ?? 'interaction');
      const context = user.contexts[i]?.map((key) => builder.featureOf(key));
      builder.interaction(
        number,
        item,
        type,
        user.times[i] ?? 0,
        user.values[i] ?? 1,
        user.parts[i] ?? undefined,
        context,
      );
    }
    features(user, (feature, weight) => builder.userFeature(number, feature, weight));
    for (const [i, id] of user.trusted.entries()) {
      const trusted = id === null ? undefined : builder.known('user', id);
      if (trusted !== undefined) builder.trust(number, trusted, user.trustWeights[i]!);
    }
  }
}

/** Where the graph counts something else than the snapshot holds: then something was written without a mark. */
function difference(known: GraphMark['excess'], excess: GraphMark['excess'], changes: Changes): string | undefined {
  for (const [name, more] of Object.entries(excess) as [keyof typeof excess, number][]) {
    // Features that were all read anew cannot be wrong.
    if (more === known[name] || (name === 'features' && changes.features)) continue;
    const inGraph = changes.counts[name];
    return `the graph counts ${inGraph} ${words[name]}, its marks lead to ${inGraph - more + known[name]}: something was written without a mark`;
  }
  return undefined;
}

const words: Readonly<Record<keyof GraphMark['excess'], string>> = {
  users: 'users',
  items: 'items',
  features: 'features',
  interactions: 'interactions',
  featureEdges: 'feature edges',
  trust: 'trust ties',
};
