/** Sessions and groups by pipelines, experiments, filters and rules: the typed client over a listening server and a real Neo4j. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, serve } from '../../src/api/server.ts';
import { type Client, createClient, type RequestOf } from '../../src/client.ts';
import { option, optionGroups } from '../../src/options.ts';
import { addRule } from '../../src/pipeline.ts';
import { listFromPlaces } from '../../src/serving/groups/places.ts';
import { type PlantedGraphApp, plantedGraphApp } from './deps.ts';

const pipelines = option.pipelines.parse({
  popular: { sources: [{ kind: 'popular' }], rank: { by: 'fusion' } },
  // What the last thing goes with, what shares its features, and what those liked who are like her; without comedies.
  session: { sources: [{ kind: 'session', last: 1 }], rank: { by: 'fusion' } },
  content: { sources: [{ kind: 'content-similar', last: 1 }], rank: { by: 'fusion' } },
  serious: {
    sources: [{ kind: 'item-to-item' }, { kind: 'user-to-user' }, { kind: 'popular' }],
    rerank: [{ kind: 'features', exclude: [{ kind: 'genre', values: ['Comedy'] }] }, { kind: 'impressions' }],
  },
  own: { sources: [{ kind: 'version' }] },
  'one-of-each': {
    sources: [{ kind: 'version' }],
    rerank: [{ kind: 'cap', feature: 'genre', max: 1, over: 'remove' }],
  },
  pinned: {
    sources: [{ kind: 'item-to-item', quota: 1 }],
    rank: { by: 'fusion' },
    rerank: [
      {
        kind: 'pins',
        items: [
          { item: 'd4', position: 2 },
          { item: 'd1', position: 1 },
        ],
      },
    ],
  },
});
const experiments = option.experiments.parse({
  ranking: { arms: { a: { pipeline: 'default', share: 0.5 }, b: { pipeline: 'popular', share: 0.5 } } },
});
const rules: readonly [string, 'source' | 'filter' | 'exclude', string][] = [
  ['ending', 'source', `// Items whose id ends in 4.\nMATCH (i:Item) WHERE i.id ENDS WITH '4' RETURN i.id AS item`],
  [
    'not-for-dan',
    'exclude',
    `// What dan is not to see.\nMATCH (u:User {id: $user}), (i:Item) WHERE u.id = 'dan' AND i.id = 'd4' AND i.id IN $items RETURN i.id AS item`,
  ],
];

let planted: PlantedGraphApp;
let server: RunningServer;
let api: Client;
beforeAll(async () => {
  planted = await plantedGraphApp({}, { pipelines, experiments });
  const limits = { ...optionGroups.administering.parse({}), ruleTimeoutMs: 20_000 };
  for (const [name, kind, cypher] of rules) await addRule(planted.graph, { name, kind, cypher }, limits);
  const token = 'a-token-of-some-length';
  const options = { host: '127.0.0.1', port: 0, token, maxBodyBytes: 1 << 20, requestTimeoutMs: 60_000 };
  server = await serve({ ...options, ruleTimeoutMs: 20_000 } as never, planted.deps);
  api = createClient({ url: `${server.url}/`, token });
});
afterAll(async () => {
  await server?.stop();
  await planted?.close();
});

type Of<P extends string> = RequestOf<'post', P> extends { readonly body: infer B } ? Partial<B> : never;
const ids = ({ items }: { readonly items: readonly { readonly item: string }[] }) => items.map(({ item }) => item);

describe('sessions', () => {
  const session = async (last: string, more: Of<'/v1/sessions/recommendations'> = {}) =>
    await api.post('/v1/sessions/recommendations', { body: { items: [{ id: 'c1' }, { id: last }], ...more } });

  it('are answered as they were where nothing of it is asked for', async () => {
    expect(Object.keys(await session('d1'))).toEqual(['version', 'foldedIn', 'unknown', 'items']);
  });

  it('are what sources and re-rankers go by', async () => {
    const list = await session('d1', { pipeline: 'session', trace: true });
    expect(list).toMatchObject({ pipeline: 'session', foldedIn: { interactions: 2 } });
    expect(list.trace!.stages.map(({ stage }) => stage)).toEqual(['source session', 'fuse reciprocal-rank']);
    expect(new Set(ids(list).slice(0, 2))).toEqual(new Set(['d2', 'd3'])); // what goes with d1, and not with c1
    expect(ids(await session('d1', { pipeline: 'content' })).every((item) => item.startsWith('d'))).toBe(true);
    const serious = await session('d1', { pipeline: 'serious', trace: true });
    expect(ids(serious).some((item) => item.startsWith('c'))).toBe(false);
    const found = new Set(serious.trace!.items.flatMap(({ from }) => from.map(({ source }) => source)));
    expect(found).toEqual(new Set(['item-to-item', 'user-to-user', 'popular']));
    // What is left out beside the session says nothing of its taste.
    const left = await session('d1', { pipeline: 'session', exclude: ['d2'] });
    expect(ids(left)).toEqual(ids(list).filter((item) => item !== 'd2'));
  });

  it('go by filters and rules', async () => {
    expect(ids(await session('d1', { filter: 'genre:Comedy' })).sort()).toEqual(['c2', 'c3', 'c4']);
    const ruled = await session('d1', { rules: ['ending'], limit: 2 });
    expect(ruled.items[1]).toMatchObject({ rules: [{ rule: 'ending', kind: 'source' }] });
    await expect(session('d1', { rules: ['none'] })).rejects.toMatchObject({ code: 'rule/unknown' });
    await expect(session('d1', { pipeline: 'other' })).rejects.toMatchObject({ code: 'pipeline/unknown' });
  });

  it('are split by their key, which they need', async () => {
    const arms = new Map<string, string>();
    for (let n = 0; n < 12; n++) {
      const { experiment, pipeline } = await session('d1', { experiment: 'ranking', session: `s${n}` });
      expect(pipeline).toBe(experiment!.arm === 'a' ? 'default' : 'popular');
      arms.set(`s${n}`, experiment!.arm);
    }
    expect(new Set(arms.values())).toEqual(new Set(['a', 'b']));
    const again = await session('d2', { experiment: 'ranking', session: 's3' });
    expect(again.experiment!.arm).toBe(arms.get('s3'));
    await expect(session('d1', { experiment: 'ranking' })).rejects.toMatchObject({
      status: 422,
      code: 'experiment/no-unit',
    });
    const forced = await session('d1', { experiment: 'ranking', arm: 'b', trace: true });
    expect(forced).toMatchObject({ pipeline: 'popular', trace: { experiment: { arm: 'b', forced: true } } });
  });
});

describe('groups', () => {
  const group = async (users: string[], more: Of<'/v1/groups/recommendations'> = {}) =>
    await api.post('/v1/groups/recommendations', { body: { users, limit: 4, ...more } });

  it('are answered as they were where nothing of it is asked for, with a trace too', async () => {
    const plain = await group(['bob', 'dan']);
    expect(Object.keys(plain)).toEqual(['version', 'aggregate', 'graph', 'members', 'items']);
    const traced = await group(['bob', 'dan'], { trace: true });
    expect(traced.items).toEqual(plain.items);
    expect(traced).toMatchObject({ pipeline: 'default' });
    for (const [n, { trace, ...member }] of traced.members.entries()) {
      expect(member).toEqual(plain.members[n]);
      expect(trace!.stages[0]!.stage).toBe('source version');
      expect(new Set(trace!.items.map(({ item }) => item))).toEqual(new Set(ids(traced)));
    }
    const filtered = await group(['bob', 'dan'], { filter: 'genre:Drama' });
    expect(ids(filtered)).toEqual(['d4']); // dan has done no other, bob all
    expect(filtered).not.toHaveProperty('pipeline');
  });

  it('go by the places in the lists that a pipeline makes for each', async () => {
    const list = await group(['eve', 'cat'], { pipeline: 'session', trace: true, aggregate: 'most-pleasure' });
    expect(list).toMatchObject({ pipeline: 'session', graph: 'reached' });
    for (const { trace } of list.members) expect(trace!.stages[0]!.stage).toBe('source session');
    const done = new Set(['d1', 'd3', 'c1', 'c2', 'all']);
    for (const item of ids(list)) expect(done.has(item)).toBe(false);
    const firsts = list.members.map(({ trace }) => trace!.items[0]!.item);
    for (const [n, first] of firsts.entries())
      expect(list.items.find(({ item }) => item === first)!.ratings[n]).toBe(1);
    const serious = await group(['eve', 'cat'], { pipeline: 'serious' });
    expect(ids(serious).every((item) => item.startsWith('d'))).toBe(true);
    expect(serious.members.every(({ satisfaction }) => satisfaction > 0 && satisfaction <= 1)).toBe(true);
  });

  it('are worth something to each where no list has what another has', async () => {
    const least = await group(['eve', 'cat'], { pipeline: 'own', aggregate: 'least-misery', limit: 2 });
    const average = await group(['eve', 'cat'], { pipeline: 'own', limit: 2 });
    expect(least.items[0]!.score).toBe(Math.min(...least.items[0]!.ratings));
    expect(least.items.every(({ score }) => score > 0)).toBe(true);
    expect(average.items[0]!.score).toBeCloseTo(average.items[0]!.ratings.reduce((a, b) => a + b) / 2, 12);
    // One candidate each: what the other has is rated too.
    const few = await group(['eve', 'cat'], { pipeline: 'pinned', aggregate: 'least-misery' });
    for (const { ratings } of few.items) expect(ratings.every((rating) => rating > 0)).toBe(true);
  });

  it('are shaped by the re-rankers as one list', async () => {
    const plain = await group(['eve', 'cat'], { pipeline: 'own' });
    const genres = ({ items }: typeof plain) => items.map(({ item }) => item[0]).filter((first) => first !== 'a');
    expect(new Set(genres(plain)).size).toBeLessThan(genres(plain).length);
    const capped = await group(['eve', 'cat'], { pipeline: 'one-of-each', trace: true });
    expect(genres(capped).sort()).toEqual(['c', 'd']);
    expect(capped.trace!.stages.map(({ stage }) => stage)).toEqual(['rerank cap']);
    expect(capped.trace!.items[0]).toMatchObject({
      item: ids(capped)[0],
      from: [{ source: 'eve' }, { source: 'cat' }],
    });
    for (const { trace } of capped.members)
      expect(trace!.stages.some(({ stage }) => stage === 'rerank cap')).toBe(false);
    const pinned = await group(['eve', 'cat'], { pipeline: 'pinned' });
    expect(ids(pinned)[1]).toBe('d4');
    expect(ids(pinned)).not.toContain('d1'); // eve has done it
  });

  it('have nothing that a rule forbids to one of them', async () => {
    const before = await group(['bob', 'dan'], { rules: ['ending'] });
    expect(ids(before)).toContain('d4');
    expect(before.items.find(({ item }) => item === 'd4')).toMatchObject({ rules: [{ rule: 'ending' }] });
    const after = await group(['bob', 'dan'], { rules: ['ending', 'not-for-dan'] });
    expect(ids(after)).toEqual(ids(before).filter((item) => item !== 'd4'));
    expect(ids(await group(['bob', 'eve'], { rules: ['not-for-dan'] }))).toContain('d4');
  });

  it('are split by who they are, in whatever order', async () => {
    const arms = new Set<string>();
    for (const other of ['bob', 'cat', 'dan', 'eve', 'new', 'x1', 'x2', 'x3']) {
      const one = await group(['ann', other], { experiment: 'ranking' });
      const same = await group([other, 'ann', other], { experiment: 'ranking' });
      expect(one.experiment).toEqual(same.experiment);
      expect(one.pipeline).toBe(one.experiment!.arm === 'a' ? 'default' : 'popular');
      arms.add(one.experiment!.arm);
    }
    expect(arms).toEqual(new Set(['a', 'b']));
    await expect(group(['ann'], { experiment: 'ranking', pipeline: 'popular' })).rejects.toMatchObject({
      code: 'experiment/or-pipeline',
    });
  });

  it('rate by place: what both have comes before what one has, where nobody is to suffer', () => {
    const lists = [
      ['a', 'b', 'c', 'd'],
      ['e', 'c', 'b', 'f'],
    ];
    const how = { limit: 3, fairness: 0.5 };
    const least = listFromPlaces(lists, { ...how, aggregate: 'least-misery' });
    expect(least.items.map(({ id }) => id)).toEqual(['b', 'c', 'a']);
    expect(least.items[0]).toEqual({ id: 'b', score: 0.5, ratings: [0.75, 0.5] });
    expect(least.satisfaction[0]).toBeCloseTo((0.75 + 0.5 + 1) / (1 + 0.75 + 0.5), 12);
    expect(listFromPlaces([['a'], []], { ...how, aggregate: 'average' }).items).toEqual([
      { id: 'a', score: 0.5, ratings: [1, 0] },
    ]);
  });
});
