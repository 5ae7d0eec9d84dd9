/** What is posted changes the next answer: the API over a real Neo4j. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { similarUsers } from '../../src/serving/similarUsers.ts';
import { type PlantedGraphApp, plantedGraphApp } from './deps.ts';

let planted: PlantedGraphApp;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  planted = await plantedGraphApp();
  app = createApp(planted.deps);
});
afterAll(async () => {
  await planted.close();
});

interface Recommended {
  readonly fallback?: string;
  readonly foldedIn?: {
    readonly interactions: number;
    readonly how: string;
    readonly leftOut?: string;
    readonly prior?: number;
  };
  readonly items: readonly { readonly item: string; readonly score: number; readonly reasons: readonly string[] }[];
}
const recommend = async (user: string, query = ''): Promise<Recommended> => {
  const response = await app.request(`/v1/users/${user}/recommendations${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Recommended;
};
const post = async (interactions: readonly object[]): Promise<void> => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ interactions });
  expect((await app.request('/v1/interactions', { method: 'POST', headers, body })).status).toBe(200);
};
const ids = ({ items }: Recommended) => items.map(({ item }) => item);
/** Of items that as many people chose, the first comes before the second: what most choose does not tell them apart. */
function expectBefore(list: Recommended, pairs: readonly (readonly [first: string, second: string])[]): void {
  const places = new Map(ids(list).map((item, place) => [item, place]));
  for (const [first, second] of pairs) expect(places.get(first)!).toBeLessThan(places.get(second)!);
}
const comedyFirst = [
  ['c2', 'd3'],
  ['c4', 'd4'],
] as const;
const dramaFirst = [
  ['d3', 'c2'],
  ['d4', 'c4'],
] as const;

