/**
 * Rates and memory of taking interactions into an empty managed database, by size, by Neo4j's importer and by transactions.
 * `npm run bench -- ingest [--rows 100k,1m,10m,20m] [--way importer|transactions]`; 100k,1m and both ways where not said.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crowdOf } from '../../src/data/crowd.ts';
import { serverStatus, stopServer } from '../../src/graph/server.ts';
import type { Bench } from './table.ts';

/** From here on transactions take too long to wait for. */
const mostByTransactions = 1_000_000;
/** What each server is given, so that figures do not depend on the machine's memory. */
const memory = { heapMb: 1024, pageCacheMb: 1024 };

interface Measured {
  readonly created: number;
  readonly seconds: number;
  /** Of the program, without the server's or the importer's Java. */
  readonly peakMiB: number;
  /** Seconds by phase. */
  readonly phases: Readonly<Record<string, number>>;
}

const bench: Bench = async ({ folder, args, log }) => {
  const after = (flag: string) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);
  const sizes = (after('--rows') ?? '100k,1m').split(',').map(sizeOf);
  const wanted = after('--way');
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  for (const way of ['importer', 'transactions'].filter((one) => wanted === undefined || one === wanted)) {
    for (const size of sizes) {
      if (way === 'transactions' && size > mostByTransactions) continue;
      log(`${size} rows by ${way}`);
      const home = mkdtempSync(join(tmpdir(), 'tastegraph-bench-ingest-'));
      try {
        const options = { home, rows: size, way, ...memory };
        const child = join(folder, 'ingest.child.mjs');
        const { stdout } = await promisify(execFile)(process.execPath, [child, JSON.stringify(options)]);
        const { created, seconds, peakMiB, phases } = JSON.parse(stdout) as Measured;
        await stopServer(home); // its pages are on the disk then
        const { storeBytes = 0 } = await serverStatus({ ...options, neo4jUsername: '', neo4jDatabase: '' });
        const { users, items } = crowdOf(size);
        const bytesPerRow = storeBytes / created;
        rows.push([
          way,
          size.toLocaleString('en'),
          `${users.toLocaleString('en')} × ${items.toLocaleString('en')}`,
          seconds.toFixed(1),
          Math.round(created / seconds).toLocaleString('en'),
          ((seconds / size) * 1e6).toFixed(1),
          peakMiB.toFixed(0),
          (storeBytes / 2 ** 20).toFixed(0),
          bytesPerRow.toFixed(0),
        ]);
        log(JSON.stringify(phases));
        Object.assign(figures, {
          [`${way} ${size} rows/s`]: created / seconds,
          [`${way} ${size} seconds`]: seconds,
          [`${way} ${size} peak MiB`]: peakMiB,
          [`${way} ${size} store bytes`]: storeBytes,
        });
        for (const [phase, took] of Object.entries(phases)) figures[`${way} ${size} s of ${phase}`] = took;
      } finally {
        await stopServer(home);
        rmSync(home, { recursive: true, force: true });
      }
    }
  }
  return {
    title: 'Interactions into an empty managed Neo4j',
    columns: ['way', 'rows', 'users × items', 's', 'rows/s', 's a million', 'peak MiB', 'store MiB', 'bytes a row'],
    rows,
    notes: [
      `generated, read as they are made: no time goes into a file; the server and the importer have ${memory.heapMb} MiB of heap and ${memory.pageCacheMb} MiB of page cache, which peak MiB leaves out`,
      'seconds: without the start of the server; the store with its transaction logs, after a stop',
      `by transactions up to ${mostByTransactions.toLocaleString('en')} rows`,
    ],
    figures,
  };
};

export default bench;

/** '100k' → 100,000. */
function sizeOf(text: string): number {
  const [, digits, unit] = /^(\d+)([km]?)$/i.exec(text) ?? [];
  if (digits === undefined) throw new Error(`--rows is a list such as 100k,1m,10m, not '${text}'`);
  return Number(digits) * { '': 1, k: 1e3, m: 1e6 }[unit!.toLowerCase()]!;
}
