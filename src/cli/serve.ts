import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import type { TenantDependencies } from '../api/context.ts';
import { openQueue } from '../api/queue.ts';
import { serve } from '../api/server.ts';
import { type WorkerEnd, workerEnd } from '../api/workers/colleague.ts';
import { supervise } from '../api/workers/supervisor.ts';
import type { SettingInForce } from '../options/sections.ts';
import type {
  AccessOptions,
  AdminOptions,
  CommandOptions,
  HoldingOptions,
  ListenOptions,
  RecordingOptions,
} from '../options.ts';
import {
  checkApart,
  type Door,
  forgetUser,
  type GraphOptions,
  jobsOf,
  mapsOf,
  openDoor,
  openImpressions,
  openService,
  type Run,
  runsOf,
  type Service,
  type ServiceOptions,
  tenantOptions,
  versionsOf,
} from '../pipeline.ts';
import { silent } from '../progress.ts';
import { command } from './command.ts';

/** How often a running server looks for a newly published version. */
const pollMs = 1000;
/** How often it looks for what others wrote into the graph. */
const watchMs = 1000;
/** More processes than this are for who knows that they bring something. */
const mostPicked = 8;

/** Opens what a server answers from: it follows the current version. Its first questions to the graph take long: it waits for them, or asks one before. */
export const openServing = (
  options: GraphOptions &
    Pick<
      ServiceOptions,
      | 'threads'
      | 'index'
      | 'pipelines'
      | 'experiments'
      | 'anonymity'
      | 'answerCacheMb'
      | 'answerCacheSeconds'
      | 'worker'
    >,
  run: Run,
  graphTimeoutMs?: number,
): Promise<Service> => {
  const { home, threads, index, pipelines, experiments, anonymity, answerCacheMb, answerCacheSeconds, worker } =
    options;
  const patience = graphTimeoutMs === undefined ? { warmUp: true } : { graphTimeoutMs };
  const keeping = { answerCacheMb, answerCacheSeconds, watchMs, worker };
  return openService(
    { home, threads, index, pipelines, experiments, anonymity, pollMs, ...keeping, ...patience },
    run,
    options,
  );
};

/** What one home answers with. */
interface Answering extends TenantDependencies {
  /** Writes down what was shown. */
  close(): Promise<void>;
}

async function openAnswering(options: GraphOptions & RecordingOptions, service: Service, run: Run): Promise<Answering> {
  const impressions = await openImpressions(service, options, run);
  const { graph } = service.reach;
  const versions = versionsOf(options, { ...run, report: silent }, graph);
  const forget = (user: string, { block }: { readonly block: boolean }) =>
    forgetUser(user, { ...options, block, withId: false }, { ...run, report: silent }, { graph });
  const jobs = () => jobsOf(options);
  const close = async () => await impressions?.close();
  return { ...service, impressions, versions, forget, runs: runsOf(options), maps: mapsOf(options), jobs, close };
}

export interface Serving {
  /** Who is let in; where absent, whoever has the options' token. */
  readonly door?: Door;
  readonly tenants?: ReadonlyMap<string, TenantDependencies>;
  /** There in a worker. */
  readonly worker?: WorkerEnd | undefined;
  readonly settings?: readonly SettingInForce[] | undefined;
}

/** Serves until it is asked to stop; then answers what has begun, writes down what was shown, and returns. */
export async function serveUntilStopped(
  options: ListenOptions & RecordingOptions & Partial<AdminOptions & AccessOptions & HoldingOptions> & GraphOptions,
  service: Service,
  run: Run,
  onListen: (url: string) => void,
  { door, tenants, worker, settings }: Serving = {},
): Promise<void> {
  const { close, ...answering } = await openAnswering(options, service, run);
  try {
    const { maxWorking, maxWaiting, maxStreams } = options;
    const queue =
      maxWorking === undefined || maxWaiting === undefined
        ? undefined
        : openQueue({ mostWorking: maxWorking, mostWaiting: maxWaiting, mostStreaming: maxStreams ?? Infinity });
    const buckets = door?.buckets && worker ? worker.buckets(door.buckets) : door?.buckets;
    const shared = { ...door, buckets, queue, colleagues: worker?.colleagues, log: run.log };
    const server = await serve(options, { ...answering, ...shared, tenants, settings });
    onListen(server.url);
    if (!run.signal.aborted) await once(run.signal, 'abort');
    await server.stop();
  } finally {
    await close();
  }
}

