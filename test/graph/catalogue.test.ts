/** Every question of the catalogue, over planted graphs whose answers are known. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findQuery, listQueries } from '../../src/graph/admin/catalogue.ts';
import { writeLiteral } from '../../src/graph/admin/parameters.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { askCatalogue } from '../../src/pipeline/admin.ts';
import { emptyGraph, testGraph } from '../neo4j.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
});
beforeEach(() => emptyGraph(graph));
afterAll(() => graph.close());

const plant = (text: string) => graph.write((tx) => tx.run(text));

async function ask(name: string, given: Readonly<Record<string, unknown>> = {}, limit = 100) {
  const { columns, rows } = await askCatalogue(graph, name, given, { timeoutMs: 60_000, limit });
  const found: Record<string, unknown>[] = [];
  for await (const row of rows) found.push(Object.fromEntries(columns.map((column, at) => [column, row[at]])));
  return found;
}

/** `user item value at, …`, at in minutes. */
const interactions = (text: string): string => {
  const rows = text.split(',').map((row) => {
    const [user, item, value = '1', at = '0'] = row.trim().split(' ');
    return `{user: '${user}', item: '${item}', value: ${value}.0, at: ${Number(at) * 60_000}}`;
  });
  return `UNWIND [${rows.join(', ')}] AS row MERGE (u:User {id: row.user}) MERGE (i:Item {id: row.item})
    CREATE (u)-[:INTERACTED {type: 'rating', value: row.value, at: row.at}]->(i)`;
};
/** A published version, its snapshot taken at 1,000 ms. */
const published = `CREATE (:Snapshot {digest: 's', asOf: 1000, users: 2, items: 3, interactions: 4})<-[:TRAINED_ON]-
  (:Version {id: 'v1', model: 'm', at: 2000, seed: 7, options: '{}', metrics: '{}'})-[:PUBLISHED_AS]->(:Slot {name: 'vectorB', current: true})`;

