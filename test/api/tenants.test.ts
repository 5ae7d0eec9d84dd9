/** Two tenants, each with a home and a Neo4j of its own: what one asks never shows what is another's, and changes nothing there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import neo4j from 'neo4j-driver';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Scope } from '../../src/access/caller.ts';
import { createApp, openApiDocument } from '../../src/api/app.ts';
import { createApps } from '../../src/api/tenants.ts';
import { openKernels } from '../../src/compute/open.ts';
import type { DataRecord } from '../../src/data/records.ts';
import { createExplainer } from '../../src/explain/explainer.ts';
import { openDatabase } from '../../src/graph/database.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { stopServer } from '../../src/graph/server.ts';
import { optionGroups } from '../../src/options.ts';
import { checkApart, openDoor, tenantOptions } from '../../src/pipeline.ts';
import { SnapshotBuilder } from '../../src/sampling/builder.ts';
import { writeSnapshot } from '../../src/sampling/store.ts';
import { openRecommender } from '../../src/serving/recommender.ts';
import { openPipelines } from '../../src/serving/stages/pipelines.ts';
import { publish } from '../../src/serving/versions.ts';
import { emptyGraph, graphContent, testGraph, testServer } from '../neo4j.ts';
import { plantedRecords, plantedResult } from '../serving/home.ts';

const names = ['north', 'south'] as const;
type Name = (typeof names)[number];
const token = 'a-token-of-some-length';

/** The planted world with ids of a tenant's own, 'd1-north', and titles that say whose they are without holding an id. */
function recordsOf(tenant: Name): DataRecord[] {
  const own = (id: string) => `${id}-${tenant}`;
  return plantedRecords().map((record): DataRecord => {
    switch (record.kind) {
      case 'item':
        return { ...record, id: own(record.id), title: `${tenant.toUpperCase()} film` };
      case 'interaction':
        return { ...record, user: own(record.user), item: own(record.item) };
      case 'trust':
        return { ...record, user: own(record.user), trusted: own(record.trusted) };
      case 'user':
        return { ...record, id: own(record.id) };
      default:
        return record;
    }
  });
}

async function plant(graph: Graph, records: readonly DataRecord[]): Promise<void> {
  const rows = records.filter((record) => record.kind === 'interaction');
  await graph.write((tx) =>
    tx.run(
      `UNWIND $rows AS row MERGE (u:User {id: row.user}) MERGE (i:Item {id: row.item}) SET i.title = $title, i.available = true
       MERGE (u)-[r:INTERACTED {type: row.type, at: toInteger(row.at)}]->(i) SET r.value = toFloat(row.value)`,
      { rows, title: records.find((record) => record.kind === 'item')?.title ?? '' },
    ),
  );
}

async function openTenant(name: Name, home: string, graph: Graph) {
  const records = recordsOf(name);
  const builder = new SnapshotBuilder();
  for (const record of records) builder.add(record);
  const snapshot = builder.build({ asOf: 5000, source: 'generated' });
  writeSnapshot(home, snapshot);
  await publish(home, plantedResult(snapshot, { seed: name === 'north' ? 7 : 8 }));
  await plant(graph, records);
  const kernels = openKernels({ threads: 1 });
  const recommender = openRecommender(home, kernels, {});
  const reach = reachOf(graph, { timeoutMs: 20_000 });
  const pipelines = openPipelines(undefined, { home, kernels, graph });
  const deps = { recommender, explainer: createExplainer(reach), reach, pipelines };
  return {
    graph,
    deps,
    close: async () => {
      recommender.close();
      await kernels.close();
      await graph.close();
    },
  };
}

const folder = mkdtempSync(join(tmpdir(), 'tastegraph-tenants-'));
const tenants = new Map<Name, Awaited<ReturnType<typeof openTenant>>>();
const keys = new Map<string, string>();
let answer: (request: Request) => Response | Promise<Response>;
let operations: readonly { readonly method: string; readonly path: string }[] = [];

