/** A snapshot of the graph as it is now. */
import type { SharedAllocator } from '../compute/csr.ts';
import { TastegraphError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import { exportGraph, type GraphSink, type InteractionColumns } from '../graph/export.ts';
import { type Report, silent } from '../progress.ts';
import { SnapshotBuilder } from './builder.ts';
import { ServerNumbers } from './serverNumbers.ts';
import type { Snapshot } from './snapshot.ts';

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
  const { sink, asOf, consistent } = await exportGraph(graph, () => new BuilderSink(), {}, report, signal);
  const { builder } = sink;
  if (builder.interactions === 0) throw new TastegraphError('snapshot/empty');
  const note = consistent
    ? undefined
    : 'the graph changed while it was read: of that time, some changes may be missing';
  report({ phase: 'building', done: 0, unit: 'interactions', ...(note && { note }) });
  return builder.build({ asOf, source: 'neo4j', ...(allocator && { allocator }) });
}

class BuilderSink implements GraphSink {
  readonly builder = new SnapshotBuilder();
  readonly #users = new ServerNumbers();
  readonly #items = new ServerNumbers();
  readonly #features = new ServerNumbers();
  #room = new Int32Array(1024);

  user(node: number, id: string): void {
    this.#users.set(node, this.builder.user(id));
  }

  item(node: number, id: string, is: Parameters<GraphSink['item']>[2]): void {
    const item = this.builder.item(id);
    this.builder.describeItem(item, is);
    this.#items.set(node, item);
  }

  feature(node: number, kind: string, value: string): void {
    this.#features.set(node, this.builder.feature(kind, value));
  }

  interactions(node: number, columns: InteractionColumns): void {
    const user = this.#users.get(node);
    if (user === undefined) return;
    const { items, times, values, types, partStarts, parts, contexts } = columns;
    const { builder } = this;
    const type = builder.type(types[0] ?? 'interaction');
    // A list of one holds for all.
    const [everyTime, everyValue, everyType] = [times.length === 1, values.length === 1, types.length === 1];
    if (everyTime && everyValue && everyType && contexts.length === 0) {
      for (const [run, begin] of partStarts.entries()) {
        const known = this.#known(items, begin, partStarts[run + 1] ?? items.length);
        builder.interactionsAlike(user, known, type, times[0] ?? 0, values[0] ?? 1, parts[run] ?? undefined);
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
        everyType ? type : builder.type(types[i] ?? 'interaction'),
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
