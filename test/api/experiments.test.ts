/** Experiments over HTTP and a real Neo4j: sticky arms, what is noted of them, the report; and estimates whose truth is planted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { type Shown, writeImpressions } from '../../src/graph/impressions.ts';
import { writeInteractions } from '../../src/graph/interactions.ts';
import { option } from '../../src/options.ts';
import { estimatePipeline, together } from '../../src/pipeline/estimate.ts';
import type { ImpressionRecorder } from '../../src/serving/impressions/recorder.ts';
import { plantGraph } from '../graph/planted.ts';
import { testGraph } from '../neo4j.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

const popular = { sources: [{ kind: 'popular' }], rank: { by: 'fusion' } };
const draw = { kind: 'plackett-luce', temperature: 1, among: 4 };
const pipelines = option.pipelines.parse({
  popular,
  explore: { ...popular, rerank: [draw] },
  early: { ...popular, rerank: [draw, { kind: 'popularity' }] },
  pinned: { ...popular, rerank: [draw, { kind: 'pins', items: [{ item: 'c4', position: 1 }] }] },
  tail: { ...popular, rerank: [{ kind: 'available', hidden: ['all', 'd1', 'c1', 'c2'] }] }, // none that explore draws
});
const experiments = option.experiments.parse({
  ranking: { arms: { a: { pipeline: 'default', share: 0.5 }, b: { pipeline: 'explore', share: 0.5 } } },
});
/** Nobody knows them, so that all are asked the same. */
const strangers = (letter: string, count: number) => Array.from({ length: count }, (_, n) => `${letter}${n}`);
const [shoppers, explorers] = [strangers('s', 40), strangers('x', 200)];
const day = 86_400_000;
const [early, later, last] = [6, 4, 2].map((days) => Math.floor(Date.now() / 1000) * 1000 - days * day) as [
  number,
  number,
  number,
];

let graph: Graph;
let planted: PlantedApp;
let app: ReturnType<typeof createApp>;
let noted: Shown[] = [];
let answerId = '';
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
  await graph.write((tx) =>
    tx.run('UNWIND $ids AS id CREATE (:User {id: id})', { ids: [...shoppers, ...explorers, 'certain'] }),
  );
  planted = await plantedApp(graph, {}, { pipelines, experiments });
  const impressions = { record: (shown: Shown) => noted.push(shown) > 0 } as ImpressionRecorder;
  app = createApp({ ...planted.deps, impressions, answerId: () => answerId });
});
afterAll(async () => {
  await planted.close();
  await graph.close();
});

