import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { interactedItems, writeInteractions } from '../../src/graph/interactions.ts';
import { testGraph } from '../neo4j.ts';
import { plantGraph } from './planted.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
});
afterAll(() => graph.close());

const posted = (user: string, item: string, at = 9000, value = 1) => ({ user, item, type: 'view', at, value });
const total = () =>
  graph.read(async (tx) => {
    const { records } = await tx.run('MATCH ()-[r:INTERACTED]->() RETURN count(r) AS n');
    return records[0]!.get('n') as number;
  });

describe('posted interactions', () => {
  it('creates what is new, once', async () => {
    const before = await total();
    const batch = [posted('ann', 'd3'), posted('ann', 'd3'), posted('zoe', 'd3'), posted('zoe', 'novel')];
    expect(await writeInteractions(graph, batch)).toEqual({ interactions: 3, users: 1, items: 1 });
    expect(await writeInteractions(graph, batch)).toEqual({ interactions: 0, users: 0, items: 0 });
    expect(await total()).toBe(before + 3);
    expect((await interactedItems(graph, 'zoe', 5000)).sort()).toEqual(['d3', 'novel']);
    expect(await interactedItems(graph, 'nobody', 5000)).toEqual([]);
  });

  it('finds an interaction that an ingest wrote, and keeps the last value', async () => {
    const before = await total();
    const again = { user: 'ann', item: 'd1', type: 'rating', at: 1000, value: 2 };
    expect((await writeInteractions(graph, [again])).interactions).toBe(0);
    expect(await total()).toBe(before);
    const rows = await graph.read((tx) =>
      tx.run("MATCH (:User {id: 'ann'})-[r:INTERACTED]->(:Item {id: 'd1'}) RETURN properties(r) AS r"),
    );
    expect(rows.records.map((record) => record.get('r'))).toEqual([{ type: 'rating', at: 1000, value: 2 }]);
  });

  it('batches at once neither double nor get lost', async () => {
    const before = await total();
    const batch = Array.from({ length: 200 }, (_, n) => posted(`crowd${n % 20}`, `thing${n % 7}`, 10_000 + (n % 50)));
    const distinct = new Set(batch.map((one) => JSON.stringify(one))).size;
    const counts = await Promise.all(
      [1, 2, 3, 4].map((turn) => writeInteractions(graph, turn % 2 ? batch : batch.toReversed())),
    );
    expect(counts.reduce((sum, { interactions }) => sum + interactions, 0)).toBe(distinct);
    expect(await total()).toBe(before + distinct);
  });
});
