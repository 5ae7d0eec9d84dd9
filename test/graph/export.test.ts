import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openData } from '../../src/data/open.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { exportGraph, type GraphSink } from '../../src/graph/export.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { writeInteractions } from '../../src/graph/interactions.ts';
import { optionGroups } from '../../src/options.ts';
import { packageRoot } from '../../src/package.ts';
import { type Progress, silent } from '../../src/progress.ts';
import { snapshotFromFiles } from '../../src/sampling/fromFiles.ts';
import { snapshotFromGraph } from '../../src/sampling/fromGraph.ts';
import { emptyGraph, testGraph } from '../neo4j.ts';
import { checkerboard, itemId, sourceOf, userId } from '../planted.ts';

const home = mkdtempSync(join(tmpdir(), 'tastegraph-export-'));
const sharedData = join(packageRoot, '../shared/data');
let graph: Graph;

beforeAll(async () => {
  graph = await testGraph();
});
beforeEach(() => emptyGraph(graph));
afterAll(async () => {
  await graph?.close();
  rmSync(home, { recursive: true, force: true });
});

const options = { home, maxBadPercent: 0, restart: true };
const board = checkerboard({ users: 12, items: 12 });
const plant = () => ingest(graph, sourceOf(board.records), options, silent);
const late = (at: number) => ({ user: userId(0), item: itemId(1), type: 'view', at, value: 1 });

/** The graph, but an interaction is committed while each of the first `times` exports is still reading, at its very end. */
function disturbedGraph(times: number): Graph {
  let left = times;
  let reads = 0;
  return {
    ...graph,
    session(sessionOptions) {
      const session = graph.session(sessionOptions);
      const executeRead = session.executeRead.bind(session);
      session.executeRead = (work, config) =>
        executeRead(async (tx) => {
          const result = await work(tx);
          // Every other transaction reads; the ones before them only ask for the last commit.
          if (reads++ % 2 === 1 && left-- > 0) await writeInteractions(graph, [late(reads)]);
          return result;
        }, config);
      return session;
    },
  };
}

/** Keeps nothing but counts. */
class CountingSink implements GraphSink {
  interactionCount = 0;
  users = 0;
  user(): void {
    this.users++;
  }
  item(): void {}
  feature(): void {}
  userFeatures(): void {}
  itemFeatures(): void {}
  trust(): void {}
  property(): void {}
  interactions(_: number, { items }: { readonly items: readonly number[] }): void {
    this.interactionCount += items.length;
  }
}

describe('exportGraph', () => {
  it('knows a view of one moment, and reads again where a writer came between', async () => {
    await plant();
    const quiet = await exportGraph(graph, () => new CountingSink());
    expect(quiet.consistent).toBe(true);
    expect(quiet.sink.interactionCount).toBe(board.users * (board.items / 2));

    const disturbed = await exportGraph(disturbedGraph(1), () => new CountingSink());
    expect(disturbed.consistent).toBe(true);
    expect(disturbed.sink.interactionCount).toBe(quiet.sink.interactionCount + 1);
  });

  it('gives what it has, and says so, where writers never pause', async () => {
    await plant();
    const notes: Progress[] = [];
    const restless = disturbedGraph(Number.POSITIVE_INFINITY);
    const { consistent, sink } = await exportGraph(
      restless,
      () => new CountingSink(),
      { attempts: 2 },
      (progress) => notes.push(progress),
    );
    expect(consistent).toBe(false);
    expect(notes.filter(({ phase }) => phase === 'reading again')).toHaveLength(1);
    // What the first attempt's writer committed is there, what came after the second had read is not.
    expect(sink.interactionCount).toBe(board.users * (board.items / 2) + 1);
  });

  it('stops when it is told to', async () => {
    await plant();
    const stop = new AbortController();
    const reason = new Error('stopped');
    const reading = snapshotFromGraph(graph, ({ phase }) => phase === 'items' && stop.abort(reason), stop.signal);
    await expect(reading).rejects.toBe(reason);
  });

  it('refuses a graph without interactions', async () => {
    await expect(snapshotFromGraph(graph)).rejects.toMatchObject({ code: 'snapshot/empty' });
  });
});

describe.skipIf(!existsSync(join(sharedData, 'ml-100k')))('MovieLens 100K, which is not there everywhere', () => {
  it('gives the same digest through the graph as from its files', async () => {
    const files = optionGroups.files.parse({});
    const path = join(sharedData, 'ml-100k');
    await ingest(graph, await openData(path, files), options, silent);
    const [exported, direct] = [await snapshotFromGraph(graph), await snapshotFromFiles(path, files)];
    expect(exported.arrays.map(({ name, sha256 }) => [name, sha256])).toEqual(
      direct.arrays.map(({ name, sha256 }) => [name, sha256]),
    );
    expect(exported.digest).toBe(direct.digest);
    expect([exported.users.count, exported.items.count, exported.interactions.count]).toEqual([943, 1682, 100_000]);
  }, 300_000);
});
