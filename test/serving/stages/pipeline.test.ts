/** Whole pipelines over the planted world: the default, ranking and its deadline, re-ranking, where items are lost, mistakes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../../src/compute/open.ts';
import { option } from '../../../src/options.ts';
import { loadVersion } from '../../../src/serving/published.ts';
import { serveVersion } from '../../../src/serving/served.ts';
import type { Clock } from '../../../src/serving/stages/deadline.ts';
import { rankWithin } from '../../../src/serving/stages/deadline.ts';
import { contextOf } from '../../../src/serving/stages/pipelines.ts';
import type { Ranker, RankTime } from '../../../src/serving/stages/ranker.ts';
import { runPipeline } from '../../../src/serving/stages/run.ts';
import { whyNot } from '../../../src/serving/stages/whyNot.ts';
import { publish } from '../../../src/serving/versions.ts';
import { plantedResult } from '../home.ts';
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

/** The moment of every deadline is now, or never. */
const fixedClock = (isLate: boolean): Clock => ({
  now: () => 0,
  after(_, late) {
    if (isLate) late();
    return { cancel() {} };
  },
});

describe('the built-in default', () => {
  it('answers exactly what the version recommends, to everybody, also with a bias', async () => {
    const { id } = await publish(world.home, plantedResult(world.snapshot, { bias: 0.1 }));
    const biased = serveVersion(loadVersion(world.home, id), kernels);
    const pipelines = world.pipelines({});
    for (const served of [world.served, biased]) {
      const ready = pipelines.ready(served, 'default');
      for (const user of ['ann', 'bob', 'cat', 'dan', 'eve', 'new', 'nobody']) {
        for (const limit of [1, 3, 1000]) {
          for (const since of [[], ['d3', 'c4', 'none']]) {
            const run = await runPipeline(
              ready,
              contextOf(ready, { user, pipeline: 'default', limit, since, seed: '' }),
            );
            const { items, fallback } = served.recommend(user, { limit, exclude: since });
            expect(run.chosen.map(({ item, score }) => [world.snapshot.items.id(item), score])).toEqual(
              items.map(({ id, score }) => [id, score]),
            );
            expect(run.fallback).toBe(fallback);
          }
        }
      }
    }
    biased.dispose();
  });
});

describe('a declared pipeline', () => {
  const mixed = { sources: [{ kind: 'version', quota: 2 }, { kind: 'popular', quota: 3 }, { kind: 'trusted' }] };

  it('brings sources together within their quotas, and ranks by the embedding', async () => {
    const run = await world.run(mixed, 'ann', { limit: 3 });
    expect(run.stages.map(({ stage, in: taken, candidates }) => [stage, taken, candidates.length])).toEqual([
      ['source version', 0, 2],
      ['source popular', 0, 3],
      ['source trusted', 0, 1],
      ['fuse reciprocal-rank', 6, 4], // d3 by all three, d4, c1, c2
      ['rank embedding', 4, 4],
    ]);
    expect(new Set(world.ids(run).slice(0, 2))).toEqual(new Set(['d3', 'd4']));
    const d3 = run.chosen.find(({ item }) => world.snapshot.items.id(item) === 'd3')!;
    expect(d3.from.map(({ source }) => source)).toEqual(['version', 'popular', 'trusted']);
    expect(d3.score).toBeCloseTo(world.served.score('ann', 'd3').item.score, 6);
  });

  it('asks sources for strangers or for the others only where it is told so', async () => {
    const told = {
      sources: [
        { kind: 'version', only: 'known' },
        { kind: 'newest', only: 'strangers' },
      ],
    };
    const names = async (user: string) => (await world.run(told, user)).lists.map(({ source }) => source);
    expect(await names('ann')).toEqual(['version']);
    expect(await names('nobody')).toEqual(['newest']);
  });

  it('changes its answer with what was done a moment ago', async () => {
    const session = { sources: [{ kind: 'session' }], rank: { by: 'fusion' } };
    expect(world.ids(await world.run(session, 'nobody', { since: ['c1'] }))[0]).toBe('c2');
    expect(world.ids(await world.run(session, 'nobody', { since: ['d2'] }))[0]).toBe('d1');
  });

  it('is ranked by another version, whose taste is another', async () => {
    const by = (rank: object) => world.run({ sources: [{ kind: 'popular' }], rank }, 'ann');
    const own = world.ids(await by({ by: 'embedding' }));
    const other = world.ids(await by({ by: 'version', version: world.contrary, deadlineMs: 60_000 }));
    expect(new Set(own.slice(0, 2))).toEqual(new Set(['d3', 'd4']));
    expect(other).toEqual(own.toReversed());
    const stranger = await world.run(
      { sources: [{ kind: 'popular' }], rank: { by: 'version', version: world.contrary } },
      'nobody',
    );
    expect(world.ids(stranger)[0]).toBe('all');
    expect(stranger.degraded).toBeUndefined();
  });

  it('leaves out by features, and says why', async () => {
    const features = { kind: 'features', exclude: [{ kind: 'genre', values: ['Comedy'] }] };
    const run = await world.run({ sources: [{ kind: 'popular' }], rerank: [features] }, 'ann');
    expect(new Set(world.ids(run))).toEqual(new Set(['d3', 'd4']));
    expect(run.removed).toHaveLength(4);
    expect(run.removed[0]).toMatchObject({ stage: 'features', because: 'its genre is Comedy' });
    const include = { kind: 'features', include: [{ kind: 'genre', values: ['Comedy', 'Western'] }] };
    const comedies = await world.run({ sources: [{ kind: 'popular' }], rerank: [include] }, 'nobody');
    expect(new Set(world.ids(comedies))).toEqual(new Set(['c1', 'c2', 'c3', 'c4']));
    expect(comedies.removed.find(({ item }) => world.snapshot.items.id(item) === 'all')?.because).toBe(
      'its genre is none of Comedy, Western',
    );
  });
});

