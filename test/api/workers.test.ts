/** A server of two processes over one port, as users run it, over a real Neo4j: what is acknowledged, stays so. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/access/keys.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { ensureServer, stopServer } from '../../src/graph/server.ts';
import { processStart } from '../../src/processes.ts';
import { RandomStream } from '../../src/random.ts';
import { publish } from '../../src/serving/versions.ts';
import { type Outcome, start } from '../cli/tastegraph.ts';
import { plantGraph } from '../graph/planted.ts';
import { testGraph, testServer } from '../neo4j.ts';
import { plantedHome, plantedResult } from '../serving/home.ts';

const workFolder = mkdtempSync(join(tmpdir(), 'tastegraph-workers-'));
const planted = plantedHome();
let graph: Graph;
let child: ChildProcess;
let done: Promise<Outcome>;
let url: string;
let pids: readonly number[];
let key: string;
const publishSeed = async (seed: number) => (await publish(planted.home, plantedResult(planted.snapshot, { seed }))).id;

beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
  await publishSeed(7);
  key = (await createKey(planted.home, { name: 'test', scopes: ['read', 'write', 'admin'] })).key;
  const { uri, username, password } = await ensureServer(testServer());
  const env = { NEO4J_URI: uri, NEO4J_USERNAME: username, NEO4J_PASSWORD: password, TASTEGRAPH_HOME: planted.home };
  const limits = ['--rate-limit', '0.001', '--rate-burst', '100000'];
  const args = ['serve', '--workers', '2', '--port', '0', '--json', '--quiet', '--no-impressions', ...limits];
  ({ child, done } = start(args, { cwd: workFolder, env }));
  const line = await new Promise<string>((resolve) => {
    child.stdout!.on('data', (text: string) => text.includes('"url"') && resolve(text));
    child.on('exit', () => resolve('{}'));
  });
  ({ url, workers: pids } = JSON.parse(line) as { url: string; workers: number[] });
  if (!url) throw new Error((await done).stderr);
});
afterAll(async () => {
  child.kill('SIGKILL');
  await graph.close();
  planted.remove();
  rmSync(workFolder, { recursive: true, force: true });
});

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** One connection stays with one worker. */
const connection = () => new Agent({ keepAlive: true, maxSockets: 1 });
const send = (agent: Agent, method: string, path: string, body?: object, secret = key): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const text = body && JSON.stringify(body);
    const about = text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const headers = { 'x-api-key': secret, ...about };
    // A connection that is on its way to a worker when that is killed is never heard of again: a client needs a patience.
    const sent = request(`${url}${path}`, { agent, method, headers, timeout: 10_000 }, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        answer += part;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: answer }));
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.on('error', reject);
    sent.end(text);
  });
