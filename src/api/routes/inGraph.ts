/** The database behind the endpoints that need it. */
import { problemOf, TastegraphError } from '../../errors.ts';
import type { Graph } from '../../graph/driver.ts';
import type { AppDependencies } from '../context.ts';

/** Errors: neo4j/unreachable, where the server runs without one. */
export function graphOf({ reach }: Pick<AppDependencies, 'reach'>): Graph {
  if (reach.graph) return reach.graph;
  throw new TastegraphError('neo4j/unreachable', { uri: 'none', problem: 'the server runs without a database' });
}

/** What `work` gives. Errors: neo4j/unreachable, whatever the driver threw; those that it throws as the project's own. */
export async function inGraph<T>(deps: Pick<AppDependencies, 'reach'>, work: (graph: Graph) => Promise<T>): Promise<T> {
  const graph = graphOf(deps);
  try {
    return await work(graph);
  } catch (cause) {
    if (cause instanceof TastegraphError) throw cause;
    throw new TastegraphError('neo4j/unreachable', { uri: graph.connection.uri, problem: problemOf(cause) }, cause);
  }
}
