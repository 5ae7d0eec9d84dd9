/** What has come into the graph since a snapshot, item by item. */
import { int } from 'neo4j-driver';
import { clockSlack } from './changes.ts';
import type { Graph } from './driver.ts';
import { type Liking, likingParameters } from './liking.ts';
import { statement } from './statements.ts';

export interface RecentQuestion extends Liking {
  /** ms since 1970. */
  readonly since: number;
  /** Most users that are looked at. */
  readonly users: number;
  /** Whether who did anything with an item has chosen it, and not only who liked it. */
  readonly countsAll: boolean;
}

export interface RecentItem {
  readonly item: string;
  /** Who had not chosen it before. */
  readonly people: number;
  /** When it was liked, ms since 1970, in no order. */
  readonly moments: readonly number[];
}

/**
 * Items that somebody did something with from a moment on. In a graph of ours only users with a mark of a change are looked at, in one
 * that is mapped all; where the graph has no times nothing is recent. One attempt. Errors: whatever the driver says.
 */
export async function recentItems(
  graph: Graph,
  { since, users, countsAll, ...liking }: RecentQuestion,
  timeoutMs: number,
): Promise<readonly RecentItem[]> {
  const { schema } = graph;
  const hasTimes = schema.interactions.some(({ names }) => names?.INTERACTED.properties.at?.('r') !== 'null');
  if (!hasTimes) return [];
  const disliking = Object.entries(liking.interactions ?? {}).flatMap(([type, { negative }]) =>
    negative ? [type] : [],
  );
  const parameters = { since, users, countsAll, disliking, ...likingParameters(liking) };
  const name = schema.names ? 'read/recent' : 'read/changed-recent';
  const marked = int(Math.floor(since) - clockSlack);
  const session = graph.session();
  try {
    const { records } = await session.run(statement(name, schema), { ...parameters, marked }, { timeout: timeoutMs });
    return records.map((record) => ({
      item: record.get('item') as string,
      people: record.get('people') as number,
      moments: (record.get('lists') as number[][]).flat(),
    }));
  } finally {
    await session.close();
  }
}
