/** Neighbours from the vector index, against cosines computed here. Runs on whichever server the tests have: 5.26, or the newest. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { hasSearchClause, itemsNear } from '../../src/graph/near.ts';
import { readSlots, writeVersion } from '../../src/graph/versions.ts';
import { testGraph } from '../neo4j.ts';
import { numbers } from '../serving/home.ts';

const count = 300;
const dim = 8;
const ids = Array.from({ length: count }, (_, n) => `i${n}`);
let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
  await graph.write((tx) => tx.run('UNWIND $ids AS id CREATE (:Item {id: id, title: "Film " + id})', { ids }));
});
afterAll(() => graph.close());

const draw = numbers(3);
const vectors = Float32Array.from({ length: count * dim }, () => draw()); // [count, dim]
const row = (n: number) => vectors.subarray(n * dim, (n + 1) * dim);
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
const cosine = (a: number, b: number) => dot(row(a), row(b)) / Math.sqrt(dot(row(a), row(a)) * dot(row(b), row(b)));
const none = { count: 0, id: () => '', has: () => false, vectors: new Float32Array(0) };
const publish = (id: string) =>
  writeVersion(graph, {
    id,
    model: 'planted',
    options: {},
    metrics: {},
    seed: 1,
    at: 1,
    dim,
    snapshot: { digest: 'near', asOf: 1, users: 0, items: count, features: 0, interactions: 0 },
    vectors: { users: none, items: { count, id: (n) => ids[n]!, has: (id) => ids.includes(id), vectors } },
  });

it('are the items of the greatest cosines, in either slot', async () => {
  for (const version of ['first', 'second']) {
    await publish(version);
    const current = (await readSlots(graph)).find((slot) => slot.current)!;
    expect(current.version).toBe(version);
    for (const n of [0, 7, 299]) {
      const exact = ids
        .map((id, other) => ({ id, score: cosine(n, other) }))
        .filter(({ id }) => id !== ids[n])
        .sort((a, b) => b.score - a.score)
        .slice(0, 10);
      const near = await itemsNear(graph, ids[n]!, current, 10);
      // 300 items are few enough for the index to reach them all.
      expect(near.map(({ id }) => id)).toEqual(exact.map(({ id }) => id));
      near.forEach(({ score, title, id }, place) => {
        expect(score).toBeCloseTo(exact[place]!.score, 4);
        expect(title).toBe(`Film ${id}`);
      });
    }
  }
});

it('leaves out what is unavailable, and answers nothing for an item without a vector', async () => {
  const slot = (await readSlots(graph)).find(({ current }) => current)!;
  const [first, second] = await itemsNear(graph, 'i0', slot, 2);
  await graph.write((tx) => tx.run('MATCH (i:Item {id: $id}) SET i.available = false', { id: first!.id }));
  expect((await itemsNear(graph, 'i0', slot, 1)).map(({ id }) => id)).toEqual([second!.id]);
  await graph.write((tx) => tx.run("CREATE (:Item {id: 'late'})"));
  expect(await itemsNear(graph, 'late', slot, 5)).toEqual([]);
});

it('goes by the release which syntax is used', () => {
  expect(['5.26.30', '2025.12.1', '2026.03.1', '2026.04.0', '2026.08.1', '2027.01.0'].map(hasSearchClause)).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
});
