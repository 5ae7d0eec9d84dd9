import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensors } from '../compute/tensors.ts';
import { problemOf } from '../errors.ts';
import type { Explainer, Explanation } from '../explain/explainer.ts';
import type { Graph } from '../graph/driver.ts';
import type { GraphReach } from '../graph/reach.ts';
import type { Recommender } from '../serving/recommender.ts';
import type { Recommendations } from '../serving/served.ts';
import type { GraphOptions, Run } from './run.ts';

/** Whether a database belongs to this home, or is named: reasons and new interactions then come from it too. */
const hasGraph = ({ home, neo4jUri }: GraphOptions): boolean =>
  neo4jUri !== undefined || existsSync(join(home, 'neo4j'));

/** What answers requests: the published version, and the graph where there is one. */
export interface Service {
  readonly recommender: Recommender;
  readonly explainer: Explainer;
  /** The graph as far as it answers. */
  readonly reach: GraphReach;
  close(): Promise<void>;
}

export interface ServiceOptions extends Pick<GraphOptions, 'home'> {
  /** Stay with this version; else follow the current one. */
  readonly version?: string | undefined;
  readonly threads?: number | undefined;
  /** How often to look for a new current version, in ms; 0 never looks. */
  readonly pollMs?: number;
  /** Longest wait for the graph in one answer, in ms; short by default, since answers are better given without it than late. */
  readonly graphTimeoutMs?: number;
  /** Ask the graph once before the first request does: the first question to a server that has just started takes seconds. */
  readonly warmUp?: boolean;
}

/**
 * Opens the published version for answering, and the database where one is named or belongs to the home.
 * Errors: version/none, version/not-found, version/corrupt, neo4j/*.
 */
export async function openService(options: ServiceOptions, run: Run, database?: GraphOptions): Promise<Service> {
  const [{ openKernels }, { openRecommender }, { createExplainer }, { reachOf }] = await Promise.all([
    import('../compute/open.ts'),
    import('../serving/recommender.ts'),
    import('../explain/explainer.ts'),
    import('../graph/reach.ts'),
  ]);
  const { needsTensors } = await import('../serving/scorer.ts');
  const { home, version, pollMs = 0, graphTimeoutMs } = options;
  const kernels = openKernels({ threads: options.threads });
  let tensors: Tensors | undefined;
  let recommender: Recommender | undefined;
  try {
    // A version that is switched to later may need them too.
    if (pollMs > 0 || needsTensors(home, version)) {
      tensors = await (await import('../compute/tensors/wasm.ts')).openWasm(kernels);
    }
    recommender = openRecommender(home, kernels, {
      version,
      tensors,
      pollMs,
      onSwitch: ({ id }) => run.log.info({ version: id }, 'a new version is served'),
      onFailure: (cause) =>
        run.log.error({ problem: problemOf(cause) }, 'the new version cannot be loaded; the old one is served on'),
    });
    let graph: Graph | undefined;
    if (database && hasGraph(database)) {
      const { openDatabase } = await import('../graph/database.ts');
      graph = await openDatabase(database, run.report, run.signal);
    }
    const opened = recommender;
    const reach = reachOf(graph, {
      ...(graphTimeoutMs !== undefined && { timeoutMs: graphTimeoutMs }),
      onFailure: (cause) => run.log.warn({ problem: problemOf(cause) }, 'the graph did not answer'),
    });
    const service: Service = {
      recommender: opened,
      explainer: createExplainer(reach),
      reach,
      close: async () => {
        opened.close();
        await graph?.close();
        tensors?.close();
        await kernels.close();
      },
    };
    if (graph && options.warmUp) {
      run.report({ phase: 'warming up', done: 0, unit: 'questions' });
      const patient = reachOf(graph, { timeoutMs: 20_000 });
      await answerOne({ ...service, explainer: createExplainer(patient), reach: patient });
    }
    return service;
  } catch (thrown) {
    recommender?.close();
    tensors?.close();
    await kernels.close();
    throw thrown;
  }
}

export interface Answer extends Recommendations {
  readonly user: string;
  readonly version: string;
  /** One for each item, in their order, where reasons were asked for. */
  readonly explanations: readonly Explanation[];
}

/** The best items for a user, without what the graph says that the user has done since; and why each. */
export async function recommendFor(
  { recommender, explainer, reach }: Service,
  user: string,
  { limit, explain }: { readonly limit: number; readonly explain: boolean },
): Promise<Answer> {
  const { interactedItems } = await import('../graph/interactions.ts');
  const { served, release } = recommender.acquire();
  try {
    const exclude = (await reach.ask((graph, timeoutMs) => interactedItems(graph, user, timeoutMs))) ?? [];
    const found = served.recommend(user, { limit, exclude });
    const explanations = explain ? await explainer.explainAll(served, user, found.items) : [];
    return { user, version: served.manifest.id, ...found, explanations };
  } finally {
    release();
  }
}

/** Answers for one user as a request would, whoever it is. */
async function answerOne(service: Service): Promise<void> {
  const { served, release } = service.recommender.acquire();
  const user = served.published.snapshot.users.id(0);
  release();
  await recommendFor(service, user, { limit: 1, explain: true });
}

/** Why an item suits a user. Errors: item/unknown. */
export async function explainFor(
  { recommender, explainer }: Service,
  user: string,
  item: string,
): Promise<Explanation> {
  const { served, release } = recommender.acquire();
  try {
    return await explainer.explain(served, user, item);
  } finally {
    release();
  }
}
