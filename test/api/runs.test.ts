/** Training runs over HTTP, each in a real process of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { createClient, type ServerEvent } from '../../src/client.ts';
import { jobsOf, mapsOf, runsOf } from '../../src/pipeline.ts';
import { keptOptions, RunLog, readCurve, readRun, runsFolder } from '../../src/training/runs.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

let planted: PlantedApp;
let app: ReturnType<typeof createApp>;
let api: ReturnType<typeof createClient>;
beforeAll(async () => {
  planted = await plantedApp();
  const options = { home: planted.home, neo4jUsername: 'neo4j', neo4jDatabase: 'neo4j' };
  const jobs = () => jobsOf(options);
  app = createApp({ ...planted.deps, runs: runsOf(options), maps: mapsOf(options), jobs });
  api = createClient({ url: 'http://localhost', fetch: async (...request) => await app.request(...request) });
});
afterAll(async () => {
  for (const { id, state } of (await api.get('/v1/admin/runs')).runs) if (state === 'running') await stopped(id);
  await planted.close();
});

const tiny = { dim: 8, batchSize: 8, threads: 1, samplers: 0, minValue: 1, split: 'ratio', metricsAt: [3] };
/** Goes on until it is stopped. */
const endless = { ...tiny, epochs: 100_000, patience: 10_000, publish: false };
const params = (id: string) => ({ params: { id } });

/** Follows a run until it ends, or until `enough`. */
async function follow(id: string, after: string | undefined, enough: (seen: readonly ServerEvent[]) => boolean) {
  const seen: ServerEvent[] = [];
  for await (const event of api.events(`/v1/admin/runs/${id}/events`, { after })) {
    seen.push(event);
    if (enough(seen)) break;
  }
  return seen;
}
const kinds = (seen: readonly ServerEvent[], kind: string) => seen.filter(({ event }) => event === kind);

async function stopped(id: string): Promise<void> {
  await api.post('/v1/admin/runs/{id}/stop', params(id));
  await follow(id, undefined, () => false);
}

describe('training runs over HTTP', () => {
  it('tell what can be trained and how', async () => {
    const { models, training } = await api.get('/v1/admin/models');
    const lightgcn = models.find(({ name }) => name === 'lightgcn')!;
    expect(lightgcn.options.find(({ key }) => key === 'dim')).toMatchObject({
      kind: 'number',
      integer: true,
      least: 1,
    });
    expect(training.map(({ key }) => key)).toContain('epochs');
    expect(training.map(({ key }) => key)).not.toContain('data');
  });

  it('start, are followed live, stop, go on where they were, one at a time', async () => {
    const { id, state } = await api.post('/v1/admin/runs', { body: { model: 'lightgcn', options: endless } });
    expect(state).toBe('running');
    await expect(api.post('/v1/admin/runs', { body: { model: 'lightgcn' } })).rejects.toMatchObject({
      code: 'run/busy',
    });
    const seen = await follow(id, undefined, (events) => kinds(events, 'point').length >= 3);
    const points = kinds(seen, 'point');
    expect(points[0]!.data).toMatchObject({
      epoch: 1,
      loss: expect.any(Number),
      valid: { 'recall@3': expect.any(Number) },
    });
    await expect(api.post('/v1/admin/runs/{id}/resume', params(id))).rejects.toMatchObject({
      code: 'run/not-resumable',
    });
    await stopped(id);
    const before = await api.get('/v1/admin/runs/{id}', params(id));
    expect(before).toMatchObject({ state: 'stopped', resumable: true, resumed: 0, data: 'generated' });
    await expect(api.post('/v1/admin/runs/{id}/stop', params(id))).rejects.toMatchObject({ code: 'run/not-running' });

    expect(await api.post('/v1/admin/runs/{id}/resume', params(id))).toMatchObject({ state: 'running', resumed: 1 });
    // Only what came after the last event, and the same numbers where an epoch was repeated.
    const last = readCurve(planted.home, id).at(-1)!;
    const more = await follow(id, String(last.end), (events) => kinds(events, 'point').length >= 2);
    expect((kinds(more, 'point')[0]!.data as { epoch: number }).epoch).toBeGreaterThan(1);
    await stopped(id);
    const { curve } = await api.get('/v1/admin/runs/{id}', params(id));
    expect(curve.map(({ epoch }) => epoch)).toEqual(curve.map((_, place) => place + 1));
    for (const point of before.curve) expect(curve[point.epoch - 1]!.loss).toBe(point.loss);
  });

  it('publish what they found', async () => {
    const { id } = await api.post('/v1/admin/runs', {
      body: { model: 'lightgcn', options: { ...tiny, epochs: 2 }, data: 'served' },
    });
    await follow(id, undefined, () => false);
    const run = await api.get('/v1/admin/runs/{id}', params(id));
    expect(run).toMatchObject({ state: 'ended', resumable: false, test: { 'recall@3': expect.any(Number) } });
    expect(run.version).toMatch(/^\d{8}-/);
  });

  it('refuse options that are none, and say which', async () => {
    const post = (options: Record<string, unknown>) =>
      api.post('/v1/admin/runs', { body: { model: 'lightgcn', options } });
    await expect(post({ dims: 8 })).rejects.toMatchObject({ code: 'options/unknown' });
    await expect(post({ dim: -8 })).rejects.toMatchObject({ code: 'options/invalid', message: /dim/ });
    await expect(post({ data: '/etc' })).rejects.toMatchObject({ code: 'options/unknown' });
    await expect(api.get('/v1/admin/runs/{id}', params('..%2F..'))).rejects.toMatchObject({ code: 'run/unknown' });
  });
});