describe('somebody who was folded in', () => {
  const index = (id: string) => world.snapshot.items.index(id)!;

  it('is ranked by the taste that the request brings', async () => {
    const wanted = [index('c4'), index('d1')];
    const taste = {
      best: (limit: number, exclude: readonly number[]) => {
        const ids = wanted.filter((item) => !exclude.includes(item)).slice(0, limit);
        return { ids, scores: ids.map(() => 1) };
      },
      scores: (items: Int32Array) =>
        Float64Array.from(items, (item) => (item === index('c4') ? 2 : item === index('all') ? 1 : 0)),
    };
    const declared = { sources: [{ kind: 'version' }, { kind: 'popular', only: 'strangers' }, { kind: 'newest' }] };
    const ready = world.pipelines({ test: declared }).ready(world.served, 'test');
    const request = { user: 'nobody', pipeline: 'test', limit: 2, since: ['d1'], seed: '', taste };
    const run = await runPipeline(ready, contextOf(ready, request));
    expect(run.lists.map(({ source }) => source)).toEqual(['version', 'newest']); // she is no stranger
    expect(run.lists[0]!.ids).toEqual([index('c4')]);
    expect(world.ids(run)).toEqual(['c4', 'all']);
  });

  it('has neighbours by the vector that the request brings', async () => {
    const ready = world
      .pipelines({ test: { sources: [{ kind: 'user-to-user', neighbours: 1 }] } })
      .ready(world.served, 'test');
    const { vectors } = world.served.published;
    const ann = world.snapshot.users.index('ann')!;
    const vector = vectors!.users.slice(ann * vectors!.dim, (ann + 1) * vectors!.dim);
    const request = { user: 'nobody', pipeline: 'test', limit: 10, since: [], seed: '', vector };
    const run = await runPipeline(ready, contextOf(ready, request));
    expect(new Set(world.ids(run))).toEqual(new Set(['d1', 'd2', 'all']));
  });

  it('did last what the version does not know of, in the order that the graph says', () => {
    const ready = world.pipelines({}).ready(world.served, 'default');
    const deed = (id: string, at: number, type = 'view') => ({ item: index(id), type, value: 1, at });
    const deeds = [deed('d1', 1000, 'rating'), deed('c2', 6000), deed('d2', 6500), deed('c1', 7000)];
    const request = {
      user: 'ann',
      pipeline: 'default',
      limit: 1,
      seed: '',
      since: ['d1', 'c1', 'c2', 'c3', 'none'],
      deeds,
    };
    const { asker } = contextOf(ready, request);
    expect(asker.deeds.map(({ item }) => world.snapshot.items.id(item))).toEqual([
      'd1',
      'd2',
      'all',
      'c2',
      'd2',
      'c1',
      'c3',
    ]);
    const leftOf = ({ left }: typeof asker) =>
      new Set(Array.from({ length: world.snapshot.items.count }, (_, item) => item).filter((item) => left.has(item)));
    expect(leftOf(asker)).toEqual(new Set(['gone', 'd1', 'd2', 'all', 'c1', 'c2', 'c3'].map(index)));
    // Told all, the version's own say is past.
    const told = contextOf(ready, { ...request, since: ['d1', 'c1', 'c2'], isAll: true }).asker;
    expect(told.deeds).toEqual(deeds);
    expect(leftOf(told)).toEqual(new Set(['gone', 'd1', 'd2', 'c1', 'c2'].map(index)));
  });
});

