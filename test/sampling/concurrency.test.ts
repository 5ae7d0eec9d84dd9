/** Snapshots while others write, while they are killed, and while the database goes away. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import { type Graph, openGraph } from '../../src/graph/driver.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { writeInteractions } from '../../src/graph/interactions.ts';
import { removeNode } from '../../src/graph/removal.ts';
import { ensureServer, stopServer } from '../../src/graph/server.ts';
import { silent } from '../../src/progress.ts';
import { currentSnapshot } from '../../src/sampling/current.ts';
import { snapshotFromGraph } from '../../src/sampling/fromGraph.ts';
import { listSnapshots, loadSnapshot, snapshotsFolder, writeSnapshot } from '../../src/sampling/store.ts';
import { emptyGraph, testGraph, testServer } from '../neo4j.ts';
import { checkerboard, sourceOf, userId } from '../planted.ts';

let graph: Graph;
let home: string;
beforeAll(async () => {
  graph = await testGraph();
});
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'tastegraph-concurrency-'));
  await emptyGraph(graph);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));
afterAll(() => graph?.close());

/** Users and items of two sources meet: half of each is the other's too. */
const records = (first: number): DataRecord[] =>
  Array.from({ length: 4_000 }, (_, n): DataRecord => {
    const [user, item] = [first + (n % 100), first + Math.floor(n / 100)];
    return { kind: 'interaction', user: `u${user}`, item: `i${item}`, type: 'view', at: first + n, value: 1 };
  });
const take = (first: number, over = graph) =>
  ingest(over, sourceOf(records(first), `from-${first}`), { home, maxBadPercent: 0, restart: false }, silent);
const current = async () => {
  const taken = await currentSnapshot(graph, { home, full: false });
  writeSnapshot(home, taken.snapshot);
  return taken;
};

describe('a snapshot', () => {
  it('taken again and again beside two ingests and removals loses nothing', async () => {
    await take(0);
    await current();
    let isWriting = true;
    const readings: string[] = [];
    const snapshots = async () => {
      while (isWriting) readings.push((await current()).reading.kind);
    };
    const writers = async () => {
      try {
        await Promise.all([
          take(50),
          take(100),
          ...[3, 60, 110].map((n) => removeNode(graph, 'item', `i${n}`)),
          writeInteractions(graph, [{ user: 'posted', item: 'posted', type: 'view', at: 1, value: 1 }]),
        ]);
      } finally {
        isWriting = false;
      }
    };
    await Promise.all([writers(), snapshots()]);
    const after = await current();
    expect(after.reading.kind).toBe('incremental');
    expect(after.snapshot.digest).toBe((await snapshotFromGraph(graph)).digest);
    expect(after.snapshot.users.index('posted')).toBeDefined();
    expect(readings.length).toBeGreaterThan(0);
  });

  it('that is killed, wherever it is, leaves stored ones whole, from which the next goes on', async () => {
    await take(0);
    const first = await current();
    const connection = await ensureServer(testServer());
    for (const [kill, writes] of [
      ['writing', 1],
      ['written', 2],
      ['writing', 3],
    ] as const) {
      await writeInteractions(graph, [{ user: `u${writes}`, item: `new-${writes}`, type: 'view', at: 1, value: 1 }]);
      const child = spawn(process.execPath, ['test/sampling/snapshot.child.mjs', home], {
        env: { ...process.env, CONNECTION: JSON.stringify(connection) },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
      for await (const line of createInterface({ input: child.stdout })) if (line === kill) child.kill('SIGKILL');
      expect(await ended).toBe('SIGKILL');
      for (const { folder, digest } of listSnapshots(home)) expect(loadSnapshot(folder).digest).toBe(digest);
    }
    const after = await current();
    expect(after.reading.kind).toBe('incremental');
    expect(after.snapshot.interactions.count).toBe(first.snapshot.interactions.count + 3);
    expect(after.snapshot.digest).toBe((await snapshotFromGraph(graph)).digest);
    expect(readdirSync(snapshotsFolder(home)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('says it where the database goes away, and goes on once it is back', async () => {
    await ingest(
      graph,
      sourceOf(checkerboard({ users: 10, items: 10 }).records),
      { home, maxBadPercent: 0, restart: true },
      silent,
    );
    const before = await current();
    await writeInteractions(graph, [{ user: userId(0), item: 'new', type: 'view', at: 1, value: 1 }]);
    const server = testServer();
    const other = await openGraph(await ensureServer(server));
    // The server goes once the reading has begun; the driver tries again for a while, then says so.
    const leaving: Graph = {
      ...other,
      session(options) {
        const session = other.session(options);
        const executeRead = session.executeRead.bind(session);
        session.executeRead = async (work, config) => {
          await stopServer(server.home);
          return await executeRead(work, config);
        };
        return session;
      },
    };
    await expect(currentSnapshot(leaving, { home, full: false })).rejects.toMatchObject({
      code: 'neo4j/unreachable',
      retryable: true,
    });
    await other.close();
    expect(listSnapshots(home).map(({ digest }) => digest)).toEqual([before.snapshot.digest]);
    await graph.close();
    graph = await openGraph(await ensureServer(server));
    const after = await current();
    expect(after.reading).toMatchObject({ kind: 'incremental', base: before.snapshot.digest });
    expect(after.snapshot.digest).toBe((await snapshotFromGraph(graph)).digest);
  }, 600_000);
});