beforeAll(async () => {
  const southern = { ...testServer(), home: join(inject('neo4jHomes'), 'south') };
  const graphs = await Promise.all([testGraph(), openDatabase(southern)]);
  await emptyGraph(graphs[1]);
  for (const [place, name] of names.entries())
    tenants.set(name, await openTenant(name, join(folder, name), graphs[place]!));
  const given = { tenants: { north: { home: 'n' }, south: { home: 's' } } };
  const door = await openDoor({ home: folder, token, ...optionGroups.guarding.parse(given) });
  for (const name of names) {
    for (const scope of ['read', 'write', 'admin'] as const satisfies readonly Scope[]) {
      const { key } = await door.keys.create({ name: 'test', scopes: [scope], tenant: name });
      keys.set(`${name} ${scope}`, key);
    }
  }
  const log = pino({ level: 'silent' });
  const options = { token, maxBodyBytes: 1 << 20, requestTimeoutMs: 30_000, freeCypher: true };
  const own = tenants.get('north')!.deps; // The server's own home is no tenant's; here nobody asks it.
  const all = new Map([...tenants].map(([name, { deps }]) => [name, deps]));
  answer = createApps({ ...own, ...door, log, options, tenants: all });
  const paths = openApiDocument(createApp({ ...own, log, options })).paths ?? {};
  operations = Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, item]) => Object.keys(item as object).map((method) => ({ method: method.toUpperCase(), path })));
}, 300_000);
afterAll(async () => {
  for (const { close } of tenants.values()) await close();
  await stopServer(join(inject('neo4jHomes'), 'south')); // its memory is better used by the tests that follow
  rmSync(folder, { recursive: true, force: true });
});

interface Asked {
  readonly operation: { readonly method: string; readonly path: string };
  readonly scope: Scope;
  readonly user: string;
  readonly item: string;
  readonly question: string;
  /** Another tenant that the request names. */
  readonly naming?: string | undefined;
}

const questions = [
  'popularity',
  'long-tail',
  'influential-interactions',
  'explanation-paths',
  'single-interaction-users',
];
const ids = (kinds: readonly string[]) =>
  fc.constantFrom(...kinds.flatMap((id) => ['north', 'south', 'other'].map((whose) => `${id}-${whose}`)));
const asked = (operations: readonly Asked['operation'][]) =>
  fc.record<Asked>({
    operation: fc.constantFrom(...operations),
    scope: fc.constantFrom('read', 'write', 'admin', 'admin'),
    user: ids(['ann', 'bob', 'new']),
    item: ids(['d1', 'c3', 'all']),
    question: fc.constantFrom(...questions),
    naming: fc.option(fc.constantFrom('south', 'west', 'north'), { freq: 5, nil: undefined }),
  });

/** Something for whatever the routes of today and tomorrow take. */
function requestOf({ operation: { method, path }, scope, user, item, question, naming }: Asked): Request {
  const values: Record<string, string> = { item, name: path.includes('queries') ? question : 'a-rule' };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(values[name] ?? (path.includes('/items/') ? item : user)),
  );
  const parameters =
    question === 'influential-interactions' ? { user } : question === 'explanation-paths' ? { user, item } : {};
  const query = path.endsWith('queries/{name}') && method === 'GET' ? `?${new URLSearchParams(parameters)}` : '';
  const body = path.endsWith('/cypher')
    ? { cypher: 'MATCH (n) RETURN n.id AS id, n.title AS title ORDER BY id' }
    : path.includes('queries')
      ? { parameters }
      : { interactions: [{ user, item, at: 7 }] };
  return new Request(`http://localhost${filled}${query}`, {
    method,
    headers: {
      authorization: `Bearer ${keys.get(`north ${scope}`)}`,
      'content-type': 'application/json',
      ...(naming !== undefined && { 'tastegraph-tenant': naming }),
    },
    ...(method !== 'GET' && { body: JSON.stringify(body) }),
  });
}

/** The answer to a caller of north, without what differs in each. */
async function ask(given: Asked) {
  const response = await answer(requestOf(given));
  const text = (await response.text()).replaceAll(/"requestId":"[^"]*"|"(at|ms)":[\d.]+/g, '');
  return { status: response.status, text };
}

