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
const ask = { timeoutMs: 60_000, anonymity: 1 };
/** What was met one or two ms before the newest counts as much. */
const overlap = (count: number, a: number, b: number) => expect.closeTo(count / Math.sqrt(a * b), 6) as number;

describe('evidence in the graph', () => {
  it('finds the planted paths with their counts, and never a person', async () => {
    const paths = (await findEvidence(graph, 'ann', ['d3'], ask)).get('d3')!;
    // d3 was chosen by bob and eve. Of the things ann chose: both chose d1 (of 3 people) and all (of 5), bob alone d2 (of 2).
    const people = paths
      .filter(({ kind }) => kind === 'people')
      .map(({ through, count, score }) => [through!.id, count, score]);
    expect(people).toEqual([
      ['d1', 2, overlap(2, 3, 2)],
      ['all', 2, overlap(2, 5, 2)],
      ['d2', 1, overlap(1, 2, 2)],
    ]);
    expect(paths.find(({ kind }) => kind === 'trust')).toEqual({
      kind: 'trust',
      count: 2,
      capped: false,
      support: 1,
      rarity: 1,
      recency: 1,
      score: 1,
    });
    // Two of ann's three items are dramas; four items are.
    expect(paths.find(({ kind }) => kind === 'feature')).toEqual({
      kind: 'feature',
      through: { id: 'genre:Drama', title: 'Drama', kind: 'genre' },
      count: 2,
      capped: false,
      support: expect.closeTo(2 / 3, 10),
      rarity: 2 / 4,
      recency: expect.closeTo(1, 6),
      score: overlap(2, 3, 4),
    });
    expect(paths.map(({ score }) => score)).toEqual(paths.map(({ score }) => score).toSorted((a, b) => b - a));
    expect(JSON.stringify(paths)).not.toMatch(/bob|eve|dan|cat/);
  });

  it('does not count people who are fewer than may be told, and speaks of none where she trusts so few', async () => {
    const paths = (await findEvidence(graph, 'ann', ['d3'], { ...ask, anonymity: 3 })).get('d3')!;
    expect(paths.map(({ kind, through, count }) => [kind, through?.id, count])).toEqual([
      ['people', 'd2', undefined],
      ['people', 'd1', undefined],
      ['people', 'all', undefined],
      ['feature', 'genre:Drama', 2],
    ]);
    // Nor does the score tell whether it was one or two.
    const of = (id: string) => paths.find(({ through }) => through?.id === id)!;
    expect(of('d2')).toMatchObject({ support: 1, rarity: 1 });
    expect(of('d1').rarity).toBeCloseTo(2 / 3, 10);
  });

  it('weighs less what was met long before', async () => {
    const [first, day] = [1000, 86_400_000];
    await graph.write((tx) =>
      tx.run("MATCH (:User {id: 'bob'})-[r:INTERACTED]->(:Item {id: 'd2'}) SET r.at = $at", { at: first + 180 * day }),
    );
    const paths = (await findEvidence(graph, 'bob', ['d4'], ask)).get('d4')!;
    expect(paths[0]).toMatchObject({ kind: 'feature', recency: 1 });
    const people = (await findEvidence(graph, 'bob', ['c1'], ask)).get('c1')!;
    expect(people[0]).toMatchObject({ through: { id: 'all' }, recency: expect.closeTo(0.25, 3) as number });
    expect(people[0]!.score).toBeCloseTo((Math.sqrt(2 / 5) * 1.25) / 2, 3);
    await graph.write((tx) =>
      tx.run("MATCH (:User {id: 'bob'})-[r:INTERACTED]->(:Item {id: 'd2'}) SET r.at = $at", { at: first + 1 }),
    );
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
