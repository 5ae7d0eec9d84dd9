/**
 * Starts workers that share one port, and puts another in the place of one that ends. It takes connections and hands them to the
 * workers in turn (node:cluster's round robin: where workers take from one socket by themselves, the kernel gives most connections to
 * few of them); it knows no version and no database, so that little can end it.
 *
 * Processes, not threads: what ends one thread for good (no memory, a crash in native code, kill -9) ends its process with all others.
 */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Buckets } from '../../access/bucket.ts';
import type { Change } from '../../serving/answerMemory.ts';
import type { Figures } from '../colleagues.ts';
import { type Channel, openChannel } from './channel.ts';
import { workerVariable } from './colleague.ts';

export interface SupervisorOptions {
  readonly workers: number;
  /** Of each worker. */
  readonly cores: number;
  readonly log: Logger;
  /** Aborted when all are to answer what has begun, and end. */
  readonly signal: AbortSignal;
  /** Time that they have for it, ms. */
  readonly patienceMs: number;
  readonly buckets?: Buckets | undefined;
  /** Called with what the first one says of itself when all are ready; `pids` are those of the workers. */
  readonly onReady: (about: object, pids: readonly number[]) => void;
}

interface Colleague {
  readonly worker: Worker;
  readonly channel: Channel;
  /** What it says of itself; rejects where it ends before. */
  readonly ready: Promise<object>;
  /** Whether it takes in what it is told. Before that it has kept nothing, and has no connection; what is sent to it would be lost. */
  readonly hears: () => boolean;
  /** Its exit code. */
  readonly ended: Promise<number>;
}

/** What V8 takes by itself. */
const v8Threads = 4;
/** First and longest pause before another is put in the place of one that ended; a worker that lived as long as this has a new start. */
const [shortestPause, longestPause] = [100, 10_000];
const longLife = 60_000;
/** A worker that has not taken in a change after this time hangs, and might give what is wrong: it is ended. */
const tellingMs = 10_000;

/** Runs until it is told to stop. The exit code: that of the first worker where it could not begin, else 0. */
export async function supervise(options: SupervisorOptions): Promise<number> {
  const { workers, cores, log, signal, patienceMs, onReady } = options;
  cluster.schedulingPolicy = cluster.SCHED_RR;
  // V8 collects garbage on four threads beside the one that answers: more than a worker's cores stop the other workers instead.
  cluster.setupPrimary({ execArgv: [`--v8-pool-size=${Math.min(cores, v8Threads)}`, ...process.execArgv] });
  const all = new Map<number, Colleague>();

  const start = (number: number): Colleague => {
    const colleague = hire(number, options, all);
    all.set(number, colleague);
    void colleague.ended.then(() => all.delete(number));
    return colleague;
  };

  /** Keeps one of this number at work. */
  const keep = async (number: number, first: Colleague): Promise<void> => {
    let current = first;
    let since = performance.now();
    for (let pause = shortestPause; ; ) {
      const code = await current.ended;
      if (signal.aborted) return;
      if (performance.now() - since > longLife) pause = shortestPause;
      const { signalCode } = current.worker.process;
      log.error({ worker: number, code, signal: signalCode, pause }, 'a worker ended; another one takes its place');
      await sleep(pause, undefined, { signal, ref: true }).catch(() => {});
      if (signal.aborted) return;
      pause = Math.min(longestPause, pause * 2);
      since = performance.now();
      current = start(number);
      current.ready.then(
        () => log.info({ worker: number, pid: current.worker.process.pid }, 'a worker is ready'),
        () => {},
      );
    }
  };

  const stopAll = async (): Promise<void> => {
    const timer = setTimeout(() => {
      for (const { worker } of all.values()) worker.process.kill('SIGKILL');
    }, patienceMs);
    await Promise.all(
      [...all.values()].map(async ({ worker, channel, hears, ended }) => {
        if (hears()) channel.ask('stop').catch(() => {});
        else worker.process.kill('SIGTERM');
        await ended;
      }),
    );
    clearTimeout(timer);
  };

  // The first alone: it may have to start the database, and what keeps it from answering would keep all.
  const first = start(1);
  const stopping = once(signal, 'abort').then(stopAll);
  const about = await first.ready.catch(() => undefined);
  if (!about) {
    const code = await first.ended;
    return signal.aborted ? 0 : code;
  }
  const others = Array.from({ length: workers - 1 }, (_, n) => start(n + 2));
  const kept = [first, ...others].map((colleague, n) => keep(n + 1, colleague));
  await Promise.allSettled(others.map(({ ready }) => ready));
  if (!signal.aborted)
    onReady(
      about,
      [...all.values()].map(({ worker }) => worker.process.pid!),
    );
  await Promise.all(kept);
  await stopping;
  return 0;
}

/** Starts one, and answers what it asks. */
function hire(number: number, { log, buckets }: SupervisorOptions, all: ReadonlyMap<number, Colleague>): Colleague {
  const worker = cluster.fork({ [workerVariable]: String(number) });
  const channel = openChannel({
    send(message) {
      if (worker.isConnected()) worker.send(message);
      return worker.isConnected();
    },
    onMessage: (listener) => worker.on('message', listener),
    onGone: (listener) => worker.on('disconnect', listener).on('exit', listener),
  });
  worker.on('error', (cause) => log.warn({ worker: number, problem: cause.message }, 'a worker cannot be reached'));
  const ended = new Promise<number>((resolve) => worker.on('exit', (code: number | null) => resolve(code ?? 1)));
  let isHearing = false;
  channel.answer('hears', () => {
    isHearing = true;
  });
  const ready = new Promise<object>((resolve, reject) => {
    channel.answer<object>('ready', (about) => resolve(about));
    void ended.then(() => reject(new Error('it ended before it was ready')));
  });
  ready.catch(() => {});

  channel.answer<{ caller: string }>('take', ({ caller }) => buckets!.take(caller));
  channel.answer<{ tenant: string; change: Change }>('tell', async (told) => {
    const others = [...all.values()].filter((other) => other.worker !== worker && other.hears());
    await Promise.all(others.map((other) => tell(other, told, log)));
  });
  channel.answer<{ tenant: string }>('all-figures', async (of) => {
    const given = await Promise.allSettled(
      Array.from(all.values(), (other) => Promise.race([other.channel.ask<Figures>('figures', of), late()])),
    );
    return given.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  });
  return { worker, channel, ready, hears: () => isHearing, ended };
}

/** When this returns the worker has taken it in, or gives no answers any more. */
async function tell({ worker, channel, ended }: Colleague, told: object, log: Logger): Promise<void> {
  const hanging = setTimeout(() => {
    log.error({ pid: worker.process.pid }, 'a worker hangs, and is ended');
    worker.process.kill('SIGKILL');
  }, tellingMs);
  try {
    await channel.ask('told', told);
  } catch {
    worker.process.kill('SIGKILL'); // It is gone, or could not take it in and must not go on.
    await ended;
  } finally {
    clearTimeout(hanging);
  }
}

const late = async (): Promise<never> => {
  await sleep(1000, undefined, { ref: false });
  throw new Error('no figures in time');
};
