import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensors } from '../compute/tensors.ts';
import { problemOf } from '../errors.ts';
import type { Explainer } from '../explain/explainer.ts';
import type { Graph } from '../graph/driver.ts';
import type { GraphReach } from '../graph/reach.ts';
import type { DeclaredExperiments, DeclaredPipelines, IndexKind } from '../options.ts';
import type { AnswerMemory } from '../serving/answerMemory.ts';
import type { Recommender } from '../serving/recommender.ts';
import type { Pipelines } from '../serving/stages/pipelines.ts';
import type { RecentReader } from '../serving/stages/recent.ts';
import type { GraphOptions, Run } from './run.ts';
import { recommendFor } from './userLists.ts';

/** Whether a database belongs to this home, or is named: reasons and new interactions then come from it too. */
export const hasGraph = ({ home, neo4jUri }: GraphOptions): boolean =>
  neo4jUri !== undefined || existsSync(join(home, 'neo4j'));

/** What answers requests: the published version, and the graph where there is one. */
export interface Service {
  readonly recommender: Recommender;
  readonly explainer: Explainer;
  /** The graph as far as it answers. */
  readonly reach: GraphReach;
  /** What finds the best among vectors, as it was asked for. */
  readonly index: IndexKind;
  readonly pipelines: Pipelines;
  /** What was answered before; absent where nothing is kept. */
  readonly memory?: AnswerMemory | undefined;
  close(): Promise<void>;
}

export interface ServiceOptions extends Pick<GraphOptions, 'home'> {
  /** Stay with this version; else follow the current one. */
  readonly version?: string | undefined;
  readonly threads?: number | undefined;
  /** What finds the best among vectors; picked by their number where not given. */
  readonly index?: IndexKind | undefined;
  /** How often to look for a new current version, in ms; 0 never looks. */
  readonly pollMs?: number;
  /** Longest wait for the graph in one answer, in ms; short by default, since answers are better given without it than late. */
  readonly graphTimeoutMs?: number;
  /** Ask the graph once before the first request does: the first question to a server that has just started takes seconds. */
  readonly warmUp?: boolean;
  /** Ways to a list beside the version's own ranking. */
  readonly pipelines?: DeclaredPipelines | undefined;
  /** Users split between them. */
  readonly experiments?: DeclaredExperiments | undefined;
  /** Least number of people that explanations count. */
  readonly anonymity?: number | undefined;
  /** Most memory for answers that are kept, MiB; none are where it is 0 or absent. */
  readonly answerCacheMb?: number | undefined;
  /** How long they are kept at the most, s. */
  readonly answerCacheSeconds?: number | undefined;
  /** How often to look for what others write, in ms; 0 never looks. */
  readonly watchMs?: number;
  /** Number of this process among those that serve together. */
  readonly worker?: number | undefined;
}

/**
 * Opens the published version for answering, and the database where one is named or belongs to the home.
 * Errors: version/none, version/not-found, version/corrupt, pipeline/unfit, neo4j/*.
 */
