/** The generator in a process of its own, and what the processes beside it used meanwhile. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverStatus } from '../../../src/graph/server.ts';
import type { Prepared } from './prepare.ts';
import type { RunningServer } from './serve.ts';

/** What the generator is given. */
export interface Offered {
  readonly url: string;
  readonly rate: number;
  readonly seconds: number;
  /** Offered before, at the same rate, and not counted. s */
  readonly warmUp?: number;
  readonly users: readonly string[];
  readonly items: readonly string[];
  readonly zipf: number;
  readonly writes: number;
  readonly seed?: number;
}

type Times = Required<Pick<Offered, 'seconds' | 'warmUp'>>;

interface Percentiles {
  readonly count: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly 'p99.9': number | null;
}

export interface Told {
  readonly seconds: number;
  readonly read: Percentiles;
  readonly write: Percentiles;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly caches: Readonly<Record<string, number>>;
  readonly stale: number;
  readonly acknowledged: readonly (readonly [string, string, number])[];
  /** Of the generator itself. */
  readonly cpuSeconds: number;
}

export async function offer(folder: string, offered: Offered): Promise<Told> {
  const child = spawn(process.execPath, [join(folder, 'load', 'generator.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(offered));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(child, 'close');
  return JSON.parse(text) as Told;
}

export interface Measured extends Told {
  readonly answered: number;
  readonly failed: number;
  /** Cores in use, on average. */
  readonly cores: { readonly workers: number; readonly neo4j: number; readonly generator: number };
  /** Of each worker: at the start, every few minutes, and at the end. */
  readonly residentMiB: readonly (readonly number[])[];
}

const ticksPerSecond = 100;
/** From one look at the memory to the next at the most, s. */
const lookSeconds = 300;

/** CPU seconds of a process so far, and its memory in MiB; zeros where this system does not say. */
function useOf(pid: number): { readonly cpu: number; readonly mib: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { cpu: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, mib: Number(resident) / 1024 };
  } catch {
    return { cpu: 0, mib: 0 };
  }
}

export async function measureUse(
  server: RunningServer,
  world: Prepared,
  asked: Times,
  load: (asked: Times) => Promise<Told>,
): Promise<Measured> {
  const { pid = 0 } = await serverStatus(world.database);
  const look = () => ({ workers: server.workers.map(useOf), neo4j: useOf(pid) });
  const offering = load(asked);
  await sleep(1000 * asked.warmUp);
  const before = look();
  const looks = [before];
  const parts = Math.ceil(asked.seconds / lookSeconds);
  for (let part = 1; part < parts; part++) {
    await sleep((1000 * asked.seconds) / parts);
    looks.push(look());
  }
  const told = await offering;
  const after = look();
  looks.push(after);
  const { read, write, outcomes, seconds, cpuSeconds } = told;
  const total = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
  const workers = after.workers.reduce((sum, { cpu }, n) => sum + cpu - before.workers[n]!.cpu, 0);
  return {
    ...told,
    answered: (read.count + write.count) / seconds,
    failed: total - read.count - write.count,
    cores: {
      workers: workers / seconds,
      neo4j: (after.neo4j.cpu - before.neo4j.cpu) / seconds,
      generator: cpuSeconds / seconds,
    },
    residentMiB: server.workers.map((_, n) => looks.map(({ workers }) => workers[n]!.mib)),
  };
}

const ms = (value: number | null): string => (value === null ? '' : value.toFixed(1));

/** As cells of the table. */
export function describe({ read, answered, failed, caches, cores, residentMiB }: Measured): string[] {
  const kept = (caches.hit ?? 0) / Math.max(1, read.count);
  return [
    answered.toFixed(0),
    ms(read.p50),
    ms(read.p90),
    ms(read.p99),
    ms(read['p99.9']),
    String(failed),
    `${(100 * kept).toFixed(0)} %`,
    [cores.workers, cores.neo4j, cores.generator].map((each) => each.toFixed(2)).join(', '),
    residentMiB.map((looks) => looks.map((mib) => mib.toFixed(0)).join(' → ')).join(', '),
  ];
}
