import { type Report, silent } from '../progress.ts';
import { type Graph, openGraph } from './driver.ts';
import { migrate } from './migrations.ts';
import { ensureServer, type ServerOptions } from './server.ts';

/**
 * The database that these options lead to, started where it is ours and does not run, with its schema up to date. The caller
 * closes it; the server runs on. Errors: those of `ensureServer`, `openGraph` and `migrate`.
 */
export async function openDatabase(
  options: ServerOptions,
  report: Report = silent,
  signal?: AbortSignal,
): Promise<Graph> {
  const graph = await openGraph(await ensureServer(options, report, signal));
  try {
    await migrate(graph, report);
    return graph;
  } catch (thrown) {
    await graph.close();
    throw thrown;
  }
}
