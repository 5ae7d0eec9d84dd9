/** What is shown reaches the graph off the request's path, whatever happens to the database or the server. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { ensureServer, stopServer } from '../../src/graph/server.ts';
import { type ImpressionRecorder, openRecorder } from '../../src/serving/impressions/recorder.ts';
import { start } from '../cli/tastegraph.ts';
import { plantGraph } from '../graph/planted.ts';
import { testGraph, testServer } from '../neo4j.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

let graph: Graph;
let planted: PlantedApp;
const home = mkdtempSync(join(tmpdir(), 'tastegraph-impressions-'));
const log = pino({ level: 'silent' });
const options = { home, log, keepDays: 0, journalBytes: 1 << 24 };
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
  planted = await plantedApp(graph, { timeoutMs: 2000 });
});
beforeEach(() => graph.write((tx) => tx.run('MATCH ()-[shown:SHOWN]->() DELETE shown')));
afterAll(async () => {
  await planted.close();
  await graph.close();
  rmSync(home, { recursive: true, force: true });
});

const users = ['ann', 'bob', 'cat', 'dan', 'eve'];
const edges = async (): Promise<{ request: string; user: string; item: string; position: number }[]> => {
  const { records } = await graph.read((tx) =>
    tx.run(
      `MATCH (u:User)-[s:SHOWN]->(i:Item)
       RETURN s.request AS request, u.id AS user, i.id AS item, s.position AS position ORDER BY request, position`,
    ),
  );
  return records.map(
    (record) => record.toObject() as { request: string; user: string; item: string; position: number },
  );
};
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(50);
};
let answerId = '';
const appWith = (impressions: ImpressionRecorder, over: Graph = graph) =>
  createApp({
    ...planted.deps,
    impressions,
    reach: { ...planted.deps.reach, graph: over },
    answerId: () => answerId,
  });
const ask = async (app: ReturnType<typeof createApp>, user: string, id: string) => {
  const path = `/v1/users/${user}/recommendations?limit=2&explain=false`;
  answerId = id;
  const response = await app.request(path);
  expect(response.status).toBe(200);
  return ((await response.json()) as { items: { item: string }[] }).items.map(({ item }) => item);
};

describe('impressions', () => {
  it('are in the graph as they were answered, and no request writes to the database', async () => {
    let writes = 0;
    // The requests' own view of the graph; the recorder has another.
    const watched: Graph = {
      ...graph,
      write: (work, purpose) => {
        writes++;
        return graph.write(work, purpose);
      },
      session: (given) => {
        if (given?.mode === 'WRITE') writes++;
        return graph.session(given);
      },
    };
    const held: unknown[] = [];
    // Takes what it is given and does nothing with it: whatever is in the graph then came from the request itself.
    const holding = { ...nothing, record: (shown: unknown) => held.push(shown) > 0 };
    const answered = await ask(appWith(holding, watched), 'ann', 'held');
    expect(held).toMatchObject([{ request: 'held', user: 'ann', items: answered, propensity: 1 }]);
    expect(writes).toBe(0);
    expect(await edges()).toEqual([]);

    const recorder = await openRecorder(graph, options);
    const app = appWith(recorder, watched);
    const expected = [];
    for (const user of [...users, 'a stranger']) {
      const items = await ask(app, user, `of-${user.replace(' ', '-')}`);
      if (user !== 'a stranger')
        expected.push(
          ...items.map((item, place) => ({ request: `of-${user.replace(' ', '-')}`, user, item, position: place + 1 })),
        );
    }
    await until(() => recorder.counts.written + recorder.counts.unknown === 12);
    expect(recorder.counts).toMatchObject({ journaled: 12, written: 10, unknown: 2, dropped: 0 });
    expect(writes).toBe(0);
    expect(await edges()).toEqual(expected);
    const metrics = await (await app.request('/metrics')).text();
    expect(metrics).toContain('tastegraph_impressions_total{outcome="written"} 10');
    expect(metrics).toContain('tastegraph_impressions_waiting 0');
    await recorder.close();
    expect(readdirSync(join(home, 'impressions'))).toEqual([]);
  });

  it('are dropped and counted where there is no room, and nothing is taken after the end', async () => {
    const recorder = await openRecorder(graph, { ...options, journalBytes: -1 });
    const shown = { request: 'r', user: 'ann', at: 1, version: 'v', items: ['d1', 'd2'], propensity: 1 };
    expect(recorder.record(shown)).toBe(false);
    expect(recorder.record({ ...shown, items: [] })).toBe(true);
    expect(recorder.counts.dropped).toBe(2);
    await recorder.close();
    expect(recorder.record(shown)).toBe(false);
  });

  it('wait on the disk while Neo4j is stopped, and reach it when it is back; what is left at the end reaches it at the next start', async () => {
    const recorder = await openRecorder(graph, options);
    const app = appWith(recorder);
    await ask(app, 'ann', 'before');
    await until(() => recorder.counts.written === 2);
    await stopServer(testServer().home);
    for (let n = 0; n < 20; n++) await ask(app, users[n % 5]!, `away-${n}`);
    await until(() => recorder.counts.journaled === 42);
    expect(recorder.counts.written).toBe(2);
    expect(recorder.journalBytes).toBeGreaterThan(0);
    await recorder.close(100);
    expect(readdirSync(join(home, 'impressions'))).not.toEqual([]);

    const next = await openRecorder(graph, options);
    await ask(appWith(next), 'bob', 'still-away');
    await ensureServer(testServer());
    // What the first had written, or was still trying to write as it was closed, is there already: it is not written again.
    await until(() => next.journalBytes === 0);
    await next.close();
    const found = await edges();
    expect(found).toHaveLength(44);
    expect(new Set(found.map(({ request }) => request)).size).toBe(22);
    expect(readdirSync(join(home, 'impressions'))).toEqual([]);
  }, 400_000);

  it('that a server has journaled survive its kill -9, and none is there twice', async () => {
    const { uri, username, password } = await ensureServer(testServer());
    const env = { NEO4J_URI: uri, NEO4J_USERNAME: username, NEO4J_PASSWORD: password, TASTEGRAPH_HOME: planted.home };
    let journaled = 0;
    for (const requests of [5, 60]) {
      const { child, done } = start(['serve', '--port', '0', '--json', '--quiet'], { cwd: home, env });
      const [line] = (await new Promise<string[]>((resolve) => {
        child.stdout!.on('data', (text: string) => text.includes('"url"') && resolve([text]));
        child.on('exit', () => resolve(['{}']));
      })) as [string];
      const { url } = JSON.parse(line) as { url?: string };
      if (!url) throw new Error((await done).stderr);
      const one = (n: number) => fetch(`${url}/v1/users/${users[n % 5]}/recommendations?limit=2&explain=false`);
      for (let n = 0; n < requests; n += 5) await Promise.all([0, 1, 2, 3, 4].map((k) => one(n + k)));
      const metrics = await (await fetch(`${url}/metrics`)).text();
      journaled += Number(/tastegraph_impressions_total\{outcome="journaled"\} (\d+)/.exec(metrics)?.[1]);
      child.kill('SIGKILL');
      await done;
    }
    expect(journaled).toBeGreaterThan(0);
    const next = await openRecorder(graph, { ...options, home: planted.home });
    await until(() => next.journalBytes === 0);
    await next.close();
    const found = await edges();
    expect(found.length).toBeGreaterThanOrEqual(journaled);
    const keys = found.map(({ request, position }) => `${request} ${position}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(readdirSync(join(planted.home, 'impressions'))).toEqual([]);
  }, 400_000);
});

const nothing: ImpressionRecorder = {
  record: () => true,
  counts: { journaled: 0, written: 0, repeated: 0, unknown: 0, dropped: 0, expired: 0 },
  waiting: 0,
  journalBytes: 0,
  close: async () => {},
};
