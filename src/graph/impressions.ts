/**
 * Who was shown what: `(:User)-[:SHOWN {at, position, version, propensity, request}]->(:Item)`, one an item that stood in an answer; with
 * `pipeline`, `experiment`, `arm` and `draw` where there are such.
 * What was shown cannot be found out afterwards, and without it nobody can tell what a click says of a ranking.
 */
import type { Graph } from './driver.ts';
import { statement } from './statements.ts';

/** One answer that somebody was shown. */
export interface Shown {
  /** Id of the answer, made by the server: it is written once, however often it is handed over. */
  readonly request: string;
  readonly user: string;
  /** ms since 1970, whole. */
  readonly at: number;
  readonly version: string;
  /** Ids in the order shown; the first has position 1. */
  readonly items: readonly string[];
  /** There, where the list was shown from a later place on: how many come before. */
  readonly offset?: number;
  /**
   * How probable it was that these items were shown in this order; 1 where the ranking leaves nothing to chance, absent where it does and
   * that cannot be said.
   */
  readonly propensity?: number;
  /** What made the list, where that was not the version's own ranking. */
  readonly pipeline?: string;
  /** There, where an experiment chose the pipeline. */
  readonly experiment?: string;
  readonly arm?: string;
  /** Of each item, with what probability it stands at its place, given those above it; there, where chance had a part. */
  readonly draws?: readonly number[];
}

/**
 * Writes answers in one transaction; when this returns they are committed. Users and items that are not in the graph are passed over.
 * Returns how many impressions were `written`, and how many were `known`: there already, and left as they are. Errors: neo4j/*.
 */
export async function writeImpressions(
  graph: Graph,
  shown: readonly Shown[],
): Promise<{ readonly written: number; readonly known: number }> {
  return await graph.write(async (tx) => {
    const { records } = await tx.run(statement('write/impressions'), { shown });
    return records[0]!.toObject() as { written: number; known: number };
  }, 'write/impressions');
}

/** What somebody was shown and has not taken since. */
export interface UntakenItem {
  readonly item: string;
  /** How often since the user last did anything with it. */
  readonly times: number;
  /** ms since 1970 of the last time. */
  readonly last: number;
}

/**
 * What a user was shown from `since` on, ms since 1970, and has not taken; the `limit` shown last. None of those who are not in the graph.
 * Errors: neo4j/*; after `timeoutMs` the server gives up.
 */
export async function untakenItems(
  graph: Graph,
  user: string,
  { since, limit, timeoutMs }: { readonly since: number; readonly limit: number; readonly timeoutMs: number },
): Promise<UntakenItem[]> {
  const session = graph.session();
  try {
    const parameters = { user, since, limit };
    const { records } = await session.run(statement('read/impressions-untaken'), parameters, { timeout: timeoutMs });
    return records.map((record) => record.toObject() as UntakenItem);
  } finally {
    await session.close();
  }
}

const expiryBatch = 10_000;

/** Removes impressions that were shown before `before`, ms since 1970, in batches. Returns how many. Errors: neo4j/*; abort. */
export async function expireImpressions(graph: Graph, before: number, signal?: AbortSignal): Promise<number> {
  for (let removed = 0; ; ) {
    signal?.throwIfAborted();
    const batch = await graph.write(async (tx) => {
      const { records } = await tx.run(statement('write/impressions-expire'), { before, limit: expiryBatch });
      return records[0]!.get('removed') as number;
    }, 'write/impressions-expire');
    removed += batch;
    if (batch < expiryBatch) return removed;
  }
}
