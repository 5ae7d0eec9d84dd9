/** What was done since the version was made, in the sources that count: over HTTP and a real Neo4j, of ours and of others. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/api/app.ts';
import type { Graph } from '../../../src/graph/driver.ts';
import { writeInteractions } from '../../../src/graph/interactions.ts';
import { mappedSchema } from '../../../src/graph/mappedSchema.ts';
import { recentItems } from '../../../src/graph/recent.ts';
import { mappingSchema } from '../../../src/options/mapping.ts';
import { option } from '../../../src/options.ts';
import { firstOfBoth } from '../../../src/serving/stages/recent.ts';
import { type PlantedApp, plantedApp } from '../../api/deps.ts';
import { plantGraph } from '../../graph/planted.ts';
import { testGraph } from '../../neo4j.ts';

const pipelines = option.pipelines.parse({
  trending: { sources: [{ kind: 'trending' }], rank: { by: 'fusion' } },
  popular: { sources: [{ kind: 'popular' }], rank: { by: 'fusion' } },
});
let graph: Graph;
let planted: PlantedApp;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
  planted = await plantedApp(graph, {}, { pipelines, recentMs: 50 });
  app = createApp(planted.deps);
});
afterAll(async () => {
  await planted.close();
  await graph.close();
});

/** Of somebody who has done nothing. */
const list = async (pipeline: string): Promise<readonly { readonly item: string; readonly score: number }[]> => {
  const response = await app.request(`/v1/users/nobody/recommendations?explain=false&pipeline=${pipeline}`);
  return ((await response.json()) as { items: { item: string; score: number }[] }).items;
};
const first = async (pipeline: string) => (await list(pipeline))[0]!.item;
const post = async (interactions: readonly object[]) => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ interactions });
  const response = await app.request('/v1/interactions', { method: 'POST', headers, body });
  expect(response.status, await response.text()).toBe(200);
};
const until = async (holds: () => Promise<boolean>) => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 30));
};

describe('what is posted', () => {
  it('makes an item trend, and popular by as many as had not chosen it, without a training', async () => {
    expect(await first('trending')).toBe('all');
    expect(await first('popular')).toBe('all');
    // Six who are new, one of them three times over, and one who had chosen it before: c1 has seven takers in all, and c2 three.
    const at = Date.now();
    const takers = ['n1', 'n2', 'n3', 'n4', 'n5', 'cat'];
    const done = (user: string, item: string, n = 0) => ({ user, item, type: 'rating', value: 5, at: at - n });
    // At once: what is read of them is read whole. The version does not know the last.
    await post([
      ...[...takers, 'n1', 'n1'].map((user, n) => done(user, 'c1', n)),
      done('n1', 'c2'),
      done('n1', 'unseen'),
    ]);
    await until(async () => (await first('trending')) === 'c1');
    const trending = await list('trending');
    expect(trending[1]!.item).toBe('c2');
    await until(async () => (await first('popular')) === 'c1');
    const order = (await list('popular')).map(({ item }) => item);
    expect(order.slice(0, 2)).toEqual(['c1', 'all']); // 2 + 5 people before 5
    expect(order.indexOf('c2')).toBeLessThan(order.indexOf('d2')); // 3 people before 2
    // The default as it comes is the version's own answer, with a trace too.
    const response = await app.request('/v1/users/nobody/recommendations?trace=1');
    expect(((await response.json()) as { items: { item: string }[] }).items[0]!.item).toBe('all');
  });
});

describe('the graph', () => {
  const question = { since: 10_000, users: 1000, countsAll: false };

  it('says what was liked since, by what counts as liked, and who is new to it', async () => {
    await writeInteractions(graph, [
      { user: 'r1', item: 'd4', type: 'rating', at: 20_000, value: 5 },
      { user: 'r1', item: 'd4', type: 'rating', at: 9000, value: 5 }, // before: r1 is not new to it
      { user: 'r2', item: 'd4', type: 'rating', at: 30_000, value: 1 }, // less than is liked
      { user: 'r3', item: 'd4', type: 'rating', at: 30_000, value: 4 },
      { user: 'r4', item: 'd4', type: 'rating', at: 30_000, value: 5 },
      { user: 'r4', item: 'd4', type: 'hide', at: 40_000, value: 1 }, // taken back
    ]);
    const liking = { minValue: 3, interactions: { hide: { weight: 1, negative: true } } };
    const of = async (countsAll: boolean, meanings: object) => {
      const found = await recentItems(graph, { ...question, ...meanings, countsAll }, 20_000);
      const { people, moments } = found.find(({ item }) => item === 'd4')!;
      return [people, moments.toSorted((a, b) => a - b)];
    };
    expect(await of(false, liking)).toEqual([1, [20_000, 30_000]]);
    expect(await of(true, { minValue: 3 })).toEqual([3, [20_000, 30_000, 30_000]]);
  });

  it('says the same of a graph that somebody else modelled, where that has times', async () => {
    await graph.write((tx) =>
      tx.run(
        `CREATE (a:Customer {no: 1}), (b:Customer {no: 2}), (p:Product {sku: 'p'}),
                (a)-[:BOUGHT {when: 9}]->(p), (a)-[:BOUGHT {when: 20}]->(p), (b)-[:BOUGHT {when: 30}]->(p)`,
      ),
    );
    const schemaOf = (time: object) =>
      mappedSchema(
        mappingSchema.parse({
          users: { label: 'Customer', key: 'no' },
          items: { label: 'Product', key: 'sku' },
          interactions: [{ relationship: 'BOUGHT', ...time }],
        }),
        { users: 'integer', items: 'text' },
      );
    const mapped = (time: object): Graph => Object.assign(Object.create(graph) as Graph, { schema: schemaOf(time) });
    const timed = await recentItems(mapped({ time: { property: 'when', unit: 's' } }), question, 20_000);
    expect(timed.map(({ moments, ...item }) => ({ ...item, moments: moments.toSorted() }))).toEqual([
      { item: 'p', people: 1, moments: [20_000, 30_000] },
    ]);
    expect(await recentItems(mapped({}), question, 20_000)).toEqual([]);
  });
});

it('an order with some scores that are others now is as if all were sorted', () => {
  const scores = [5, 4, 4, 2, 1, 0];
  const order = Int32Array.of(0, 1, 2, 3, 4, 5);
  const others = new Map([
    [3, 4.5],
    [5, 9],
    [1, 1],
  ]);
  const both = (left: readonly number[], most: number) =>
    firstOfBoth(order, (item) => scores[item]!, others, new Set(left), most);
  expect(both([], 9)).toEqual({ ids: [5, 0, 3, 2, 1, 4], scores: [9, 5, 4.5, 4, 1, 1] });
  expect(both([5, 0], 2)).toEqual({ ids: [3, 2], scores: [4.5, 4] });
  expect(both([], 0)).toEqual({ ids: [], scores: [] });
});
