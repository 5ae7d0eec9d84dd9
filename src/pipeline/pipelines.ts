/** Lists made by the declared pipelines, what their stages did, and where an item was lost on the way. */
import { randomUUID } from 'node:crypto';
import { TastegraphError } from '../errors.ts';
import { lazily } from '../lazily.ts';
import type { PipelineOptions } from '../options.ts';
import type { Assignment } from '../serving/experiments/split.ts';
import type { ChooseOptions, ChosenByRules, Screen } from '../serving/rules.ts';
import type { RankedItem, Recommendations, ServedVersion } from '../serving/served.ts';
import type { Candidate, Deed } from '../serving/stages/candidate.ts';
import type { FittedFusion } from '../serving/stages/fitFusion.ts';
import type { PipelineRequest, Pipelines } from '../serving/stages/pipelines.ts';
import type { PipelineRun, ReadyPipeline } from '../serving/stages/run.ts';
import type { Service } from './service.ts';

/** What each stage did, and who found each item of the answer. */
export interface Trace {
  /** There, where an experiment chose the pipeline. */
  readonly experiment?: {
    readonly name: string;
    readonly arm: string;
    /** Of the users. */
    readonly share: number;
    /** Where the user's hash lies, from 0 to 1. */
    readonly point: number;
    /** There, where another arm than hers was asked for. */
    readonly forced?: true;
  };
  readonly stages: readonly {
    readonly stage: string;
    readonly ms: number;
    /** Candidates that came in, and that went out. */
    readonly in: number;
    readonly out: number;
    readonly note?: string;
  }[];
  /** Of the pipeline's own list, in its order. */
  readonly items: readonly {
    readonly item: string;
    readonly score: number;
    /** Who found it, and at which place from 1. */
    readonly from: readonly { readonly source: string; readonly place: number; readonly score: number }[];
    /** With what probability it stands where it stands, where a stage drew. */
    readonly propensity?: number;
  }[];
}

export interface PipelineChoice {
  readonly pipeline?: string | undefined;
  /** Let this experiment choose the pipeline. */
  readonly experiment?: string | undefined;
  /** This arm of it, whosesoever it is. */
  readonly arm?: string | undefined;
  /** By what an experiment splits: the user where not given. */
  readonly unit?: string | undefined;
  readonly trace?: boolean | undefined;
  /** Draws of the request: the same seed, the same list. Another for each request where not given. */
  readonly seed?: string | undefined;
}

export interface ChosenByPipeline extends ChosenByRules {
  /** Which made the list; absent where nobody asked for one. */
  readonly pipeline?: string;
  /** Which chose the pipeline, where one did. */
  readonly experiment?: { readonly name: string; readonly arm: string };
  /** How probable this list was, where a stage drew; null where that cannot be said, since other stages or rules came after it. */
  readonly propensity?: number | null;
  /**
   * Of each item, with what probability it stands at its place, given those above it. There, where the last stage drew, and neither rules
   * nor a filter chose among what it drew.
   */
  readonly draws?: readonly number[];
  /** There, where a stage could not be waited for. */
  readonly degraded?: 'ranking';
  readonly trace?: Trace;
  /** There, where the next list may be another though nothing was written: a stage reads what was shown, or would have. */
  readonly isMomentary?: true;
}

/** What a list is made from. */
export type ListGround = Pick<Service, 'reach' | 'pipelines'>;

/** What a list is made by, and for whom: rules, a filter as `only`, a pipeline or an experiment. */
export interface ListOptions extends Omit<ChooseOptions, 'own'>, PipelineChoice {
  readonly deeds?: readonly Deed[] | undefined;
  /** Before any re-ranking: for a list of several people, which is re-ranked itself. */
  readonly isUnshaped?: boolean;
  /** See `Asker`. */
  readonly decay?: number | undefined;
}

const byRules = lazily(() => import('../serving/rules.ts'));
const byStages = lazily(async () => ({
  ...(await import('../serving/stages/pipelines.ts')),
  ...(await import('../serving/stages/run.ts')),
  ...(await import('../serving/reranking/propensity.ts')),
  ...(await import('./reranking.ts')),
}));

