import { once } from 'node:events';
import { serve } from '../api/server.ts';
import type { ListenOptions } from '../options.ts';
import { type GraphOptions, openService, type Run, type Service } from '../pipeline.ts';
import { command } from './command.ts';

/** How often a running server looks for a newly published version. */
const pollMs = 1000;

/** Opens what a server answers from: it follows the current version. Its first questions to the graph take long: it waits for them, or asks one before. */
export const openServing = (
  options: GraphOptions & { readonly threads?: number | undefined },
  run: Run,
  graphTimeoutMs?: number,
): Promise<Service> => {
  const { home, threads } = options;
  const patience = graphTimeoutMs === undefined ? { warmUp: true } : { graphTimeoutMs };
  return openService({ home, threads, pollMs, ...patience }, run, options);
};

/** Serves until it is asked to stop; then answers what has begun, and returns. */
export async function serveUntilStopped(
  options: ListenOptions,
  service: Service,
  run: Run,
  onListen: (url: string) => void,
): Promise<void> {
  const server = await serve(options, { ...service, log: run.log });
  onListen(server.url);
  if (!run.signal.aborted) await once(run.signal, 'abort');
  await server.stop();
}

export default command('serve', async (options, { run, print, announce, paint }) => {
  const service = await openServing(options, run);
  try {
    const { id, model } = service.recommender.version;
    await serveUntilStopped(options, service, run, (url) => {
      print(
        `Serving ${paint.bold(id)} (${model}) at ${paint.cyan(url)}, its documentation at ${paint.cyan(`${url}/docs`)}. Ctrl-C ends it`,
      );
      announce({ url, version: id, model, pid: process.pid });
    });
  } finally {
    await service.close();
  }
  return undefined;
});
