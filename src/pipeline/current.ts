import type { Graph } from '../graph/driver.ts';
import type { RemovedInteraction } from '../graph/removal.ts';
import type { NodeResource } from '../graph/resources/nodes.ts';
import type { Reconciled } from '../sampling/reconcile.ts';
import { withGraph } from './database.ts';
import type { GraphOptions, Run } from './run.ts';

export type { RemovedInteraction } from '../graph/removal.ts';
export type { Reconciled } from '../sampling/reconcile.ts';

/**
 * Compares the whole graph with its newest stored snapshot, tells what was written without a mark, and marks it.
 * Errors: snapshot/empty, snapshot/corrupt; those of the database.
 */
export async function reconcileGraph(options: GraphOptions, run: Run): Promise<Reconciled> {
  const { reconcile } = await import('../sampling/reconcile.ts');
  const { recordJob } = await import('./jobRecords.ts');
  return await recordJob(options, { kind: 'reconcile', about: 'the whole graph' }, run, (recorded) =>
    withGraph(options, recorded, (graph) => reconcile(graph, options.home, recorded.report, recorded.signal)),
  );
}

/** Removes interactions; answers how many there were. Errors: those of the database. */
export async function removeInteractions(graph: Graph, removed: readonly RemovedInteraction[]): Promise<number> {
  const { removeInteractions: remove } = await import('../graph/removal.ts');
  return await remove(graph, removed);
}

/** Removes an item with all its edges; answers how many interactions it had. Undefined where there is none. Errors: whatever `check` throws of the item as it is. */
export async function removeItem(
  graph: Graph,
  item: string,
  check?: (current: NodeResource | undefined) => void,
): Promise<number | undefined> {
  const { removeNode } = await import('../graph/removal.ts');
  return await removeNode(graph, 'item', item, check);
}
