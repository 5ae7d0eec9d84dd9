/** One request through a pipeline: sources, fusion, rules, ranking, re-ranking, cut. */
import { toldOf } from '../../errors.ts';
import type { PipelineOptions } from '../../options.ts';
import type { Candidate, Removal, Reranker, StageContext } from './candidate.ts';
import { type Clock, rankWithin, wallClock } from './deadline.ts';
import { fuse, type SourceList } from './fusion.ts';
import type { Ranker } from './ranker.ts';
import { type CandidateSource, type Found, nothing } from './source.ts';
import type { StageData } from './stageData.ts';

/** A pipeline over one version. */
export interface ReadyPipeline {
  readonly name: string;
  readonly options: PipelineOptions;
  readonly data: StageData;
  /** In the order of their options. */
  readonly sources: readonly CandidateSource[];
  readonly ranker: Ranker | undefined;
  readonly rerankers: readonly Reranker[];
}

/** What a stage did. */
export interface StageRun {
  readonly stage: string;
  readonly ms: number;
  /** Candidates that came in; sources take in none. */
  readonly in: number;
  readonly candidates: readonly Pick<Candidate, 'item'>[];
  readonly note?: string;
}

export interface PipelineRun {
  /** As many as were wanted, or fewer. */
  readonly chosen: readonly Candidate[];
  /** All that were left before the cut, in order. */
  readonly ordered: readonly Candidate[];
  readonly lists: readonly SourceList[];
  readonly stages: readonly StageRun[];
  readonly removed: readonly Removal[];
  /** There, where nothing is known of the taste and only what is popular was asked for; see `Recommendations`. */
  readonly fallback?: 'popular';
  /** Sources that could not be asked, and versions that could not go by all that is known. */
  readonly notes: readonly string[];
  readonly degraded?: 'ranking';
  /** By item, where a stage drew: of its own places, which later stages may have changed. */
  readonly propensities: ReadonlyMap<number, number>;
}

export interface RunOptions {
  /** Which of some items the rules of the request let stay. */
  readonly screen?: ((candidates: readonly Candidate[]) => Promise<readonly Candidate[]>) | undefined;
  readonly clock?: Clock | undefined;
}

/** Errors: those of `screen`. A source without an answer, and a ranker that fails, are notes of their stages. */
export async function runPipeline(
  pipeline: ReadyPipeline,
  context: StageContext,
  { screen, clock = wallClock }: RunOptions = {},
): Promise<PipelineRun> {
  const { options, sources, ranker, rerankers } = pipeline;
  const stages: StageRun[] = [];
  const notes: string[] = [];
  const removed: Removal[] = [];
  const told = (stage: string, began: number, taken: number, candidates: StageRun['candidates'], note?: string) =>
    stages.push({ stage, ms: clock.now() - began, in: taken, candidates, ...(note !== undefined && { note }) });

  const lists: SourceList[] = [];
  for (const [n, source] of sources.entries()) {
    const began = clock.now();
    if (!isAsked(pipeline, n, context)) continue;
    const { ids, scores, note } = await findOrNote(source, context, quotaOf(pipeline, n, context.wanted));
    if (note !== undefined) notes.push(`Source '${source.name}'${ids.length > 0 ? '' : ' is left out'}: ${note}`);
    lists.push({ source: source.name, ids, scores });
    told(
      `source ${source.name}`,
      began,
      0,
      ids.map((item) => ({ item })),
      note,
    );
  }

  let began = clock.now();
  let candidates = fuse(lists, options.fuse);
  told(
    `fuse ${options.fuse.kind}`,
    began,
    lists.reduce((sum, { ids }) => sum + ids.length, 0),
    candidates,
  );

  candidates = [...candidates, ...pinnedBeside(candidates, rerankers, context)];

  if (screen) {
    began = clock.now();
    const before = candidates;
    candidates = await screen(before);
    const kept = new Set(candidates.map(({ item }) => item));
    for (const { item } of before)
      if (!kept.has(item)) removed.push({ item, stage: 'rules', because: 'a rule of the request leaves it out' });
    told('rules', began, before.length, candidates);
  }

  let degraded: 'ranking' | undefined;
  if (ranker && options.rank.by !== 'fusion') {
    began = clock.now();
    const ranked = await rankWithin(ranker, candidates, context, options.rank.deadlineMs, clock);
    ({ candidates, degraded } = { degraded: undefined, ...ranked });
    const { note, caveat } = ranked;
    if (caveat !== undefined) notes.push(`Ranker '${ranker.name}': ${caveat}`);
    told(`rank ${ranker.name}`, began, candidates.length, candidates, note ?? caveat);
  }

  const shaped = rerank(rerankers, candidates, context, clock);
  candidates = shaped.candidates;
  stages.push(...shaped.stages);
  removed.push(...shaped.removed);

  const chosen = candidates.slice(0, context.wanted);
  const fallback = isPopularOnly(pipeline, context) && { fallback: 'popular' as const };
  const about = { ...fallback, ...(degraded && { degraded }), notes, propensities: shaped.propensities };
  return { chosen, ordered: candidates, lists, stages, removed, ...about };
}