describe('what is posted changes the next answer', () => {
  it('of a user whom the version knows: her new taste leads', async () => {
    const before = await recommend('cat', '?limit=2');
    expect(before).not.toHaveProperty('foldedIn');
    expect(ids(before).sort()).toEqual(['c3', 'c4']);
    await post(['d1', 'd2', 'd3'].map((item) => ({ user: 'cat', item, type: 'rating', at: 9000, value: 5 })));
    const after = await recommend('cat', '?limit=3');
    expect(after.foldedIn).toEqual({ interactions: 6, how: 'propagation' });
    expect(ids(after)[0]).toBe('d4');
    for (const done of ['d1', 'd2', 'd3']) expect(ids(after)).not.toContain(done);
    expect(after.items[0]!.reasons[0]).toMatch(/^Because you interacted with Film d[123]: \d+ %/);
  });

  it('of a user whom only the graph knows, from her first interaction on', async () => {
    expect(await recommend('zoe', '?limit=1')).toMatchObject({ fallback: 'popular' });
    await post([{ user: 'zoe', item: 'c1', value: 5 }]);
    const first = await recommend('zoe');
    expect(first).not.toHaveProperty('fallback');
    expect(first.foldedIn).toMatchObject({ interactions: 1, how: 'propagation', leftOut: 'own-vector' });
    expectBefore(first, comedyFirst);
    // Two of the other kind, and the next list is of that kind.
    await post(['d1', 'd2'].map((item) => ({ user: 'zoe', item, value: 5 })));
    const second = await recommend('zoe');
    expect(second.foldedIn!.interactions).toBe(3);
    expect(second.foldedIn!.prior!).toBeLessThan(first.foldedIn!.prior!);
    expectBefore(second, dramaFirst);
  });

  it('is explained by what is known now, exactly', async () => {
    const list = await recommend('zoe', '?limit=1');
    const { item, score } = list.items[0]!;
    const one = (await (await app.request(`/v1/users/zoe/recommendations/${item}/explanation`)).json()) as {
      score: number;
      fallback?: string;
      attribution: {
        parts: { item: string; part: number }[];
        ownVector: { part: number };
        popularity: { part: number };
      };
    };
    expect(one.fallback).toBeUndefined();
    expect(one.score).toBeCloseTo(score, 5);
    expect(one.attribution.parts.map((part) => part.item).sort()).toEqual(['c1', 'd1', 'd2']);
    expect(one.attribution.ownVector.part).toBe(0);
    const sum = one.attribution.parts.reduce((total, { part }) => total + part, one.attribution.popularity.part);
    expect(sum).toBeCloseTo(score, 5);
  });

  it('of who is like whom, and of each line of many', async () => {
    type Alike = Pick<Recommended, 'foldedIn'> & { readonly users: readonly { id: string; score: number }[] };
    const like = async (user: string) => {
      const response = await app.request(`/v1/users/${user}/similar?limit=10`);
      return { status: response.status, body: (await response.json()) as Alike };
    };
    expect(await like('kim')).toMatchObject({ status: 404 });
    await post(['c1', 'c2', 'c3'].map((item) => ({ user: 'kim', item, value: 5 })));
    const found = await like('kim');
    expect(found.status).toBe(200);
    expect(found.body.foldedIn).toMatchObject({ interactions: 3, how: 'propagation' });
    expect(found.body.users[0]!.id).toBe('dan');
    // Of cat, whose taste has moved, the version knows only what it was.
    const { served, release } = planted.deps.recommender.acquire();
    const scores = (users: readonly { id: string; score: number }[]) =>
      new Map(users.map(({ id, score }) => [id, score]));
    const before = scores(similarUsers(served, 'cat', 10)!);
    release();
    const cat = await like('cat');
    expect(cat.body.foldedIn).toMatchObject({ interactions: 6 });
    const after = scores(cat.body.users);
    expect(after.get('dan')!).toBeLessThan(before.get('dan')!);
    expect(after.get('ann')!).toBeGreaterThan(before.get('ann')!);
    await post([{ user: 'mia', item: 'not in the version', value: 5 }]);
    expect(await like('mia')).toMatchObject({ status: 200, body: { users: [] } });

    const response = await ask('/v1/recommendations:batch', { users: ['kim', 'eve'], limit: 1 });
    const [kim, eve] = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(kim).toMatchObject({ user: 'kim', foldedIn: found.body.foldedIn });
    expect(eve).not.toHaveProperty('foldedIn');
  });

  it('of a user whom the version knows by name alone', async () => {
    await post([{ user: 'new', item: 'c1', value: 5 }]);
    const body = await recommend('new', '?explain=false');
    expect(body.foldedIn).toMatchObject({ interactions: 1 });
    expectBefore(body, comedyFirst);
  });

  it('of items alone that the version does not know changes no taste', async () => {
    await post([{ user: 'lea', item: 'not in the version', value: 5 }]);
    expect(await recommend('lea', '?limit=1')).toMatchObject({ fallback: 'popular' });
  });
});

const ask = async (path: string, body: object) => {
  const headers = { 'content-type': 'application/json' };
  return await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
};