const get = async (path: string, headers = {}) => {
  const response = await app.request(path, { headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const ask = (user: string, query: string, headers = {}) =>
  get(`/v1/users/${user}/recommendations?limit=2&explain=false&${query}`, headers);
/** Asks for each user, and puts what was noted into the graph as of another moment. */
async function show(users: readonly string[], query: string, at: number): Promise<readonly Shown[]> {
  noted = [];
  // What is drawn goes by the answer's id: the same in each run, so that bounds of what chance makes of it hold or do not.
  for (const user of users) {
    answerId = `shown-${user}`;
    await ask(user, query);
  }
  const shown = noted.map((one) => ({ ...one, at }));
  expect(await writeImpressions(graph, shown)).toEqual({ written: 2 * users.length, known: 0 });
  return shown;
}
const take = (user: string, item: string, at: number, type = 'click') => ({ user, item, type, at, value: 1 });
const numberOf = (user: string): number => Number(user.slice(1));

describe('an experiment', () => {
  it('chooses the pipeline by the user, and answer, trace and what is noted say the arm', async () => {
    noted = [];
    const arms = new Set<unknown>();
    for (const user of shoppers.slice(0, 12)) {
      const { body } = await ask(user, 'experiment=ranking');
      const { experiment, pipeline } = body as { experiment: { name: string; arm: string }; pipeline: string };
      expect(experiment.name).toBe('ranking');
      expect(pipeline).toBe(experiment.arm === 'a' ? 'default' : 'explore');
      arms.add(experiment.arm);
      const { body: again } = await ask(user, 'experiment=ranking&trace=1');
      expect(again).toMatchObject({ experiment, pipeline, trace: { experiment: { ...experiment, share: 0.5 } } });
      const point = (again.trace as { experiment: { point: number } }).experiment.point;
      expect(point < 0.5).toBe(experiment.arm === 'a');
      expect(noted.at(-1)).toMatchObject({ user, pipeline, experiment: 'ranking', arm: experiment.arm });
      const { propensity, draws } = noted.at(-1)!;
      if (experiment.arm === 'a') expect(draws).toBeUndefined();
      else expect(draws!.reduce((product, each) => product * each, 1)).toBeCloseTo(propensity!, 12);
    }
    expect(arms).toEqual(new Set(['a', 'b']));
  });

  it('draws by what no request can choose', async () => {
    noted = [];
    const impressions = { record: (shown: Shown) => noted.push(shown) > 0 } as ImpressionRecorder;
    const random = createApp({ ...planted.deps, impressions });
    const headers = { 'x-request-id': 'chosen' };
    for (let n = 0; n < 2; n++)
      await random.request('/v1/users/ann/recommendations?pipeline=explore&limit=2', { headers });
    const ids = noted.map(({ request }) => request);
    expect(new Set([...ids, 'chosen']).size).toBe(3);
  });

  it('is noted with a probability only where nothing comes after the draw', async () => {
    noted = [];
    for (const query of ['pipeline=early', 'pipeline=pinned', 'pipeline=popular', 'pipeline=explore'])
      await ask('s0', query);
    const [early, pinned, popular, explore] = noted;
    for (const unknown of [early!, pinned!]) {
      expect(unknown).not.toHaveProperty('draws');
      expect(unknown).not.toHaveProperty('propensity');
    }
    expect(popular).toMatchObject({ propensity: 1 });
    expect(explore!.draws).toHaveLength(2);
    const { body } = await ask('s0', 'pipeline=early&trace=1');
    const { items } = body.trace as { items: { propensity?: number }[] };
    expect(items.some(({ propensity }) => propensity !== undefined)).toBe(true); // the trace says what the stage did
    // Such a list is written all the same.
    answerId = 'early';
    noted = [];
    await ask('certain', 'pipeline=early');
    expect(await writeImpressions(graph, noted)).toEqual({ written: 2, known: 0 });
    const { records } = await graph.read((tx) =>
      tx.run("MATCH (:User {id: 'certain'})-[shown:SHOWN]->() RETURN keys(shown) AS keys"),
    );
    for (const record of records) expect(record.get('keys')).not.toEqual(expect.arrayContaining(['propensity']));
    await graph.write((tx) => tx.run("MATCH (:User {id: 'certain'})-[shown:SHOWN]->() DELETE shown"));
  });

  it('chooses it for each of many users too, and nothing is noted', async () => {
    const batch = async (body: object) => {
      const headers = { 'content-type': 'application/json' };
      const asked = { users: shoppers.slice(0, 12), limit: 2, ...body };
      return await app.request('/v1/recommendations:batch', { method: 'POST', headers, body: JSON.stringify(asked) });
    };
    const lines = (await (await batch({ experiment: 'ranking' })).text()).trim().split('\n');
    expect(lines).toHaveLength(12);
    for (const line of lines) {
      const { user, experiment, pipeline, items } = JSON.parse(line);
      const { body } = await ask(user, 'experiment=ranking');
      expect({ experiment, pipeline }).toEqual({ experiment: body.experiment, pipeline: body.pipeline });
      expect(items).toHaveLength(2);
    }
    noted = [];
    expect((await batch({ pipeline: 'popular' })).status).toBe(200);
    expect(noted).toEqual([]);
    expect((await batch({ experiment: 'other' })).status).toBe(404);
    expect((await batch({ experiment: 'ranking', pipeline: 'popular' })).status).toBe(422);
  });

  it('shows administrators another arm, and notes nothing', async () => {
    noted = [];
    for (const arm of ['a', 'b']) {
      const { body } = await ask('ann', `experiment=ranking&arm=${arm}&trace=1`);
      expect(body).toMatchObject({ experiment: { arm }, trace: { experiment: { forced: true } } });
    }
    expect(noted).toEqual([]);
    const reader = { kind: 'key' as const, id: 'reader', scopes: ['read' as const] };
    const guarded = createApp({ ...planted.deps, access: { isGuarded: () => true, identify: async () => reader } });
    const path = '/v1/users/ann/recommendations?experiment=ranking';
    expect((await guarded.request(path)).status).toBe(200);
    expect((await guarded.request(`${path}&arm=b`)).status).toBe(403);
  });

  it('is refused where it is none, or beside a pipeline', async () => {
    const codes = async (query: string) => {
      const { status, body } = await ask('ann', query);
      return [status, body.code];
    };
    expect(await codes('experiment=other')).toEqual([404, 'experiment/unknown']);
    expect(await codes('experiment=ranking&arm=z')).toEqual([404, 'experiment/unknown-arm']);
    expect(await codes('experiment=ranking&pipeline=popular')).toEqual([422, 'experiment/or-pipeline']);
    expect(await codes('arm=b')).toEqual([422, 'experiment/or-pipeline']);
    expect((await get('/v1/experiments')).body).toMatchObject({
      experiments: [{ name: 'ranking', control: 'a', arms: [{ name: 'a', share: 0.5 }, { name: 'b' }] }],
    });
  });

  it('is reported as it was: who was shown what, and took it in time', async () => {
    expect((await get('/v1/experiments/ranking/report')).body).toMatchObject({ code: 'experiment/nothing-shown' });
    const shown = await show(shoppers, 'experiment=ranking', early);
    const armOf = new Map(shown.map(({ user, arm }) => [user, arm!]));
    const first = new Map(shown.map(({ user, items }) => [user, items[0]!]));
    const takers = (arm: string, every: number) =>
      shoppers.filter((user) => armOf.get(user) === arm && numberOf(user) % every === 0);
    await writeInteractions(graph, [
      ...takers('a', 3).map((user) => take(user, first.get(user)!, early + 1000)),
      ...takers('b', 2).map((user) => take(user, first.get(user)!, early + 1000)),
      ...shoppers.map((user) => take(user, first.get(user)!, early + 1000, 'view')), // of another type
      ...shoppers.map((user) => take(user, first.get(user)!, early + 1.5 * day)), // too late
      ...shoppers.map((user) => take(user, 'gone', early + 1000)), // nobody was shown it
    ]);
    const { body } = await get('/v1/experiments/ranking/report?window=1d&types=click');
    const count = (arm: string) => shoppers.filter((user) => armOf.get(user) === arm).length;
    const armed = (arm: string, taken: number) => ({
      arm,
      users: count(arm),
      answers: count(arm),
      impressions: 2 * count(arm),
      taken,
      converted: taken,
      rate: { value: taken / (2 * count(arm)) },
      conversion: { value: taken / count(arm) },
    });
    const [a, b] = [takers('a', 3).length, takers('b', 2).length];
    expect(body).toMatchObject({
      experiment: 'ranking',
      window: '1d',
      arms: [
        { ...armed('a', a), isControl: true },
        { ...armed('b', b), beside: { conversion: { difference: { value: b / count('b') - a / count('a') } } } },
      ],
      sampleRatio: { degrees: 1, isMismatch: false },
      usersInSeveralArms: 0,
    });
    const taken = async (query: string) =>
      ((await get(`/v1/experiments/ranking/report?${query}`)).body.arms as { taken: number }[]).map((arm) => arm.taken);
    expect(await taken('window=1d')).toEqual([count('a'), count('b')]);
    expect(await taken('window=2d&types=click')).toEqual([count('a'), count('b')]);
    expect((await get('/v1/experiments/other/report')).status).toBe(404);
    for (const window of ['7', '0s', '000d'])
      expect((await get(`/v1/experiments/ranking/report?window=${window}`)).status).toBe(422);
    // A type that nothing is of is said to be one.
    const misspelt = await get('/v1/experiments/ranking/report?window=1d&types=clik');
    const { arms, caveats } = misspelt.body as { arms: { rate: { high: number } }[]; caveats: string[] };
    for (const { rate } of arms) expect(rate.high).toBeGreaterThan(0);
    expect(caveats[0]).toBe("No interaction in the graph is of type 'clik': nothing can have been taken by it.");
    expect((body.caveats as string[]).join()).not.toContain('of type');
  });
});

describe('an estimate', () => {
  const estimate = (pipeline: string, query = '') =>
    get(`/v1/pipelines/${pipeline}/estimate?window=1d&types=click&shownFrom=${new Date(later).toISOString()}${query}`);

  it('of a pipeline that was never shown is the planted truth, as of the moment of each list', async () => {
    const shown = await show(explorers, 'pipeline=explore', later);
    // Half of them take the most popular item wherever they see it, a quarter the next. Afterwards they have done it: no list of today has it.
    const would: Record<string, number> = { all: 2, d1: 4 };
    await writeInteractions(
      graph,
      shown.flatMap(({ user, items }) =>
        items.filter((item) => numberOf(user) % would[item]! === 0).map((item) => take(user, item, later + 1000)),
      ),
    );
    type Figures = Record<'logged' | 'snips' | 'doublyRobust' | 'replay', { value: number; low: number; high: number }>;
    for (const [places, truth] of [
      [1, 0.5],
      [2, 0.75],
    ] as const) {
      const { status, body } = await estimate('popular', `&places=${places}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        pipeline: 'popular',
        lists: explorers.length,
        users: explorers.length,
        places,
        leftOut: { certain: 0, short: 0 },
      });
      const { logged, snips, doublyRobust, weights } = body as Figures & { weights: { effectiveLists: number } };
      for (const { value, low, high } of [snips, doublyRobust]) {
        expect(Math.abs(value - truth)).toBeLessThan(high - low);
        expect(high - low).toBeLessThan(0.6);
      }
      expect(logged.value).toBeLessThan(truth);
      expect(weights.effectiveLists).toBeGreaterThan(10);
    }
    const { caveats } = (await estimate('popular', '&types=clik')).body as { caveats: string[] };
    expect(caveats.join()).toContain("of type 'clik'");
    const untaken = await get(
      `/v1/pipelines/popular/estimate?window=1d&types=clik&shownFrom=${new Date(later).toISOString()}`,
    );
    expect(untaken.body.caveats).toContainEqual(
      expect.stringMatching(/^Nothing of what was shown was taken.*of 200 users none did/),
    );
    const same = (await estimate('explore')).body as Figures & { weights: { effectiveLists: number } };
    expect(same.snips.value).toBeCloseTo(same.logged.value, 9);
    expect(same.weights.effectiveLists).toBeCloseTo(explorers.length, 6);
  });

  it('looks at the last lists alone where it has no time for all, and says so', async () => {
    const usual = { resamples: 20, seed: 1, clip: 100, places: 1, mostLists: 2000, window: '1d', types: ['click'] };
    const asked = { ...usual, shownFrom: new Date(later).toISOString() };
    const whole = await estimatePipeline(planted.deps, 'popular', asked);
    expect([whole.lists, whole.caveats.filter((each) => each.includes('want of time'))]).toEqual([200, []]);
    const part = await estimatePipeline(planted.deps, 'popular', { ...asked, withinMs: 0 });
    expect(part.lists).toBe(together);
    expect(part.caveats).toContainEqual(expect.stringMatching(/^Only the last 100 of 200 lists/));
  });

  it('is refused where the lists can tell nothing', async () => {
    const codes = async (pipeline: string, query?: string) => {
      const { status, body } = await estimate(pipeline, query);
      return [status, body.code];
    };
    expect(await codes('other')).toEqual([404, 'pipeline/unknown']);
    expect(await codes('early')).toEqual([422, 'experiment/draws-early']);
    expect(await codes('tail')).toEqual([422, 'experiment/no-overlap']);
    await show(['certain'], 'pipeline=popular', last);
    expect(await codes('tail', '&mostLists=1')).toEqual([422, 'experiment/no-support']);
    const none = await get(`/v1/pipelines/popular/estimate?shownFrom=${new Date(Date.now()).toISOString()}`);
    expect(none.body.code).toBe('experiment/nothing-shown');
    const alone = createApp({ ...planted.deps, reach: { ...planted.deps.reach, graph: undefined } });
    const response = await alone.request('/v1/pipelines/popular/estimate');
    expect(await response.json()).toMatchObject({ code: 'experiment/no-graph' });
  });
});
