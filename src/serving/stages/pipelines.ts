/** The declared pipelines, made ready for the version that is served. */
import type { Kernels } from '../../compute/kernels.ts';
import type { Tensors } from '../../compute/tensors.ts';
import { TastegraphError } from '../../errors.ts';
import type { Graph } from '../../graph/driver.ts';
import {
  builtInPipeline,
  type DeclaredExperiments,
  type DeclaredPipelines,
  type PipelineOptions,
} from '../../options.ts';
import { RandomStream } from '../../random.ts';
import { type Experiment, openExperiments } from '../experiments/split.ts';
import { checkReranker, rerankerOf } from '../reranking/rerankers.ts';
import type { ServedBase, ServedVersion } from '../served.ts';
import { manifestById } from '../versions.ts';
import { type AskerKnown, askerOf } from './asker.ts';
import type { StageContext } from './candidate.ts';
import type { Clock } from './deadline.ts';
import { refuseTwoDraws, refuseUnfit, versionsNamed } from './fitness.ts';
import { type OtherVersion, openOtherVersion } from './otherVersion.ts';
import { rankerOf } from './ranker.ts';
import type { RecentReader } from './recent.ts';
import { type ReadyPipeline, type RunOptions, runPipeline } from './run.ts';
import { sourceOf } from './sources.ts';
import { StageData } from './stageData.ts';

export interface PipelinesGround {
  readonly home: string;
  readonly kernels: Kernels;
  readonly tensors?: Tensors | undefined;
  readonly graph?: Graph | undefined;
  readonly clock?: Clock | undefined;
  readonly experiments?: DeclaredExperiments | undefined;
  /** Says what was done since a version's snapshot; sources go by the snapshot alone where absent. */
  readonly recent?: Pick<RecentReader, 'of'> | undefined;
}

/** What one request asks of a pipeline. */
export interface PipelineRequest extends AskerKnown, RunOptions {
  readonly pipeline: string;
  readonly limit: number;
  /** Draws of the request: the same seed, the same list. */
  readonly seed: string;
  /** ms since 1970; this moment where not given. */
  readonly now?: number;
}

export interface Pipelines {
  /** By name, 'default' first. */
  readonly declared: ReadonlyMap<string, PipelineOptions>;
  /** Whether 'default' is as it comes: the version's own ranking. */
  readonly isDefaultBuiltIn: boolean;
  /** Users split between them, by name. */
  readonly experiments: ReadonlyMap<string, Experiment>;
  readonly clock?: Clock | undefined;
  /** A pipeline over a version; hold the version meanwhile. Errors: pipeline/unknown, version/* where it names another. */
  ready(served: ServedVersion, name: string): ReadyPipeline;
  /** The same over other data of the version, each time anew. */
  assemble(served: ServedVersion, name: string, data: StageData): ReadyPipeline;
  /** Whether the version has what they name. Errors: pipeline/unfit, reranking/*, version/not-found. */
  check(served: ServedVersion): void;
  /** Checks them, and asks each once, so that no request waits for what is made at first use. Errors: as `check`. */
  prepare(served: ServedVersion): Promise<void>;
}

/** What is made for one served version, and goes with it. */
interface Made {
  readonly data: StageData;
  readonly others: Map<string, OtherVersion>;
  readonly ready: Map<string, ReadyPipeline>;
}

/** Errors: experiment/unfit. */
export function openPipelines(declared: DeclaredPipelines | undefined, ground: PipelinesGround): Pipelines {
  const all = new Map(Object.entries({ default: builtInPipeline, ...declared }));
  const isDefaultBuiltIn = declared?.default === undefined;
  const madeFor = new WeakMap<ServedBase, Made>();

  const makeFor = (served: ServedVersion): Made => {
    const known = madeFor.get(served.base);
    if (known) return known;
    const { published, base } = served;
    const recent = ground.recent && (() => ground.recent!.of(published));
    const made: Made = {
      data: new StageData(published, base, undefined, recent),
      others: new Map(),
      ready: new Map(),
    };
    served.base.whenDisposed(() => {
      for (const other of made.others.values()) other.dispose();
    });
    madeFor.set(served.base, made);
    return made;
  };

  const otherOf = (served: ServedVersion, id: string): OtherVersion => {
    const { others } = makeFor(served);
    const opened = others.get(id) ?? openOtherVersion(id, { ...ground, own: served.published });
    others.set(id, opened);
    return opened;
  };

  const assemble = (served: ServedVersion, name: string, data: StageData): ReadyPipeline => {
    const options = all.get(name);
    if (!options) throw new TastegraphError('pipeline/unknown', { pipeline: name, known: [...all.keys()].join(', ') });
    const other = (id: string) => otherOf(served, id);
    return {
      name,
      options,
      data,
      sources: options.sources.map((source) => sourceOf(source, { data, graph: ground.graph, other })),
      ranker: rankerOf(options.rank, data, other),
      rerankers: options.rerank.map(rerankerOf),
    };
  };

  const ready = (served: ServedVersion, name: string): ReadyPipeline => {
    const made = makeFor(served);
    const pipeline = made.ready.get(name) ?? assemble(served, name, made.data);
    made.ready.set(name, pipeline);
    return pipeline;
  };

  const declaredNames = Object.keys(declared ?? {});
  const check = (served: ServedVersion): void => {
    for (const name of declaredNames) {
      const options = all.get(name)!;
      refuseUnfit(name, options, served.published.snapshot);
      for (const id of versionsNamed(options)) manifestById(ground.home, id);
      const rerankers = options.rerank.map(rerankerOf);
      refuseTwoDraws(name, rerankers);
      for (const reranker of rerankers)
        checkReranker(reranker, { published: served.published, people: served.base.people });
    }
  };

  return {
    declared: all,
    isDefaultBuiltIn,
    experiments: openExperiments(ground.experiments, all),
    clock: ground.clock,
    ready,
    assemble,
    check,
    async prepare(served) {
      check(served);
      const { snapshot, train } = served.published;
      const somebody = train.offsets.findIndex((end) => end > 0) - 1; // who has a taste, so that every source is asked
      for (const name of declaredNames) {
        const pipeline = ready(served, name);
        const request = { user: snapshot.users.id(somebody), pipeline: name, limit: 1, since: [], seed: '' };
        await runPipeline(pipeline, contextOf(pipeline, request), { clock: patient });
      }
    },
  };
}

/** Waits for every ranker: what it makes at its first use is to be there before the first request. */
const patient: Clock = { now: () => 0, after: () => ({ cancel() {} }) };

/** What the stages read, for one request. */
export function contextOf(
  { name, data, options }: ReadyPipeline,
  { user, since, deeds, isAll, decay, vector, taste, shown, only, limit, seed, now }: PipelineRequest,
): StageContext {
  const draws = new RandomStream(0, 'pipeline', name, seed);
  // Not in a list of another moment; and the built-in default is to answer as the version does without stages.
  const recent = now === undefined && options !== builtInPipeline ? data.recent : undefined;
  return {
    published: data.published,
    people: data.base.people,
    availability: data.base.availability(),
    contents: data.base.contents(),
    asker: askerOf(
      data,
      {
        ...(user !== undefined && { user }),
        since,
        only,
        ...(deeds && { deeds }),
        ...(isAll && { isAll }),
        ...(decay !== undefined && { decay }),
        ...(vector && { vector }),
        ...(taste && { taste }),
        ...(shown && { shown }),
      },
      now,
    ),
    wanted: limit,
    random: () => draws.uniform(),
    kernels: data.base.kernels,
    ...(recent && { recent }),
  };
}
