/** Features, titles and times that are written into a real graph: filters go by them from then on, another process's too, and kept lists are given up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withSchema } from '../../src/graph/database.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { mappedSchema } from '../../src/graph/mappedSchema.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { mappingSchema } from '../../src/options/mapping.ts';
import { gorsePopular } from '../../src/pipeline/gorseLists.ts';
import { recommendForGroup } from '../../src/pipeline/groups.ts';
import { similarItems } from '../../src/pipeline/items.ts';
import { feedLiveItems } from '../../src/pipeline/liveItems.ts';
import type { Service } from '../../src/pipeline/service.ts';
import { recommendForSession } from '../../src/pipeline/sessions.ts';
import { recommendFor } from '../../src/pipeline/userLists.ts';
import { whyNotFor } from '../../src/pipeline/whyNot.ts';
import { LiveItems, type LiveView } from '../../src/serving/liveItems.ts';
import { emptyGraph } from '../neo4j.ts';
import { type TwoServices, twoServices } from './twoServices.ts';

const sources = [{ kind: 'version' as const }, { kind: 'popular' as const }];
const adult = [{ kind: 'genre', values: ['Adult'] }];
const pipelines = {
  clean: { sources, rerank: [{ kind: 'features', exclude: adult }] },
  wicked: { sources, rerank: [{ kind: 'features', include: adult }] },
};
let world: TwoServices;
let graph: Graph;
let own: Service;
let other: Service;
let app: TwoServices['app'];
let send: TwoServices['send'];
beforeAll(async () => {
  world = await twoServices(pipelines);
  ({ graph, own, other, app, send } = world);
});
afterAll(() => world?.close());

const ids = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id);
const listOf = async (service: Service, filter?: string, pipeline?: string): Promise<string[]> =>
  ids((await recommendFor(service, 'ann', { limit: 20, explain: false, filter, pipeline })).items);
const gorse = async (path: string): Promise<string[]> => {
  const answer = await app.request(`/api${path}`);
  const body = (await answer.json()) as readonly (string | { readonly Id: string })[];
  return body.map((each) => (typeof each === 'string' ? each : each.Id));
};
const holds = async (what: () => Promise<boolean>): Promise<void> => {
  for (const begun = performance.now(); !(await what()); await sleep(20))
    if (performance.now() - begun > 60_000) throw new Error('it does not come true');
};
const feature = (kind: string, value: string) => ({ features: [{ kind, value }] });

/** Every kind of list that a filter narrows. */
const allLists = async (service: Service, filter: string): Promise<Record<string, string[]>> => ({
  own: await listOf(service, filter),
  staged: await listOf(service, filter, 'clean'),
  similar: ids((await similarItems(service, 'd1', { limit: 20, filter })).items),
  session: ids((await recommendForSession(service, [{ id: 'd1' }], { limit: 20, decay: 0.8, filter })).items),
  group: ids(
    (await recommendForGroup(service, ['ann', 'cat'], { limit: 20, aggregate: 'average', fairness: 0.5, filter }))
      .items,
  ),
});

test('what gets another feature is in no list of a filter that forbids it from then on, and in those that ask for it', async () => {
  for (const [kind, list] of Object.entries(await allLists(own, 'genre:Drama'))) expect(list, kind).toContain('d3');
  const others = await listOf(own, 'NOT genre:Adult');
  expect(others).toContain('d3');
  await send('PATCH', '/v1/items/d3', feature('genre', 'Adult'));
  for (const filter of ['genre:Drama', 'NOT genre:Adult'])
    for (const [kind, list] of Object.entries(await allLists(own, filter))) expect(list, kind).not.toContain('d3');
  expect(await listOf(own, 'NOT genre:Adult')).toEqual(others.filter((id) => id !== 'd3'));
  expect(await listOf(own, 'genre:Adult')).toEqual(['d3']);
  const whyNot = await whyNotFor(own, 'ann', 'd3', { limit: 20, filter: 'genre:Drama' });
  expect(whyNot).toMatchObject({ lost: 'removed', stage: 'filter' });
  await holds(async () => !(await listOf(other, 'genre:Drama')).includes('d3'));
  expect(await listOf(other, 'genre:Adult')).toEqual(['d3']);
  const late = await world.open(); // which reads it at its start
  expect(await listOf(late, 'genre:Adult')).toEqual(['d3']);
  await late.close();
});

test('re-rankers that leave out by features go by them too, and say why', async () => {
  expect(await listOf(own, undefined, 'clean')).not.toContain('d3');
  expect(await listOf(own, undefined, 'wicked')).toEqual(['d3']);
  const whyNot = await whyNotFor(own, 'ann', 'd3', { limit: 20, pipeline: 'clean' });
  expect(whyNot).toMatchObject({ lost: 'removed', because: 'Removed by features: its genre is Adult.' });
  await send('PATCH', '/v1/items/d3', feature('genre', 'Drama'));
  expect(await listOf(own, undefined, 'clean')).toContain('d3');
  expect(await listOf(own, undefined, 'wicked')).toEqual([]);
  expect(await listOf(own, 'genre:Drama')).toContain('d3');
});

test('titles and times are asked for as they are now', async () => {
  await send('PATCH', '/v1/items/d4', { title: 'Ran', at: Date.UTC(1985, 4, 31) });
  expect(await listOf(own, 'title:Ran')).toEqual(['d4']);
  expect(await listOf(own, 'title:"Film d4"')).toEqual([]);
  expect(await listOf(own, 'at<1990-01-01')).toEqual(['d4']);
});

