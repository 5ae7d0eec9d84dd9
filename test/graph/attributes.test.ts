/** Numbers, texts and vectors in the graph, by transactions and by Neo4j's importer alike. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import { openDatabase } from '../../src/graph/database.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { importSource } from '../../src/graph/import.ts';
import { Tables } from '../../src/graph/ingest/tables.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { silent } from '../../src/progress.ts';
import { plant } from '../data/planted.ts';
import { emptyGraph, testGraph, testServer } from '../neo4j.ts';
import { sourceOf } from '../planted.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
});
afterAll(() => graph.close());

const records: DataRecord[] = [
  { kind: 'user', id: 'a', features: [], attributes: { age: 7, note: '' } },
  { kind: 'item', id: 'x', features: [], attributes: { price: -1e-7, plot: 'one, "two"\r\nthree', taste: [0.5, 3] } },
  { kind: 'item', id: 'x', features: [], attributes: { price: 2 }, available: false },
  { kind: 'item', id: 'y', title: 'Y', at: 5, features: [] },
  { kind: 'interaction', user: 'a', item: 'x', type: 'like', at: 1, value: 1 },
];
const expected = {
  a: { id: 'a', num_age: 7, text_note: '' },
  x: { id: 'x', available: false, num_price: 2, text_plot: 'one, "two"\r\nthree', vec_taste: [0.5, 3] },
  y: { id: 'y', available: true, title: 'Y', at: 5 },
};

async function nodes() {
  const { records } = await graph.read((tx) => tx.run('MATCH (n:User|Item) RETURN n.id AS id, properties(n) AS is'));
  return Object.fromEntries(
    records.map((record) => {
      const { changed, ...is } = record.get('is') as Record<string, unknown>;
      return [record.get('id') as string, is];
    }),
  );
}

it('are typed properties of their nodes, whichever way they come', async () => {
  const options = { ...testServer(), maxBadPercent: 0, restart: true };
  await ingest(graph, sourceOf(records), { ...options, home: plant({}) }, silent);
  expect(await nodes()).toEqual(expected);
  await emptyGraph(graph);
  await graph.close();
  const large = { ...sourceOf(records), totalBytes: 2 << 20 };
  expect(await importSource(large, options, silent)).toMatchObject({ users: { created: 1 }, items: { created: 2 } });
  graph = await openDatabase(testServer());
  expect(await nodes()).toEqual(expected);
}, 300_000);

it('of names that no column of the importer can have come by transactions', () => {
  const named = (name: string): DataRecord => ({ kind: 'user', id: 'a', features: [], attributes: { [name]: 1 } });
  const tables = () => new Tables(plant({}), 0);
  expect(tables().add([named('größe_2')])).toBe(true);
  expect(tables().add([named('size:cm')])).toBe(false);
});
