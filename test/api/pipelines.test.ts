/** Pipelines over HTTP: a trace, why-not, the list of them; and today's answer where none is asked for. */
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { option } from '../../src/options.ts';
import { openService } from '../../src/pipeline.ts';
import { silent } from '../../src/progress.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

const declared = option.pipelines.parse({
  mixed: {
    sources: [
      { kind: 'version', quota: 2 },
      { kind: 'popular', quota: 3 },
    ],
    rank: { by: 'embedding', deadlineMs: 60_000 },
    rerank: [{ kind: 'features', exclude: [{ kind: 'genre', values: ['Comedy'] }] }],
  },
});
const experiments = option.experiments.parse({
  split: { arms: { a: { pipeline: 'default', share: 0.5 }, b: { pipeline: 'mixed', share: 0.5 } } },
});
let planted: PlantedApp;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  planted = await plantedApp(undefined, {}, { pipelines: declared, experiments });
  app = createApp(planted.deps);
});
afterAll(() => planted.close());

const get = async (path: string) => {
  const response = await app.request(path);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

interface Traced {
  readonly items: { item: string; score: number }[];
  readonly trace: { stages: { stage: string; in: number; out: number }[]; items: { item: string; from: object[] }[] };
}

describe('recommendations by a pipeline', () => {
  it('are what they were where none is asked for', async () => {
    const { body } = await get('/v1/users/ann/recommendations');
    expect(Object.keys(body)).toEqual(['user', 'version', 'graph', 'items']);
    const { body: traced } = await get('/v1/users/ann/recommendations?trace=1');
    expect(traced.items).toEqual(body.items);
    expect(traced).toMatchObject({ pipeline: 'default' });
    const { body: stranger } = await get('/v1/users/nobody/recommendations?trace=1');
    const { trace: _, pipeline: __, ...rest } = stranger;
    expect(rest).toEqual((await get('/v1/users/nobody/recommendations')).body);
  });

  it('say with ?trace=1 what each stage did and who found each item', async () => {
    const { status, body } = await get('/v1/users/ann/recommendations?pipeline=mixed&trace=1');
    expect(status).toBe(200);
    const { items, trace } = body as unknown as Traced;
    expect(new Set(items.map(({ item }) => item))).toEqual(new Set(['d3', 'd4']));
    expect(trace.stages.map(({ stage, in: taken, out }) => [stage, taken, out])).toEqual([
      ['source version', 0, 2],
      ['source popular', 0, 3],
      ['fuse reciprocal-rank', 5, 4],
      ['rank embedding', 4, 4],
      ['rerank features', 4, 2],
    ]);
    expect(trace.items.map(({ item }) => item)).toEqual(items.map(({ item }) => item));
    expect(trace.items.find(({ item }) => item === 'd3')!.from).toMatchObject([
      { source: 'version' },
      { source: 'popular', place: 3 },
    ]);
    const { body: untraced } = await get('/v1/users/ann/recommendations?pipeline=mixed');
    expect(untraced).toMatchObject({ pipeline: 'mixed', items });
    expect(untraced).not.toHaveProperty('trace');
  });

  it('are refused for a pipeline that is not declared', async () => {
    const { status, body } = await get('/v1/users/ann/recommendations?pipeline=other');
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'pipeline/unknown', detail: "No pipeline 'other'. There are: default, mixed" });
    expect((await get('/v1/users/ann/recommendations?pipeline=A%20b')).status).toBe(422);
    expect((await get('/v1/users/ann/recommendations?trace=perhaps')).status).toBe(422);
  });
});