test('a feature that is renamed or removed is so for all that had it', async () => {
  await send('PATCH', '/v1/features/genre/Comedy', { value: 'Farce' });
  const farces = await listOf(own, 'genre:Farce');
  expect(farces).toEqual(expect.arrayContaining(['c1', 'c2', 'c3', 'c4']));
  expect(await listOf(own, 'genre:Comedy')).toEqual([]);
  await send('DELETE', '/v1/features/genre/Farce');
  expect(await listOf(own, 'genre:Farce')).toEqual([]);
  await holds(async () => (await listOf(other, 'genre:Farce')).length === 0);
});

test("Gorse's categories are there at once, also of a kind that no item had", async () => {
  const popular = async () => (await gorsePopular(other, { n: 9, offset: 0, categories: ['foo'] })).scores;
  expect(await popular()).toEqual([]);
  expect(await gorse('/popular/foo')).toEqual([]);
  await send('PUT', '/api/item/d4/category/foo');
  expect(await gorse('/latest/foo')).toEqual(['d4']);
  expect(await gorse('/popular/foo')).toEqual(['d4']);
  expect(await gorse('/recommend/nouser/foo')).toEqual(['d4']);
  expect(await gorse('/item/d1/neighbors/foo')).toEqual(['d4']);
  await holds(async () => (await popular()).length === 1);
  await send('DELETE', '/api/item/d4/category/foo');
  for (const path of ['/latest/foo', '/popular/foo', '/recommend/nouser/foo']) expect(await gorse(path)).toEqual([]);
});

test('kept lists of a filter are given up when an item is otherwise, and others are kept', async () => {
  const cached = async (query: string) =>
    (await app.request(`/v1/users/bob/recommendations?limit=3&explain=false${query}`)).headers.get('x-cache');
  const ask = async () => [await cached(''), await cached('&filter=genre:Drama')];
  await ask();
  expect(await ask()).toEqual(['hit', 'hit']);
  await send('PATCH', '/v1/items/d3', feature('genre', 'Adult'));
  expect(await ask()).toEqual(['hit', 'miss']);
  await send('PUT', '/v1/features/mood/slow'); // which no item has
  expect(await ask()).toEqual(['hit', 'hit']);
  await send('PATCH', '/v1/items/d3', feature('genre', 'Drama'));
  expect(await ask()).toEqual(['hit', 'miss']);
});

test('a version that comes later, of an older snapshot, is judged by what came since', async () => {
  const live = new LiveItems();
  await feedLiveItems(live, reachOf(graph, { timeoutMs: 20_000 }), 600_000);
  const view = live.over(world.snapshot);
  const changed = () => [...view.contents.changed.keys()].map((item) => world.snapshot.items.id(item)).sort();
  await holds(async () => changed().includes('c1'));
  expect(changed()).toEqual(['c1', 'c2', 'c3', 'c4', 'd4']); // d3 is again as it was
});

test('what plain Cypher changes, without a mark, is heard of when all is compared again', async () => {
  const live = new LiveItems();
  const view = live.over(world.snapshot);
  const feed = await feedLiveItems(live, reachOf(graph, { timeoutMs: 20_000 }), 0);
  const genres = () => live.contentOf('d2')?.features.map(({ value }) => value);
  expect(genres()).toBeUndefined();
  await graph.write((tx) =>
    tx.run(
      "MATCH (i:Item {id: 'd2'}) MERGE (f:Feature {key: 'genre:Adult', kind: 'genre', value: 'Adult'}) MERGE (i)-[:HAS]->(f)",
    ),
  );
  await live.refresh();
  expect(genres()).toBeUndefined();
  await holds(async () => {
    feed.catchUp();
    return genres()?.join() === 'Adult,Drama';
  });
  expect(view.contents.changed.has(world.snapshot.items.index('d2')!)).toBe(true);
  await graph.write((tx) => tx.run("MATCH (:Item {id: 'd2'})-[has:HAS]->(:Feature {key: 'genre:Adult'}) DELETE has"));
  await holds(async () => {
    feed.catchUp();
    return !view.contents.changed.has(world.snapshot.items.index('d2')!);
  });
});

test('a mapped graph, which has no marks, is compared whole, by edges and properties that are features', async () => {
  await emptyGraph(graph);
  await graph.write((tx) =>
    tx.run(`CREATE (d:Genre {name: 'Drama'}), (a:Genre {name: 'Adult'})
            CREATE (:Product {sku: 'd1', name: 'Film d1', tags: ['new', 'cheap']})<-[:OF]-(d), (:Product {sku: 'd2', name: 'Film d2'})<-[:OF]-(a),
                   (:Product {sku: 'd3', name: 'Film d3'})<-[:OF]-(d)`),
  );
  const mapping = mappingSchema.parse({
    users: { label: 'Customer', key: 'email' },
    items: { label: 'Product', key: 'sku', title: 'name', properties: ['tags'] },
    interactions: [{ relationship: 'BOUGHT' }],
    features: [{ of: 'items', relationship: 'OF', direction: 'in', label: 'Genre', value: 'name', kind: 'genre' }],
  });
  const live = new LiveItems();
  const view: LiveView = live.over(world.snapshot);
  const schema = mappedSchema(mapping, { users: 'text', items: 'text' });
  await feedLiveItems(live, reachOf(withSchema(graph, schema, false), { timeoutMs: 20_000 }));
  const changed = Object.fromEntries(
    [...view.contents.changed].map(([item, { features }]) => [
      world.snapshot.items.id(item),
      features.map(({ kind, value }) => `${kind}:${value}`),
    ]),
  );
  expect(changed).toEqual({ d1: ['genre:Drama', 'tags:cheap', 'tags:new'], d2: ['genre:Adult'] });
});
