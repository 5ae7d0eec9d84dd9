import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { findEvidence } from '../../src/graph/evidence.ts';
import { testGraph } from '../neo4j.ts';
import { plantGraph } from './planted.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
});
afterAll(() => graph.close());
const ask = { timeoutMs: 10_000 };

describe('evidence in the graph', () => {
  it('finds the planted paths with their counts, and never a person', async () => {
    const paths = (await findEvidence(graph, 'ann', ['d3'], ask)).get('d3')!;
    // d3 was chosen by bob and eve. Of the things ann chose: both chose d1 (of 3 people) and all (of 5), bob alone d2 (of 2).
    const people = paths
      .filter(({ kind }) => kind === 'people')
      .map(({ through, count, score }) => [through!.id, count, score]);
    expect(people).toEqual([
      ['d1', 2, expect.closeTo(2 / Math.sqrt(3 * 2), 10)],
      ['all', 2, expect.closeTo(2 / Math.sqrt(5 * 2), 10)],
      ['d2', 1, expect.closeTo(1 / Math.sqrt(2 * 2), 10)],
    ]);
    expect(paths.find(({ kind }) => kind === 'trust')).toEqual({
      kind: 'trust',
      count: 2,
      capped: false,
      score: expect.closeTo(2 / Math.sqrt(2 * 2), 10),
    });
    // Two of ann's three items are dramas; four items are.
    expect(paths.find(({ kind }) => kind === 'feature')).toEqual({
      kind: 'feature',
      through: { id: 'genre:Drama', title: 'Drama', kind: 'genre' },
      count: 2,
      capped: false,
      score: expect.closeTo(2 / Math.sqrt(3 * 4), 10),
    });
    expect(paths.map(({ score }) => score)).toEqual(paths.map(({ score }) => score).toSorted((a, b) => b - a));
    expect(JSON.stringify(paths)).not.toMatch(/bob|eve|dan|cat/);
  });

  it('answers for a list at once, with nothing where there is nothing', async () => {
    const found = await findEvidence(graph, 'ann', ['c3', 'd4', 'unknown'], ask);
    expect(found.get('c3')!.map(({ through }) => through!.id)).toEqual(['all']);
    expect(found.get('d4')!.map(({ kind }) => kind)).toEqual(['feature']);
    expect(found.get('unknown')).toEqual([]);
    expect((await findEvidence(graph, 'nobody', ['d1'], ask)).get('d1')).toEqual([]);
    expect((await findEvidence(graph, 'ann', [], ask)).size).toBe(0);
    await expect(findEvidence(graph, 'ann', Array(21).fill('d1'), ask)).rejects.toThrow(RangeError);
  });

  it('counts only what was liked', async () => {
    expect((await findEvidence(graph, 'ann', ['d3'], { ...ask, minValue: 6 })).get('d3')).toEqual([]);
    expect((await findEvidence(graph, 'ann', ['d3'], { ...ask, minValue: 5 })).get('d3')).not.toEqual([]);
  });

  it('says the same each time', async () => {
    const items = ['d3', 'd4', 'c1', 'c3'];
    expect(await findEvidence(graph, 'ann', items, ask)).toEqual(await findEvidence(graph, 'ann', items, ask));
  });

  it('looks at a bounded part of what is chosen by many, and says so', async () => {
    await graph.write((tx) =>
      tx.run(
        `MATCH (d1:Item {id: 'd1'}), (d4:Item {id: 'd4'}) UNWIND range(1, 150) AS n
         CREATE (:User {id: 'crowd' + n})-[:INTERACTED {type: 'rating', at: n, value: 5.0}]->(d4)
         WITH d1, n MATCH (u:User {id: 'crowd' + n})
         CREATE (u)-[:INTERACTED {type: 'rating', at: n, value: 5.0}]->(d1)`,
      ),
    );
    const paths = (await findEvidence(graph, 'ann', ['d4'], ask)).get('d4')!;
    expect(paths.find(({ kind }) => kind === 'people')).toMatchObject({
      through: { id: 'd1' },
      count: 100,
      capped: true,
    });
  });
});
