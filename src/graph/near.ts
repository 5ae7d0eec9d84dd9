/** Neighbours of an item from the graph's own vector index. */
import neo4j, { type ManagedTransaction } from 'neo4j-driver';
import type { Graph } from './driver.ts';
import { statement } from './statements.ts';
import { vectorIndexes } from './vectorIndexes.ts';
import type { SlotContent } from './versions.ts';

export interface NearItem {
  readonly id: string;
  readonly title: string;
  /** The cosine of the two vectors. */
  readonly score: number;
}

/** The release of the server: '5.26.30', '2026.08.1'. */
export async function serverRelease(graph: Graph): Promise<string> {
  const { summary } = await graph.read((tx) => tx.run(statement('server/ping')), 'server/ping');
  return (summary.server.agent ?? '').replace(/^Neo4j\//, '');
}

const clauses = new WeakMap<Graph, Promise<boolean>>();

/** Whether this server has it; asked once, since one that was replaced by a newer still has the procedure. */
async function searchesByClause(graph: Graph): Promise<boolean> {
  const known = clauses.get(graph) ?? serverRelease(graph).then(hasSearchClause);
  clauses.set(graph, known);
  // One that did not answer is asked again.
  known.catch(() => clauses.delete(graph));
  return await known;
}

/** Whether a release has the clause SEARCH, in place of the procedure that it deprecates: 2026.04 and later. */
export function hasSearchClause(release: string): boolean {
  const [year = 0, month = 0] = release.split('.').map(Number);
  return year > 2026 || (year === 2026 && month >= 4);
}

const searches = { vectorA: 'read/items-near-search-a', vectorB: 'read/items-near-search-b' } as const;

/**
 * The items whose vectors in this slot point most the way of the item's, best first; none where the item has no vector there. By an
 * approximate index: an item can be missed. Errors: neo4j/*.
 */
export async function itemsNear(
  graph: Graph,
  item: string,
  { slot }: Pick<SlotContent, 'slot'>,
  limit: number,
): Promise<NearItem[]> {
  const search = await searchesByClause(graph);
  const name = search ? searches[slot] : 'read/items-near';
  // Some more than wanted, since the item itself and what is unavailable fall out; an index also finds better, the more it is asked for.
  const parameters = { item, limit: neo4j.int(limit), candidates: neo4j.int(2 * limit + 20) };
  const procedure = { slot, index: vectorIndexes[slot].items };
  return await graph.read(async (tx) => {
    const { records } = await tx.run(statement(name), search ? parameters : { ...parameters, ...procedure });
    return records.map((record) => record.toObject() as NearItem);
  }, name);
}

const vectorSearches = {
  vectorA: 'read/items-near-vectors-search-a',
  vectorB: 'read/items-near-vectors-search-b',
} as const;

/**
 * For each of some vectors, none of them zero, outside ids of the items whose vectors in this slot point most its way, nearest first: at
 * most `candidates`, by an approximate index. Errors: neo4j/*.
 */
export async function itemsNearVectors(
  graph: Graph,
  vectors: readonly (readonly number[])[],
  { slot }: Pick<SlotContent, 'slot'>,
  candidates: number,
  timeoutMs?: number,
): Promise<string[][]> {
  const search = await searchesByClause(graph);
  const name = search ? vectorSearches[slot] : 'read/items-near-vectors';
  const parameters = { vectors, candidates: neo4j.int(candidates) };
  const work = async (tx: ManagedTransaction) => {
    const { records } = await tx.run(
      statement(name, graph.schema),
      search ? parameters : { ...parameters, index: vectorIndexes[slot].items },
    );
    return records.map((record) => record.get('items') as string[]);
  };
  return await graph.read(work, name, timeoutMs);
}
