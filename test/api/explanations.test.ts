/** Explanations to be drawn, over the planted world in a real Neo4j. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { type PlantedGraphApp, plantedApp, plantedGraphApp } from './deps.ts';

let graph: Graph;
let planted: PlantedGraphApp;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  planted = await plantedGraphApp();
  graph = planted.graph;
  app = createApp(planted.deps);
});
afterAll(async () => {
  await planted.close();
});

interface Drawn {
  readonly nodes: readonly { id: string; kind: string; title: string; detail: Record<string, unknown> }[];
  readonly edges: readonly {
    source: string;
    target: string;
    kind: string;
    of: string;
    weight: number;
    part?: number;
    evidence: string;
  }[];
  readonly capped: boolean;
  readonly graph: string;
  readonly version: { id: string; model: string; publishedAt: number };
  readonly cypher: readonly { name: string; statement: string; parameters: Record<string, unknown> }[];
}
const draw = async (path = '', from = app, user = 'ann') => {
  const response = await from.request(`/v1/users/${user}/recommendations/d3/explanation/graph${path}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Drawn;
};
const ids = ({ nodes }: Drawn) => nodes.map(({ id }) => id).sort();

describe('the graph of an explanation', () => {
  it('has the interactions that carry the score, and the ways of the graph, each edge under its own name', async () => {
    const drawn = await draw();
    expect(ids(drawn)).toEqual([
      'feature:genre:Drama',
      'item:all',
      'item:d1',
      'item:d2',
      'item:d3',
      'people:',
      'people:all',
      'people:d1',
      'people:d2',
      'user:ann',
    ]);
    expect(drawn).toMatchObject({ capped: false, graph: 'reached', version: { model: 'planted' } });
    const { attribution } = (await (await app.request('/v1/users/ann/recommendations/d3/explanation')).json()) as {
      attribution: { score: number; parts: { item: string; part: number }[] };
    };
    const parts = drawn.edges.filter(({ of }) => of === 'attribution');
    expect(Object.fromEntries(parts.map(({ target, part }) => [target.slice('item:'.length), part]))).toEqual(
      Object.fromEntries(attribution.parts.map(({ item, part }) => [item, part])),
    );
    expect(drawn.edges.find(({ of }) => of === 'score')).toMatchObject({
      source: 'user:ann',
      target: 'item:d3',
      part: attribution.score,
    });
    const evidence = drawn.edges
      .filter(({ of }) => of === 'evidence')
      .map(({ source, kind, target }) => [source, kind, target]);
    for (const edge of [
      ['people:d1', 'chose', 'item:d1'],
      ['people:d1', 'chose', 'item:d3'],
      ['user:ann', 'trusts', 'people:'],
      ['item:d1', 'has', 'feature:genre:Drama'],
      ['item:d3', 'has', 'feature:genre:Drama'],
    ])
      expect(evidence).toContainEqual(edge);
    expect(drawn.nodes.find(({ id }) => id === 'people:d1')).toMatchObject({ title: '2 people', detail: { count: 2 } });
    expect(JSON.stringify(drawn)).not.toMatch(/\b(bob|eve|cat|dan)\b/);
    // Each edge is between nodes that are there.
    const there = new Set(ids(drawn));
    for (const { source, target } of drawn.edges) expect(there.has(source) && there.has(target)).toBe(true);
  });

  it('has no more nodes than were asked for, and says so', async () => {
    const drawn = await draw('?limit=4');
    expect(drawn.nodes.length).toBeLessThanOrEqual(4);
    expect(drawn.capped).toBe(true);
    expect((await app.request('/v1/users/ann/recommendations/d3/explanation/graph?limit=501')).status).toBe(422);
    expect((await app.request('/v1/users/ann/recommendations/none/explanation/graph')).status).toBe(404);
  });

  it('can be seen in Neo4j Browser by its statements, which find the same', async () => {
    const drawn = await draw();
    expect(drawn.cypher.map(({ name }) => name)).toEqual([
      'explain/shown-people',
      'explain/shown-features',
      'explain/shown-trust',
    ]);
    const found = new Map<string, number>();
    for (const { name, statement, parameters } of drawn.cypher) {
      const { records } = await graph.read((tx) => tx.run(statement, parameters));
      found.set(name, records.length);
    }
    // Through d1 two people, through all two, through d2 one; through the genre d1 and d2; two who are trusted.
    expect([...found.values()]).toEqual([5, 2, 2]);
  });

  it('does not count people who are fewer than may be told', async () => {
    const careful = await plantedApp(graph, {}, { anonymity: 3 });
    const other = createApp(careful.deps);
    const drawn = await draw('', other);
    expect(drawn.nodes.find(({ id }) => id === 'people:d1')).toMatchObject({ title: 'A few people' });
    expect(drawn.nodes.filter(({ kind, detail }) => kind === 'people' && 'count' in detail)).toEqual([]);
    expect(ids(drawn)).not.toContain('people:');
    // What only one of them chose beside is nobody's business.
    expect((await draw('/expand?node=people:d1', other)).nodes).toEqual([]);
    await careful.close();
  });
});

describe('more around a node', () => {
  it('is what it touches', async () => {
    expect(ids(await draw('/expand?node=user:ann'))).toEqual(['item:all', 'item:d1', 'item:d2']);
    expect(ids(await draw('/expand?node=item:d4'))).toEqual(['feature:genre:Drama']);
    expect(ids(await draw('/expand?node=item:d1'))).toEqual(['feature:genre:Drama', 'people:d1']);
    expect(ids(await draw(`/expand?node=${encodeURIComponent('feature:genre:Comedy')}`))).toEqual(
      ['c1', 'c2', 'c3', 'c4'].map((id) => `item:${id}`),
    );
    const group = await draw('/expand?node=people:d1');
    expect(ids(group)).toEqual(['item:all', 'item:d2']);
    expect(group.edges.find(({ target }) => target === 'item:all')).toMatchObject({
      source: 'people:d1',
      kind: 'chose',
      weight: 1,
      evidence: '2 people chose Film all.',
    });
    expect(ids(await draw('/expand?node=people:'))).toEqual(['item:all', 'item:d1', 'item:d2', 'item:d3']);
    const few = await draw(`/expand?node=${encodeURIComponent('feature:genre:Comedy')}&limit=2`);
    expect(few.nodes).toHaveLength(2);
    expect(few).toMatchObject({ capped: true, graph: 'reached' });
    for (const { statement, parameters } of few.cypher)
      expect((await graph.read((tx) => tx.run(statement, parameters))).records).toHaveLength(3);
  });

  it('is nobody else, and no node that is none', async () => {
    for (const node of ['user:bob', 'bob', 'snake:x', ':'])
      expect((await app.request(`/v1/users/ann/recommendations/d3/explanation/graph/expand?node=${node}`)).status).toBe(
        404,
      );
    expect((await app.request('/v1/users/ann/recommendations/d3/explanation/graph/expand')).status).toBe(422);
    expect((await draw('/expand?node=item:unheard')).nodes).toEqual([]);
  });
});

interface WhatIf {
  readonly items: readonly { item: string; rank: number; score: number; was: { rank?: number; score: number } }[];
  readonly item?: { rank?: number; score: number; was: { rank?: number; score: number } };
}
const ask = async (user: string, body: object) =>
  await app.request(`/v1/users/${user}/recommendations/what-if`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('what if', () => {
  it('nothing were otherwise, the list is the list', async () => {
    const listed = (await (await app.request('/v1/users/ann/recommendations')).json()) as {
      items: { item: string; score: number }[];
    };
    const same = (await (await ask('ann', {})).json()) as WhatIf;
    expect(same.items.map(({ item }) => item)).toEqual(listed.items.map(({ item }) => item));
    for (const [n, { rank, score, was }] of same.items.entries()) {
      expect(was).toEqual({ rank, score });
      expect(rank).toBe(n + 1);
      expect(score).toBeCloseTo(listed.items[n]!.score, 5);
    }
  });

  it('she had liked comedies instead, they lead, each with its place before', async () => {
    const changed = { without: ['d1', 'd2', 'c1', 'nothing'], with: ['c1', 'c2', 'd1'], item: 'd3' };
    const answer = (await (await ask('ann', changed)).json()) as WhatIf;
    expect(answer).toMatchObject({
      holds: 'fixed-weights',
      how: 'propagation',
      exact: true,
      without: ['d1', 'd2'],
      with: ['c1', 'c2'],
      passedOver: ['nothing'],
      interactions: { was: 3, now: 3 },
    });
    expect(
      answer.items
        .slice(0, 2)
        .map(({ item }) => item)
        .sort(),
    ).toEqual(['c3', 'c4']);
    expect(answer.items.map(({ item }) => item)).not.toContain('d1'); // she did it all the same
    expect(answer.item!.was.rank).toBeLessThanOrEqual(2);
    expect(answer.item!.rank).toBeGreaterThan(2);
  });

  it('of nobody known, or of a version that does not listen, is said to be unknown', async () => {
    expect((await ask('nobody', {})).status).toBe(409);
    expect((await ask('ann', { without: 'd1' })).status).toBe(422);
    expect((await ask('ann', { item: 'none' })).status).toBe(404);
  });
});

const get = async (path: string, headers: Record<string, string> = {}) =>
  await app.request(`/v1/users/ann/recommendations/${path}`, { headers });

describe('what an item hangs on', () => {
  interface Counterfactual {
    readonly without: readonly { item: string }[];
    readonly rankThen: number;
    readonly sentences: readonly string[];
  }
  it('is a set that a list made anew bears out', async () => {
    const found = (await (await get('d3/explanation/counterfactual?limit=2')).json()) as Counterfactual;
    expect(found).toMatchObject({ found: true, holds: 'fixed-weights', exact: true, smallest: true });
    const without = found.without.map(({ item }) => item);
    const then = (await (await ask('ann', { without, item: 'd3', limit: 2 })).json()) as WhatIf;
    expect(then.items.map(({ item }) => item)).not.toContain('d3');
    expect(then.item!.rank).toBe(found.rankThen);
    expect(found.sentences[0]).toMatch(/^Without .*, Film d3 would not be among your first 2/);
    const low = await get('c3/explanation/counterfactual?limit=1');
    expect(low.status).toBe(409);
    expect(await low.json()).toMatchObject({ code: 'explain/not-listed' });
  });

  it('what lifts it, and what puts it above another', async () => {
    interface Change {
      readonly rank: number;
      readonly likes: readonly { readonly item: string; readonly rank: number }[];
    }
    const changeFor = async (user: string, item: string, from = app) =>
      (await (
        await from.request(`/v1/users/${user}/recommendations/${item}/explanation/what-would-change?limit=1`)
      ).json()) as Change;
    // Who has seen nothing but what everybody saw is won for dramas by one.
    const gil = { kind: 'interaction', user: 'gil', item: 'all', type: 'rating', at: 1000, value: 5 } as const;
    const other = await plantedApp(undefined, {}, { more: [gil] });
    try {
      const change = await changeFor('gil', 'd3', createApp(other.deps));
      expect(change.likes[0]!.item).toMatch(/^d/);
      expect(change.likes[0]!.rank).toBeLessThan(change.rank);
    } finally {
      await other.close();
    }
    // Who has seen two of them is won for no comedy.
    expect((await changeFor('ann', 'c3')).likes).toEqual([]);
    const contrast = (await (await get('c3/explanation/contrast?with=d3')).json()) as {
      above: { item: string };
      sentence: string;
    };
    expect(contrast.above.item).toBe('d3');
    expect(contrast.sentence).toMatch(/^Film d3 scores more than Film c3, most of all by Film d[12]\.$/);
    expect((await get('c3/explanation/contrast')).status).toBe(422);
  });
});

describe('what connects items', () => {
  const connect = async (items: readonly string[], user = 'ann') =>
    await app.request(`/v1/users/${user}/recommendations/connection`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ items }),
    });
  it('is a tree that reaches all of them over what they share', async () => {
    const found = (await (await connect(['d3', 'd4', 'c3'])).json()) as Drawn & {
      common: { node: string; items: string[]; sentence: string }[];
    };
    expect(found.edges).toHaveLength(found.nodes.length - 1);
    for (const id of ['user:ann', 'item:d3', 'item:d4', 'item:c3']) expect(ids(found)).toContain(id);
    // The two dramas are joined by their genre, the comedy by the film that everybody saw.
    expect(ids(found)).toContain('feature:genre:Drama');
    expect(ids(found)).toContain('people:all');
    expect(found.common).toContainEqual({
      node: 'feature:genre:Drama',
      title: 'Drama',
      items: ['d3', 'd4'],
      sentence: '2 of these 3 have genre Drama.',
    });
    expect(JSON.stringify(found)).not.toMatch(/\b(bob|eve|cat|dan)\b/);
    expect((await connect(['d3'])).status).toBe(422);
    expect((await connect(['d3', 'none'])).status).toBe(404);
  });
});

describe('words', () => {
  it('are of the language that is asked for', async () => {
    const german = await get('d3/explanation?locale=de');
    expect(german.headers.get('content-language')).toBe('de');
    const { reasons } = (await german.json()) as { reasons: string[] };
    expect(reasons[0]).toMatch(/^Weil du dich befasst hast mit: Film d[12] \(\d+ %\)/);
    expect(reasons).toContain('2 deiner Sachen haben genre Drama, wie das hier.');
    const liked = await get('d3/explanation', { 'accept-language': 'fr, de-AT;q=0.8, en;q=0.5' });
    expect(((await liked.json()) as { reasons: string[] }).reasons).toEqual(reasons);
    const other = await get('d3/explanation', { 'accept-language': 'fr' });
    expect(other.headers.get('content-language')).toBe('en');
    expect((await get('d3/explanation?locale=xx')).status).toBe(422);
  });
});