describe('the catalogue', () => {
  it('each file says what it answers, and its hint has every parameter with its default', () => {
    expect(listQueries().length).toBeGreaterThanOrEqual(20);
    for (const { name, purpose, parameters, hint, text, mostRows } of listQueries()) {
      expect(purpose, name).toMatch(/\.$/);
      expect(mostRows, name).toBeGreaterThan(0);
      const hinted = Object.fromEntries(
        [...hint.matchAll(/(\w+): ('[^']*'|[^,}]+)/g)].map((match) => [match[1], match[2]]),
      );
      expect(Object.keys(hinted), name).toEqual(parameters.map((parameter) => parameter.name));
      for (const { name: key, defaultValue } of parameters) {
        if (defaultValue !== undefined) expect(hinted[key], `${name} ${key}`).toBe(writeLiteral(defaultValue));
        expect(text.replace(/^\/\/.*$/gm, ''), name).toContain(`$${key}`);
      }
      const used = new Set([...text.replace(/^\s*\/\/.*$/gm, '').matchAll(/\$(\w+)/g)].map((match) => match[1]));
      expect([...used].sort(), name).toEqual(parameters.map((parameter) => parameter.name).sort());
    }
  });

  it('answers over an empty graph without an error', async () => {
    const ids = {
      'nearest-items': { item: 'x' },
      'nearest-users': { user: 'x' },
      'influential-interactions': { user: 'x' },
    };
    for (const { name } of listQueries()) {
      const given = name === 'explanation-paths' ? { user: 'x', item: 'x' } : (ids[name as keyof typeof ids] ?? {});
      await expect(ask(name, given), name).resolves.toBeInstanceOf(Array);
    }
  });

  it('orphans', async () => {
    await plant(interactions('ann a'));
    await plant(
      "CREATE (:User {id: 'idle'})-[:TRUSTS]->(:User {id: 'mute'}), (:Item {id: 'new', title: 'New'}), (:Feature {key: 'k:v', kind: 'k', value: 'v'})",
    );
    const rows = await ask('orphans');
    expect(rows.map(({ kind, id, tied }) => [kind, id, tied])).toEqual([
      ['user', 'idle', true],
      ['user', 'mute', true],
      ['item', 'new', false],
      ['feature', 'k:v', false],
    ]);
  });

  it('duplicates', async () => {
    await plant(
      "UNWIND [['1', 'Alien'], ['2', 'alien '], ['3', 'Aliens']] AS row CREATE (:Item {id: row[0], title: row[1]})",
    );
    await plant(
      "UNWIND ['Drama', 'drama'] AS value CREATE (:Feature {key: 'genre:' + value, kind: 'genre', value: value})",
    );
    expect(await ask('duplicates')).toEqual([
      { kind: 'feature', title: 'genre: drama', nodes: 2, ids: ['genre:Drama', 'genre:drama'] },
      { kind: 'item', title: 'alien', nodes: 2, ids: ['1', '2'] },
    ]);
  });

  it('repeated-interactions', async () => {
    await plant(interactions('ann a 1 1, ann a 1 2, ann a 1 3, ann b 1 1, ann b 1 2, bob a'));
    const rows = await ask('repeated-interactions');
    expect(rows).toEqual([{ user: 'ann', item: 'a', type: 'rating', times: 3, first: 60_000, last: 180_000 }]);
    expect(await ask('repeated-interactions', { least: '2' })).toHaveLength(2);
  });

  it('burst-activity', async () => {
    await plant(interactions('ann a 1 60, ann b 1 61, ann c 1 119, ann d 1 200, bob a 1 10, bob b 1 200, bob c 1 400'));
    expect(await ask('burst-activity', { least: 3 })).toEqual([
      { user: 'ann', from: 3_600_000, interactions: 3, items: 3, share: 0.75 },
    ]);
  });

  it('single-interaction-users', async () => {
    await plant(interactions('ann a 4 1, bob a 3 2, bob b 2 3, cat b 5 9'));
    expect((await ask('single-interaction-users')).map(({ user, item, value }) => [user, item, value])).toEqual([
      ['cat', 'b', 5],
      ['ann', 'a', 4],
    ]);
  });

  it('activity', async () => {
    await plant(interactions('ann a, ann b, ann c, ann d, bob a, bob b, bob c, cat a'));
    await plant("CREATE (:User {id: 'idle'})");
    expect(await ask('activity')).toEqual([
      { least: 0, most: 0, users: 1, interactions: 0, share: 0 },
      { least: 1, most: 1, users: 1, interactions: 1, share: 0.125 },
      { least: 2, most: 3, users: 1, interactions: 3, share: 0.375 },
      { least: 4, most: 7, users: 1, interactions: 4, share: 0.5 },
    ]);
  });

  it('growth, in equal spans', async () => {
    await plant(interactions('ann a 1 1, ann b 1 2, bob a 1 2, cat a 1 11, ann c 1 11, bob x 1 0'));
    expect(await ask('growth', { spans: 2 })).toEqual([
      { at: 60_000, span: 300_001, interactions: 3, users: 2, newcomers: 2 },
      { at: 360_001, span: 300_001, interactions: 2, users: 2, newcomers: 1 },
    ]);
  });

  it('drift of popularity and of activity, none, half and whole', async () => {
    const day = 1440;
    // Windows of a day, from the newest: c alone after b and c; these after a; a after a.
    await plant(
      interactions(
        `ann a 1 ${day}, ann a 1 ${2 * day}, ann b 1 ${3 * day}, bob c 1 ${3 * day}, ann c 1 ${4 * day}, ann c 2 ${4 * day}`,
      ),
    );
    const half = 1 - (3 * Math.log2(3)) / 4 + 0.5; // of (1, 0) and (½, ½)
    const found = await ask('popularity-drift', { days: 1, windows: 3 });
    expect(found.map(({ interactions, before }) => [interactions, before])).toEqual([
      [2, 2],
      [2, 1],
      [1, 1],
    ]);
    const bits = found.map(({ divergence }) => divergence as number);
    expect(bits[0]).toBeCloseTo(half, 9);
    expect(bits[1]).toBeCloseTo(1, 9);
    expect(bits[2]).toBeCloseTo(0, 9);
    // One user who does two things, after two who do one.
    const activity = await ask('activity-drift', { days: 1, windows: 3 });
    expect(activity.map(({ users, before }) => [users, before])).toEqual([
      [1, 2],
      [2, 1],
      [1, 1],
    ]);
    expect(activity.map(({ divergence }) => Math.round((divergence as number) * 1e9) / 1e9)).toEqual([1, 0, 0]);
  });

  it('popularity, whose last row of all has everything', async () => {
    await plant(interactions('ann a, bob a, cat a, ann a 1 5, ann b, bob b, cat c, ann d'));
    const rows = await ask('popularity', {}, 3);
    expect(
      rows.map(({ item, people, interactions: all, share, cumulated }) => [item, people, all, share, cumulated]),
    ).toEqual([
      ['a', 3, 4, 0.5, 0.5],
      ['b', 2, 2, 0.25, 0.75],
      ['c', 1, 1, 0.125, 0.875],
    ]);
    expect((await ask('popularity')).at(-1)).toMatchObject({ item: 'd', cumulated: 1 });
  });

  it('long-tail: as unequal as an independent computation says', async () => {
    const degrees = [8, 4, 2, 1, 1, 0, 0, 0, 0, 0];
    await plant(
      "UNWIND range(0, 9) AS item CREATE (:Item {id: 'i' + item}) WITH count(*) AS n UNWIND range(0, 7) AS user CREATE (:User {id: 'u' + user})",
    );
    await plant(`UNWIND range(0, 9) AS item UNWIND range(1, [${degrees}][item]) AS user
      MATCH (u:User {id: 'u' + (user - 1)}), (i:Item {id: 'i' + item}) CREATE (u)-[:INTERACTED {type: 'x', at: 0, value: 1.0}]->(i)`);
    // Mean absolute difference over twice the mean.
    let difference = 0;
    for (const a of degrees) for (const b of degrees) difference += Math.abs(a - b);
    const [row] = await ask('long-tail', { head: 0.2 });
    expect(row).toMatchObject({
      items: 10,
      interactions: 16,
      headItems: 2,
      headShare: 0.75,
      halfItems: 1,
      untouched: 5,
      median: 0,
    });
    expect(row!.gini).toBeCloseTo(difference / (2 * degrees.length * 16), 12);
  });

  it('interaction-types and interaction-values', async () => {
    await plant(interactions('ann a 4 1, bob a 2 2, bob b 4 3'));
    await plant(
      "MATCH (u:User {id: 'ann'}), (i:Item {id: 'b'}) CREATE (u)-[:INTERACTED {type: 'view', at: 5, value: 1.0}]->(i)",
    );
    const types = await ask('interaction-types');
    expect(types[0]).toMatchObject({
      type: 'rating',
      interactions: 3,
      users: 2,
      items: 2,
      least: 2,
      most: 4,
      first: 60_000,
      last: 180_000,
    });
    expect(types[0]!.mean).toBeCloseTo(10 / 3, 12);
    expect(types[1]).toMatchObject({ type: 'view', interactions: 1, users: 1 });
    const values = await ask('interaction-values', { type: 'rating' });
    expect(values.map(({ value, interactions: n }) => [value, n])).toEqual([
      [2, 1],
      [4, 2],
    ]);
    expect(await ask('interaction-values')).toHaveLength(3);
  });

  it('feature-coverage', async () => {
    await plant(`CREATE (d:Feature {key: 'g:d', kind: 'genre', value: 'd'}), (c:Feature {key: 'g:c', kind: 'genre', value: 'c'}),
      (a:Item {id: 'a'})-[:HAS]->(d), (a)-[:HAS]->(c), (:Item {id: 'b'})-[:HAS]->(d), (:Item {id: 'x'}), (:Item {id: 'y'}),
      (:User {id: 'u'})-[:HAS]->(:Feature {key: 'age:9', kind: 'age', value: '9'})`);
    expect(await ask('feature-coverage')).toEqual([
      { node: 'item', kind: 'genre', values: 2, nodes: 2, coverage: 0.5, mean: 1.5 },
      { node: 'user', kind: 'age', values: 1, nodes: 1, coverage: 1, mean: 1 },
    ]);
  });

  it('trust-ties', async () => {
    await plant(interactions('ann a, bob a, cat b, dan c'));
    await plant(`MATCH (ann:User {id: 'ann'}), (bob:User {id: 'bob'}), (cat:User {id: 'cat'}), (dan:User {id: 'dan'})
      CREATE (ann)-[:TRUSTS]->(bob), (bob)-[:TRUSTS]->(ann), (ann)-[:TRUSTS]->(cat), (ann)-[:TRUSTS]->(dan)`);
    expect(await ask('trust-ties')).toEqual([
      { ties: 4, trusting: 2, trusted: 4, mutual: 0.5, mean: 2, most: 3, alike: 0.5 },
    ]);
  });

  it('vector-coverage', async () => {
    await plant(interactions('ann a, bob b'));
    await plant(published);
    await plant(
      "MATCH (n) WHERE n.id IN ['ann', 'a', 'b'] SET n.vectorB = [1.0, 0.0] WITH count(*) AS n CREATE (:Item {id: 'new', vectorA: [1.0]}), (:Item {id: 'newer'})",
    );
    expect(await ask('vector-coverage')).toEqual([
      { kind: 'user', version: 'v1', slot: 'vectorB', nodes: 2, vectors: 1, coverage: 0.5, active: 0.5 },
      { kind: 'item', version: 'v1', slot: 'vectorB', nodes: 4, vectors: 2, coverage: 0.5, active: 1 },
    ]);
  });

  it('shown and recommendation-coverage', async () => {
    await plant(interactions('ann a 1 10, ann b 1 1, bob c'));
    await plant(`MATCH (ann:User {id: 'ann'}), (bob:User {id: 'bob'}), (a:Item {id: 'a'}), (b:Item {id: 'b'})
      CREATE (ann)-[:SHOWN {at: 120000, position: 1, version: 'v1', propensity: 0.5, request: 'r1'}]->(a),
        (ann)-[:SHOWN {at: 120000, position: 2, version: 'v1', propensity: 0.5, request: 'r1'}]->(b),
        (bob)-[:SHOWN {at: 240000, position: 1, version: 'v2', propensity: 1.0, request: 'r2'}]->(a),
        (:Item {id: 'gone', available: false})`);
    const rows = await ask('shown', { user: 'ann' });
    expect(rows.map(({ item, position, taken }) => [item, position, taken])).toEqual([
      ['a', 1, true],
      ['b', 2, false],
    ]);
    expect((await ask('shown', { item: 'a' })).map(({ user }) => user)).toEqual(['bob', 'ann']);
    expect(await ask('shown', { since: 200_000 })).toHaveLength(1);
    const coverage = await ask('recommendation-coverage');
    expect(coverage[0]).toMatchObject({ version: 'v1', impressions: 2, users: 1, items: 2, clicked: 0.5 });
    expect(coverage[0]!.coverage).toBeCloseTo(2 / 3, 12);
    expect(coverage[1]).toMatchObject({ version: 'v2', impressions: 1, items: 1, clicked: 0 });
  });

  it('stale-vectors: by the mark, and by the newest interaction where there is none', async () => {
    await plant(published);
    await plant(`CREATE (:User {id: 'marked', changed: 3000, vectorB: [1.0]}), (:User {id: 'fresh', changed: 900}), (:Item {id: 'late', changed: 1500}),
      (:User {id: 'unmarked'})-[:INTERACTED {type: 'x', at: 2000, value: 1.0}]->(:Item {id: 'old', at: 10})`);
    expect((await ask('stale-vectors')).map(({ kind, id, behind, vector }) => [kind, id, behind, vector])).toEqual([
      ['user', 'marked', 2, true],
      ['user', 'unmarked', 1, false],
      ['item', 'late', 0.5, false],
    ]);
  });

  it('nearest-items and nearest-users', async () => {
    await plant(published);
    await plant(interactions('ann a, ann b, bob a, bob b, cat c'));
    await plant(`UNWIND [['a', 1.0, 0.0], ['b', 0.6, 0.8], ['c', -1.0, 0.0], ['ann', 0.0, 2.0], ['bob', 0.0, 1.0], ['cat', 1.0, 0.0]] AS row
      MATCH (n) WHERE n.id = row[0] SET n.vectorB = [row[1], row[2]]`);
    const items = await ask('nearest-items', { item: 'a' });
    expect(items.map(({ item, people }) => [item, people])).toEqual([
      ['b', 2],
      ['c', 0],
    ]);
    expect(items[0]!.cosine).toBeCloseTo(0.6, 6);
    expect(items[1]!.cosine).toBeCloseTo(-1, 6);
    const users = await ask('nearest-users', { user: 'ann' }, 1);
    expect(users).toMatchObject([{ user: 'bob', common: 2, items: 2 }]);
    expect(users[0]!.cosine).toBeCloseTo(1, 6);
  });

  it('explanation-paths', async () => {
    await plant(interactions('ann a, ann b, bob a, bob x, cat a, cat b, cat x'));
    await plant(`MATCH (ann:User {id: 'ann'}), (bob:User {id: 'bob'}), (b:Item {id: 'b'}), (x:Item {id: 'x'})
      CREATE (ann)-[:TRUSTS]->(bob), (f:Feature {key: 'g:d', kind: 'genre', value: 'd'}), (b)-[:HAS]->(f), (x)-[:HAS]->(f)`);
    expect(
      (await ask('explanation-paths', { user: 'ann', item: 'x' })).map(({ kind, through, count }) => [
        kind,
        through,
        count,
      ]),
    ).toEqual([
      ['people', 'a', 2],
      ['feature', 'g:d', 1],
      ['people', 'b', 1],
      ['trust', null, 1],
    ]);
  });

  it('influential-interactions: the rare says more than the common', async () => {
    await plant(interactions('ann rare, ann all, bob all, cat all, dan all'));
    const rows = await ask('influential-interactions', { user: 'ann' });
    expect(rows.map(({ item, people }) => [item, people])).toEqual([
      ['rare', 1],
      ['all', 4],
    ]);
    expect(rows[0]!.weight).toBeCloseTo(1 / Math.sqrt(2), 12);
    expect(rows[0]!.share).toBeCloseTo(2 / 3, 12);
  });

  it('lineage', async () => {
    await plant(published);
    expect(await ask('lineage')).toMatchObject([
      {
        version: 'v1',
        model: 'm',
        slot: 'vectorB',
        current: true,
        snapshot: 's',
        asOf: 1000,
        interactions: 4,
        seed: 7,
      },
    ]);
  });

  it('indexes, constraints and schema', async () => {
    await plant(interactions('ann a, ann b'));
    expect(await ask('indexes')).toContainEqual(
      expect.objectContaining({ name: 'user_id', state: 'ONLINE', on: ['User'], properties: ['id'] }),
    );
    expect(await ask('constraints')).toContainEqual(expect.objectContaining({ name: 'item_id', on: ['Item'] }));
    const schema = await ask('schema');
    expect(schema).toContainEqual({ kind: 'label', name: 'Item', count: 2 });
    expect(schema).toContainEqual({ kind: 'relationship type', name: 'INTERACTED', count: 2 });
  });

  it('shilling: two of one hand, not two of one taste', async () => {
    const profile = (user: string, items: string, at: number, value = 3) =>
      [...items].map((item, place) => `${user} ${item} ${item === 'z' ? 5 : value} ${at + place}`).join(', ');
    const day = 1440;
    await plant(
      interactions(
        [
          profile('s1', 'abcdez', 10 * day + 1435), // runs over midnight, into the next window
          profile('s2', 'abcdez', 11 * day + 5),
          profile('far', 'abcdez', 30 * day), // the same, at another time
          profile('other', 'abcdez', 11 * day, 2), // the same items and time, other values
          profile('few', 'ab', 11 * day),
        ].join(', '),
      ),
    );
    expect(await ask('shilling')).toEqual([
      { a: 's1', b: 's2', common: 6, similarity: 1, from: (10 * day + 1435) * 60_000, minutes: 15, target: 'z' },
    ]);
  });
});

describe('asking it', () => {
  it('says that there is more than was asked for', async () => {
    await plant(interactions('ann a, bob b, cat c'));
    for (const [limit, more] of [
      [2, true],
      [3, false],
    ] as const) {
      const answer = await askCatalogue(graph, 'single-interaction-users', {}, { timeoutMs: 60_000, limit });
      const rows = [];
      for await (const row of answer.rows) rows.push(row);
      expect(rows).toHaveLength(limit);
      expect(answer.more()).toBe(more);
    }
  });

  it.each([
    ['nothing-such', {}, 'query/unknown'],
    ['nearest-items', {}, 'query/parameter'],
    ['nearest-items', { item: 5 }, 'query/parameter'],
    ['nearest-items', { item: 'a', other: 'b' }, 'query/parameter'],
    ['burst-activity', { least: '1' }, 'query/parameter'],
    ['burst-activity', { least: '2.5' }, 'query/parameter'],
    ['burst-activity', { least: '1e99' }, 'query/parameter'],
    ['burst-activity', { minutes: null }, 'query/parameter'],
    ['long-tail', { head: 'NaN' }, 'query/parameter'],
    ['long-tail', { head: 'x' }, 'query/parameter'],
  ])('%s with %o: %s', async (name, given, code) => {
    await expect(ask(name, given)).rejects.toMatchObject({ code });
  });

  it('never repeats a value in an error', () => {
    const secret = 'somebody@example.org';
    expect(() => findQuery('x')).toThrow(/There are: activity/);
    return expect(ask('burst-activity', { least: secret })).rejects.toThrow(expect.not.stringContaining(secret));
  });
});
