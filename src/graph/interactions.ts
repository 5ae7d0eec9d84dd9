/** Interactions that come in one request at a time, and what a user has done up to now. */
import type { ManagedTransaction, Record as Neo4jRecord } from 'neo4j-driver';
import { BlockedUsers } from './blocked.ts';
import type { Graph } from './driver.ts';
import { type Liking, likingParameters } from './liking.ts';
import { refuseMapped } from './schema.ts';
import { given, statement } from './statements.ts';

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
 * One relationship per (user, item, type, at): a repeated batch creates nothing; the last value said stays. With `instead`, what
 * there was of the same user, item and type goes, whatever its time.
 * Errors: mapping/read-only; data/forgotten, and nothing is written; those of the database.
 */
export async function writeInteractions(
  graph: Graph,
  posted: readonly PostedInteraction[],
  { instead = false }: { readonly instead?: boolean } = {},
): Promise<PostedCounts> {
  refuseMapped(graph, 'interactions');
  return await graph.write((tx) => writeIn(tx, posted, instead));
}

/**
 * Does a write and takes it back: a server that has just started makes its plans for it, and the next takes a fiftieth of the time.
 * Errors: mapping/read-only; those of the database.
 */
export async function rehearseWrite(graph: Graph): Promise<void> {
  refuseMapped(graph, 'interactions');
  const takenBack = new Error('taken back');
  await graph
    .write(async (tx) => {
      await writeIn(tx, [{ user: '\0', item: '\0', type: 'view', at: 0, value: 1 }], false);
      throw takenBack;
    })
    .catch((cause: unknown) => {
      if (cause !== takenBack) throw cause;
    });
}

async function writeIn(
  tx: ManagedTransaction,
  posted: readonly PostedInteraction[],
  instead: boolean,
): Promise<PostedCounts> {
  const users = ascending(posted.map(({ user }) => user));
  const items = ascending(posted.map(({ item }) => item));
  // Sorted, so that concurrent batches take their locks in one order.
  const rows = posted.toSorted((a, b) => compare(a.user, b.user) || compare(a.item, b.item));
  // Sent together: the server takes them one after the other, nodes in the order of the ingest, users before items, so that the two
  // do not wait for each other.
  const [newUsers, newItems, , written] = await Promise.all([
    tx.run(statement('write/users-posted'), given({ ids: users })),
    tx.run(statement('write/items'), given({ ids: items })),
    instead &&
      tx.run(statement('write/interactions-remove'), {
        rows: rows.map(({ user, item, type }) => ({ user, item, type, at: null })),
      }),
    tx.run(statement('write/interactions-posted'), given({ rows })),
  ]);
  // Nothing is committed where one of them may never come back.
  if ((newUsers.summary.counters.updates().nodesCreated ?? 0) > 0) {
    const blocked = new BlockedUsers();
    await blocked.look(tx);
    blocked.refuse(users);
  }
  return {
    interactions: written.summary.counters.updates().relationshipsCreated,
    users: newUsers.summary.counters.updates().nodesCreated,
    items: newItems.summary.counters.updates().nodesCreated,
  };
}

/**
 * Ids of all items a user has interacted with up to now in a way that has not expired; none for an unknown user. One attempt within `timeoutMs`, since a
 * recommendation is better given without it than late. Errors: whatever the driver says where the server does not answer.
 */
export async function interactedItems(
  graph: Graph,
  user: string,
  timeoutMs: number,
  liking: Liking = {},
): Promise<string[]> {
  const [record] = await askedOnce(
    graph,
    'read/interacted-items',
    { user: graph.schema.userKey(user) },
    timeoutMs,
    liking,
  );
  return record!.get('items') as string[];
}

/** What a user did with an item. */
export interface UserInteraction {
  readonly item: string;
  readonly type: string;
  readonly value: number;
  /** ms since 1970; absent where the graph does not say. */
  readonly at?: number;
}

/** Of one user so many are answered, the newest: the limit of `read/users-interactions`. */
export const mostOfUser = 100_000;

/**
 * All that users have done up to now and has not expired, for each, in their order: oldest first, of the newest `mostOfUser`; nothing
 * for an unknown user. One attempt, as `interactedItems`.
 */
export async function interactionsOfUsers(
  graph: Graph,
  users: readonly string[],
  timeoutMs: number,
  liking: Liking = {},
): Promise<readonly (readonly UserInteraction[])[]> {
  const found: (readonly UserInteraction[])[] = users.map(() => []);
  const keys = given({ users: users.map((user) => graph.schema.userKey(user)) });
  const records = await askedOnce(graph, 'read/users-interactions', keys, timeoutMs, liking);
  for (const record of records) {
    const rows = record.get('interactions') as [string, string | null, number, number | null][];
    found[record.get('place') as number] = rows
      .map(([item, type, value, at]) => ({ item, type: type ?? 'interaction', value, ...(at !== null && { at }) }))
      .reverse();
  }
  return found;
}

/** Of one user, as `interactionsOfUsers`. */
export async function interactionsOfUser(
  graph: Graph,
  user: string,
  timeoutMs: number,
  liking: Liking = {},
): Promise<readonly UserInteraction[]> {
  return (await interactionsOfUsers(graph, [user], timeoutMs, liking))[0]!;
}

/** The records of a question about users, with no second attempt. */
async function askedOnce(
  graph: Graph,
  name: 'read/interacted-items' | 'read/users-interactions',
  keys: Readonly<Record<string, unknown>>,
  timeoutMs: number,
  liking: Liking,
): Promise<readonly Neo4jRecord[]> {
  const session = graph.session();
  try {
    const parameters = { ...keys, countsFrom: likingParameters(liking).countsFrom };
    return (await session.run(statement(name, graph.schema), parameters, { timeout: timeoutMs })).records;
  } finally {
    await session.close();
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const ascending = (ids: readonly string[]): string[] => [...new Set(ids)].sort();
