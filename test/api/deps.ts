/** The application over the planted world. */
import pino from 'pino';
import type { AppDependencies } from '../../src/api/app.ts';
import { openKernels } from '../../src/compute/open.ts';
import type { DataRecord } from '../../src/data/records.ts';
import { createExplainer } from '../../src/explain/explainer.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { type ReachOptions, reachOf } from '../../src/graph/reach.ts';
import { type DeclaredExperiments, type DeclaredPipelines, optionGroups } from '../../src/options.ts';
import { versionsOf } from '../../src/pipeline/versions.ts';
import { silent } from '../../src/progress.ts';
import { openRecommender } from '../../src/serving/recommender.ts';
import { openPipelines } from '../../src/serving/stages/pipelines.ts';
import { openRecent } from '../../src/serving/stages/recent.ts';
import { publish } from '../../src/serving/versions.ts';
import type { TrainingResult } from '../../src/training/result.ts';
import { plantGraph } from '../graph/planted.ts';
import { testGraph } from '../neo4j.ts';
import { plantedHome, plantedResult } from '../serving/home.ts';
import { still } from '../serving/stages/world.ts';

export interface PlantedApp {
  readonly home: string;
  readonly deps: AppDependencies;
  /** Every line that was logged. */
  readonly logged: string[];
  /** With `change`, what training hands over is another. */
  publish(seed: number, change?: (result: TrainingResult) => TrainingResult): Promise<string>;
  close(): Promise<void>;
}

export interface PlantedOptions {
  /** On top of the world. */
  readonly more?: readonly DataRecord[];
  readonly pipelines?: DeclaredPipelines | undefined;
  readonly experiments?: DeclaredExperiments | undefined;
  /** Least number of people that explanations count. */
  readonly anonymity?: number;
  /** Sources count what was done since the snapshot, read so often; they go by the snapshot alone where absent. */
  readonly recentMs?: number;
}

export async function plantedApp(
  graph?: Graph,
  reaching: ReachOptions = {},
  { pipelines, experiments, anonymity = 1, recentMs, more = [] }: PlantedOptions = {},
): Promise<PlantedApp> {
  const planted = plantedHome(more);
  const publishSeed: PlantedApp['publish'] = async (seed, change = (result) => result) =>
    (await publish(planted.home, change(plantedResult(planted.snapshot, { seed })))).id;
  await publishSeed(7);
  const kernels = openKernels({ threads: 1 });
  const recommender = openRecommender(planted.home, kernels, { pollMs: 20 });
  // The first statements of a server are slow to plan: a test waits longer than a request would.
  const reach = reachOf(graph, { timeoutMs: 20_000, ...reaching });
  const recent = recentMs === undefined ? undefined : openRecent(reach, { everyMs: recentMs });
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
  return {
    home: planted.home,
    logged,
    deps: {
      recommender,
      explainer: createExplainer(reach, { anonymity }),
      reach,
      pipelines: openPipelines(pipelines, { home: planted.home, kernels, graph, experiments, recent, clock: still }),
      versions: versionsOf(
        { home: planted.home, ...optionGroups.neo4j.parse({}) },
        { report: silent, signal: new AbortController().signal, log },
      ),
      log,
      options: { maxBodyBytes: 1 << 20, requestTimeoutMs: 30_000 } as AppDependencies['options'],
    },
    publish: publishSeed,
    async close() {
      recent?.stop();
      recommender.close();
      await kernels.close();
      planted.remove();
    },
  };
}

export interface PlantedGraphApp extends PlantedApp {
  readonly graph: Graph;
}

/** The same with the planted world in a real Neo4j, which is closed with it. */
export async function plantedGraphApp(reaching?: ReachOptions, options?: PlantedOptions): Promise<PlantedGraphApp> {
  const graph = await testGraph();
  await plantGraph(graph);
  const planted = await plantedApp(graph, reaching, options);
  return {
    ...planted,
    graph,
    async close() {
      await planted.close();
      await graph.close();
    },
  };
}