/** Opens every tenant; `opened` takes, in order, what closes what was opened, also where a later one fails. */
async function openTenants(
  options: GraphOptions &
    RecordingOptions &
    Pick<AccessOptions, 'tenants' | 'tenantPasswords'> &
    Pick<ServiceOptions, 'pipelines' | 'experiments'>,
  own: Service,
  run: Run,
  opened: (() => Promise<void>)[],
): Promise<ReadonlyMap<string, TenantDependencies>> {
  const tenants = new Map<string, Answering>();
  for (const [name, each] of tenantOptions(options)) {
    const service = await openServing(each, run);
    opened.push(() => service.close());
    const answering = await openAnswering(each, service, run);
    opened.push(() => answering.close());
    tenants.set(name, answering);
  }
  await checkApart(own.reach.graph, new Map([...tenants].map(([name, { reach }]) => [name, reach.graph])));
  return tenants;
}

type ServeOptions = CommandOptions<'serve'> & Pick<ServiceOptions, 'threads' | 'worker'>;

/** What a server says of itself when it answers. */
interface Announced {
  readonly url: string;
  readonly version: string;
  readonly model: string;
  readonly tenants: number;
}

/** Answers in this process until it is asked to stop. */
async function answer(
  options: ServeOptions,
  run: Run,
  onListen: (about: Announced) => void,
  { worker, settings }: Pick<Serving, 'worker' | 'settings'>,
): Promise<void> {
  // Who is let in is settled first: a mistake there shall not wait for a database to start.
  const door = await openDoor(options);
  const service = await openServing(options, run);
  const opened = [() => service.close()];
  try {
    const { served, release } = service.recommender.acquire();
    if (served.index) run.log.info(served.index, 'how the best are found among its vectors');
    release();
    const { id, model } = service.recommender.version;
    const tenants = await openTenants(options, service, run, opened);
    const listening = (url: string) => onListen({ url, version: id, model, tenants: tenants.size });
    await serveUntilStopped(options, service, run, listening, { door, tenants, worker, settings });
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

/** Answers as one of several processes. */
async function answerAsWorker(
  worker: WorkerEnd,
  options: ServeOptions,
  run: Run,
  settings: readonly SettingInForce[],
): Promise<void> {
  const stop = new AbortController();
  worker.onStop(() => stop.abort());
  const { worker: number } = worker.colleagues;
  const own: Run = {
    report: number === 1 ? run.report : silent,
    log: run.log.child({ worker: number }),
    signal: AbortSignal.any([run.signal, stop.signal]),
  };
  // The scan of one question takes one thread: more than the cores would only wait for each other.
  await answer({ ...options, threads: coresOf(options), worker: number }, own, (about) => void worker.ready(about), {
    worker,
    settings,
  });
}

const workersOf = ({ workers }: HoldingOptions): number =>
  workers || Math.min(mostPicked, Math.max(1, availableParallelism() - 1));

/** Of one worker. */
const coresOf = (options: HoldingOptions): number =>
  Math.max(1, Math.floor(availableParallelism() / workersOf(options)));

export default command('serve', async (options, { run, print, announce, paint, exitWith, settings }) => {
  const worker = workerEnd();
  if (worker) {
    await answerAsWorker(worker, options, run, settings());
    return undefined;
  }
  const onListen = ({ url, version, model, tenants }: Announced, pids: readonly number[] = []) => {
    const many = tenants === 0 ? '' : ` and ${tenants} tenants`;
    const by = pids.length === 0 ? '' : ` by ${pids.length} workers`;
    print(
      `Serving ${paint.bold(version)} (${model})${many}${by} at ${paint.cyan(url)}, its documentation at ${paint.cyan(`${url}/docs`)}. Ctrl-C ends it`,
    );
    announce({ url, version, model, pid: process.pid, ...(pids.length > 0 && { workers: pids }) });
  };
  const workers = workersOf(options);
  if (workers === 1) {
    await answer(options, run, onListen, { settings: settings() });
    return undefined;
  }
  const door = await openDoor(options);
  const { log, signal } = run;
  const code = await supervise({
    workers,
    cores: coresOf(options),
    log,
    signal,
    patienceMs: 1000 * options.drainDelaySeconds + options.requestTimeoutMs + 10_000,
    buckets: door.buckets,
    onReady: (about, pids) => onListen(about as Announced, pids),
  });
  if (code !== 0) exitWith(code);
  return undefined;
});
