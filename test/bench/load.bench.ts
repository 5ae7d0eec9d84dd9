/**
 * A server under load: latencies at fixed offered rates, in an open loop, beside a real Neo4j and the generator on the same machine;
 * what an outage of Neo4j and the end of a worker do. On Gowalla where it is, else on a generated crowd.
 *
 * npm run bench -- load [--seconds 30] [--warm-up 30] [--rates 1000,2000] [--workers 2] [--cases cold,hot,mixed,outage,kill]
 *   [--outage 60] [--users-zipf 1] [--index exact] [--impressions] [--epochs 2] [--home FOLDER]
 * A folder that is named is prepared once and kept. Memory over half an hour: --cases mixed --seconds 1800 --rates 1000.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureServer, stopServer } from '../../src/graph/server.ts';
import { describe, type Measured, measureUse, type Offered, offer } from './load/offer.ts';
import { type Prepared, prepare } from './load/prepare.ts';
import { type RunningServer, startServer } from './load/serve.ts';
import type { Bench } from './table.ts';

const shareOfWrites = 0.01;

const bench: Bench = async ({ folder, data, args, log }) => {
  const after = (flag: string, otherwise: string) =>
    args.includes(flag) ? (args[args.indexOf(flag) + 1] ?? otherwise) : otherwise;
  const seconds = Number(after('--seconds', '30'));
  const warmUp = Number(after('--warm-up', '30'));
  const rates = after('--rates', '1000,2000').split(',').map(Number);
  const cases = after('--cases', 'cold,hot,mixed,outage,kill').split(',');
  const outage = Number(after('--outage', '60'));
  const zipf = Number(after('--users-zipf', '1'));
  const workers = Number(after('--workers', '2'));
  const index = after('--index', 'exact');
  const named = after('--home', '');
  const home = named || mkdtempSync(join(tmpdir(), 'tastegraph-bench-load-'));
  const [busy = 0] = loadavg();
  const rows: string[][] = [];
  const notes: string[] = [];
  const figures: Record<string, number> = {};
  try {
    const world = await prepare({ home, data, epochs: Number(after('--epochs', '2')), log });
    const common = ['--index', index, ...(args.includes('--impressions') ? [] : ['--no-impressions'])];
    const withServer = async (more: readonly string[], use: (server: RunningServer) => Promise<void>) => {
      const server = await startServer(home, ['--workers', String(workers), ...common, ...more]);
      try {
        await use(server);
      } finally {
        await server.stop();
      }
    };
    const load = (server: RunningServer, more: Partial<Offered> & Pick<Offered, 'rate' | 'seconds'>) =>
      offer(folder, { url: server.url, users: world.users, items: world.items, zipf, writes: 0, ...more });
    const note = (name: string, rate: number, measured: Measured) => {
      rows.push([name, String(rate), ...describe(measured)]);
      const of = `${name} ${rate}/s`;
      for (const key of ['p50', 'p90', 'p99', 'p99.9'] as const) figures[`${of} ${key} ms`] = measured.read[key] ?? -1;
      figures[`${of} answered/s`] = measured.answered;
      figures[`${of} failed`] = measured.failed;
      measured.residentMiB.forEach((looks, n) => {
        figures[`${of} worker ${n + 1} MiB at first`] = looks[0]!;
        figures[`${of} worker ${n + 1} MiB at last`] = looks.at(-1)!;
      });
    };
    const measure = async (name: string, server: RunningServer, writes: number) => {
      for (const rate of rates) {
        log(`${name}, ${rate}/s`);
        const measured = await measureUse(server, world, { seconds, warmUp }, (asked) =>
          load(server, { ...asked, rate, writes, seed: rate }),
        );
        note(name, rate, measured);
      }
    };
    if (cases.includes('cold'))
      await withServer(['--answer-cache-mb', '0'], (server) => measure('nothing kept', server, 0));
    if (['hot', 'mixed', 'outage', 'kill'].some((each) => cases.includes(each)))
      await withServer([], async (server) => {
        if (cases.includes('hot')) await measure('answers kept', server, 0);
        if (cases.includes('mixed')) await measure(`${shareOfWrites * 100} % writes`, server, shareOfWrites);
        const [rate = 1000] = rates;
        if (cases.includes('outage')) {
          log(`Neo4j stopped for ${outage} s, ${rate}/s`);
          const told = load(server, { rate, seconds: outage + 60, warmUp, writes: shareOfWrites, seed: 11 });
          await sleep(1000 * warmUp);
          const recovery = await stopForAWhile(home, world, server, outage);
          const { outcomes, stale, read } = await told;
          notes.push(
            `Neo4j stopped for ${outage} s under ${rate}/s: ${JSON.stringify(outcomes)}, ${stale} of them stale, p99 of reads ${read.p99?.toFixed(1)} ms; a write was taken ${recovery.write.toFixed(1)} s after Neo4j answered again, and no answer was stale any more after ${recovery.fresh.toFixed(1)} s`,
          );
          Object.assign(figures, { 'recovery of writes s': recovery.write, 'recovery of reads s': recovery.fresh });
        }
        if (cases.includes('kill')) {
          log(`kill -9 of a worker, ${rate}/s`);
          const writes = 5 * shareOfWrites;
          const told = load(server, { rate, seconds: Math.max(10, seconds), warmUp, writes, seed: 13 });
          await sleep(1000 * warmUp + 4000);
          const back = await server.kill(1);
          const { outcomes, acknowledged } = await told;
          const lost = await world.missing(acknowledged);
          notes.push(
            `kill -9 of a worker under ${rate}/s with ${writes * 100} % writes: ${JSON.stringify(outcomes)}; another answered after ${back.toFixed(1)} s; of ${acknowledged.length} acknowledged writes ${lost} are not in Neo4j`,
          );
          Object.assign(figures, { 'acknowledged writes': acknowledged.length, 'acknowledged writes lost': lost });
        }
      });
    await world.clean();
    return {
      title: `Recommendations under load: ${world.name}, ${workers} workers, index ${index}`,
      columns: [
        'case',
        'offered/s',
        'answered/s',
        'p50 ms',
        'p90',
        'p99',
        'p99.9',
        'failed',
        'from the cache',
        'cores: workers, Neo4j, generator',
        'MiB of each worker',
      ],
      rows,
      notes: [
        `lists of 10 without reasons; users by Zipf's law (exponent ${zipf}); latency from the moment that a request was due, which a slow answer before it does not put off`,
        `${seconds} s each after ${warmUp} s of the same load; impressions ${args.includes('--impressions') ? 'written' : 'not written'}; a share of writes is answered when it is committed`,
        `load average of the machine before: ${busy.toFixed(1)}; what else runs on it waits in every figure but those of cores`,
        ...notes,
      ],
      figures,
    };
  } finally {
    await stopServer(home);
    if (!named) rmSync(home, { recursive: true, force: true });
  }
};

export default bench;

/** Seconds from when Neo4j answers again to the first write that is taken, and to the first list that is not stale. */
async function stopForAWhile(home: string, world: Prepared, server: RunningServer, outage: number) {
  await sleep(4000);
  await stopServer(home);
  await sleep(outage * 1000);
  await ensureServer(world.database);
  const back = performance.now();
  const until = async (holds: () => Promise<boolean>): Promise<number> => {
    while (!(await holds())) await sleep(50);
    return (performance.now() - back) / 1000;
  };
  const deed = { user: world.users[0]!, item: world.items[0]!, type: 'bench', at: 1, value: 1 };
  const body = JSON.stringify({ interactions: [deed] });
  const headers = { 'content-type': 'application/json' };
  const [write, fresh] = await Promise.all([
    until(async () => (await fetch(`${server.url}/v1/interactions`, { method: 'POST', headers, body })).ok),
    until(async () => {
      const path = `/v1/users/${encodeURIComponent(world.users[1]!)}/recommendations?explain=false`;
      const list = (await (await fetch(`${server.url}${path}`)).json()) as { readonly stale?: true };
      return list.stale === undefined;
    }),
  ]);
  return { write, fresh };
}