/** Which pipeline is to make a list, and who said so. */
export interface PipelineAsked {
  readonly pipeline: string;
  /** Whether it is 'default' as it comes: the version's own ranking. */
  readonly isOwnRanking: boolean;
  readonly assigned?: Assignment;
  /** What an answer says of it, where an experiment chose it. */
  readonly about?: { readonly pipeline: string; readonly experiment: { readonly name: string; readonly arm: string } };
}

/** The pipeline that is named, or that of the arm of an experiment. Errors: experiment/*. */
export async function pipelineAsked(
  pipelines: Pipelines,
  user: string,
  choice: PipelineChoice,
): Promise<PipelineAsked> {
  const assigned = await assignmentOf(pipelines, choice.unit ?? user, choice);
  const pipeline = assigned?.pipeline ?? choice.pipeline ?? 'default';
  const isOwnRanking = pipeline === 'default' && pipelines.isDefaultBuiltIn;
  if (!assigned) return { pipeline, isOwnRanking };
  const about = { pipeline, experiment: { name: assigned.experiment, arm: assigned.name } };
  return { pipeline, isOwnRanking, assigned, about };
}

/** What the stages of a pipeline are asked, with what they need of the graph. Errors: pipeline/unknown. */
export async function stagesAsked(
  { reach, pipelines }: ListGround,
  served: ServedVersion,
  user: string,
  pipeline: string,
  { limit, exclude: since, only, deeds, decay, isUnshaped, seed = randomUUID() }: Omit<ListOptions, 'rules'>,
): Promise<{ readonly ready: ReadyPipeline; readonly request: PipelineRequest; readonly isMomentary: boolean }> {
  const { showingsOf } = await byStages();
  const whole = pipelines.ready(served, pipeline);
  const ready = isUnshaped ? { ...whole, rerankers: [] } : whole;
  const isMomentary = ready.rerankers.some(({ readsShown }) => readsShown);
  const isSomebody = user !== ''; // see `nobody`
  const shown =
    isMomentary && isSomebody ? await showingsOf({ reach }, served.published.snapshot, user, Date.now()) : undefined;
  const about = { pipeline, limit, since, only, seed, clock: pipelines.clock, ...knownOf(served, user, deeds) };
  return {
    ready,
    request: { ...about, ...(isSomebody && { user }), ...(decay !== undefined && { decay }), ...(shown && { shown }) },
    isMomentary,
  };
}

/**
 * The best items for a user by a pipeline, and by the rules that are named: as `chooseByRules`, which it is where the built-in
 * default is asked without a trace. For `nobody`, what is known is the taste that was folded in, and the deeds.
 * Errors: pipeline/unknown, experiment/*, rule/unknown, rule/failed, query/parameter.
 */
export async function chooseItems(
  ground: ListGround,
  served: ServedVersion,
  user: string,
  options: ListOptions,
): Promise<ChosenByPipeline> {
  const { reach, pipelines } = ground;
  const { chooseByRules } = await byRules();
  const { limit, exclude, only, rules, trace = false } = options;
  const choose = { limit, exclude, only, rules };
  const { pipeline, isOwnRanking, assigned, about } = await pipelineAsked(pipelines, user, options);
  const { atHand: graph } = reach;
  if (isOwnRanking && !trace) return { ...(await chooseByRules(served, graph, user, choose)), ...about };
  const { contextOf, runPipeline, listPropensity } = await byStages();
  const { ready, request, isMomentary } = await stagesAsked(ground, served, user, pipeline, options);
  let run: PipelineRun | undefined;
  const own = async (screen?: Screen): Promise<Recommendations> => {
    run = await runPipeline(ready, contextOf(ready, request), {
      clock: request.clock,
      screen: screen && screenOf(served, screen),
    });
    const items = run.chosen.map((each) => itemOf(served, each));
    return { items, ...(run.fallback && { fallback: run.fallback }) };
  };
  const chosen = await chooseByRules(served, graph, user, { ...choose, own });
  const notes = [...(chosen.notes ?? []), ...run!.notes];
  const { propensities } = run!;
  const drew = propensities.size > 0;
  const items = run!.chosen.map(({ item }) => item);
  const isAsDrawn = ready.rerankers.at(-1)?.next !== undefined && !rules?.uses.length;
  return {
    ...chosen,
    pipeline,
    ...about,
    ...(drew && { propensity: isAsDrawn ? listPropensity(items, propensities) : null }),
    ...(drew && isAsDrawn && only === undefined && { draws: items.map((item) => propensities.get(item) ?? 1) }),
    ...(run!.degraded && { degraded: run!.degraded }),
    ...(notes.length > 0 && { notes }),
    ...(trace && { trace: { ...(assigned && { experiment: tracedArm(assigned) }), ...traceOf(served, run!) } }),
    ...(isMomentary && { isMomentary: true as const }),
  };
}