describe('the deadline of ranking', () => {
  const sources = [{ kind: 'popular' }];
  const retrieval = ['c1', 'c2', 'd3'];

  it('past it the order of the retrieval is served, and the answer says so', async () => {
    const never: Ranker = { name: 'never', rank: () => new Promise(() => {}) };
    const ready = { ...world.pipelines({ test: { sources } }).ready(world.served, 'test'), ranker: never };
    const context = contextOf(ready, { user: 'ann', pipeline: 'test', limit: 3, since: [], seed: '' });
    const run = await runPipeline(ready, context, { clock: fixedClock(true) });
    expect(run.degraded).toBe('ranking');
    expect(world.ids(run)).toEqual(retrieval);
    expect(run.stages.at(-1)).toMatchObject({ stage: 'rank never', note: 'not ranked within 50 ms' });
  });

  it('a ranker that fails is none', async () => {
    const ready = world.pipelines({ test: { sources } }).ready(world.served, 'test');
    const context = contextOf(ready, { user: 'ann', pipeline: 'test', limit: 3, since: [], seed: '' });
    const failing: Ranker = {
      name: 'failing',
      async rank() {
        throw new Error('out of order');
      },
    };
    expect(await rankWithin(failing, [], context, 50, fixedClock(false))).toEqual({
      candidates: [],
      degraded: 'ranking',
      note: 'not ranked: out of order',
    });
  });

  it('within it the ranking is served, and the ranker hears that it is over', async () => {
    let given: RankTime | undefined;
    const turning: Ranker = {
      name: 'turning',
      async rank(candidates, _, time) {
        expect(time.isOver()).toBe(false);
        given = time;
        return { candidates: candidates.toReversed() };
      },
    };
    const ready = { ...world.pipelines({ test: { sources } }).ready(world.served, 'test'), ranker: turning };
    const context = contextOf(ready, { user: 'ann', pipeline: 'test', limit: 6, since: [], seed: '' });
    const run = await runPipeline(ready, context, { clock: fixedClock(false) });
    expect(world.ids(run).toReversed().slice(0, 3)).toEqual(retrieval);
    expect(run.degraded).toBeUndefined();
    expect(given!.isOver()).toBe(true);
  });
});

