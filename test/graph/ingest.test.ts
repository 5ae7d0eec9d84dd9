import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openData } from '../../src/data/open.ts';
import { generateWorld } from '../../src/data/world.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { type IngestOptions, type IngestSummary, ingest } from '../../src/graph/ingest.ts';
import { ensureServer, serverStatus, stopServer } from '../../src/graph/server.ts';
import type { FileOptions } from '../../src/options.ts';
import { type Progress, silent } from '../../src/progress.ts';
import { fileOptions, plant } from '../data/planted.ts';
import { emptyGraph, graphContent, testGraph, testServer } from '../neo4j.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
});
beforeEach(() => emptyGraph(graph));
afterAll(() => graph.close());

const take = async (
  path: string,
  {
    files = {},
    report = silent,
    signal,
    ...options
  }: Partial<IngestOptions> & {
    files?: Partial<FileOptions>;
    report?: (progress: Progress) => void;
    signal?: AbortSignal;
  } = {},
): Promise<IngestSummary> =>
  ingest(
    graph,
    await openData(path, fileOptions(files)),
    { home: plant({}), maxBadPercent: 1, restart: false, ...options },
    report,
    signal,
  );

const rows = async <T>(query: string): Promise<T[]> => {
  const { records } = await graph.read((tx) => tx.run(query));
  return records.map((record) => record.toObject() as T);
};

const content = () => graphContent(graph);

const film = () =>
  plant({
    'u.data': '1\t10\t4\t881250949\n2\t10\t5\t881250950\n1\t10\t2\t881250949\n',
    'u.user': '1|24|M|technician|85711\n3|17|F|student|94043\n',
    'u.genre': 'Comedy|0\nDrama|1\n',
    'u.item': '10|A (1995)|20-Oct-1995|||1|1\n11|B (1996)||||0|1\n',
  });

describe('ingest', () => {
  it('brings users, items, features and interactions into the graph, the last of repeated lines winning', async () => {
    const summary = await take(film());
    expect(summary).toMatchObject({
      format: 'movielens-100k',
      resumed: false,
      users: { created: 3, total: 3 },
      items: { created: 2, total: 2 },
      features: { created: 8, total: 8 },
      interactions: { read: 3, created: 2, present: 0, repeated: 1 },
      featureEdges: { read: 9, created: 9, present: 0 },
      lines: 7,
      badLines: 0,
    });
    const { nodes, edges } = await content();
    expect(nodes).toContainEqual({
      labels: ['Item'],
      p: { id: '10', title: 'A (1995)', at: Date.UTC(1995, 9, 20), available: true },
    });
    expect(nodes).toContainEqual({ labels: ['Item'], p: { id: '11', title: 'B (1996)', available: true } });
    expect(nodes).toContainEqual({ labels: ['User'], p: { id: '2' } });
    expect(nodes).toContainEqual({ labels: ['Feature'], p: { key: 'genre:Drama', kind: 'genre', value: 'Drama' } });
    expect(edges).toContainEqual({ type: 'HAS', a: '11', b: 'genre:Drama', p: { weight: 1 } });
    expect(edges).toContainEqual({ type: 'HAS', a: '3', b: 'age group:under 18', p: { weight: 1 } });
    expect(edges.filter((edge) => (edge as { type: string }).type === 'INTERACTED')).toEqual([
      { type: 'INTERACTED', a: '1', b: '10', p: { type: 'rating', at: 881250949000, value: 2 } },
      { type: 'INTERACTED', a: '2', b: '10', p: { type: 'rating', at: 881250950000, value: 5 } },
    ]);
  });

  it('changes nothing the second time', async () => {
    const folder = film();
    await take(folder);
    const before = await content();
    const again = await take(folder);
    expect(again).toMatchObject({
      users: { created: 0 },
      items: { created: 0 },
      features: { created: 0 },
      interactions: { read: 3, created: 0, present: 2, repeated: 1 },
      featureEdges: { created: 0, present: 9 },
    });
    expect(await content()).toEqual(before);
  });

  it('keeps an item that was made unavailable so, and takes new values', async () => {
    const events = (value: number) => `user,item,value,time\na,x,${value},1600000000\n`;
    await take(plant({ 'events.csv': events(1) }));
    await graph.write((tx) => tx.run("MATCH (item:Item {id: 'x'}) SET item.available = false"));
    expect((await take(plant({ 'events.csv': events(3) }))).interactions).toMatchObject({ created: 0, present: 1 });
    const { nodes, edges } = await content();
    expect(nodes).toContainEqual({ labels: ['Item'], p: { id: 'x', available: false } });
    expect(edges).toEqual([
      { type: 'INTERACTED', a: 'a', b: 'x', p: { type: 'interaction', at: 1_600_000_000_000, value: 3 } },
    ]);
  });

  it('keeps the given split and who trusts whom', async () => {
    const folder = plant({
      'data1.txt': '1\t5\t57\n1\t6\t2\n',
      'test1.txt': '2\t5\t3\n',
      'trustnetwork.txt': '1\t2\n3\t1\n3\t1\n',
    });
    expect(await take(folder)).toMatchObject({
      users: { created: 3 },
      trust: { read: 3, created: 2, present: 0, repeated: 1 },
    });
    const { edges } = await content();
    expect(edges).toEqual([
      { type: 'INTERACTED', a: '1', b: '5', p: { type: 'listen', at: 0, value: 57, part: 'train' } },
      { type: 'INTERACTED', a: '1', b: '6', p: { type: 'listen', at: 0, value: 2, part: 'train' } },
      { type: 'INTERACTED', a: '2', b: '5', p: { type: 'listen', at: 0, value: 3, part: 'test' } },
      { type: 'TRUSTS', a: '1', b: '2', p: { weight: 1 } },
      { type: 'TRUSTS', a: '3', b: '1', p: { weight: 1 } },
    ]);
  });

  it('takes in a generated world', async () => {
    const world = generateWorld({ seed: 3, users: 50, films: 80, ratings: 1_000 });
    const told: Progress[] = [];
    const options = { home: plant({}), maxBadPercent: 1, restart: false };
    const summary = await ingest(graph, world, options, (progress) => told.push(progress));
    expect(summary).toMatchObject({ users: { created: 50 }, items: { created: 80 }, badLines: 0 });
    expect(summary.interactions.created).toBe(summary.interactions.read);
    expect(told.at(-1)).toMatchObject({ done: world.totalBytes, total: world.totalBytes, unit: 'bytes' });
  });

  it('makes nodes again that were deleted while it ran', async () => {
    const lines = Array.from({ length: 40_000 }, (_, i) => `u${i % 1000},x${i % 301},${i}`);
    let deletion: Promise<unknown> | undefined;
    const folder = plant({ 'events.csv': `user,item,time\n${lines.join('\n')}\n` });
    const report = ({ done, total = 0 }: Progress) => {
      if (done === 0 || done >= total || deletion !== undefined) return;
      deletion = graph.write((tx) => tx.run("MATCH (item:Item {id: 'x1'}) DETACH DELETE item"));
    };
    const { interactions } = await take(folder, { report });
    await deletion;
    expect(interactions.created).toBe(40_000);
  });
});

