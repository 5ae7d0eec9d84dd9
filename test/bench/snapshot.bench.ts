/**
 * A snapshot after changes, begun from the one before and read whole, side by side on one managed Neo4j over a generated graph.
 * `npm run bench -- snapshot [INTERACTIONS] [CHANGES]`, 1,000,000 and 1,000 where not said otherwise.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { DataRecord } from '../../src/data/records.ts';
import { beginning, type DataSource } from '../../src/data/source.ts';
import { openDatabase } from '../../src/graph/database.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { importSource } from '../../src/graph/import.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { writeInteractions } from '../../src/graph/interactions.ts';
import { stopServer } from '../../src/graph/server.ts';
import { silent } from '../../src/progress.ts';
import { RandomStream } from '../../src/random.ts';
import { currentSnapshot } from '../../src/sampling/current.ts';
import { writeSnapshot } from '../../src/sampling/store.ts';
import type { Bench } from './table.ts';

const seed = 2026;
const rounds = 3;
const perUser = 50;

const bench: Bench = async ({ args, log }) => {
  const [interactions = 1_000_000, changes = 1_000] = args.map(Number);
  const users = Math.max(10, Math.round(interactions / perUser));
  const items = Math.max(10, Math.round(users / 2));
  const home = mkdtempSync(join(tmpdir(), 'tastegraph-bench-snapshot-'));
  const options = { home, neo4jUsername: 'neo4j', neo4jDatabase: 'neo4j', heapMb: 700, pageCacheMb: 256 };
  const ingesting = { maxBadPercent: 0, restart: false };
  try {
    log(`${interactions} interactions of ${users} users and ${items} items into a managed Neo4j`);
    const source = generated(users, items, interactions);
    const imported = await importSource(source, { ...options, ...ingesting }, silent);
    const graph = await openDatabase(options);
    try {
      if (!imported) await ingest(graph, source, { home, ...ingesting }, silent);
      await graph.read((tx) => tx.run('CALL db.awaitIndexes(600)'));
      const times = { incremental: [] as number[], whole: [] as number[], store: [] as number[] };
      log('the first, whole');
      writeSnapshot(home, (await currentSnapshot(graph, { home, full: true })).snapshot);
      let read = '';
      for (let round = 0; round < rounds; round++) {
        await change(graph, round, { users, items, changes });
        await past();
        log(`round ${round + 1} of ${rounds}`);
        const [incremental, quick] = await timed(() => currentSnapshot(graph, { home, full: false }));
        const [whole, slow] = await timed(() => currentSnapshot(graph, { home, full: true }));
        if (incremental.reading.kind !== 'incremental') throw new Error(JSON.stringify(incremental.reading));
        if (incremental.snapshot.digest !== whole.snapshot.digest) throw new Error('the two differ');
        read = `${incremental.reading.read.users} users and ${incremental.reading.read.items} items`;
        times.incremental.push(quick);
        times.whole.push(slow);
        const [, stored] = await timed(async () => writeSnapshot(home, incremental.snapshot));
        times.store.push(stored);
      }
      const [quick, slow, stored] = [median(times.incremental), median(times.whole), median(times.store)];
      const row = (what: string, seconds: number) => [
        what,
        `${seconds.toFixed(2)} s`,
        `${(slow / seconds).toFixed(1)} ×`,
      ];
      return {
        title: `A snapshot after ${changes} changes on ${interactions} interactions`,
        columns: ['what', 'median', 'against whole'],
        rows: [
          row('brought up to date', quick),
          row('read whole', slow),
          ['stored, either way', `${stored.toFixed(2)} s`, ''],
        ],
        notes: [
          `${rounds} rounds of ${changes} posted interactions of as many users, one in a hundred with a new item; read again: ${read}`,
          'both give the same digest in every round; each time includes building the arrays and, of the first, loading the stored one',
        ],
        figures: { incrementalSeconds: quick, wholeSeconds: slow, storeSeconds: stored, interactions, changes },
      };
    } finally {
      await graph.close();
    }
  } finally {
    await stopServer(home).catch(() => false);
    rmSync(home, { recursive: true, force: true });
  }
};

export default bench;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
}

/** Past the room that is left for clocks, so that each round reads what it changed and not what the one before did. */
const past = () => new Promise((resolve) => setTimeout(resolve, 2_500));

async function change(
  graph: Graph,
  round: number,
  { users, items, changes }: { readonly users: number; readonly items: number; readonly changes: number },
): Promise<void> {
  const random = new RandomStream(seed, 'changes', round);
  const rows = Array.from({ length: changes }, (_, n) => ({
    user: `user-${random.integer(users)}`,
    item: n % 100 === 0 ? `new-${round}-${n}` : `item-${random.integer(items)}`,
    type: 'view',
    at: Date.UTC(2026, 0, 1) + round * changes + n,
    value: 1,
  }));
  await writeInteractions(graph, rows);
}

/** Interactions one user after another, popular items more often. Bytes as a file would have them. */
function generated(users: number, items: number, count: number): DataSource {
  const id = `bench-snapshot-${count}`;
  const rows = 5_000;
  const bytes = 40 * count;
  return {
    format: 'generated',
    path: id,
    id,
    files: [{ name: id, path: id, bytes, role: 'interactions' }],
    totalBytes: bytes,
    async *batches(from = beginning) {
      for (let start = from.offset; start < count; start += rows) {
        const end = Math.min(start + rows, count);
        const random = new RandomStream(seed, 'interactions', start);
        const records = Array.from({ length: end - start }, (_, n): DataRecord => {
          const item = Math.floor(items * random.uniform() ** 2);
          const user = Math.floor(((start + n) * users) / count);
          return {
            kind: 'interaction',
            user: `user-${user}`,
            item: `item-${item}`,
            type: 'view',
            at: start + n,
            value: 1,
          };
        });
        yield { records, bad: [], next: { file: 0, offset: end, line: end, read: end, bytes: 40 * end } };
      }
    },
    digests: async () => [id],
  };
}