describe('the map of a version', () => {
  it('has a point for each item, is kept, and is the same again', async () => {
    const { id } = planted.deps.recommender.version;
    const path = `/v1/versions/${id}/map`;
    const first = await app.request(path);
    const map = (await first.json()) as { ids: string[]; positions: string; kinds: { kind: string; codes: string }[] };
    const plane = new Float32Array(new Uint8Array(Buffer.from(map.positions, 'base64')).buffer);
    expect(plane).toHaveLength(2 * map.ids.length);
    expect(map.kinds[0]).toMatchObject({ kind: 'genre', values: expect.arrayContaining(['Drama', 'Comedy']) });
    const again = await app.request(path, { headers: { 'if-none-match': first.headers.get('etag')! } });
    expect(again.status).toBe(304);
    expect(((await (await app.request(path)).json()) as typeof map).positions).toBe(map.positions);
    expect((await app.request('/v1/versions/20200101-000000-abcdef/map')).status).toBe(404);
  });
});

describe('jobs', () => {
  it('are what left a record', async () => {
    const { jobs } = await api.get('/v1/admin/jobs');
    expect(new Set(jobs.map(({ kind }) => kind))).toEqual(new Set(['train', 'snapshot', 'publish']));
    expect(jobs.map(({ at }) => at)).toEqual(jobs.map(({ at }) => at).sort((a, b) => b - a));
  });
});

describe('the record of a run', () => {
  it('says that a process that is gone was cut off, and reads what it wrote up to there', () => {
    const options = keptOptions({ epochs: 3, neo4jPassword: 'a-secret' });
    const start = { model: 'ease', modelOptions: {}, options, seed: 1 };
    const log = new RunLog(planted.home, start, undefined, 2 ** 22 - 1);
    log.point({ epoch: 1, seconds: 1, loss: 0.5 });
    log.point({ epoch: 2, seconds: 2, loss: 0.4 });
    expect(readRun(planted.home, log.id).state).toBe('cut off');
    expect(readCurve(planted.home, log.id).map(({ line }) => line)).toMatchObject([{ epoch: 1 }, { epoch: 2 }]);
    expect(readFileSync(join(runsFolder(planted.home), log.id, 'run.json'), 'utf8')).not.toContain('a-secret');
  });
});
