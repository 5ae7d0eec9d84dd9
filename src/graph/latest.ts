/** The items that came last, by the graph as it is now. */
import type { FeatureValue } from '../data/records.ts';
import type { Graph } from './driver.ts';
import { featureKey } from './ingest/partition.ts';
import { given, statement } from './statements.ts';

export interface LatestItem {
  readonly id: string;
  /** ms since 1970. */
  readonly at: number;
}

export interface LatestChoice {
  readonly limit: number;
  /** Ids to leave out. */
  readonly without?: readonly string[];
  /** Items that have all of these. */
  readonly features?: readonly Pick<FeatureValue, 'kind' | 'value'>[];
}

/**
 * Newest first, of one time by id; only items that have a time and are available. One attempt; after `timeoutMs` the server gives up.
 * For graphs of our own alone: another need not have an index by time. Errors: whatever the driver says where the server does not answer.
 */
export async function latestItems(
  graph: Graph,
  { limit, without = [], features = [] }: LatestChoice,
  timeoutMs: number,
): Promise<LatestItem[]> {
  const [key, ...others] = features.map(featureKey);
  const session = graph.session();
  try {
    const { records } = await session.run(
      statement(key === undefined ? 'read/latest-items' : 'read/latest-items-with'),
      { limit, ...(key === undefined ? given({ without }) : { key, ...given({ others, without }) }) },
      { timeout: timeoutMs },
    );
    return records.map((record) => record.toObject() as LatestItem);
  } finally {
    await session.close();
  }
}
