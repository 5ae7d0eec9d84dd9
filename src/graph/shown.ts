/** What was shown, beside what was taken of it: what experiments and estimates reckon with. */
import type { Graph } from './driver.ts';
import { statement } from './statements.ts';

/** Which impressions, and what counts as taken. */
export interface ShownQuestion {
  /** ms since 1970: shown from the one on, and before the other. */
  readonly since: number;
  readonly until: number;
  /** How long after it was shown an interaction counts, ms. */
  readonly window: number;
  /** Of interactions; all where it is empty. */
  readonly types: readonly string[];
}

/** What one user was shown in one arm. */
export interface ShownInArm {
  readonly user: string;
  readonly arm: string;
  /** Lists. */
  readonly answers: number;
  /** Items in them. */
  readonly impressions: number;
  /** Of these, those that were taken. */
  readonly taken: number;
}

/** By user and arm. Errors: neo4j/*. */
export async function shownByArm(graph: Graph, experiment: string, question: ShownQuestion): Promise<ShownInArm[]> {
  const { records } = await graph.read((tx) =>
    tx.run(statement('read/impressions-by-arm'), { ...question, experiment }),
  );
  return records.map((record) => record.toObject() as ShownInArm);
}

/** A list as it was shown. */
export interface ShownList {
  readonly user: string;
  /** ms since 1970. */
  readonly at: number;
  /** Whether chance had a part. */
  readonly isDrawn: boolean;
  readonly items: readonly ShownItem[];
}

export interface ShownItem {
  readonly item: string;
  /** With what probability it stood at its place, given those above it. */
  readonly draw: number;
  readonly isTaken: boolean;
}

/** The last of them, at most `limit`, newest first. Lists of which something is in the graph no more are left out. Errors: neo4j/*. */
export async function lastShown(graph: Graph, limit: number, question: ShownQuestion): Promise<ShownList[]> {
  const { records } = await graph.read((tx) => tx.run(statement('read/impressions-last'), { ...question, limit }));
  return records.flatMap((record) => {
    const { items, ...list } = record.toObject() as Omit<ShownList, 'items'> & {
      readonly items: readonly (readonly [position: number, item: string, draw: number, isTaken: boolean])[];
    };
    if (items.some(([position], place) => position !== place + 1)) return [];
    return [{ ...list, items: items.map(([, item, draw, isTaken]) => ({ item, draw, isTaken })) }];
  });
}

/** Of some types of interactions those that no interaction is of. Errors: neo4j/*; after `timeoutMs` the server gives up. */
export async function unheardTypes(graph: Graph, types: readonly string[], timeoutMs: number): Promise<string[]> {
  const session = graph.session();
  try {
    const { records } = await session.run(statement('read/types-unheard'), { types }, { timeout: timeoutMs });
    return records[0]!.get('types') as string[];
  } finally {
    await session.close();
  }
}
