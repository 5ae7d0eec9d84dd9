/** A snapshot of the graph as it is now. */
import type { SharedAllocator } from '../compute/csr.ts';
import { TastegraphError } from '../errors.ts';
import { graphMoment } from '../graph/changes.ts';
import type { Graph } from '../graph/driver.ts';
import { exportGraph, type GraphCounts, type GraphSink, type InteractionColumns } from '../graph/export.ts';
import { type Report, silent } from '../progress.ts';
import { SnapshotBuilder } from './builder.ts';
import { ServerNumbers } from './serverNumbers.ts';
import type { GraphMark, Relation, Snapshot } from './snapshot.ts';

/**
 * Reads the whole graph. Errors: snapshot/empty; those of the database.
 * While writers are busy it is read up to three times for a view of one moment; see `exportGraph` for what holds if they
 * never pause. Edges to nodes that came in after the nodes were read are then left out.
 */
export async function snapshotFromGraph(
  graph: Graph,
  report: Report = silent,
  signal?: AbortSignal,
  allocator?: SharedAllocator,
): Promise<Snapshot> {
  const { moment, bookmarks } = await graphMoment(graph);
  const read = await exportGraph(graph, () => new BuilderSink(), { bookmarks }, report, signal);
  const { asOf, consistent, counts } = read;
  const { builder } = read.sink;
  if (builder.interactions === 0) throw new TastegraphError('snapshot/empty');
  const note = consistent
    ? undefined
    : 'the graph changed while it was read: of that time, some changes may be missing';
  report({ phase: 'building', done: 0, unit: 'interactions', ...(note && { note }) });
  const snapshot = builder.build({ asOf, source: 'neo4j', ...(allocator && { allocator }) });
  // A graph that somebody else modelled has no marks of ours: it is read whole each time.
  if (!counts) return snapshot;
  // Counts of another moment than what was read say nothing.
  return { ...snapshot, mark: { ...moment, excess: consistent ? excessOf(counts, snapshot) : noExcess } };
}

const noExcess: GraphMark['excess'] = { users: 0, items: 0, features: 0, interactions: 0, featureEdges: 0, trust: 0 };

/** How many more the graph counts than the snapshot holds. */
export function excessOf(counts: GraphCounts, snapshot: Snapshot): GraphMark['excess'] {
  const edges = (name: Relation): number => snapshot.relation(name).indices.length;
  return {
    users: counts.users - snapshot.users.count,
    items: counts.items - snapshot.items.count,
    features: counts.features - snapshot.features.count,
    interactions: counts.interactions - snapshot.interactions.count,
    featureEdges: counts.featureEdges - edges('item-feature') - edges('user-feature'),
    trust: counts.trust - edges('user-user'),
  };
}

class BuilderSink implements GraphSink {
  readonly builder = new SnapshotBuilder();
  readonly #users = new ServerNumbers();
  readonly #items = new ServerNumbers();
  readonly #features = new ServerNumbers();
  #room = new Int32Array(1024);

  user(node: number, id: string | null): void {
    if (typeof id !== 'string') return;
    this.#users.set(node, this.builder.user(id));
  }

  item(node: number, id: string | null, is: Parameters<GraphSink['item']>[2]): void {
    if (typeof id !== 'string') return;
    const item = this.builder.item(id);
    this.builder.describeItem(item, is);
    this.#items.set(node, item);
  }

  feature(node: number, kind: string | null, value: string | null): void {
    if (kind === null || value === null) return;
    this.#features.set(node, this.builder.feature(kind, value));
  }

  interactions(node: number, columns: InteractionColumns): void {
    const user = this.#users.get(node);
    if (user === undefined) return;
    const { items, times, values, types, partStarts, parts, contexts } = columns;
    const { builder } = this;
    const type = () => builder.type(types[0] ?? 'interaction');
    // A list of one holds for all.
    const [everyTime, everyValue, everyType] = [times.length === 1, values.length === 1, types.length === 1];
    if (everyTime && everyValue && everyType && contexts.length === 0) {
      for (const [run, begin] of partStarts.entries()) {
        const known = this.#known(items, begin, partStarts[run + 1] ?? items.length);
        if (known.length > 0)
          builder.interactionsAlike(user, known, type(), times[0] ?? 0, values[0] ?? 1, parts[run] ?? undefined);
      }
      return;
    }
    for (let i = 0, run = 0; i < items.length; i++) {
      if (i === partStarts[run + 1]) run++;
      const item = this.#items.get(items[i]!);
      if (item === undefined) continue;
      builder.interaction(
        user,
        item,
        everyType ? type() : builder.type(types[i] ?? 'interaction'),
        times[everyTime ? 0 : i] ?? 0,
        values[everyValue ? 0 : i] ?? 1,
        parts[run] ?? undefined,
        contexts[i]?.map((key) => builder.featureOf(key)),
      );
    }
  }

  /** Our numbers of those of nodes[begin … end) that were read; valid until the next call. */
  #known(nodes: readonly number[], begin: number, end: number): Int32Array {
    if (this.#room.length < end - begin) this.#room = new Int32Array(2 * (end - begin));
    let count = 0;
    for (let i = begin; i < end; i++) {
      const item = this.#items.get(nodes[i]!);
      if (item !== undefined) this.#room[count++] = item;
    }
    return this.#room.subarray(0, count);
  }

  userFeatures(node: number, features: readonly number[], weights: readonly number[]): void {
    this.#edges(this.#users.get(node), this.#features, features, (user, feature, i) =>
      this.builder.userFeature(user, feature, weights[i]),
    );
  }

  itemFeatures(node: number, features: readonly number[], weights: readonly number[]): void {
    this.#edges(this.#items.get(node), this.#features, features, (item, feature, i) =>
      this.builder.itemFeature(item, feature, weights[i]),
    );
  }

  property(of: 'users' | 'items', node: number, kind: string, values: readonly string[]): void {
    const numbers = of === 'users' ? this.#users : this.#items;
    const owner = numbers.get(node);
    if (owner === undefined) return;
    for (const value of values) {
      const feature = this.builder.feature(kind, value);
      if (of === 'users') this.builder.userFeature(owner, feature);
      else this.builder.itemFeature(owner, feature);
    }
  }

  trust(node: number, trusted: readonly number[], weights: readonly number[]): void {
    this.#edges(this.#users.get(node), this.#users, trusted, (user, other, i) =>
      this.builder.trust(user, other, weights[i]),
    );
  }

  #edges(
    from: number | undefined,
    numbers: ServerNumbers,
    nodes: readonly number[],
    push: (from: number, to: number, index: number) => void,
  ): void {
    if (from === undefined) return;
    for (const [index, node] of nodes.entries()) {
      const to = numbers.get(node);
      if (to !== undefined) push(from, to, index);
    }
  }
}