describe('bad lines', () => {
  const withBad = (bad: number, good: number) =>
    plant({
      'events.csv': `user,item\n${'a\n'.repeat(bad)}${Array.from({ length: good }, (_, i) => `u${i},x\n`).join('')}`,
    });

  it('go to the quarantine with file, line, field, reason and text', async () => {
    const home = plant({});
    const summary = await take(withBad(1, 99), { home });
    expect(summary).toMatchObject({ lines: 100, badLines: 1, interactions: { created: 99 } });
    const lines = readFileSync(summary.quarantine!, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { file: 'events.csv', line: 2, field: 'line', reason: 'has 1 fields where the header has 2', text: 'a' },
    ]);
  });

  it('over the limit stop the ingest, at its end or early', async () => {
    await expect(take(withBad(2, 98))).rejects.toMatchObject({
      code: 'data/too-many-bad-lines',
      details: { bad: 2, read: 100 },
    });
    const folder = withBad(40_000, 200_000);
    await expect(take(folder)).rejects.toMatchObject({ code: 'data/too-many-bad-lines' });
    expect((await rows<{ n: number }>('MATCH (u:User) RETURN count(u) AS n'))[0]!.n).toBeLessThan(1_000);
    expect(await take(withBad(2, 98), { maxBadPercent: 2 })).toMatchObject({ badLines: 2 });
  });

  it('are all there is: an ingest of nothing is an error', async () => {
    await expect(take(plant({ 'events.csv': 'user,item\n' }))).rejects.toMatchObject({ code: 'data/empty' });
  });
});

