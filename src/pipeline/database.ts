import type { Graph } from '../graph/driver.ts';
import type { GraphOptions, Run } from './run.ts';

/** Opens the database (starting the managed one where no other is named), migrated, for the time of `work`. */
export async function withGraph<T>(
  options: GraphOptions,
  run: Run,
  work: (graph: Graph) => T | Promise<T>,
): Promise<T> {
  const { openDatabase } = await import('../graph/database.ts');
  const graph = await openDatabase(options, run.report, run.signal);
  try {
    return await work(graph);
  } finally {
    await graph.close();
  }
}

/** Starts the managed database where no other is named, and says how it stands. */
export async function startDatabase(options: GraphOptions, run: Run) {
  if (options.mapping) {
    const { ensureServer } = await import('../graph/server.ts');
    await ensureServer(options, run.report, run.signal); // somebody else's graph gets no schema of ours
  } else await withGraph(options, run, async () => {});
  return await databaseStatus(options);
}

/** Stops the managed database; false where none ran. */
export async function stopDatabase({ home }: Pick<GraphOptions, 'home'>): Promise<boolean> {
  const { stopServer } = await import('../graph/server.ts');
  return await stopServer(home);
}

/** How the database stands; starts nothing. */
export async function databaseStatus(options: GraphOptions) {
  const { serverStatus } = await import('../graph/server.ts');
  return await serverStatus(options);
}

/** Checks what the database needs of this machine; starts nothing. */
export async function checkDatabase(options: GraphOptions) {
  const { checkEnvironment } = await import('../graph/environment.ts');
  return await checkEnvironment(options);
}

/** Whether anything at all was brought into the graph. Looks at no more than one user. */
export async function holdsData(graph: Graph): Promise<boolean> {
  const { statement } = await import('../graph/statements.ts');
  const { records } = await graph.read((tx) => tx.run(statement('read/holds-data', graph.schema)));
  return records.length > 0;
}
