/** Every kind of source finds its planted answer, and keeps to what all sources promise. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../../src/compute/open.ts';
import { evenHistory } from '../../../src/serving/foldIn/history.ts';
import { contextOf } from '../../../src/serving/stages/pipelines.ts';
import { type StagesWorld, stagesWorld } from './world.ts';

const kernels = openKernels({ threads: 1 });
let world: StagesWorld;
beforeAll(async () => {
  world = await stagesWorld(kernels);
});
afterAll(async () => {
  world.remove();
  await kernels.close();
});

/** What one source finds for a user, by id. */
async function find(source: object, user: string, { since = [] as string[], most = 10 } = {}) {
  const ready = world.pipelines({ test: { sources: [source] } }).ready(world.served, 'test');
  const context = contextOf(ready, { user, pipeline: 'test', limit: 10, since, seed: '' });
  const { ids, scores, note } = await ready.sources[0]!.find(context, most);
  return { ids: ids.map((item) => world.snapshot.items.id(item)), scores, note };
}

const sources: readonly object[] = [
  { kind: 'version' },
  { kind: 'item-to-item' },
  { kind: 'user-to-user' },
  { kind: 'popular' },
  { kind: 'trending' },
  { kind: 'newest' },
  { kind: 'content-similar' },
  { kind: 'same-feature', feature: 'genre' },
  { kind: 'trusted' },
  { kind: 'session' },
  { kind: 'session', by: 'embedding' },
];

describe('every source', () => {
  for (const source of sources) {
    it(`${JSON.stringify(source)} finds each item once, best first, none that is left out, and no more than asked`, async () => {
      for (const user of ['ann', 'dan', 'new', 'nobody']) {
        for (const since of [[], ['c1'], ['c1', 'd3', 'not an item']]) {
          const all = await find(source, user, { since, most: 100 });
          expect(new Set(all.ids).size).toBe(all.ids.length);
          expect(all.scores).toHaveLength(all.ids.length);
          expect(all.scores).toEqual(all.scores.toSorted((a, b) => b - a));
          const left = [
            'gone',
            ...since,
            ...(user === 'ann' ? ['d1', 'd2', 'all'] : user === 'dan' ? ['c1', 'c2', 'c3', 'all'] : []),
          ];
          for (const id of left) expect(all.ids).not.toContain(id);
          expect((await find(source, user, { since, most: 2 })).ids).toEqual(all.ids.slice(0, 2));
        }
      }
    });
  }
});

describe('what each source finds', () => {
  it('version: what the version ranks first, nothing for strangers', async () => {
    expect((await find({ kind: 'version' }, 'ann')).ids).toEqual(
      world.served.recommend('ann', { limit: 10 }).items.map(({ id }) => id),
    );
    expect((await find({ kind: 'version' }, 'new')).ids).toEqual([]);
  });

  it('version: the ranking of another published version', async () => {
    const { ids } = await find({ kind: 'version', version: world.contrary }, 'ann', { since: ['c4'] });
    // By what the version that is served ranks for her with it: what she has done a moment ago counts in both.
    const { served, snapshot } = world;
    const [c4, gone] = ['c4', 'gone'].map((id) => snapshot.items.index(id)!) as [number, number];
    const done = [...served.liked('ann'), c4];
    const own = served.fold(evenHistory(done), 'ann')!.best(10, [...done, gone]);
    expect(ids).toEqual(own.ids.map((item) => snapshot.items.id(item)).toReversed());
  });

  it('item-to-item, session by embedding: what is like the last items', async () => {
    for (const source of [{ kind: 'item-to-item' }, { kind: 'session', by: 'embedding' }])
      expect(new Set((await find(source, 'ann', { most: 2 })).ids)).toEqual(new Set(['d3', 'd4']));
  });

  it('user-to-user: what neighbours by vector liked', async () => {
    const { ids } = await find({ kind: 'user-to-user', neighbours: 2 }, 'ann');
    expect(ids).toEqual(['d3']); // of bob and eve
  });

  it('popular, trending: by people, and by when', async () => {
    expect((await find({ kind: 'popular' }, 'new', { most: 2 })).ids).toEqual(['all', 'd1']);
    expect((await find({ kind: 'popular' }, 'ann', { most: 4 })).ids).toEqual(['c1', 'c2', 'd3', 'c3']);
    // Times of the planted world are 1 ms apart: d3 at 1002 and 1001, c3 at 1002, c2 at 1001 twice, c1 at 1000 twice.
    const halfLifeDays = 0.864 / 86_400_000;
    const { ids, scores } = await find({ kind: 'trending', halfLifeDays }, 'ann');
    expect(ids).toEqual(['d3', 'c3', 'c2', 'c1']);
    expect(scores[1]).toBeCloseTo(2 ** (-1 / 0.864), 6); // the newest interaction is at 1003
    expect(scores[2]).toBeCloseTo(2 * 2 ** (-2 / 0.864), 6);
  });

  it('newest: by the first interaction where items have no time', async () => {
    const { ids, scores } = await find({ kind: 'newest' }, 'ann');
    expect(ids).toEqual(['c3', 'c2', 'd3', 'c1']);
    expect(scores).toEqual([1002, 1001, 1001, 1000]);
  });

  it('content-similar, same-feature: items that share the genre', async () => {
    const { ids, scores } = await find({ kind: 'content-similar' }, 'ann');
    expect(ids).toEqual(['d3', 'd4']);
    // Two of her three items are dramas, as four of the ten items are; an item has no other feature.
    expect(scores[0]).toBeCloseTo(2 * Math.log(10 / 4), 6);
    expect((await find({ kind: 'same-feature', feature: 'genre', values: 1 }, 'ann')).ids).toEqual(['d3', 'd4']);
    expect((await find({ kind: 'same-feature', feature: 'none' }, 'ann')).ids).toEqual([]);
  });

  it('trusted: what those liked whom she trusts', async () => {
    expect(await find({ kind: 'trusted' }, 'ann')).toMatchObject({ ids: ['d3'], scores: [2] });
    expect((await find({ kind: 'trusted' }, 'cat')).ids).toEqual([]);
  });

  it('session: what goes with what was done a moment ago, also for somebody who was not there at the training', async () => {
    expect((await find({ kind: 'session' }, 'new')).ids).toEqual([]);
    for (const user of ['new', 'nobody']) {
      const { ids, scores } = await find({ kind: 'session' }, user, { since: ['c1'] });
      expect(ids).toEqual(['c2', 'c3', 'all']);
      // cos over people: c1 {cat, dan} with c2 {cat, dan}, c3 {dan}, all {five}
      expect(scores[0]).toBeCloseTo(1, 6);
      expect(scores[1]).toBeCloseTo(1 / Math.sqrt(2), 6);
      expect(scores[2]).toBeCloseTo(2 / Math.sqrt(10), 6);
    }
  });

  it('a rule without a database is a note, not a failure', async () => {
    const { chosen, notes } = await world.run(
      { sources: [{ kind: 'rule', rule: 'comedies' }, { kind: 'popular' }] },
      'ann',
    );
    expect(chosen.length).toBeGreaterThan(0);
    expect(notes).toEqual([expect.stringMatching(/^Source 'rule' is left out: .*no database/)]);
  });
});
