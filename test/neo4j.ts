/**
 * A real Neo4j for tests. Community Neo4j has one database, and vitest runs several files at once; so each of vitest's
 * worker slots has a server of its own, which the files that the slot runs one after another share. A test file therefore has its
 * database to itself as long as it runs, and empties it before use.
 */
import { join } from 'node:path';
import { inject } from 'vitest';
import { openDatabase } from '../src/graph/database.ts';
import type { Graph } from '../src/graph/driver.ts';
import type { ServerOptions } from '../src/graph/server.ts';

/** Options that lead to this worker slot's server: for code that opens the database itself. */
export function testServer(): ServerOptions {
  const home = join(inject('neo4jHomes'), `worker-${process.env.VITEST_POOL_ID ?? '1'}`);
  return { home, neo4jUsername: 'neo4j', neo4jDatabase: 'neo4j', heapMb: 512, pageCacheMb: 128 };
}

/**
 * This worker slot's database, its schema up to date, empty. For `beforeAll`, since the first call of a run starts a server; close
 * it in `afterAll`.
 */
export async function testGraph(): Promise<Graph> {
  const graph = await openDatabase(testServer());
  await emptyGraph(graph);
  return graph;
}

/** Deletes every node and relationship but the record of migrations. */
export async function emptyGraph(graph: Graph): Promise<void> {
  const session = graph.session({ mode: 'WRITE' });
  try {
    await session.run(
      `MATCH (n) WHERE NOT n:Migration AND NOT n:MigrationLock
       CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 500 ROWS`,
    );
  } finally {
    await session.close();
  }
}

/** Everything in the graph but the notes of ingests and the moments of changes, in a fixed order. */
export async function graphContent(graph: Graph) {
  const rows = async (query: string): Promise<unknown[]> => {
    const { records } = await graph.read((tx) => tx.run(query));
    return records.map((record) => record.toObject() as unknown);
  };
  const nodes = await rows(
    'MATCH (n) WHERE n:User OR n:Item OR n:Feature RETURN labels(n) AS labels, properties(n) AS p ORDER BY labels(n)[0], coalesce(n.id, n.key)',
  );
  for (const { p } of nodes as { p: Record<string, unknown> }[]) delete p.changed;
  return {
    nodes,
    edges: await rows(
      'MATCH (a)-[r]->(b) RETURN type(r) AS type, coalesce(a.id, a.key) AS a, coalesce(b.id, b.key) AS b, properties(r) AS p ORDER BY type, a, b, r.type, r.at',
    ),
  };
}