export async function openService(options: ServiceOptions, run: Run, database?: GraphOptions): Promise<Service> {
  const [{ openKernels }, { openRecommender }, { openPipelines }, { createExplainer }, { reachOf }] = await Promise.all(
    [
      import('../compute/open.ts'),
      import('../serving/recommender.ts'),
      import('../serving/stages/pipelines.ts'),
      import('../explain/explainer.ts'),
      import('../graph/reach.ts'),
    ],
  );
  const { needsTensors } = await import('../serving/scorer.ts');
  const { versionsNamed } = await import('../serving/stages/fitness.ts');
  const { home, version, index = 'auto', pollMs = 0, graphTimeoutMs } = options;
  const kernels = openKernels({ threads: options.threads });
  let tensors: Tensors | undefined;
  let recommender: Recommender | undefined;
  let graph: Graph | undefined;
  let prepare = async (): Promise<void> => {};
  let warn = async (): Promise<void> => {};
  let memory: AnswerMemory | undefined;
  try {
    // A version that is switched to later may need them too, and those that pipelines name.
    const named = Object.values(options.pipelines ?? {}).flatMap(versionsNamed);
    if (pollMs > 0 || [version, ...named].some((id) => needsTensors(home, id))) {
      tensors = await (await import('../compute/tensors/wasm.ts')).openWasm(kernels);
    }
    recommender = openRecommender(home, kernels, {
      version,
      tensors,
      pollMs,
      index: {
        kind: index,
        onReady: ({ kind, count, bytes, recall }) =>
          run.log.info({ kind, count, bytes, recall }, 'an index is ready and answers from now on'),
        onFailure: (cause) =>
          run.log.warn({ problem: problemOf(cause) }, 'no index could be made; a scan goes on answering'),
      },
      onSwitch({ id }) {
        memory?.change({});
        run.log.info({ version: id }, 'a new version is served');
        prepare()
          .then(warn)
          .catch((cause: unknown) =>
            run.log.error({ problem: problemOf(cause) }, 'a pipeline does not fit the new version'),
          );
      },
      onFailure: (cause) =>
        run.log.error({ problem: problemOf(cause) }, 'the new version cannot be loaded; the old one is served on'),
    });
    if (database && hasGraph(database)) {
      const { openDatabase } = await import('../graph/database.ts');
      graph = await openDatabase(database, run.report, run.signal);
    }
    let recent: RecentReader | undefined;
    const opened = recommender;
    const pipelines = openPipelines(options.pipelines, {
      home,
      kernels,
      tensors,
      graph,
      experiments: options.experiments,
      recent: { of: (published) => recent?.of(published) }, // once the graph is reached for
    });
    prepare = async () => {
      const { served, release } = opened.acquire();
      try {
        // What answers one question and ends waits for no pipeline but its own.
        if (pollMs > 0) await pipelines.prepare(served);
        else pipelines.check(served);
      } finally {
        release();
      }
    };
    await prepare();
    const { keepAnswers } = await import('./keeping.ts');
    const reaching = {
      ...(graphTimeoutMs !== undefined && { timeoutMs: graphTimeoutMs }),
      onFailure: (cause: unknown) => run.log.warn({ problem: problemOf(cause) }, 'the graph did not answer'),
    };
    const { reach, ...kept } = await keepAnswers(graph, options, reaching, opened.live);
    memory = kept.memory;
    recent = kept.recent;
    const service: Service = {
      recommender: opened,
      explainer: createExplainer(reach, options),
      reach,
      index,
      pipelines,
      memory,
      close: async () => {
        kept.stop();
        opened.close();
        await graph?.close();
        tensors?.close();
        await kernels.close();
      },
    };
    const { pipelineWarnings, sentenceOfWarning } = await import('./pipelineWarnings.ts');
    warn = async () => {
      for (const warning of await pipelineWarnings(service)) run.log.warn({ ...warning }, sentenceOfWarning(warning));
    };
    if (pollMs > 0) await warn(); // what answers one question and ends has `tastegraph pipelines` say it
    if (graph && options.warmUp) {
      run.report({ phase: 'warming up', done: 0, unit: 'questions' });
      const patient = reachOf(graph, { timeoutMs: 20_000 });
      const explainer = createExplainer(patient, options);
      // Nothing is kept of it: nobody hears of changes yet.
      await answerOne({ ...service, explainer, reach: patient, memory: undefined });
    }
    return service;
  } catch (thrown) {
    recommender?.close();
    await graph?.close();
    tensors?.close();
    await kernels.close();
    throw thrown;
  }
}

/** Answers for one user as a request would, whoever it is. */
async function answerOne(service: Service): Promise<void> {
  const { served, release } = service.recommender.acquire();
  const user = served.published.snapshot.users.id(0);
  release();
  await recommendFor(service, user, { limit: 1, explain: true });
}