describe('sessions without a name', () => {
  const session = async (items: readonly object[], more: object = {}) => {
    const response = await ask('/v1/sessions/recommendations', { items, ...more });
    expect(response.status).toBe(200);
    return (await response.json()) as Recommended & { readonly unknown: readonly string[] };
  };

  it('are ranked by their items, without them', async () => {
    const body = await session([{ id: 'd1' }, { id: 'd2' }]);
    expect(body).toMatchObject({ foldedIn: { interactions: 2, how: 'propagation' }, unknown: [] });
    expect(body).not.toHaveProperty('fallback');
    expectBefore(body, dramaFirst);
    for (const done of ['d1', 'd2']) expect(ids(body)).not.toContain(done);
    expect(ids(await session([{ id: 'd1' }], { exclude: ['d3'], limit: 10 }))).not.toContain('d3');
  });

  it('count newer items more, where they are to', async () => {
    const items = [{ id: 'd1' }, { id: 'c1' }];
    expectBefore(await session(items, { decay: 0.1 }), comedyFirst);
    // By time, where all have one.
    const timed = [
      { id: 'd1', at: 2000 },
      { id: 'c1', at: 1000 },
    ];
    expectBefore(await session(timed, { decay: 0.1 }), dramaFirst);
  });

  it('count items that came after the training by what the graph says of them', async () => {
    await planted.graph.write((tx) =>
      tx.run(
        `UNWIND [['late drama', 'Drama'], ['late comedy', 'Comedy']] AS late
         MATCH (f:Feature {kind: 'genre', value: late[1]})
         CREATE (:Item {id: late[0], title: late[0]})-[:HAS]->(f)`,
      ),
    );
    const drama = await session([{ id: 'late drama' }]);
    expect(drama).toMatchObject({ foldedIn: { interactions: 1, how: 'least-squares' }, unseen: ['late drama'] });
    expect(drama.unknown).toEqual([]);
    expect(drama).not.toHaveProperty('fallback');
    expectBefore(drama, dramaFirst);
    expectBefore(await session([{ id: 'late comedy' }]), comedyFirst);
    // One more item of the session: newer than the other it counts more, older less.
    const [comedy, last] = [{ id: 'c1' }, { id: 'late drama' }];
    expectBefore(await session([comedy, last], { decay: 0.1 }), dramaFirst);
    expectBefore(await session([last, comedy], { decay: 0.1 }), comedyFirst);
    expect((await session([comedy, last])).foldedIn).toMatchObject({ interactions: 2 });
    // What the graph does not know either stays unknown.
    expect(await session([{ id: 'late drama' }, { id: 'nothing' }])).toMatchObject({ unknown: ['nothing'] });
  });

  it('of items that the version does not know get what is popular', async () => {
    const body = await session([{ id: 'nothing' }, { id: 'nothing' }]);
    expect(body).toMatchObject({ fallback: 'popular', unknown: ['nothing'] });
    expect(ids(body)[0]).toBe('all');
  });

  it('are refused where they say too much, too little or something else', async () => {
    for (const body of [
      { items: [] },
      { items: [{ id: 'd1' }], decay: 0 },
      { items: [{ id: 'd1' }], decay: 1.5 },
      { items: [{ id: 'd1', weight: 3 }] },
      { items: [{ id: 'd1' }], other: 1 },
      { items: Array.from({ length: 1001 }, () => ({ id: 'd1' })) },
    ]) {
      const response = await ask('/v1/sessions/recommendations', body);
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ code: 'api/invalid' });
    }
  });
});

describe('groups', () => {
  interface Grouped {
    readonly graph: string;
    readonly members: readonly { readonly user: string; readonly satisfaction: number; readonly fallback?: string }[];
    readonly items: readonly { readonly item: string; readonly score: number; readonly ratings: readonly number[] }[];
  }
  const grouped = async (users: readonly string[], more: object = {}) => {
    const response = await ask('/v1/groups/recommendations', { users, limit: 2, ...more });
    expect(response.status).toBe(200);
    return (await response.json()) as Grouped;
  };

  it('of one taste are fully satisfied', async () => {
    const body = await grouped(['ann', 'ann', 'eve']);
    expect(body.graph).toBe('reached');
    expect(body.members.map(({ user }) => user)).toEqual(['ann', 'eve']);
    // What one of them has done is left out: d1, d2 of ann, d3 of eve.
    expect(body.items[0]!.item).toBe('d4');
    for (const { satisfaction } of body.members) expect(satisfaction).toBeGreaterThan(0.9);
  });

  it('of two tastes get something for each of them, or what neither minds', async () => {
    const users = ['bob', 'dan']; // drama and comedy
    for (const aggregate of ['most-pleasure', 'fairness'] as const) {
      const { items } = await grouped(users, { aggregate });
      expect(items.map(({ item }) => item).sort()).toEqual(['c4', 'd4']);
    }
    const { items, members } = await grouped(users, { aggregate: 'least-misery' });
    for (const { score, ratings } of items) expect(score).toBe(Math.min(...ratings));
    for (const { satisfaction } of members) expect(satisfaction).toBeLessThanOrEqual(1);
  });

  it('may have members of whom nothing is known', async () => {
    const { members } = await grouped(['ann', 'nobody']);
    expect(members[1]).toMatchObject({ user: 'nobody', fallback: 'popular' });
    expect(members[0]).not.toHaveProperty('fallback');
  });

  it('are refused where there is nobody, or too many', async () => {
    for (const users of [[], Array.from({ length: 51 }, (_, n) => `u${n}`)])
      expect((await ask('/v1/groups/recommendations', { users })).status).toBe(422);
    expect((await ask('/v1/groups/recommendations', { users: ['a'], aggregate: 'dictator' })).status).toBe(422);
  });
});
