/** Items that are hidden, removed or there again in a real graph: the next lists know, another process's too, and kept ones are given up. */
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
import { LiveItems } from '../../src/serving/liveItems.ts';
import { emptyGraph } from '../neo4j.ts';
import { type TwoServices, twoServices } from './twoServices.ts';

const sources = [
  { kind: 'version' as const },
  { kind: 'popular' as const },
  { kind: 'item-to-item' as const, last: 5, neighbours: 20 },
];
let world: TwoServices;
let graph: Graph;
let own: Service;
let other: Service;
let send: TwoServices['send'];
beforeAll(async () => {
  world = await twoServices({ staged: { sources } });
  ({ graph, own, other, send } = world);
});
afterAll(() => world?.close());

const ids = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id);
const listOf = async (service: Service, filter?: string): Promise<string[]> =>
  ids((await recommendFor(service, 'ann', { limit: 20, explain: false, filter })).items);
const holds = async (what: () => Promise<boolean>): Promise<void> => {
  for (const begun = performance.now(); !(await what()); await sleep(20))
    if (performance.now() - begun > 60_000) throw new Error('it does not come true');
};

/** Every kind of list that d3 would be in. */
const allLists = async (service: Service): Promise<Record<string, string[]>> => ({
  own: await listOf(service),
  filtered: await listOf(service, 'genre:Drama'),
  staged: ids((await recommendFor(service, 'ann', { limit: 20, explain: false, pipeline: 'staged' })).items),
  similar: ids((await similarItems(service, 'd1', { limit: 20 })).items),
  session: ids((await recommendForSession(service, [{ id: 'd1' }], { limit: 20, decay: 0.8 })).items),
  group: ids(
    (await recommendForGroup(service, ['ann', 'cat'], { limit: 20, aggregate: 'average', fairness: 0.5 })).items,
  ),
  popular: (await gorsePopular(service, { n: 20, offset: 0 })).scores.map(({ Id }) => Id),
});

test('what is hidden is in no list from then on, and is there again when it is shown again', async () => {
  const before = await allLists(own);
  for (const [kind, list] of Object.entries(before)) expect(list, kind).toContain('d3');
  await send('PATCH', '/v1/items/d3', { available: false });
  for (const [kind, list] of Object.entries(await allLists(own))) expect(list, kind).not.toContain('d3');
  expect(await listOf(own, 'available:true')).not.toContain('d3');
  const whyNot = await whyNotFor(own, 'ann', 'd3', { limit: 20 });
  expect(whyNot).toMatchObject({ lost: 'unavailable', because: 'It is marked as unavailable.' });
  await holds(async () => !(await listOf(other)).includes('d3'));
  await send('PATCH', '/api/item/d3', { IsHidden: false });
  expect(await allLists(own)).toEqual(before);
  await holds(async () => (await listOf(other)).includes('d3'));
});

test('what the snapshot has as unavailable is shown once the graph has it as available', async () => {
  expect(await listOf(own)).not.toContain('gone');
  await send('POST', '/v1/items', { items: [{ id: 'gone', available: true }] });
  expect(await listOf(own)).toContain('gone');
  expect(ids((await recommendFor(own, 'nobody', { limit: 20, explain: false, pipeline: 'staged' })).items)).toContain(
    'gone',
  );
  const late = await world.open(); // which reads it at its start
  expect(await listOf(late)).toContain('gone');
  await late.close();
});

test('what is removed is in no list, says so, and comes back with the item', async () => {
  await send('DELETE', '/v1/items/d4');
  for (const [kind, list] of Object.entries(await allLists(own))) expect(list, kind).not.toContain('d4');
  const whyNot = await whyNotFor(own, 'ann', 'd4', { limit: 20 });
  expect(whyNot).toMatchObject({ lost: 'unavailable', because: 'It was removed from the graph.' });
  await holds(async () => !(await listOf(other)).includes('d4'));
  const late = await world.open();
  expect(await listOf(late)).not.toContain('d4');
  await late.close();
  await send('PUT', '/v1/items/d4', { title: 'Film d4' });
  expect(await listOf(own)).toContain('d4');
  await holds(async () => (await listOf(other)).includes('d4'));
});

test('what plain Cypher hides, without a mark, is heard of when all is read again', async () => {
  const live = new LiveItems();
  const feed = await feedLiveItems(live, reachOf(graph, { timeoutMs: 20_000 }), 0);
  await graph.write((tx) => tx.run("MATCH (i:Item {id: 'd1'}) SET i.available = false"));
  await live.refresh();
  expect(live.stateOf('d1')).toBeUndefined();
  await holds(async () => {
    feed.catchUp();
    return live.stateOf('d1') === 'unavailable';
  });
  await graph.write((tx) => tx.run("MATCH (i:Item {id: 'd1'}) SET i.available = true"));
});

test('a mapped graph is read where it says whether its items are available, and not asked where it does not', async () => {
  await emptyGraph(graph);
  await graph.write((tx) => tx.run("CREATE (:Product {sku: 'd1', inStock: false}), (:Product {sku: 'd2'})"));
  const { items } = world.snapshot;
  const unavailableBy = async (available: string | undefined): Promise<string[]> => {
    const mapping = mappingSchema.parse({
      users: { label: 'Customer', key: 'email' },
      items: { label: 'Product', key: 'sku', ...(available && { available }) },
      interactions: [{ relationship: 'BOUGHT' }],
    });
    const live = new LiveItems();
    const view = live.over(world.snapshot);
    const schema = mappedSchema(mapping, { users: 'text', items: 'text' });
    await feedLiveItems(live, reachOf(withSchema(graph, schema, false), { timeoutMs: 20_000 }));
    return view.current.unavailable.map((item) => items.id(item));
  };
  expect(await unavailableBy('inStock')).toEqual(['d1', 'gone']);
  expect(await unavailableBy(undefined)).toEqual(['gone']);
});
