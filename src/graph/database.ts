import { TastegraphError } from '../errors.ts';
import type { Mapping } from '../options/mapping.ts';
import { type Report, silent } from '../progress.ts';
import { type Graph, openGraph } from './driver.ts';
import { checkMapping } from './mapping.ts';
import { migrate } from './migrations.ts';
import type { GraphSchema } from './schema.ts';
import { ensureServer, type ServerOptions } from './server.ts';

/**
 * The database that these options lead to, started where it is ours and does not run, with its schema up to date. With a
 * mapping it is somebody else's: the mapping is checked, and nothing is written, neither here nor later, unless `writeBack` says
 * so. The caller closes it; the server runs on. Errors: those of `ensureServer`, `openGraph`, `migrate` and `checkMapping`.
 */
export async function openDatabase(
  options: ServerOptions,
  report: Report = silent,
  signal?: AbortSignal,
): Promise<Graph> {
  const { mapping, writeBack = false } = options;
  const graph = await openGraph(await ensureServer(options, report, signal));
  try {
    if (mapping) return await mapped(graph, { mapping, writeBack }, report, signal);
    await migrate(graph, report);
    return graph;
  } catch (thrown) {
    await graph.close();
    throw thrown;
  }
}

async function mapped(
  graph: Graph,
  { mapping, writeBack }: { readonly mapping: Mapping; readonly writeBack: boolean },
  report: Report,
  signal: AbortSignal | undefined,
): Promise<Graph> {
  const { schema, notes } = await checkMapping(graph, mapping, report, signal);
  for (const note of notes) report({ phase: 'checking the mapping', done: 1, total: 1, unit: 'mappings', note });
  return withSchema(graph, schema, writeBack);
}

/** A graph whose statements go by other names. Where it may not be written, the server refuses every write too. */
export function withSchema(graph: Graph, schema: GraphSchema, writeBack: boolean): Graph {
  if (writeBack) return { ...graph, schema };
  return {
    ...graph,
    schema,
    write: async () => {
      throw new TastegraphError('mapping/read-only', {
        what: 'into it',
        todo: 'Give --write-back for versions and vectors',
      });
    },
    session: (options) => graph.session({ ...options, mode: 'READ' }),
  };
}
