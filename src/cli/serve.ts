import { once } from 'node:events';
import type { TenantDependencies } from '../api/context.ts';
import { serve } from '../api/server.ts';
import type { AccessOptions, AdminOptions, ListenOptions, RecordingOptions } from '../options.ts';
import {
  checkApart,
  type Door,
  forgetUser,
  type GraphOptions,
  openDoor,
  openImpressions,
  openService,
  type Run,
  runsOf,
  type Service,
  type ServiceOptions,
  tenantOptions,
} from '../pipeline.ts';
import { silent } from '../progress.ts';
import { command } from './command.ts';

/** How often a running server looks for a newly published version. */
const pollMs = 1000;

/** Opens what a server answers from: it follows the current version. Its first questions to the graph take long: it waits for them, or asks one before. */
export const openServing = (
  options: GraphOptions & Pick<ServiceOptions, 'threads' | 'index' | 'pipelines' | 'anonymity'>,
  run: Run,
  graphTimeoutMs?: number,
): Promise<Service> => {
  const { home, threads, index, pipelines, anonymity } = options;
  const patience = graphTimeoutMs === undefined ? { warmUp: true } : { graphTimeoutMs };
  return openService({ home, threads, index, pipelines, anonymity, pollMs, ...patience }, run, options);
};

/** What one home answers with. */
interface Answering extends TenantDependencies {
  /** Writes down what was shown. */
  close(): Promise<void>;
}

async function openAnswering(options: GraphOptions & RecordingOptions, service: Service, run: Run): Promise<Answering> {
  const impressions = await openImpressions(service, options, run);
  const { graph } = service.reach;
  const forget = (user: string, { block }: { readonly block: boolean }) =>
    forgetUser(user, { ...options, block, withId: false }, { ...run, report: silent }, { graph });
  return { ...service, impressions, forget, runs: runsOf(options), close: async () => await impressions?.close() };
}

export interface Serving {
  /** Who is let in; where absent, whoever has the options' token. */
  readonly door?: Door;
  readonly tenants?: ReadonlyMap<string, TenantDependencies>;
}

/** Serves until it is asked to stop; then answers what has begun, writes down what was shown, and returns. */
export async function serveUntilStopped(
  options: ListenOptions & RecordingOptions & Partial<AdminOptions & AccessOptions> & GraphOptions,
  service: Service,
  run: Run,
  onListen: (url: string) => void,
  { door, tenants }: Serving = {},
): Promise<void> {
  const { close, ...answering } = await openAnswering(options, service, run);
  try {
    const server = await serve(options, { ...answering, ...door, tenants, log: run.log });
    onListen(server.url);
    if (!run.signal.aborted) await once(run.signal, 'abort');
    await server.stop();
  } finally {
    await close();
  }
}

/** Opens every tenant; `opened` takes, in order, what closes what was opened, also where a later one fails. */
async function openTenants(
  options: GraphOptions & RecordingOptions & Pick<AccessOptions, 'tenants'>,
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

export default command('serve', async (options, { run, print, announce, paint }) => {
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
    const onListen = (url: string) => {
      const many = tenants.size === 0 ? '' : ` and ${tenants.size} tenants`;
      print(
        `Serving ${paint.bold(id)} (${model})${many} at ${paint.cyan(url)}, its documentation at ${paint.cyan(`${url}/docs`)}. Ctrl-C ends it`,
      );
      announce({ url, version: id, model, pid: process.pid });
    };
    await serveUntilStopped(options, service, run, onListen, { door, tenants });
  } finally {
    for (const close of opened.reverse()) await close();
  }
  return undefined;
});
