import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { migrate, readMigrations } from '../../src/graph/migrations.ts';
import { testGraph } from '../neo4j.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
});
afterAll(() => graph.close());

test('a database that is up to date is left alone', async () => {
  expect(await migrate(graph)).toEqual([]);
  const { records } = await graph.read((tx) =>
    tx.run('MATCH (m:Migration) RETURN m.version AS version ORDER BY version'),
  );
  expect(records.map((row) => row.get('version'))).toEqual(readMigrations().map(({ version }) => version));
});
