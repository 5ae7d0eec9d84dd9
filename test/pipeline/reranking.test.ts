/** What re-rankers ask of the graph. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { writeImpressions } from '../../src/graph/impressions.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { showingsOf } from '../../src/pipeline.ts';
import { plantGraph } from '../graph/planted.ts';
import { testGraph } from '../neo4j.ts';
import { plantedSnapshot } from '../serving/home.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
});
afterAll(() => graph.close());

it('what a user was shown comes by dense index, without what is too old or unknown to the version', async () => {
  const now = Date.UTC(2026, 0, 1);
  const old = now - 91 * 86_400_000;
  await graph.write((tx) => tx.run("CREATE (:Item {id: 'newcomer'})"));
  await writeImpressions(
    graph,
    [
      { request: 'r1', at: now - 2, items: ['d3', 'newcomer', 'c1'] },
      { request: 'r2', at: now - 1, items: ['d3'] },
      { request: 'r3', at: old, items: ['c1', 'c2'] },
    ].map((one) => ({ ...one, user: 'ann', version: 'v1', propensity: 1 })),
  );
  const snapshot = plantedSnapshot();
  const shown = await showingsOf({ reach: reachOf(graph, { timeoutMs: 20_000 }) }, snapshot, 'ann', now);
  expect(shown).toEqual(
    new Map([
      [snapshot.items.index('d3'), { times: 2, last: now - 1 }],
      [snapshot.items.index('c1'), { times: 1, last: now - 2 }],
    ]),
  );
  expect(await showingsOf({ reach: reachOf(undefined) }, snapshot, 'ann', now)).toBeUndefined();
});
