import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { markRemoved, readLineage } from '../../src/graph/lineage.ts';
import { flatProperties } from '../../src/graph/properties.ts';
import { type VersionRecord, writeVersion } from '../../src/graph/versions.ts';
import { testGraph } from '../neo4j.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
});
afterAll(() => graph.close());

const one = (id: string) => ({
  count: 1,
  id: () => id,
  has: (other: string) => other === id,
  vectors: Float32Array.of(1, 2),
});
const record = (id: string, at: number, digest: string, recall: number): VersionRecord => ({
  id,
  model: 'lightgcn',
  options: { dim: 2, loss: 'bpr', fanouts: [10, 5], nested: { a: 1 }, absent: undefined },
  metrics: { 'recall@20': recall, 'ndcg@20': 0.1 },
  seed: 7,
  at,
  dim: 2,
  snapshot: { digest, asOf: 500, users: 1, items: 1, features: 0, interactions: 3 },
  vectors: { users: one('ann'), items: one('d1') },
});

it('says what each version was trained on, and which followed which', async () => {
  const [first, second] = [record('v1', 1000, 'abc', 0.2), record('v2', 2000, 'abc', 0.3)];
  await writeVersion(graph, first);
  await writeVersion(graph, second);
  await writeVersion(graph, first); // A rollback.
  const { vectors: _, ...scores } = record('v3', 3000, 'def', 0.25);
  await writeVersion(graph, { ...scores, dim: 0 }); // A model without vectors is current all the same.

  const all = await readLineage(graph);
  expect(all.map(({ version, current }) => [version, current])).toEqual([
    ['v3', true],
    ['v2', false],
    ['v1', false],
  ]);
  const [v3, v2, v1] = all;
  expect(v1).toMatchObject({
    model: 'lightgcn',
    seed: 7,
    dim: 2,
    metrics: { 'recall@20': 0.2 },
    options: { loss: 'bpr', nested: { a: 1 } },
    snapshot: { digest: 'abc', asOf: 500, users: 1, items: 1, features: 0, interactions: 3 },
    slots: [{ slot: 'vectorA', current: true }],
    siblings: ['v2'],
  });
  expect(v1!.publishedAt).toHaveLength(2);
  expect(v1!.follows).toEqual([{ version: 'v2', at: v1!.publishedAt[1] }]);
  expect(v1!.followedBy).toEqual([
    { version: 'v2', at: v2!.publishedAt[0] },
    { version: 'v3', at: v3!.publishedAt[0] },
  ]);
  expect(v3).toMatchObject({ follows: [{ version: 'v1' }], slots: [], siblings: [], followedBy: [] });
  expect(await readLineage(graph, { version: 'v2' })).toEqual([v2]);
  expect(await readLineage(graph, { version: 'v9' })).toEqual([]);
});

it('lets Cypher filter by options and metrics', async () => {
  const { records } = await graph.read((tx) =>
    tx.run(
      `MATCH (v:Version)-[:TRAINED_ON]->(s:Snapshot)
       WHERE v.metric_recall_20 > 0.22 AND v.option_dim = 2 AND 5 IN v.option_fanouts AND s.digest = 'abc'
       RETURN v.id AS id`,
    ),
  );
  expect(records.map((row) => row.get('id'))).toEqual(['v2']);
  expect(flatProperties('option', { 'a b@c': true, list: [1, 'x'], none: null, at: { b: 1 } })).toEqual({
    option_a_b_c: true,
    option_list: '[1,"x"]',
    option_at: '{"b":1}',
  });
});

it('keeps what a removed version was', async () => {
  expect(await markRemoved(graph, 'v2', 9000)).toBe(true);
  expect((await readLineage(graph, { version: 'v2' }))[0]).toMatchObject({ removedAt: 9000, siblings: ['v1'] });
  expect(await markRemoved(graph, 'v9', 9000)).toBe(false);
});
