/** An import of more than waits in memory, on a server of its own: what it makes is told by an account kept here. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { crowdOf, generateCrowd } from '../../src/data/crowd.ts';
import type { InteractionRecord } from '../../src/data/records.ts';
import { openDatabase } from '../../src/graph/database.ts';
import { importSource } from '../../src/graph/import.ts';
import { type ServerOptions, stopServer } from '../../src/graph/server.ts';

const home = mkdtempSync(join(tmpdir(), 'tastegraph-bulk-'));
const server: ServerOptions = { home, neo4jUsername: 'neo4j', neo4jDatabase: 'neo4j', heapMb: 512, pageCacheMb: 128 };
afterAll(async () => {
  await stopServer(home);
  rmSync(home, { recursive: true, force: true });
});

it('a crowd with repeats far apart gives one relationship each with its last value', async () => {
  const rows = 120_000; // 5 MB of lines
  const source = generateCrowd({ ...crowdOf(rows), users: 2000, repeats: 0.1 });
  const last = new Map<string, InteractionRecord>();
  for await (const { records } of source.batches()) {
    for (const record of records as InteractionRecord[]) {
      last.set(JSON.stringify([record.user, record.item, record.at]), record);
    }
  }
  const sums = new Map<string, { readonly n: number; readonly total: number; readonly mixed: number }>();
  for (const { user, at, value } of last.values()) {
    const { n, total, mixed } = sums.get(user) ?? { n: 0, total: 0, mixed: 0 };
    sums.set(user, { n: n + 1, total: total + value, mixed: mixed + ((at / 1000) % 1009) * value });
  }
  const expected = [...sums].map(([user, sum]) => ({ user, ...sum })).sort((a, b) => (a.user < b.user ? -1 : 1));
  const options = { ...server, maxBadPercent: 1, restart: false };
  const told = new Set<string>();
  const summary = await importSource(source, options, ({ phase }) => told.add(phase));
  expect([...told]).toEqual(expect.arrayContaining(['reading', 'sorting by user', 'importing into Neo4j']));
  expect(summary).toMatchObject({
    users: { created: sums.size, total: sums.size },
    interactions: { read: rows, created: last.size, present: 0, repeated: rows - last.size },
  });
  const graph = await openDatabase(server);
  try {
    const { records } = await graph.read((tx) =>
      tx.run(
        `MATCH (u:User)-[r:INTERACTED {type: 'rating'}]->(:Item)
           RETURN u.id AS user, count(r) AS n, sum(r.value) AS total, sum(r.at / 1000 % 1009 * r.value) AS mixed
           ORDER BY user`,
      ),
    );
    expect(records.map((record) => record.toObject() as unknown)).toEqual(expected);
  } finally {
    await graph.close();
  }
});
