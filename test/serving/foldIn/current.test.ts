/** What a user did up to now, as the graph tells it, in place of what the snapshot says: over a real Neo4j. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../../src/compute/open.ts';
import type { Graph } from '../../../src/graph/driver.ts';
import { interactionsOfUser, writeInteractions } from '../../../src/graph/interactions.ts';
import { type GraphReach, reachOf } from '../../../src/graph/reach.ts';
import { removeInteractions } from '../../../src/graph/removal.ts';
import { type DeclaredPipelines, option } from '../../../src/options.ts';
import { knownOf } from '../../../src/pipeline/pipelines.ts';
import { snapshotFromGraph } from '../../../src/sampling/fromGraph.ts';
import { writeSnapshot } from '../../../src/sampling/store.ts';
import { currentUser } from '../../../src/serving/foldIn/current.ts';
import { loadVersion } from '../../../src/serving/published.ts';
import { type ServedVersion, serveVersion } from '../../../src/serving/served.ts';
import { contextOf, openPipelines, type Pipelines } from '../../../src/serving/stages/pipelines.ts';
import { publish } from '../../../src/serving/versions.ts';
import { plantGraph } from '../../graph/planted.ts';
import { testGraph } from '../../neo4j.ts';
import { plantedResult, plantedSnapshot } from '../home.ts';

const kernels = openKernels({ threads: 1 });
const home = mkdtempSync(join(tmpdir(), 'tastegraph-current-'));
const patient = { timeoutMs: 20_000 };
let graph: Graph;
let reach: GraphReach;
let served: ServedVersion;
let pipelines: Pipelines;
const meanings = { interactions: { dislike: { negative: true, weight: 1 } } };

beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
  reach = reachOf(graph, patient);
  const snapshot = await snapshotFromGraph(graph);
  writeSnapshot(home, snapshot);
  const { id } = await publish(home, plantedResult(snapshot), meanings);
  served = serveVersion(loadVersion(home, id), kernels);
  const declared = option.pipelines.parse({ last: { sources: [{ kind: 'session', last: 1 }] } });
  pipelines = openPipelines(declared as DeclaredPipelines, { home, kernels });
});
afterAll(async () => {
  served.dispose();
  await graph.close();
  await kernels.close();
  rmSync(home, { recursive: true, force: true });
});

/** What the session source finds for a user, what she did last, and what her lists leave out; all by id. */
async function asked(user: string, by = reach, version = served) {
  const current = await currentUser(by, version, user);
  const { items } = version.published.snapshot;
  const ready = pipelines.ready(version, 'last');
  const known = knownOf(current.served, user, current.deeds);
  const request = { user, pipeline: 'last', limit: 9, since: current.done ?? [], seed: '', ...known };
  const context = contextOf(ready, request);
  const { ids } = await ready.sources[0]!.find(context, 9);
  const { asker } = context;
  return {
    found: ids.map((item) => items.id(item)),
    deeds: asker.deeds.map(({ item }) => items.id(item)),
    left: [...asker.left].map((item) => items.id(item)).sort(),
    list: current.served.recommend(user, { limit: 9, exclude: current.done ?? [] }).items.map(({ id }) => id),
    foldedIn: current.foldedIn,
  };
}
const rating = (user: string, item: string, at: number) => ({ user, item, type: 'rating', at, value: 5 });

describe('what is done with a known item', () => {
  it('again is done last, and the session goes on from it', async () => {
    const before = await asked('cat');
    expect(before.deeds).toEqual(['c1', 'c2', 'all']);
    await writeInteractions(graph, [rating('cat', 'c2', 9000)]);
    const after = await asked('cat');
    expect(after.deeds).toEqual(['c1', 'c2', 'all', 'c2']);
    expect(after.found[0]).toBe('c3');
    expect(after.found).not.toEqual(before.found);
    // The same likes: the version's own taste stands.
    expect(after.foldedIn).toBeUndefined();
    expect(after.list).toEqual(before.list);
  });

  it('and disliked is followed no more, and is not recommended', async () => {
    await writeInteractions(graph, [{ ...rating('cat', 'c2', 9500), type: 'dislike', value: 1 }]);
    const { found, list, foldedIn } = await asked('cat');
    expect(found[0]).not.toBe('c3'); // from 'all', that she liked before it
    expect(list).not.toContain('c2');
    expect(foldedIn).toMatchObject({ interactions: 2 });
  });

  it('and taken back is recommendable in the next list, and no taste', async () => {
    expect((await asked('dan')).list).not.toContain('c3');
    expect(await removeInteractions(graph, [{ user: 'dan', item: 'c3' }])).toBe(1);
    const { list, left, deeds, foldedIn } = await asked('dan');
    expect(list.slice(0, 2)).toContain('c3');
    expect(left).not.toContain('c3');
    expect(deeds).toEqual(['c1', 'c2', 'all']);
    expect(foldedIn).toMatchObject({ interactions: 3 });
  });
});

describe('where the graph does not tell all', () => {
  it('what it told before is remembered, else the snapshot says what was done', async () => {
    const interactions = await interactionsOfUser(graph, 'dan', 20_000, served.manifest);
    const remembering = reachOf(undefined, { recall: async () => ({ interactions, isStale: true }) });
    expect((await asked('dan', remembering)).list).toContain('c3');
    const alone = await asked('dan', reachOf(undefined));
    expect(alone.list).not.toContain('c3');
    expect(alone.deeds).toEqual(['c1', 'c2', 'c3', 'all']);
  });

  it('a version of other data keeps what it knows beside what the graph tells, each deed once', async () => {
    const snapshot = plantedSnapshot();
    writeSnapshot(home, snapshot);
    const { id } = await publish(home, plantedResult(snapshot), meanings);
    const other = serveVersion(loadVersion(home, id), kernels);
    try {
      const dan = await asked('dan', reach, other);
      expect(dan.deeds).toEqual(['c1', 'c2', 'c3', 'all']);
      expect(dan.list).not.toContain('c3');
      const cat = await asked('cat', reach, other);
      expect(cat.deeds).toEqual(['c1', 'c2', 'all', 'c2', 'c2']);
      expect(cat.foldedIn).toMatchObject({ interactions: 2 });
    } finally {
      other.dispose();
    }
  });
});
