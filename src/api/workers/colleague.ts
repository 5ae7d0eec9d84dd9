/** A worker's end: what it asks of the others goes through the supervisor. */
import cluster from 'node:cluster';
import type { Change } from '../../serving/answerMemory.ts';
import type { Colleagues, Figures } from '../colleagues.ts';
import type { SharedBuckets } from '../context.ts';
import { type Channel, openChannel } from './channel.ts';

export interface WorkerEnd {
  readonly colleagues: Colleagues;
  /** The supervisor's, so that a caller has one bucket whichever worker answers. */
  buckets(limits: { readonly rate: number; readonly burst: number }): SharedBuckets;
  /** Says that it answers. */
  ready(about: object): Promise<void>;
  /** Called when it is to answer what has begun, and end. */
  onStop(stop: () => void): void;
}

/** In the environment of a worker: its number. */
export const workerVariable = 'TASTEGRAPH_WORKER_NUMBER';

/** Undefined in a process that is no worker. */
export function workerEnd(): WorkerEnd | undefined {
  const number = Number(process.env[workerVariable]);
  if (!cluster.isWorker || !Number.isInteger(number)) return undefined;
  const channel: Channel = openChannel({
    send(message) {
      if (process.connected) process.send!(message);
      return process.connected;
    },
    onMessage: (listener) => process.on('message', listener),
    onGone: (listener) => process.on('disconnect', listener),
  });
  const told = new Map<string, (change: Change) => Promise<void>>();
  const figures = new Map<string, () => Promise<Figures>>();
  channel.answer<{ tenant: string; change: Change }>('told', async ({ tenant, change }) => {
    await told.get(tenant)?.(change);
  });
  channel.answer<{ tenant: string }>('figures', async ({ tenant }) => (await figures.get(tenant)?.()) ?? []);
  return {
    colleagues: {
      worker: number,
      tell: (tenant, change) => channel.ask('tell', { tenant, change }),
      onTold(tenant, listener) {
        told.set(tenant, listener);
        // The supervisor has this before the server listens: whoever may keep an answer is told of changes.
        channel.ask('hears').catch(() => {});
      },
      figures: (tenant) => channel.ask('all-figures', { tenant }),
      onFigures: (tenant, give) => void figures.set(tenant, give),
    },
    buckets: (limits) => ({ ...limits, take: (caller) => channel.ask('take', { caller }) }),
    ready: (about) => channel.ask('ready', about),
    onStop: (stop) => channel.answer('stop', stop),
  };
}
