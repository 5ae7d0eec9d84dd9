/** A version's way through the graph, by the built command line over a real Neo4j: trained, indexed, asked, followed, removed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { ensureServer } from '../../src/graph/server.ts';
import type { KnownVersion, VectorSlots } from '../../src/pipeline/lineage.ts';
import { plantedApp } from '../api/deps.ts';
import { testGraph, testServer } from '../neo4j.ts';
import { plantedCsv, tastegraph } from './tastegraph.ts';

let graph: Graph;
let env: NodeJS.ProcessEnv;
const folder = mkdtempSync(join(tmpdir(), 'tastegraph-cli-'));
beforeAll(async () => {
  graph = await testGraph();
  const { uri, username, password } = await ensureServer(testServer());
  env = { NEO4J_URI: uri, NEO4J_USERNAME: username, NEO4J_PASSWORD: password };
  writeFileSync(join(folder, 'planted.csv'), plantedCsv());
});
afterAll(async () => {
  await graph.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run<T>(...args: string[]): Promise<T> {
  const { code, stderr, json } = await tastegraph([...args, '--json', '--quiet'], { cwd: folder, env });
  expect(code, stderr).toBe(0);
  return json() as T;
}

it('goes from training to neighbours, lineage and removal', async () => {
  await run('ingest', 'planted.csv');
  expect(await run<{ versions: unknown[] }>('lineage')).toEqual({ versions: [] });
  const training = ['train', 'lightgcn', '--epochs', '2', '--dim', '8'];
  const first = (await run<{ version: string }>(...training)).version;
  const second = (await run<{ version: string }>(...training, '--seed', '7')).version;

  const { slots, users, items } = await run<VectorSlots>('vectors');
  expect({ users, items }).toEqual({ users: 40, items: 24 });
  expect(slots).toMatchObject([
    { slot: 'vectorA', version: first, current: false, users: 40, items: 24 },
    { slot: 'vectorB', version: second, current: true, users: 40, items: 24 },
  ]);
  for (const { indexes } of slots) {
    expect(indexes).toHaveLength(2);
    for (const index of indexes) expect(index).toMatchObject({ state: 'ONLINE', dimensions: 8, similarity: 'cosine' });
  }

  interface Near {
    readonly items: { id: string; score: number; exactPlace: number }[];
    readonly exact: { id: string; score: number }[];
  }
  const near = await run<Near>('similar', 'g0-i1', '--limit', '5', '--from', 'neo4j');
  expect(near.items.map(({ id }) => id)).toEqual(near.exact.map(({ id }) => id));
  near.items.forEach(({ score, exactPlace }, place) => {
    expect(exactPlace).toBe(place + 1);
    expect(score).toBeCloseTo(near.exact[place]!.score, 4);
  });

  const { versions } = await run<{ versions: KnownVersion[] }>('lineage', second);
  expect(versions).toMatchObject([
    { version: second, model: 'lightgcn', seed: 7, current: true, stored: true, follows: [{ version: first }] },
  ]);
  expect(versions[0]!.options).toMatchObject({ dim: 8 });

  const planted = await plantedApp(graph);
  const app = createApp(planted.deps);
  const { stored: _, ...known } = versions[0]!;
  expect(await (await app.request(`/v1/versions/${second}/lineage`)).json()).toEqual(known);
  const unknown = await app.request('/v1/versions/nothing/lineage');
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'version/no-lineage' }]);
  await planted.close();

  const refused = await tastegraph(['versions', '--remove', second, '--json'], { cwd: folder, env });
  expect(refused.code).toBe(4);
  expect(refused.json()).toMatchObject({ error: { code: 'version/is-current' } });
  await run('versions', '--remove', first);
  const all = (await run<{ versions: KnownVersion[] }>('lineage')).versions;
  expect(all.map(({ version, stored }) => [version, stored])).toEqual([
    [second, true],
    [first, false],
  ]);
  expect(all[1]!.removedAt).toBeGreaterThan(0);
}, 400_000);
