/** Taking out of the graph what was brought in, so that the next snapshot knows. */
import type { Graph } from './driver.ts';
import { removedKey } from './removed.ts';
import { type NodeResource, named } from './resources/nodes.ts';
import { refuseMapped } from './schema.ts';
import { given, statement } from './statements.ts';

/** Interactions of a user with an item: all, or those of one type or time. */
export interface RemovedInteraction {
  readonly user: string;
  readonly item: string;
  readonly type?: string | undefined;
  /** ms since 1970, whole. */
  readonly at?: number | undefined;
}

/**
 * Removes interactions in one transaction and answers how many there were; what is not there is passed over, so a request can be
 * repeated. Users and items stay. Errors: mapping/read-only; those of the database.
 */
export async function removeInteractions(graph: Graph, removed: readonly RemovedInteraction[]): Promise<number> {
  refuseMapped(graph, 'what is removed');
  // Sorted, so that concurrent writers take their locks in one order.
  const users = [...new Set(removed.map(({ user }) => user))].sort();
  const rows = removed.map(({ user, item, type = null, at = null }) => ({ user, item, type, at }));
  return await graph.write(async (tx) => {
    await tx.run(statement('write/users-lock'), given({ ids: users }));
    const result = await tx.run(statement('write/interactions-remove'), { rows });
    return result.summary.counters.updates().relationshipsDeleted;
  }, 'that removes interactions');
}

/**
 * Removes a node with all its edges, in one transaction; answers how many interactions went with it, undefined where there was no
 * such node. Errors: mapping/read-only; those of the database.
 */
export async function removeNode(
  graph: Graph,
  kind: 'user' | 'item',
  id: string,
  check?: (current: NodeResource | undefined) => void,
): Promise<number | undefined> {
  refuseMapped(graph, 'what is removed');
  return await graph.write(async (tx) => {
    if (check) {
      await tx.run(statement(`write/${kind}s-mark`), { ids: [id] }); // nobody else changes it from here on
      check((await named(tx, kind, [id])).get(id));
    }
    const result = await tx.run(statement(`write/${kind}-remove`), { id, key: removedKey(kind, id) });
    return result.records[0]?.get('interactions') as number | undefined;
  }, `that removes a node`);
}
