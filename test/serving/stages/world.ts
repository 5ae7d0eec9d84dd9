/** The planted world with a version over it, and pipelines that are declared for one test. */
import type { Kernels } from '../../../src/compute/kernels.ts';
import type { Graph } from '../../../src/graph/driver.ts';
import { type DeclaredPipelines, option, type PipelineOptions } from '../../../src/options.ts';
import { loadVersion } from '../../../src/serving/published.ts';
import { type ServedVersion, serveVersion } from '../../../src/serving/served.ts';
import type { Clock } from '../../../src/serving/stages/deadline.ts';
import { contextOf, openPipelines, type Pipelines } from '../../../src/serving/stages/pipelines.ts';
import { type PipelineRun, runPipeline } from '../../../src/serving/stages/run.ts';
import { publish } from '../../../src/serving/versions.ts';
import { type PlantedHome, plantedHome, plantedResult } from '../home.ts';

/** The moment of every deadline is never. */
export const still: Clock = { now: () => 0, after: () => ({ cancel() {} }) };

/** Of taste that is the opposite, in users and in what their interactions bring. */
export function turned<R extends ReturnType<typeof plantedResult>>(result: R): R {
  const negative = (values: Float32Array) => values.map((value) => -value);
  const { vectors, contributions } = result;
  return {
    ...result,
    vectors: { ...vectors, users: negative(vectors.users) },
    contributions: {
      ...contributions!,
      own: negative(contributions!.own),
      messages: negative(contributions!.messages),
    },
  };
}

export interface StagesWorld extends PlantedHome {
  readonly served: ServedVersion;
  /** Another published version over the same snapshot, which is not served: it likes what the served one does not. */
  readonly contrary: string;
  pipelines(declared: Readonly<Record<string, object>>, more?: { graph?: Graph; clock?: Clock }): Pipelines;
  /** Runs one pipeline. */
  run(declared: object, user: string, options?: RunOptions): Promise<PipelineRun>;
  /** What a run chose, by id. */
  ids(run: Pick<PipelineRun, 'chosen'>): readonly string[];
}

export interface RunOptions {
  readonly limit?: number;
  readonly since?: readonly string[];
  readonly graph?: Graph;
  readonly clock?: Clock;
}

export async function stagesWorld(kernels: Kernels): Promise<StagesWorld> {
  const planted = plantedHome();
  const result = plantedResult(planted.snapshot);
  const contrary = (await publish(planted.home, turned(result))).id;
  const { id } = await publish(planted.home, result);
  const served = serveVersion(loadVersion(planted.home, id), kernels);
  const open: StagesWorld['pipelines'] = (declared, more = {}) =>
    openPipelines(option.pipelines.parse(declared) as DeclaredPipelines, { home: planted.home, kernels, ...more });
  return {
    ...planted,
    served,
    contrary,
    pipelines: open,
    async run(declared, user, { limit = 10, since = [], clock = still, ...more } = {}) {
      const pipelines = open({ test: declared as PipelineOptions }, { ...more, clock });
      const ready = pipelines.ready(served, 'test');
      const context = contextOf(ready, { user, pipeline: 'test', limit, since, seed: 'test' });
      return await runPipeline(ready, context, { clock });
    },
    ids: ({ chosen }) => chosen.map(({ item }) => planted.snapshot.items.id(item)),
    remove() {
      served.dispose();
      planted.remove();
    },
  };
}