interface List {
  readonly version: string;
  readonly graph: string;
  readonly stale?: true;
  readonly items: readonly { readonly item: string }[];
}
const listOf = async (agent: Agent, user: string, query = 'limit=20'): Promise<List & { readonly cache: unknown }> => {
  const { status, body, headers } = await send(
    agent,
    'GET',
    `/v1/users/${user}/recommendations?explain=false&${query}`,
  );
  expect(status, body).toBe(200);
  return { ...(JSON.parse(body) as List), cache: headers['x-cache'] };
};
const deed = (user: string, item: string) => ({ interactions: [{ user, item, type: 'bench', at: 5000, value: 1 }] });
const post = (agent: Agent, user: string, item: string) => send(agent, 'POST', '/v1/interactions', deed(user, item));
const remove = (agent: Agent, user: string, item: string) =>
  send(agent, 'DELETE', '/v1/interactions', { interactions: [{ user, item }] });
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(50);
};
const figure = async (agent: Agent, name: string): Promise<number[]> => {
  const { body } = await send(agent, 'GET', '/metrics');
  return [...body.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map(([, value]) => Number(value));
};

describe('two workers', () => {
  it('have an item in no list from when it was hidden, whoever took that in, until it is shown again', async () => {
    const agents = Array.from({ length: 4 }, connection);
    const show = (available: boolean) => send(agents[0]!, 'PATCH', '/v1/items/d4', { available });
    const lists = () => Promise.all(agents.map((agent) => listOf(agent, 'ann')));
    for (const { items } of await lists()) expect(items.map(({ item }) => item)).toContain('d4');
    expect((await show(false)).status).toBe(200);
    for (const { items } of await lists()) expect(items.map(({ item }) => item)).not.toContain('d4');
    expect((await show(true)).status).toBe(200);
    for (const { items } of await lists()) expect(items.map(({ item }) => item)).toContain('d4');
  });

  it('have an item in no list whose filter forbids it from when it was changed, whoever took that in', async () => {
    const agents = Array.from({ length: 4 }, connection);
    const lists = async (filter: string): Promise<string[][]> => {
      const query = `limit=20&filter=${encodeURIComponent(filter)}`;
      const all = await Promise.all(agents.map((agent) => listOf(agent, 'ann', query)));
      return all.map(({ items }) => items.map(({ item }) => item));
    };
    const change = async (agent: number, value: string) => {
      const body = { features: [{ kind: 'genre', value }] };
      expect((await send(agents[agent]!, 'PATCH', '/v1/items/d4', body)).status).toBe(200);
    };
    for (const [agent, [from, to]] of [
      ['Drama', 'Adult'],
      ['Adult', 'Drama'],
      ['Drama', 'Adult'],
      ['Adult', 'Drama'],
    ].entries()) {
      for (const list of await lists(`NOT genre:${to}`)) expect(list).toContain('d4');
      await change(agent, to!);
      for (const list of await lists(`NOT genre:${to}`)) expect(list).not.toContain('d4');
      for (const list of await lists(`genre:${from}`)) expect(list).not.toContain('d4');
      for (const list of await lists(`genre:${to}`)) expect(list).toContain('d4');
    }
  });

  it('never answer with a list from before a write that was acknowledged, whoever took it', async () => {
    const agents = Array.from({ length: 4 }, connection);
    const items = ['d1', 'd2', 'd3', 'd4', 'c1', 'c2', 'c3', 'c4'];
    const seed = Math.floor(Math.random() * 2 ** 31);
    const walk = async (user: string): Promise<void> => {
      const stream = new RandomStream(seed, user);
      const some = <T>(of: readonly T[]): T => of[Math.floor(stream.uniform() * of.length)]!;
      const has = new Set<string>();
      for (let step = 0; step < 25; step++) {
        const item = some(items);
        if (stream.uniform() < 0.4) {
          const act = has.has(item) ? remove : post;
          expect((await act(some(agents), user, item)).status).toBe(200);
          if (!has.delete(item)) has.add(item);
        }
        const [one, other] = await Promise.all([listOf(some(agents), user), listOf(some(agents), user)]);
        for (const list of [one, other])
          expect(
            list.items.map((each) => each.item).filter((each) => has.has(each)),
            `seed ${seed}`,
          ).toEqual([]);
        const missing = items.filter((each) => !has.has(each) && !one.items.some(({ item }) => item === each));
        expect(missing, `seed ${seed}`).toEqual([]);
      }
    };
    await Promise.all(['zoe', 'yan', 'xia'].map(walk));
    // Both were asked, and gave some of it again.
    expect(await figure(agents[0]!, 'tastegraph_worker_resident_bytes')).toHaveLength(2);
    const { body } = await send(agents[0]!, 'GET', '/metrics');
    expect(Number(/answer_cache_total\{what="lists",outcome="kept"\} (\d+)/.exec(body)?.[1])).toBeGreaterThan(0);
    for (const agent of agents) agent.destroy();
  });

  it('hear of what others write into the graph, and forget what is taken out of it', async () => {
    const agents = [connection(), connection()] as const;
    await until(async () => (await listOf(agents[0], 'ann')).cache === 'hit');
    await listOf(agents[1], 'ann');
    await graph.write((tx) =>
      tx.run(
        `MATCH (u:User {id: 'ann'}), (i:Item {id: 'd3'})
         CREATE (u)-[:INTERACTED {type: 'view', at: 6000, value: 1.0}]->(i) SET u.changed = timestamp()`,
      ),
    );
    for (const agent of agents)
      await until(async () => !(await listOf(agent, 'ann')).items.some(({ item }) => item === 'd3'));
    // Without a mark their number tells.
    await graph.write((tx) => tx.run("MATCH (:User {id: 'ann'})-[r:INTERACTED {type: 'view'}]->() DELETE r"));
    for (const agent of agents)
      await until(async () => (await listOf(agent, 'ann')).items.some(({ item }) => item === 'd3'));
    for (const agent of agents) agent.destroy();
  });

  it('hold a caller to one rate together', async () => {
    const agents = [connection(), connection()] as const;
    const fresh = (await createKey(planted.home, { name: 'test', scopes: ['read'] })).key;
    for (let n = 0; n < 8; n++) {
      const { headers } = await send(agents[n % 2]!, 'GET', '/metrics', undefined, fresh);
      expect(headers.ratelimit).toBe(`"caller";r=${99_999 - n};t=0`);
    }
    for (const agent of agents) agent.destroy();
  });

  it('go over to a new version while they answer, and no request fails', async () => {
    const agents = Array.from({ length: 4 }, connection);
    const next = await publishSeed(8);
    const seen = new Set<string>();
    await Promise.all(
      agents.map(async (agent) => {
        for (;;) {
          const { version } = await listOf(agent, 'bob');
          seen.add(version);
          if (version === next) return;
        }
      }),
    );
    expect(seen.has(next)).toBe(true);
    for (const agent of agents) agent.destroy();
  });

  it('all answer by the version that was promoted or rolled back to, from the answer on', async () => {
    const agents = Array.from({ length: 4 }, connection);
    const allAnswerBy = async (id: string) => {
      for (const agent of agents) expect((await listOf(agent, 'bob')).version).toBe(id);
    };
    const switchBy = async (path: string) => {
      const { status, body } = await send(agents[0]!, 'POST', `/v1/admin/versions/${path}`);
      expect(status, body).toBe(200);
      return (JSON.parse(body) as { current: string }).current;
    };
    const { version } = await listOf(agents[1]!, 'bob');
    const before = await switchBy('rollback');
    expect(before).not.toBe(version);
    await allAnswerBy(before);
    await switchBy(`${version}/promote`);
    await allAnswerBy(version);
    for (const agent of agents) agent.destroy();
  });

  it('lose no acknowledged write when one is killed, and another takes its place', async () => {
    const acknowledged: string[] = [];
    let isOver = false;
    const write = async (lane: number): Promise<void> => {
      let agent = connection();
      for (let n = 0; !isOver; n++) {
        const item = `k${lane}-${n}`;
        try {
          if ((await post(agent, `killed-${lane}`, item)).status === 200) acknowledged.push(item);
        } catch {
          agent.destroy(); // Its worker is gone: the next connection is another's.
          agent = connection();
        }
      }
      agent.destroy();
    };
    const writing = Promise.all([0, 1, 2, 3].map(write));
    await until(() => acknowledged.length > 20);
    process.kill(pids[1]!, 'SIGKILL');
    const before = acknowledged.length;
    await until(() => acknowledged.length > before + 20);
    isOver = true;
    await writing;
    const { records } = await graph.read((tx) =>
      tx.run("MATCH (u:User)-[:INTERACTED]->(i:Item) WHERE u.id STARTS WITH 'killed' RETURN i.id AS item"),
    );
    const inGraph = new Set(records.map((record) => record.get('item') as string));
    expect(acknowledged.filter((item) => !inGraph.has(item))).toEqual([]);
    const agent = connection();
    await until(async () => (await figure(agent, 'tastegraph_worker_resident_bytes')).length === 2);
    agent.destroy();
  });

  it('answer on while Neo4j is stopped, marked as stale, refuse writes, and are as before when it is back', async () => {
    const agent = connection();
    const other = connection();
    // A worker that has just begun keeps nothing before it hears of changes.
    for (const each of [agent, other]) await until(async () => (await listOf(each, 'eve')).cache === 'hit');
    await stopServer(testServer().home);
    await until(async () => (await listOf(agent, 'eve')).stale === true);
    await until(async () => (await listOf(other, 'eve')).stale === true);
    for (const each of [agent, other]) {
      expect(await listOf(each, 'eve')).toMatchObject({ graph: 'unreachable', stale: true, cache: 'stale' });
      // Of whom nothing is kept, the version's own answer.
      expect(await listOf(each, 'dan', 'limit=3')).toMatchObject({ graph: 'unreachable', stale: true, cache: 'miss' });
      // A group of whom all is remembered, and one of whom nothing is.
      for (const users of [['eve'], ['eve', 'dan']]) {
        const { body } = await send(each, 'POST', '/v1/groups/recommendations', { users });
        expect(JSON.parse(body)).toMatchObject({ graph: 'unreachable', stale: true });
      }
      const refused = await post(each, 'eve', 'd2');
      expect(refused.status).toBe(503);
      expect(JSON.parse(refused.body)).toMatchObject({ code: 'neo4j/unreachable', retryable: true });
      expect(refused.headers['retry-after']).toBe('1');
    }
    await ensureServer(testServer());
    await until(async () => (await post(agent, 'eve', 'd2')).status === 200);
    for (const each of [agent, other]) {
      await until(async () => (await listOf(each, 'eve')).stale === undefined);
      const list = await listOf(each, 'eve');
      expect(list).toMatchObject({ graph: 'reached' });
      expect(list.items.map(({ item }) => item)).not.toContain('d2');
    }
    agent.destroy();
    other.destroy();
  }, 400_000);

  it('end when they are told to, one and all', async () => {
    const agent = connection();
    await listOf(agent, 'ann');
    child.kill('SIGTERM');
    const { code, stderr } = await done;
    expect(code, stderr).toBe(0);
    for (const pid of pids) expect(processStart(pid)).toBeUndefined();
    agent.destroy();
  });
});
