/** What a watch hears of a real graph, and that it leaves nothing behind. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/graph/database.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { writeInteractions } from '../../src/graph/interactions.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { type HeardChange, watchGraph } from '../../src/graph/watch.ts';
import { testGraph, testServer } from '../neo4j.ts';
import { census, moviesMapping, plantMovies } from './movies.ts';
import { plantGraph } from './planted.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
});
afterAll(() => graph.close());

const holds = async (what: () => boolean): Promise<void> => {
  for (const begun = performance.now(); !what(); await sleep(20))
    if (performance.now() - begun > 60_000) throw new Error('it does not come true');
};

test.each([0, 1])(
  'worker %i prepares the server, leaves nothing behind and hears of what others write',
  async (worker) => {
    await plantGraph(graph);
    const before = await census(graph);
    const heard: HeardChange[] = [];
    const watch = watchGraph(reachOf(graph), { everyMs: 50, worker, onChange: (change) => heard.push(change) });
    await holds(() => watch.isCurrent);
    expect(await census(graph)).toEqual(before);
    await writeInteractions(graph, [{ user: 'ann', item: 'd4', type: 'view', at: 1 + worker, value: 1 }]);
    await holds(() => heard.some(({ users }) => users?.includes('ann')));
    watch.stop();
  },
);

test('a graph that somebody else modelled is asked whether it answers, and nothing else', async () => {
  await plantMovies(graph);
  const before = await census(graph);
  const mapped = await openDatabase({ ...testServer(), mapping: moviesMapping });
  const watch = watchGraph(reachOf(mapped), { everyMs: 50, onChange: () => expect.fail('nothing is heard of it') });
  await holds(() => watch.isCurrent);
  watch.stop();
  await mapped.close();
  expect(await census(graph)).toEqual(before);
});