/** The arm of the experiment that is named, where one is. Errors: experiment/*. */
async function assignmentOf(
  { experiments }: Pick<Pipelines, 'experiments'>,
  unit: string,
  { pipeline = 'default', experiment, arm }: Pick<PipelineChoice, 'pipeline' | 'experiment' | 'arm'>,
): Promise<Assignment | undefined> {
  if (experiment === undefined) {
    if (arm === undefined) return undefined;
    throw new TastegraphError('experiment/or-pipeline', { problem: `Arm '${arm}' of no experiment` });
  }
  if (pipeline !== 'default') {
    const problem = `Experiment '${experiment}' chooses the pipeline, and '${pipeline}' was asked for`;
    throw new TastegraphError('experiment/or-pipeline', { problem });
  }
  const { armOf, experimentOf } = await import('../serving/experiments/split.ts');
  const found = experimentOf(experiments, experiment);
  if (unit === '' && arm === undefined) throw new TastegraphError('experiment/no-unit', { experiment });
  return armOf(found, unit, arm);
}

const tracedArm = ({ experiment, name: arm, share, point, forced }: Assignment): NonNullable<Trace['experiment']> => ({
  name: experiment,
  arm,
  share,
  point,
  ...(forced && { forced }),
});

/** Weights for the learned fusion of a pipeline. Errors: pipeline/unknown, pipeline/unfit. */
export async function fitPipeline(
  { recommender, pipelines }: Pick<Service, 'recommender' | 'pipelines'>,
  name: string,
  seed: number,
): Promise<FittedFusion> {
  const { fitFusion } = await import('../serving/stages/fitFusion.ts');
  const { served, release } = recommender.acquire();
  try {
    return await fitFusion(pipelines, served, name, seed);
  } finally {
    release();
  }
}

/** The declared pipelines by name, 'default' first. */
export const listPipelines = ({
  pipelines,
}: Pick<Service, 'pipelines'>): readonly ({ readonly name: string } & PipelineOptions)[] =>
  Array.from(pipelines.declared, ([name, options]) => ({ name, ...options }));

/** What a request knows of its user beside the version: what she did up to now, and the taste that is made of it. */
export const knownOf = ({ folded, told }: ServedVersion, user: string, deeds: readonly Deed[] | undefined) => ({
  ...(deeds && { deeds }),
  ...(told?.user === user && { isAll: true as const }),
  ...(folded?.user === user && { taste: folded.taste, ...(folded.taste.vector && { vector: folded.taste.vector }) }),
});

const itemOf = ({ published: { snapshot } }: ServedVersion, { item, score }: Candidate): RankedItem => ({
  id: snapshot.items.id(item),
  title: snapshot.items.title(item),
  score,
});

/** Rules speak of items by outside ids, stages by dense indices. */
export const screenOf = (served: ServedVersion, screen: Screen) => async (candidates: readonly Candidate[]) => {
  const kept = new Set((await screen(candidates.map((each) => itemOf(served, each)))).map(({ id }) => id));
  return candidates.filter(({ item }) => kept.has(served.published.snapshot.items.id(item)));
};

export const stagesTraced = (stages: PipelineRun['stages']): Trace['stages'] =>
  stages.map(({ candidates, ...stage }) => ({ ...stage, out: candidates.length }));

const traceOf = (served: ServedVersion, { stages, chosen, propensities }: PipelineRun): Trace => ({
  stages: stagesTraced(stages),
  items: chosen.map(({ item, score, from }) => {
    const propensity = propensities.get(item);
    return {
      item: served.published.snapshot.items.id(item),
      score,
      from: from.map((finding) => ({ ...finding, place: finding.place + 1 })),
      ...(propensity !== undefined && { propensity }),
    };
  }),
});
