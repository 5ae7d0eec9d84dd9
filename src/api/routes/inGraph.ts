/** The database behind the endpoints that need it. */
import { problemOf, TastegraphError } from '../../errors.ts';
import type { Graph } from '../../graph/driver.ts';
import type { AppDependencies } from '../context.ts';

/** Errors that say that the graph was not asked at all. */
const unasked = new WeakSet<object>();

/** Whether an error says that nothing can have been written: the graph was known to be gone, or there is none. */
export const isUnasked = (cause: unknown): boolean => typeof cause === 'object' && cause !== null && unasked.has(cause);

function unaskedError(uri: string, problem: string): TastegraphError {
  const error = new TastegraphError('neo4j/unreachable', { uri, problem });
  unasked.add(error);
  return error;
}

/** Errors: neo4j/unreachable, where the server runs without one. */
export function graphOf({ reach }: Pick<AppDependencies, 'reach'>): Graph {
  if (reach.graph) return reach.graph;
  throw unaskedError('none', 'the server runs without a database');
}

/**
 * What `work` gives; refused at once where the graph is known to be gone, and when it goes meanwhile. Errors: neo4j/unreachable, whatever
 * the driver threw; those that it throws as the project's own.
 */
export async function inGraph<T>(deps: Pick<AppDependencies, 'reach'>, work: (graph: Graph) => Promise<T>): Promise<T> {
  const graph = graphOf(deps);
  const gone = (problem: string, cause?: unknown) =>
    new TastegraphError('neo4j/unreachable', { uri: graph.connection.uri, problem }, cause);
  if (!deps.reach.mayAsk) throw unaskedError(graph.connection.uri, 'it has not answered for a while');
  const { lost } = deps.reach;
  let giveUp = (): void => {};
  const loss = new Promise<never>((_, reject) => {
    giveUp = () =>
      reject(gone('it stopped answering; whether this was written is not known, and it can be sent again'));
    lost.addEventListener('abort', giveUp);
  });
  try {
    return await Promise.race([work(graph), loss]);
  } catch (cause) {
    if (cause instanceof TastegraphError) throw cause;
    throw gone(problemOf(cause), cause);
  } finally {
    lost.removeEventListener('abort', giveUp);
  }
}

/** Whether the database answers at this moment; asked also in the pause after a failure. */
export async function graphAnswers({ ask }: AppDependencies['reach']): Promise<boolean> {
  const answered = await ask(async (graph, timeoutMs) => {
    const session = graph.session();
    try {
      await session.run('RETURN 1 AS one', {}, { timeout: timeoutMs });
      return true;
    } finally {
      await session.close();
    }
  }, true);
  return answered ?? false;
}

/** Of a batch, each once. */
export const usersOf = (batch: readonly { readonly user: string }[]): string[] => [
  ...new Set(batch.map(({ user }) => user)),
];