describe('where an item was lost', () => {
  const declared = {
    test: {
      sources: [{ kind: 'trusted' }, { kind: 'popular', quota: 3 }],
      rerank: [{ kind: 'features', exclude: [{ kind: 'genre', values: ['Comedy'] }] }],
    },
  };
  const ask = (
    item: string,
    { user = 'ann', limit = 1, since = [] as string[], pipelines = declared as object } = {},
  ) =>
    whyNot(world.pipelines(pipelines as never), world.served, { user, pipeline: 'test', limit, since, seed: '' }, item);

  it('is said for every way of being lost', async () => {
    expect(await ask('no such item')).toMatchObject({ lost: 'unknown', sources: [] });
    expect(await ask('gone')).toMatchObject({ lost: 'unavailable', title: 'Film gone' });
    expect(await ask('d1')).toMatchObject({ lost: 'done' });
    expect(await ask('d3', { since: ['d3'] })).toMatchObject({ lost: 'done' });
    expect(await ask('c1')).toMatchObject({
      lost: 'removed',
      stage: 'features',
      because: 'Removed by features: its genre is Comedy.',
      sources: [{ source: 'popular', place: 1, quota: 3 }],
    });
    expect(await ask('d3')).toMatchObject({ lost: 'recommended', place: 1, because: 'It is recommended, at place 1.' });
    expect(await ask('d4')).toMatchObject({
      lost: 'below-quota',
      stage: 'source popular',
      because: 'popular has it at place 6 and may bring 3.',
    });
    // A pin brings it, whatever the sources' quotas are.
    const pins = { kind: 'pins', items: [{ item: 'd4', position: 1 }] };
    const hidden = { ...declared.test, rerank: [{ kind: 'available', hidden: ['d4'] }, pins] };
    expect(await ask('d4', { pipelines: { test: hidden } })).toMatchObject({
      lost: 'removed',
      stage: 'available',
      because: 'Removed by available: it is hidden from everybody.',
      sources: [{ source: 'popular', place: 6, quota: 3 }],
    });
    const trusted = { test: { sources: [{ kind: 'trusted' }] } };
    expect(await ask('c1', { pipelines: trusted })).toMatchObject({ lost: 'not-found', sources: [] });
    const popular = { test: { sources: [{ kind: 'popular' }], rank: { by: 'fusion' } } };
    expect(await ask('d3', { pipelines: popular, limit: 2 })).toMatchObject({
      lost: 'ranked-low',
      place: 3,
      because: 'It is ranked 3rd; the list has 2.',
    });
  });
});

describe('mistakes in a declaration', () => {
  const refused = (pipeline: object, path: string, message: RegExp) => {
    const { error } = option.pipelines.safeParse({ test: pipeline });
    expect(error?.issues.map((issue) => [issue.path.join('.'), issue.message])).toContainEqual([
      `test.${path}`,
      expect.stringMatching(message),
    ]);
  };

  it('are refused with where they are', () => {
    refused({ sources: [] }, 'sources', /./);
    refused({ sources: [{ kind: 'populer' }] }, 'sources.0.kind', /no such kind. There are: 'version', .*'popular'/);
    refused({ sources: [{ kind: 'popular', quota: 0 }] }, 'sources.0.quota', /./);
    refused({ sources: [{ kind: 'popular', halfLife: 1 }] }, 'sources.0', /halfLife/);
    refused(
      { sources: [{ kind: 'popular' }, { kind: 'popular' }] },
      'sources.1.name',
      /two sources are called 'popular'/,
    );
    refused(
      { sources: [{ kind: 'popular' }], fuse: { kind: 'reciprocal-rank', weights: { newest: 1 } } },
      'fuse.weights.newest',
      /no source is called so. There are: popular/,
    );
    refused({ sources: [{ kind: 'popular' }], rank: { by: 'magic' } }, 'rank.by', /ranks by no such thing/);
    refused({ sources: [{ kind: 'popular' }], rerank: [{ kind: 'magic' }] }, 'rerank.0.kind', /no such kind/);
  });

  it('that only the data can tell are refused at the start', async () => {
    const unfit = (pipeline: object) => world.pipelines({ test: pipeline }).prepare(world.served);
    await expect(unfit({ sources: [{ kind: 'same-feature', feature: 'colour' }] })).rejects.toMatchObject({
      code: 'pipeline/unfit',
      message: "Pipeline 'test', source same-feature: nothing has a feature of kind 'colour'. There are: genre",
    });
    await expect(unfit({ sources: [{ kind: 'version', version: 'none' }] })).rejects.toMatchObject({
      code: 'version/not-found',
    });
    const [greedy, lottery] = [{ kind: 'epsilon-greedy' }, { kind: 'plackett-luce' }];
    await expect(
      unfit({ sources: [{ kind: 'popular' }], rerank: [greedy, { kind: 'mmr' }, lottery] }),
    ).rejects.toMatchObject({
      code: 'pipeline/unfit',
      message: expect.stringContaining('rerank plackett-luce: draws anew what rerank epsilon-greedy has drawn'),
    });
    await expect(unfit({ sources: [{ kind: 'popular' }], rerank: [greedy, { kind: 'mmr' }] })).resolves.toBeUndefined();
    await expect(unfit({ sources: [{ kind: 'popular' }, { kind: 'user-to-user' }] })).resolves.toBeUndefined();
    expect(() => world.pipelines({}).ready(world.served, 'other')).toThrow("No pipeline 'other'. There are: default");
  });
});