/** What re-rankers make of an order, one after the other. */
export function rerank(
  rerankers: readonly Reranker[],
  candidates: readonly Candidate[],
  context: StageContext,
  clock: Clock = wallClock,
): Pick<PipelineRun, 'stages' | 'removed' | 'propensities'> & { readonly candidates: readonly Candidate[] } {
  const stages: StageRun[] = [];
  const removed: Removal[] = [];
  const propensities = new Map<number, number>();
  let ordered = candidates;
  for (const reranker of rerankers) {
    const began = clock.now();
    const shaped = reranker.apply(ordered, context);
    const about = { stage: `rerank ${reranker.name}`, in: ordered.length, candidates: shaped.candidates };
    ordered = shaped.candidates;
    removed.push(...shaped.removed);
    for (const [item, propensity] of shaped.propensities ?? []) propensities.set(item, propensity);
    stages.push({ ...about, ms: clock.now() - began });
  }
  return { candidates: ordered, stages, removed, propensities };
}

/** What re-rankers put into lists themselves, and no source found: no re-ranker adds an item. */
function pinnedBeside(
  candidates: readonly Candidate[],
  rerankers: readonly Reranker[],
  { published, asker }: StageContext,
): readonly Candidate[] {
  const found = new Set(candidates.map(({ item }) => item));
  const lowest = candidates.reduce((least, { score }) => Math.min(least, score), 0);
  const pinned = rerankers.flatMap(({ name, items = [] }) => items.map((id) => ({ name, id })));
  return pinned.flatMap(({ name, id }, place) => {
    const item = published.snapshot.items.index(id);
    if (item === undefined || found.has(item) || asker.left.has(item)) return [];
    found.add(item);
    return [{ item, score: lowest, from: [{ source: name, place, score: lowest }] }];
  });
}

/** A list is better without one source than not given. */
async function findOrNote(source: CandidateSource, context: StageContext, most: number): Promise<Found> {
  try {
    return await source.find(context, most);
  } catch (thrown) {
    return { ...nothing, note: toldOf(thrown) };
  }
}

/** Candidates of a source where its options do not say. */
const usualQuota = 100;

/** Most that a source may bring to a list of a length. */
export const quotaOf = ({ options }: ReadyPipeline, source: number, wanted: number): number =>
  options.sources[source]!.quota ?? Math.max(usualQuota, wanted);

/** Whether a source is for this asker. */
export function isAsked({ options, data }: ReadyPipeline, source: number, { asker }: StageContext): boolean {
  const { only } = options.sources[source]!;
  return only === undefined || (only === 'known') === data.knowsTaste(asker);
}

const isPopularOnly = (pipeline: ReadyPipeline, context: StageContext): boolean =>
  !pipeline.data.knowsTaste(context.asker) &&
  pipeline.options.sources.every(({ kind }, n) => kind === 'popular' || !isAsked(pipeline, n, context));
