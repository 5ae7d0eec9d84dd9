/** Where in a pipeline an item was lost. */

import type { ServedVersion } from '../served.ts';
import type { StageContext } from './candidate.ts';
import { contextOf, type PipelineRequest, type Pipelines } from './pipelines.ts';
import { isAsked, quotaOf, type ReadyPipeline, runPipeline } from './run.ts';

/** Where a source has the item. */
export interface Place {
  readonly source: string;
  /** Among what it finds, from 1. */
  readonly place: number;
  /** Most that it may bring. */
  readonly quota: number;
}

export interface WhyNot {
  readonly user: string;
  readonly item: string;
  /** Absent where the version does not know the item. */
  readonly title?: string;
  readonly version: string;
  readonly pipeline: string;
  /**
   * unknown: not in the version's snapshot. unavailable: marked so, or removed from the graph. done: the user has interacted with
   * it. not-found: by no source. below-quota: found by sources, behind the last place that they may bring. removed: by `stage`, a
   * re-ranker, the request's 'filter' or its 'rules'. ranked-low: behind the last place of the list. recommended: it is in the list.
   */
  readonly lost:
    | 'unknown'
    | 'unavailable'
    | 'done'
    | 'not-found'
    | 'below-quota'
    | 'removed'
    | 'ranked-low'
    | 'recommended';
  /** In a sentence. */
  readonly because: string;
  /** The stage that lost it, where it got so far. */
  readonly stage?: string;
  /** The rule of the request that lost it, where one did. */
  readonly rule?: string;
  /** In the list, or where it would stand in a longer one; from 1. */
  readonly place?: number;
  /** The sources that find it, also those whose quota ends before. */
  readonly sources: readonly Place[];
}

export interface WhyNotRequest extends PipelineRequest {
  readonly user: string;
  /** The list as it is answered, by ids, where that is not the pipeline's own: rules that are sources take turns with it. */
  readonly listed?: readonly string[];
}

/** Answers for one item as a list of `limit` would be made. Errors: pipeline/unknown, those of `screen`. */
export async function whyNot(
  pipelines: Pipelines,
  served: ServedVersion,
  request: WhyNotRequest,
  item: string,
): Promise<WhyNot> {
  const pipeline = pipelines.ready(served, request.pipeline);
  const { snapshot } = served.published;
  const about = { user: request.user, item, version: served.manifest.id, pipeline: pipeline.name };
  const index = snapshot.items.index(item);
  if (index === undefined)
    return {
      ...about,
      lost: 'unknown',
      because: 'The version does not know it: it came after its snapshot, or there is no such item.',
      sources: [],
    };
  const titled = { ...about, title: snapshot.items.title(index) };
  const { isAvailable, isRemoved } = served.base.availability();
  if (!isAvailable(index)) {
    const because = isRemoved(index) ? 'It was removed from the graph.' : 'It is marked as unavailable.';
    return { ...titled, lost: 'unavailable', because, sources: [] };
  }
  const context = contextOf(pipeline, request);
  const { only, ...unfiltered } = request;
  if (contextOf(pipeline, unfiltered).asker.left.has(index))
    return { ...titled, lost: 'done', because: 'The user has interacted with it already.', sources: [] };
  if (only?.[index] === 0) {
    const because = 'Removed by the filter of the request, which it does not pass.';
    return { ...titled, lost: 'removed', stage: 'filter', because, sources: [] };
  }

  const run = await runPipeline(pipeline, context, request);
  const sources = await placesOf(pipeline, context, index);
  const { listed } = request;
  const ranked = run.ordered.findIndex((candidate) => candidate.item === index) + 1;
  const inList = listed ? listed.indexOf(item) + 1 : ranked;
  const place = inList || ranked;
  if (place > 0) {
    const isListed = inList > 0 && inList <= context.wanted;
    const lost = isListed ? 'recommended' : 'ranked-low';
    const beside = !isListed && place <= context.wanted ? ', and what the rules bring comes before' : '';
    const because = isListed
      ? `It is recommended, at place ${place}.`
      : `It is ranked ${ordinal(place)}${beside}; the list has ${context.wanted}.`;
    return { ...titled, lost, because, place, ...(lost === 'ranked-low' && { stage: 'cut' }), sources };
  }
  const removal = run.removed.find((each) => each.item === index); // also of what no source brought, but a pin
  if (removal || run.lists.some(({ ids }) => ids.includes(index))) {
    const stage = removal?.stage ?? lastStageWith(run.stages, index);
    return {
      ...titled,
      lost: 'removed',
      stage,
      because: `Removed by ${stage}: ${removal?.because ?? 'it gave no reason'}.`,
      sources,
    };
  }
  if (sources.length === 0)
    return { ...titled, lost: 'not-found', because: 'No source finds it for this user.', sources };
  const nearest = sources.reduce((a, b) => (b.place - b.quota < a.place - a.quota ? b : a));
  const because = `${nearest.source} has it at place ${nearest.place} and may bring ${nearest.quota}.`;
  return { ...titled, lost: 'below-quota', stage: `source ${nearest.source}`, because, sources };
}

/** Every source's place for an item, asked without its quota. */
async function placesOf(pipeline: ReadyPipeline, context: StageContext, item: number): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (const [n, source] of pipeline.sources.entries()) {
    if (!isAsked(pipeline, n, context)) continue;
    const { ids } = await source.find(context, pipeline.data.published.snapshot.items.count);
    const place = ids.indexOf(item) + 1;
    if (place > 0) places.push({ source: source.name, place, quota: quotaOf(pipeline, n, context.wanted) });
  }
  return places;
}

/** For a stage that leaves out without saying so: the first one after which the item is missing. */
function lastStageWith(
  stages: readonly { readonly stage: string; readonly candidates: readonly { readonly item: number }[] }[],
  item: number,
): string {
  const has = (candidates: readonly { readonly item: number }[]) => candidates.some((each) => each.item === item);
  const last = stages.findLastIndex(({ candidates }) => has(candidates));
  return stages[last + 1]?.stage ?? 'an unknown stage';
}

/** 1st, 2nd, 3rd, 4th, 11th. */
function ordinal(place: number): string {
  const ending = place % 100 > 10 && place % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th');
  return `${place}${ending}`;
}
