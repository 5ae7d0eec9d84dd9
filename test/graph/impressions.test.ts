import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { expireImpressions, type Shown, untakenItems, writeImpressions } from '../../src/graph/impressions.ts';
import { testGraph } from '../neo4j.ts';
import { plantGraph } from './planted.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
});
afterAll(() => graph.close());
beforeEach(() => graph.write((tx) => tx.run('MATCH ()-[shown:SHOWN]->() DELETE shown')));

const shown = (request: string, user: string, items: string[], at = 1000): Shown => ({
  request,
  user,
  at,
  version: 'v1',
  items,
  propensity: 1,
});
const edges = async () => {
  const { records } = await graph.read((tx) =>
    tx.run(
      'MATCH (u:User)-[s:SHOWN]->(i:Item) RETURN u.id AS user, i.id AS item, properties(s) AS shown ORDER BY s.request, s.position',
    ),
  );
  return records.map((record) => record.toObject());
};

describe('impressions in the graph', () => {
  it('say who was shown what, when, where in the list, by which version and how probably', async () => {
    expect(await writeImpressions(graph, [shown('r1', 'ann', ['d3', 'd4'])])).toEqual({ written: 2, known: 0 });
    const common = { at: 1000, version: 'v1', propensity: 1, request: 'r1' };
    expect(await edges()).toEqual([
      { user: 'ann', item: 'd3', shown: { ...common, position: 1 } },
      { user: 'ann', item: 'd4', shown: { ...common, position: 2 } },
    ]);
  });

  it('are written once a request, and make nobody known', async () => {
    const nodes = async () =>
      (await graph.read((tx) => tx.run('MATCH (n) RETURN count(n) AS n'))).records[0]!.get('n') as number;
    const before = await nodes();
    const batch = [shown('r1', 'ann', ['d3', 'nothing']), shown('r2', 'nobody', ['d3']), shown('r3', 'bob', ['c1'])];
    expect(await writeImpressions(graph, batch)).toEqual({ written: 2, known: 0 });
    const once = await edges();
    expect(await writeImpressions(graph, [...batch, shown('r4', 'bob', ['c2'])])).toEqual({ written: 1, known: 2 });
    expect((await edges()).slice(0, 2)).toEqual(once);
    // The same id at another time is another request.
    expect(await writeImpressions(graph, [shown('r1', 'ann', ['d3'], 2000)])).toEqual({ written: 1, known: 0 });
    expect(await nodes()).toBe(before);
  });

  it('of writers at once are neither doubled nor lost', async () => {
    const batch = Array.from({ length: 50 }, (_, n) => shown(`r${n}`, ['ann', 'bob'][n % 2]!, ['c1', 'c2', 'c3']));
    const counts = await Promise.all([1, 2, 3, 4].map(() => writeImpressions(graph, batch)));
    expect(counts.map(({ written }) => written).sort((a, b) => a - b)).toEqual([0, 0, 0, 150]);
    expect(await edges()).toHaveLength(150);
  });

  it('without effect are counted since the user last did anything with the item', async () => {
    // Ann did d1 at 1000 and d2 at 1001.
    await writeImpressions(graph, [
      shown('r1', 'ann', ['d1', 'd3', 'c1'], 900),
      shown('r2', 'ann', ['d3', 'd1'], 1000),
      shown('r3', 'ann', ['d1', 'd2', 'd3'], 1500),
      shown('r4', 'bob', ['c1'], 1600),
    ]);
    const options = { since: 0, limit: 10, timeoutMs: 10_000 };
    expect(await untakenItems(graph, 'ann', options)).toEqual([
      { item: 'd1', times: 1, last: 1500 },
      { item: 'd2', times: 1, last: 1500 },
      { item: 'd3', times: 3, last: 1500 },
      { item: 'c1', times: 1, last: 900 },
    ]);
    expect(await untakenItems(graph, 'ann', { ...options, since: 1000, limit: 3 })).toEqual([
      { item: 'd1', times: 1, last: 1500 },
      { item: 'd2', times: 1, last: 1500 },
      { item: 'd3', times: 2, last: 1500 },
    ]);
    expect(await untakenItems(graph, 'nobody', options)).toEqual([]);
  });

  it('are removed when they are too old', async () => {
    await writeImpressions(graph, [shown('old', 'ann', ['d3', 'd4'], 1000), shown('new', 'ann', ['d3'], 2000)]);
    expect(await expireImpressions(graph, 2000)).toBe(2);
    expect((await edges()).map((edge) => (edge.shown as Shown).request)).toEqual(['new']);
    expect(await expireImpressions(graph, 2000)).toBe(0);
    const stop = new AbortController();
    stop.abort();
    await expect(expireImpressions(graph, 3000, stop.signal)).rejects.toThrow();
  });
});
