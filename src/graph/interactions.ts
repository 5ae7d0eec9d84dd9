/** Interactions that come in one request at a time, and what a user has done up to now. */
import type { Graph } from './driver.ts';
import { statement } from './statements.ts';

export interface PostedInteraction {
  readonly user: string;
  readonly item: string;
  readonly type: string;
  /** ms since 1970, whole. */
  readonly at: number;
  readonly value: number;
}

export interface PostedCounts {
  /** Interactions that were not there before. */
  readonly interactions: number;
  readonly users: number;
  readonly items: number;
}

/**
 * Writes a batch in one transaction: when this returns it is committed. Users and items that are not known are created.
 * One relationship per (user, item, type, at): a repeated batch creates nothing; the last value said stays.
 */
export async function writeInteractions(graph: Graph, posted: readonly PostedInteraction[]): Promise<PostedCounts> {
  const users = ascending(posted.map(({ user }) => user));
  const items = ascending(posted.map(({ item }) => item));
  // Sorted, so that concurrent batches take their locks in one order.
  const rows = posted.toSorted((a, b) => compare(a.user, b.user) || compare(a.item, b.item));
  return await graph.write(async (tx) => {
    // Nodes in the order of the ingest, users before items, so that the two do not wait for each other.
    const newUsers = await tx.run(statement('write/users'), { ids: users });
    const newItems = await tx.run(statement('write/items'), { ids: items });
    await tx.run(statement('write/users-lock'), { ids: users });
    const written = await tx.run(statement('write/interactions-posted'), { rows });
    return {
      interactions: written.summary.counters.updates().relationshipsCreated,
      users: newUsers.summary.counters.updates().nodesCreated,
      items: newItems.summary.counters.updates().nodesCreated,
    };
  });
}

/**
 * Ids of all items a user has interacted with up to now; none for an unknown user. One attempt within `timeoutMs`, since a
 * recommendation is better given without it than late. Errors: whatever the driver says where the server does not answer.
 */
export async function interactedItems(graph: Graph, user: string, timeoutMs: number): Promise<string[]> {
  const session = graph.session();
  try {
    const { records } = await session.run(statement('read/interacted-items'), { user }, { timeout: timeoutMs });
    return records[0]?.get('items') as string[];
  } finally {
    await session.close();
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const ascending = (ids: readonly string[]): string[] => [...new Set(ids)].sort();
