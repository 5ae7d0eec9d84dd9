/** A mapped graph with several types of interaction, each with properties and a direction of its own, friends, and properties as features. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/graph/database.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { findEvidence } from '../../src/graph/evidence.ts';
import { interactedItems, interactionsOfUsers } from '../../src/graph/interactions.ts';
import { neighbourhoodOfItem } from '../../src/graph/neighbourhoodOfItem.ts';
import { drawNeighbours, readNodes } from '../../src/graph/neighbours.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { mappingSchema } from '../../src/options/mapping.ts';
import { optionGroups } from '../../src/options.ts';
import { snapshotFromGraph } from '../../src/sampling/fromGraph.ts';
import { testGraph, testServer } from '../neo4j.ts';

const mapping = mappingSchema.parse({
  users: { label: 'Customer', key: 'email', properties: ['country'] },
  items: { label: 'Product', key: 'sku', title: 'label', available: 'inStock', properties: ['tags'] },
  interactions: [
    { relationship: 'VIEWED', time: { property: 'at', unit: 'date' } },
    { relationship: 'BOUGHT_BY', direction: 'in', value: 'quantity', time: { property: 'on', unit: 'text' } },
    { relationship: 'REFUSED', time: { property: 'at', unit: 'ms' } },
  ],
  social: [{ relationship: 'FRIEND_OF', direction: 'both' }],
});
const day = 86_400_000;
const meanings = optionGroups.splitting.shape.interactions.parse({
  VIEWED: { expiryDays: 30 },
  BOUGHT_BY: { weight: 3, positiveFrom: 2 },
  REFUSED: { negative: true },
});
const ask = { timeoutMs: 60_000, anonymity: 1 };
let graph: Graph;
let shop: Graph;
beforeAll(async () => {
  graph = await testGraph();
  // Views lead to a page of the shop too, which is no product.
  await graph.write((tx) =>
    tx.run(
      `CREATE (a:Customer {email: 'a', country: 'NO'}), (b:Customer {email: 'b', country: 'SE'}), (c:Customer {email: 'c'}), (:Customer),
              (x:Product {sku: 'x', label: 'Ex', inStock: true, tags: ['red', 'new']}), (y:Product {sku: 'y', inStock: false}),
              (z:Product {sku: 'z', label: 'Zed', tags: ['red']}), (home:Page {url: '/'}),
              (a)-[:VIEWED {at: datetime($recently)}]->(x), (a)-[:VIEWED {at: datetime('2020-01-02T00:00:00Z')}]->(y),
              (a)-[:VIEWED {at: datetime($recently)}]->(home), (b)-[:VIEWED {at: datetime($recently)}]->(x),
              (a)<-[:BOUGHT_BY {quantity: 2, on: '2024-05-06 07:08:09'}]-(z), (b)<-[:BOUGHT_BY {quantity: 3, on: '2024-05-06'}]-(z),
              (c)<-[:BOUGHT_BY {quantity: 1, on: '2024-05-06'}]-(z), (c)-[:REFUSED {at: 1700000000000}]->(x),
              (a)-[:FRIEND_OF]->(b), (c)-[:FRIEND_OF]->(a)`,
      { recently: new Date(Date.now() - day).toISOString() },
    ),
  );
  shop = await openDatabase({ ...testServer(), mapping });
});
afterAll(async () => {
  await shop?.close();
  await graph?.close();
});

describe('a mapped graph with several types of interaction', () => {
  it('is a snapshot of them all, each with its own value and time', async () => {
    const snapshot = await snapshotFromGraph(shop);
    const { users, items, interactions, features } = snapshot;
    const told = Array.from(interactions.users, (user, n) => [
      users.id(user),
      items.id(interactions.items[n]!),
      interactions.typeNames[interactions.types[n]!],
      interactions.values[n],
      interactions.typeNames[interactions.types[n]!] === 'VIEWED' ? 0 : interactions.at[n],
    ]);
    const bought = Date.UTC(2024, 4, 6);
    expect(told.map(String).sort()).toEqual(
      [
        ['a', 'x', 'VIEWED', 1, 0],
        ['a', 'y', 'VIEWED', 1, 0],
        ['a', 'z', 'BOUGHT_BY', 2, bought + 25_689_000],
        ['b', 'x', 'VIEWED', 1, 0],
        ['b', 'z', 'BOUGHT_BY', 3, bought],
        ['c', 'x', 'REFUSED', 1, 1_700_000_000_000],
        ['c', 'z', 'BOUGHT_BY', 1, bought],
      ].map(String),
    );
    expect(interactions.at.includes(Date.UTC(2020, 0, 2))).toBe(true);
    expect(Array.from({ length: features.count }, (_, n) => features.id(n))).toEqual([
      'country:NO',
      'country:SE',
      'tags:new',
      'tags:red',
    ]);
    expect([...items.available]).toEqual([1, 0, 1]);
    expect([items.title(0), items.title(1)]).toEqual(['Ex', 'y']);
    // Friendship holds both ways: a with b and c, b with a, c with a.
    expect([...snapshot.relation('user-user').offsets]).toEqual([0, 2, 3, 4]);
    expect([...snapshot.relation('item-feature').offsets]).toEqual([0, 2, 2, 3]);
  });

  it('leaves out what was done in any way, but for what has expired', async () => {
    expect((await interactedItems(shop, 'a', 60_000)).sort()).toEqual(['x', 'y', 'z']);
    expect((await interactedItems(shop, 'a', 60_000, { interactions: meanings })).sort()).toEqual(['x', 'z']);
    // What was refused is left out for good.
    expect((await interactedItems(shop, 'c', 60_000, { interactions: meanings })).sort()).toEqual(['x', 'z']);
  });

  it('tells of many users at once what it tells of each', async () => {
    const reach = reachOf(shop, { timeoutMs: 60_000 });
    const users = ['c', 'nobody', 'a', 'b', 'a'];
    const found = await Promise.all(users.map((user) => reach.interactionsOf(user, {})));
    const itemsOf = found.map((known) => known?.interactions.map(({ item }) => item).sort());
    expect(itemsOf).toEqual([['x', 'z'], [], ['x', 'y', 'z'], ['x', 'z'], ['x', 'y', 'z']]);
    expect(await interactionsOfUsers(shop, ['b', 'c'], 60_000)).toEqual(
      [found[3], found[0]].map((known) => known!.interactions),
    );
  });

  it('gives evidence by what counts as liked, type by type', async () => {
    const about = async (item: string, interactions?: typeof meanings) => {
      const paths = (await findEvidence(shop, 'a', [item], { ...ask, interactions })).get(item)!;
      return paths.map(({ kind, count }) => [kind, count]).sort();
    };
    // Of those who bought z, b viewed x, as a did; c refused x. Both are friends of a.
    expect(await about('z')).toEqual([
      ['people', 2],
      ['trust', 2],
    ]);
    // c bought one only, which is not enough, and refused x.
    expect(await about('z', meanings)).toEqual([
      ['people', 1],
      ['trust', 1],
    ]);
  });

  it('tells of a new item its properties, and what people liked with it', async () => {
    const all = (await neighbourhoodOfItem(shop, 'x', ask))!;
    expect(all.features.map(({ kind, value }) => [kind, value])).toEqual([
      ['tags', 'red'],
      ['tags', 'new'],
    ]);
    expect(all.neighbours.map(({ item }) => item).sort()).toEqual(['y', 'z']);
    const liked = (await neighbourhoodOfItem(shop, 'x', { ...ask, interactions: meanings }))!;
    expect(liked.neighbours.map(({ item }) => item)).toEqual(['z']);
  });

  it('is drawn from over all types, and to products and customers alone', async () => {
    const { user, item } = await readNodes(shop);
    expect(user.ids.toSorted()).toEqual(['a', 'b', 'c']);
    const [a] = [user.nodes[user.ids.indexOf('a')]!];
    const draw = async (relation: 'user-item' | 'user-user', how: 'distinct' | 'recent' = 'distinct') => {
      const [found] = await drawNeighbours(shop, { relation, nodes: [a], fanout: 10, how });
      const ids = relation === 'user-item' ? item : user;
      return found!.map((node) => ids.ids[ids.nodes.indexOf(node)]);
    };
    expect((await draw('user-item')).sort()).toEqual(['x', 'y', 'z']);
    expect(await draw('user-item', 'recent')).toEqual(['x', 'z', 'y']);
    expect((await draw('user-user')).sort()).toEqual(['b', 'c']);
  });
});