describe('an ingest that is cut off', () => {
  const count = 60_000;
  const events = () => {
    const lines = Array.from({ length: count }, (_, i) =>
      i % 241 === 7 ? 'bad' : `user${i % 1000},item${i % 777},${i % 5},${1_600_000_000 + i}`,
    );
    return plant({ 'events.csv': `user,item,value,time\n${lines.join('\n')}\n` });
  };
  const bad = Math.ceil((count - 7) / 241);
  const good = count - bad;
  const sum = Array.from({ length: count }, (_, i) => (i % 241 === 7 ? 0 : i % 5)).reduce((a, b) => a + b, 0);

  const verify = async (summary: IngestSummary) => {
    expect(summary).toMatchObject({
      users: { created: 1000, total: 1000 },
      items: { created: 777, total: 777 },
      interactions: { read: good, created: good, present: 0 },
      lines: count,
      badLines: bad,
    });
    expect(await rows('MATCH ()-[r:INTERACTED]->() RETURN count(r) AS n, sum(r.value) AS total')).toEqual([
      { n: good, total: sum },
    ]);
    const lines = readFileSync(summary.quarantine!, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { line: number }).line)).toEqual(
      Array.from({ length: bad }, (_, i) => 241 * i + 7 + 2),
    );
  };

  /** Runs the ingest in a process of its own and kills it as soon as it has got to `bytes`. */
  const killAt = async (folder: string, home: string, bytes: number) => {
    const connection = await ensureServer(testServer());
    const child = spawn(process.execPath, ['test/graph/ingest.child.mjs', folder, home], {
      env: { ...process.env, CONNECTION: JSON.stringify(connection) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<string | null>((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
    for await (const line of createInterface({ input: child.stdout })) if (Number(line) >= bytes) child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
  };

  it('by kill -9 again and again loses and doubles nothing', async () => {
    execFileSync(process.execPath, ['infra/build.mjs']); // the child runs what is in dist/
    const folder = events();
    const home = plant({});
    const total = (await openData(folder, fileOptions())).totalBytes;
    for (const share of [-1, 0, 0.1, 0.4, 0.75]) await killAt(folder, home, share < 0 ? -1 : share * total);
    const summary = await take(folder, { home });
    expect(summary.resumed).toBe(true);
    await verify(summary);
    expect((await take(folder, { home })).interactions).toMatchObject({ created: 0, present: good });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'by a %s of the database loses and doubles nothing',
    async (signal) => {
      const folder = events();
      const home = plant({});
      const restart = async () => {
        process.kill((await serverStatus(testServer())).pid!, signal);
        await stopServer(testServer().home); // waits for its end
        return await ensureServer(testServer());
      };
      let restarted: Promise<unknown> | undefined;
      const report = ({ done }: Progress) => {
        if (done > 300_000) restarted ??= restart();
      };
      // The driver tries again for half a minute; where the start takes longer, the next call goes on.
      const first = await take(folder, { home, report }).catch((thrown: unknown) => thrown);
      await restarted;
      if (first instanceof Error) expect(first).toMatchObject({ code: 'neo4j/unreachable', retryable: true });
      const summary = first instanceof Error ? await take(folder, { home }) : (first as IngestSummary);
      expect(summary.resumed).toBe(first instanceof Error);
      await verify(summary);
    },
    300_000,
  );

  it('by a signal goes on where it was', async () => {
    const folder = events();
    const home = plant({});
    const stop = new AbortController();
    const report = ({ done }: Progress) => done > 300_000 && stop.abort();
    await expect(take(folder, { home, report, signal: stop.signal })).rejects.toMatchObject({
      code: 'data/interrupted',
    });
    const firsts: number[] = [];
    const summary = await take(folder, {
      home,
      report: ({ phase, done }) => void (phase !== 'checking' && firsts.push(done)),
    });
    expect(firsts[0]).toBeGreaterThan(0);
    expect(summary.resumed).toBe(true);
    await verify(summary);
  });

  it('refuses to go on with another content, and begins anew where asked', async () => {
    const folder = events();
    const stop = new AbortController();
    const report = ({ done }: Progress) => done > 300_000 && stop.abort();
    await expect(take(folder, { report, signal: stop.signal })).rejects.toMatchObject({ code: 'data/interrupted' });
    const path = join(folder, 'events.csv');
    const changed = readFileSync(path, 'utf8').replace('user0,item0', 'user0,item1');
    writeFileSync(path, changed);
    await expect(take(folder)).rejects.toMatchObject({ code: 'data/changed' });
    expect(await take(folder, { restart: true })).toMatchObject({ resumed: false, interactions: { read: good } });
    expect((await rows<{ n: number }>('MATCH (lane:IngestLane) RETURN count(lane) AS n'))[0]!.n).toBe(4);
  });

  it('is one work where two do it at once', async () => {
    const folder = events();
    const home = plant({});
    const both = await Promise.all([take(folder, { home }), take(folder, { home: plant({}) })]);
    expect(await rows('MATCH ()-[r:INTERACTED]->() RETURN count(r) AS n, sum(r.value) AS total')).toEqual([
      { n: good, total: sum },
    ]);
    expect(Math.max(...both.map(({ interactions }) => interactions.created))).toBe(good);
  });
});

const real = '../shared/data';
if (!existsSync(real)) console.warn(`Not run: the real data sets are not at ${real}`);
it.runIf(existsSync(real))('takes in Last.fm with its trust network', async () => {
  expect(await take(`${real}/lastfm-social`)).toMatchObject({
    users: { created: 1_892 },
    items: { created: 4_489 },
    interactions: { read: 52_668, created: 52_668 },
    trust: { read: 25_434, created: 25_434 },
  });
});