describe('a tenant', () => {
  it('is answered as if the other were not there, whatever of its ids it names', async () => {
    // The audit log holds this test's own requests, so that no two answers of it are alike.
    const reading = operations.filter(({ method, path }) => method === 'GET' && !path.endsWith('/audit'));
    await fc.assert(
      fc.asyncProperty(asked(reading), async (given) => {
        const { status, text } = await ask(given);
        // Ids that are the other's are as good as ids that are nobody's.
        const renamed = (one: string) => one.replaceAll('-south', '-other');
        const stranger = await ask({ ...given, user: renamed(given.user), item: renamed(given.item) });
        expect({ status, text: renamed(text) }).toEqual(stranger);
        expect(text.replaceAll(given.user, '').replaceAll(given.item, '')).not.toMatch(/-south|SOUTH/);
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it('sees nothing of another and changes nothing there, whatever it sends', async () => {
    const southBefore = await graphContent(tenants.get('south')!.graph);
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(asked(operations), async (given) => {
        const { status, text } = await ask(given);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (given.naming !== undefined && given.naming !== 'north') expect(status).toBe(403);
        // An id like the other's may be its own by now: it was posted. The other's titles never were.
        expect(text).not.toContain('SOUTH');
      }),
      { seed: 11, numRuns: 100 },
    );
    expect(await graphContent(tenants.get('south')!.graph)).toEqual(southBefore);
    // It asked for things that are there, for things that are not, and for what it may not.
    for (const status of [200, 403, 404]) expect(statuses.get(status) ?? 0).toBeGreaterThan(2);
  });

  it('has its own items, interactions and questions', async () => {
    for (const name of names) {
      const headers = { authorization: `Bearer ${keys.get(`${name} admin`)}`, 'content-type': 'application/json' };
      const of = async (path: string, init: object = {}) =>
        await (await answer(new Request(`http://localhost${path}`, { headers, ...init }))).text();
      const own = await of(`/v1/users/ann-${name}/recommendations`);
      expect(own).toContain(`-${name}`);
      expect(own).not.toContain('fallback');
      const cypher = JSON.stringify({
        cypher: 'MATCH (i:Item {id: $id}) RETURN i.title',
        parameters: { id: `d3-${name}` },
      });
      expect(await of('/v1/admin/cypher', { method: 'POST', body: cypher })).toContain(`${name.toUpperCase()} film`);
    }
  });

  it("is reached by the server's administrators by its name", async () => {
    const ask = async (tenant: string) =>
      await answer(
        new Request('http://localhost/v1/users/ann-south/recommendations', {
          headers: { authorization: `Bearer ${token}`, 'tastegraph-tenant': tenant },
        }),
      );
    expect(await (await ask('south')).text()).toContain('SOUTH film');
    expect(await (await ask('north')).json()).toMatchObject({ fallback: 'popular' });
    expect((await ask('west')).status).toBe(403);
  });
});

describe('two tenants', () => {
  const everywhere = { home: folder, neo4jUsername: 'neo4j', neo4jDatabase: 'neo4j', tenantPasswords: {} };

  it('have a home and a database of their own', async () => {
    const options = tenantOptions({
      ...everywhere,
      neo4jUri: 'bolt://shared',
      tenants: { a: { home: 'a' }, b: { home: 'b', neo4jDatabase: 'b' }, c: { home: 'c', neo4jUri: 'bolt://c' } },
    });
    expect([...options.values()].map(({ home, neo4jUri, neo4jDatabase }) => [home, neo4jUri, neo4jDatabase])).toEqual([
      ['a', undefined, 'neo4j'],
      ['b', 'bolt://shared', 'b'],
      ['c', 'bolt://c', 'neo4j'],
    ]);
    const [north, south] = names.map((name) => tenants.get(name)!.graph);
    await checkApart(
      undefined,
      new Map([
        ['a', north],
        ['b', south],
        ['c', undefined],
        ['d', undefined],
      ]),
    );
  });

  it('have a user of Neo4j and pipelines of their own, and nothing of the other', async () => {
    const [north, south] = names.map((name) => tenants.get(name)!.graph.credentials());
    const driver = neo4j.driver(south!.uri, neo4j.auth.basic(south!.username, south!.password));
    const password = 'of-the-south-alone';
    await driver.executeQuery(
      'CREATE OR REPLACE USER southerner SET PASSWORD $password CHANGE NOT REQUIRED',
      { password },
      { database: 'system' },
    );
    await driver.close();
    const given = optionGroups.guarding.parse({
      tenants: {
        north: {
          home: join(folder, 'north'),
          neo4jUri: north!.uri,
          pipelines: { cold: { sources: [{ kind: 'popular' }] } },
        },
        south: {
          home: join(folder, 'south'),
          neo4jUri: south!.uri,
          neo4jUsername: 'southerner',
          pipelines: { default: { sources: [{ kind: 'newest' }] } },
          experiments: {
            half: { arms: { a: { pipeline: 'default', share: 0.5 }, b: { pipeline: 'default', share: 0.5 } } },
          },
        },
      },
      tenantPasswords: { south: password },
    });
    const { experiments } = given.tenants.south!;
    const own = { ...everywhere, neo4jPassword: north!.password, experiments, ...given };
    const opened = tenantOptions(own);
    const { north: ofNorth, south: ofSouth } = Object.fromEntries(opened);
    expect([ofNorth!.tenantPasswords, ofSouth!.tenantPasswords]).toEqual([{}, {}]);
    expect([ofNorth!.experiments, Object.keys(ofSouth!.experiments!)]).toEqual([undefined, ['half']]);

    const graphs = await Promise.all([openDatabase(ofNorth!), openDatabase(ofSouth!)]);
    const users = graphs.map((graph) =>
      graph.read(async (tx) => (await tx.run('SHOW CURRENT USER YIELD user')).records[0]!.get('user') as string),
    );
    expect(await Promise.all(users)).toEqual(['neo4j', 'southerner']);
    for (const graph of graphs) await graph.close();
    // Nobody's login opens the other's server.
    await expect(openDatabase({ ...ofSouth!, neo4jUri: north!.uri })).rejects.toMatchObject({ code: 'neo4j/refused' });

    const kernels = openKernels({ threads: 1 });
    const all = new Map(
      [...opened].map(([name, { home, pipelines, experiments }]) => {
        const { deps, graph } = tenants.get(name as Name)!;
        return [name, { ...deps, pipelines: openPipelines(pipelines, { home, kernels, graph, experiments }) }];
      }),
    );
    const door = await openDoor({ home: folder, token, ...given });
    const options = { token, maxBodyBytes: 1 << 20, requestTimeoutMs: 30_000 };
    const first = tenants.get('north')!.deps;
    const asked = createApps({ ...first, ...door, log: pino({ level: 'silent' }), options, tenants: all });
    const of = async (tenant: string, path: string) => {
      const headers = { authorization: `Bearer ${token}`, 'tastegraph-tenant': tenant };
      const response = await asked(new Request(`http://localhost${path}`, { headers }));
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const list = '/v1/users/ann-south/recommendations?explain=false';
    expect((await of('north', `${list}&pipeline=cold`)).status).toBe(200);
    expect((await of('south', `${list}&pipeline=cold`)).body).toMatchObject({ code: 'pipeline/unknown' });
    expect((await of('south', `${list}&experiment=half`)).body).toMatchObject({ pipeline: 'default' });
    expect((await of('north', `${list}&experiment=half`)).body).toMatchObject({ code: 'experiment/unknown' });
    await kernels.close();
  });

  it('are refused a login that cannot be theirs, and no message holds a password', () => {
    const secret = 'never-to-be-told';
    const refused = (tenants: object, tenantPasswords: object) => {
      const given = optionGroups.guarding.parse({ tenants, tenantPasswords });
      try {
        tenantOptions({ ...everywhere, neo4jUri: 'bolt://shared', ...given });
      } catch (cause) {
        expect((cause as Error).message).not.toContain(secret);
        return (cause as { code: string }).code;
      }
      return undefined;
    };
    const named = { home: 'a', neo4jUri: 'bolt://a', neo4jUsername: 'a' };
    expect(refused({ a: named }, { a: secret })).toBeUndefined();
    expect(refused({ a: named }, {})).toBe('tenant/login');
    expect(refused({ a: { home: 'a' } }, { a: secret })).toBe('tenant/login');
    expect(refused({ a: named }, { a: secret, b: secret })).toBe('tenant/unknown');
  });

  it('are refused where they share one, also under another name for it', async () => {
    const twice = { a: { home: join(folder, 'north') }, b: { home: join(folder, 'south', '..', 'north') } };
    expect(() => tenantOptions({ ...everywhere, tenants: twice })).toThrow(
      expect.objectContaining({ code: 'tenant/shared', message: expect.stringContaining("'b' and 'a' share a home") }),
    );
    expect(() => tenantOptions({ ...everywhere, tenants: { a: { home: folder } } })).toThrow(
      expect.objectContaining({ code: 'tenant/shared' }),
    );
    const { graph } = tenants.get('north')!;
    const sharing = { code: 'tenant/shared', message: expect.stringContaining('a database') };
    await expect(
      checkApart(
        undefined,
        new Map([
          ['a', graph],
          ['b', graph],
        ]),
      ),
    ).rejects.toMatchObject(sharing);
    await expect(checkApart(graph, new Map([['a', graph]]))).rejects.toMatchObject(sharing);
  });

  it('are not served where nobody is asked who they are', async () => {
    const { deps } = tenants.get('north')!;
    const door = await openDoor({ home: join(folder, 'none'), ...optionGroups.guarding.parse({}) });
    const options = { token: undefined, maxBodyBytes: 1, requestTimeoutMs: 1 };
    const given = { ...deps, ...door, log: pino({ level: 'silent' }), options, tenants: new Map([['north', deps]]) };
    expect(() => createApps(given)).toThrow(expect.objectContaining({ code: 'tenant/unguarded' }));
  });
});
