/** The database behind the endpoints that need it. */
import { type ErrorDetails, problemOf, TastegraphError } from '../../errors.ts';
import type { Graph } from '../../graph/driver.ts';
import type { GraphReach } from '../../graph/reach.ts';
import { statement } from '../../graph/statements.ts';
import type { AppDependencies } from '../context.ts';

/** Errors that say that the graph was not asked at all. */
const unasked = new WeakSet<object>();

/** Whether an error says that nothing can have been written: the graph was known to be gone, or there is none. */
export const isUnasked = (cause: unknown): boolean => typeof cause === 'object' && cause !== null && unasked.has(cause);

function unaskedError(uri: string, problem: string): TastegraphError {
  const error = new TastegraphError('neo4j/unreachable', { uri, problem, told: problem });
  unasked.add(error);
  return error;
}

/** The database, unless it is known to be gone. Errors: neo4j/unreachable, also where the server runs without one. */
export function graphOf({ reach }: Pick<AppDependencies, 'reach'>): Graph {
  const { graph } = reach;
  if (!graph) throw unaskedError('none', 'the server runs without a database');
  if (!reach.mayWrite) throw unaskedError(graph.connection.uri, 'it has not answered for a while');
  return graph;
}

/** The same, asked first where it has not answered just now: for what cannot be refused any more once it has begun. */
export async function graphAtHand(deps: Pick<AppDependencies, 'reach'>): Promise<Graph> {
  await graphAnswers(deps.reach);
  return graphOf(deps);
}

/**
 * What `work` gives; refused at once where the graph is known to be gone, and when it goes meanwhile. Errors: neo4j/unreachable, whatever
 * the driver threw; those that it throws as the project's own.
 */
export async function inGraph<T>(deps: Pick<AppDependencies, 'reach'>, work: (graph: Graph) => Promise<T>): Promise<T> {
  const graph = graphOf(deps);
  try {
    return await untilLost(deps, graph, work(graph));
  } catch (cause) {
    if (cause instanceof TastegraphError) throw cause;
    throw goneError(graph, problemOf(cause), {}, cause); // the driver's own words may hold its address
  }
}

/**
 * The same for work that asks the graph among other things, and can do without where the server has none. Errors: neo4j/unreachable,
 * neo4j/query-failed, and whatever else `work` throws.
 */
export async function unlessGone<T>(deps: Pick<AppDependencies, 'reach'>, work: () => Promise<T>): Promise<T> {
  if (!deps.reach.graph) return await work();
  const graph = graphOf(deps);
  try {
    return await untilLost(deps, graph, work());
  } catch (cause) {
    const { graphError } = await import('../../graph/driver.ts');
    throw graphError(cause, graph.connection, 'of the request');
  }
}

const goneError = ({ connection: { uri } }: Graph, problem: string, outside: ErrorDetails, cause?: unknown) =>
  new TastegraphError('neo4j/unreachable', { uri, problem, ...outside }, cause);

/** Errors: neo4j/unreachable, as soon as the graph is known to be gone; those of the work. */
async function untilLost<T>({ reach: { lost } }: Pick<AppDependencies, 'reach'>, graph: Graph, work: Promise<T>) {
  let giveUp = (): void => {};
  const loss = new Promise<never>((_, reject) => {
    const problem = 'it stopped answering; whether this was written is not known, and it can be sent again';
    giveUp = () => reject(goneError(graph, problem, { told: problem }));
    lost.addEventListener('abort', giveUp);
  });
  try {
    return await Promise.race([work, loss]);
  } finally {
    lost.removeEventListener('abort', giveUp);
  }
}

/** An answer of the graph holds for so long, ms: who asks more often is told of the last. */
const freshMs = 2000;
const asking = new WeakMap<GraphReach, Promise<true | undefined>>();

/** Whether the database answers, as far as it is known; asked where it is not, once for all who want to know. */
export async function graphAnswers(reach: GraphReach): Promise<boolean> {
  if (!reach.mayAsk) return false;
  if (reach.state === 'reached' && performance.now() - reach.answeredAt < freshMs) return true;
  const asked = asking.get(reach) ?? reach.ask(ping).finally(() => asking.delete(reach));
  asking.set(reach, asked);
  return (await asked) ?? false;
}

async function ping(graph: Graph, timeoutMs: number): Promise<true> {
  const session = graph.session();
  try {
    await session.run(statement('server/ping'), {}, { timeout: timeoutMs });
    return true;
  } finally {
    await session.close();
  }
}

/** Of a batch, each once. */
export const usersOf = (batch: readonly { readonly user: string }[]): string[] => [
  ...new Set(batch.map(({ user }) => user)),
];