describe('why not', () => {
  it('says where the pipeline lost an item', async () => {
    const { status, body } = await get('/v1/users/ann/recommendations/c1/why-not?pipeline=mixed');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      user: 'ann',
      item: 'c1',
      title: 'Film c1',
      version: planted.deps.recommender.version.id,
      pipeline: 'mixed',
      lost: 'removed',
      stage: 'features',
      sources: [
        { source: 'version', quota: 2 },
        { source: 'popular', place: 1, quota: 3 },
      ],
    });
    expect((await get('/v1/users/ann/recommendations/d1/why-not')).body).toMatchObject({
      pipeline: 'default',
      lost: 'done',
    });
    expect((await get('/v1/users/ann/recommendations/none/why-not')).body).toMatchObject({ lost: 'unknown' });
    const low = (await get('/v1/users/ann/recommendations/c1/why-not?limit=1')).body;
    expect(low).toMatchObject({ lost: 'ranked-low', stage: 'cut', sources: [{ source: 'version' }] });
    expect((await get('/v1/users/ann/recommendations/c1/why-not?pipeline=other')).status).toBe(404);
  });

  it('goes by the filter and the arm that the list goes by', async () => {
    const whyNot = async (item: string, query: string) =>
      (await get(`/v1/users/ann/recommendations/${item}/why-not?${query}`)).body;
    expect(await whyNot('c1', 'filter=genre:Drama')).toMatchObject({ lost: 'removed', stage: 'filter', sources: [] });
    expect(await whyNot('d1', 'filter=genre:Comedy')).toMatchObject({ lost: 'done' });
    // The first of the comedies is behind dramas where there is no filter.
    const { body: comedies } = await get('/v1/users/ann/recommendations?filter=genre:Comedy');
    const [{ item: first }] = comedies.items as [{ item: string }];
    expect(await whyNot(first, 'limit=1')).toMatchObject({ lost: 'ranked-low' });
    expect(await whyNot(first, 'filter=genre:Comedy&limit=1')).toMatchObject({ lost: 'recommended', place: 1 });
    expect(await whyNot('c1', 'filter=colour:red')).toMatchObject({ code: 'filter/type' });
    const { body: list } = await get('/v1/users/ann/recommendations?experiment=split');
    const { pipeline, experiment } = list;
    expect(await whyNot('c1', 'experiment=split')).toMatchObject({ pipeline, experiment });
    const other = { pipeline: 'mixed', experiment: { name: 'split', arm: 'b' }, lost: 'removed', stage: 'features' };
    expect(await whyNot('c1', 'experiment=split&arm=b')).toMatchObject(other);
    expect(await whyNot('c1', 'experiment=none')).toMatchObject({ code: 'experiment/unknown' });
  });
});

it('warns of what no item has, and of items that the version does not know', async () => {
  const rerank = [
    {
      kind: 'features',
      include: [{ kind: 'genre', values: ['Drama'] }],
      exclude: [{ kind: 'genre', values: ['Horor'] }],
    },
    { kind: 'fairness', protect: 'feature', feature: 'genre', value: 'Comdy' },
    {
      kind: 'available',
      expiryFeature: 'util',
      hidden: ['d1', 'lost', ...Array.from({ length: 12 }, (_, n) => `x${n}`)],
    },
    {
      kind: 'pins',
      items: [
        { item: 'd1', position: 1 },
        { item: 'd99', position: 2 },
      ],
    },
  ];
  const misspelt = option.pipelines.parse({ misspelt: { sources: [{ kind: 'popular' }], rerank } });
  const other = await plantedApp(undefined, {}, { pipelines: misspelt });
  const response = await createApp(other.deps).request('/v1/pipelines');
  const { warnings } = (await response.json()) as { warnings: Record<string, string>[] };
  const told = warnings.map(({ pipeline, stage, key, value }) => [pipeline, stage, key, value]);
  expect(told.filter(([, , , value]) => !value!.startsWith('x'))).toEqual([
    ['misspelt', 'rerank features', 'exclude', 'Horor'],
    ['misspelt', 'rerank fairness', 'value', 'Comdy'],
    ['misspelt', 'rerank available', 'expiryFeature', 'util'],
    ['misspelt', 'rerank available', 'hidden', 'lost'],
    ['misspelt', 'rerank available', 'hidden', '3 more'],
    ['misspelt', 'rerank pins', 'items', 'd99'],
  ]);
  expect((await get('/v1/pipelines')).body.warnings).toEqual([]);
  await other.close();
});

it('warns in the log where it is served', async () => {
  const rerank = [{ kind: 'available', hidden: ['lost'] }];
  const pipelines = option.pipelines.parse({ misspelt: { sources: [{ kind: 'popular' }], rerank } });
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => lines.push(line) });
  const run = { report: silent, signal: new AbortController().signal, log };
  const service = await openService({ home: planted.home, pipelines, pollMs: 1000, threads: 1 }, run);
  await service.close();
  const [line] = lines.map((each) => JSON.parse(each)).filter(({ level }) => level === 40);
  expect(line).toMatchObject({ pipeline: 'misspelt', stage: 'rerank available', key: 'hidden', value: 'lost' });
  expect(line.msg).toBe("Pipeline 'misspelt', rerank available, hidden 'lost': the version knows no such item");
});

it('lists the pipelines as they are declared, defaults filled in', async () => {
  const { body } = await get('/v1/pipelines');
  expect(body.pipelines).toMatchObject([
    { name: 'default', sources: [{ kind: 'version' }, { kind: 'popular', only: 'strangers' }], rank: { by: 'fusion' } },
    { name: 'mixed', fuse: { kind: 'reciprocal-rank', k: 60 }, rerank: [{ kind: 'features' }] },
  ]);
});
