/** What is alike by the index in the graph, beside the version's own answer. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { writeVersion } from '../../src/graph/versions.ts';
import { similarItems } from '../../src/pipeline/items.ts';
import { openRecommender } from '../../src/serving/recommender.ts';
import { publish } from '../../src/serving/versions.ts';
import { testGraph } from '../neo4j.ts';
import { type PlantedHome, plantedHome, plantedResult } from '../serving/home.ts';

const kernels = openKernels({ threads: 1 });
let graph: Graph;
let at: PlantedHome;
beforeAll(async () => {
  graph = await testGraph();
  at = plantedHome();
});
afterAll(async () => {
  at.remove();
  await graph.close();
  await kernels.close();
});

it('is what the version says, where the graph holds its vectors; else the version answers by itself', async () => {
  const { items } = at.snapshot;
  const result = plantedResult(at.snapshot);
  const { id, model, seed } = await publish(at.home, result);
  const recommender = openRecommender(at.home, kernels, { pollMs: 0 });
  const reach = reachOf(graph, { timeoutMs: 20_000 });
  const service = { recommender, reach, index: 'neo4j' } as const;
  const own = await similarItems({ recommender, reach }, 'c1', { limit: 3 });
  expect(await similarItems(service, 'c1', { limit: 3 })).toEqual(own);

  const ids = Array.from({ length: items.count }, (_, item) => items.id(item));
  await graph.write((tx) => tx.run('UNWIND $ids AS id CREATE (:Item {id: id})', { ids }));
  const { digest } = at.snapshot;
  const counts = { users: 0, items: items.count, features: 0, interactions: 0 };
  await writeVersion(graph, {
    ...{ id, model, seed, options: {}, metrics: {}, at: 1, dim: 8 },
    snapshot: { digest, asOf: 1, ...counts },
    vectors: {
      users: { count: 0, id: () => '', has: () => false, vectors: new Float32Array(0) },
      items: { ...items, id: (n) => ids[n]!, has: (name) => ids.includes(name), vectors: result.vectors.items },
    },
  });
  const near = await similarItems(service, 'c1', { limit: 3 });
  expect(near.items.map((item) => item.id)).toEqual(own.items.map((item) => item.id));
  near.items.forEach(({ score }, place) => {
    expect(score).toBeCloseTo(own.items[place]!.score, 5);
  });
  // Neither itself nor what is unavailable, however many are asked for.
  const all = await similarItems(service, 'c1', { limit: 50 });
  expect(all.items).toHaveLength(items.count - 2);
  recommender.close();
});
