/** What a pipeline that was never shown would be worth, by the lists that were. */
import { setImmediate } from 'node:timers/promises';
import { TastegraphError } from '../errors.ts';
import { interactionsOfUsers, type UserInteraction } from '../graph/interactions.ts';
import type { ShownList } from '../graph/shown.ts';
import type { LoggedList, PolicyEstimate } from '../serving/experiments/estimators.ts';
import type { Features } from '../serving/experiments/rewardModel.ts';
import { wilson } from '../serving/experiments/statistics.ts';
import type { ServedVersion } from '../serving/served.ts';
import type { ReadyPipeline } from '../serving/stages/run.ts';
import {
  nothingShown,
  type ShownAbout,
  type ShownOptions,
  shownGraph,
  shownQuestion,
  typeCaveats,
} from './experiments.ts';
import { knownOf } from './pipelines.ts';
import type { Service } from './service.ts';

export interface EstimateAsked extends ShownOptions {
  readonly places: number;
  readonly clip: number;
  readonly mostLists: number;
  /** Time in which lists are looked at, ms: those that it is too short for are left out, and a caveat says so. Any where absent. */
  readonly withinMs?: number;
}

export interface PipelineEstimate extends PolicyEstimate, ShownAbout {
  readonly pipeline: string;
  readonly version: string;
  /** Lists in which chance had no part, or that are shorter than the places that are looked at: they are not counted. */
  readonly leftOut: { readonly certain: number; readonly short: number };
  readonly caveats: readonly string[];
}

/** Longest wait for what the users of some lists have done, ms. */
const patientMs = 20_000;
/** Lists whose users are asked of in one question. */
export const together = 100;
/** Lists after which requests get their turn. */
const turn = 8;

/**
 * Replay, SNIPS and doubly robust: see `estimators.ts`. The pipeline is run anew for each list over the version that is served, as of
 * the moment when the list was shown; lists from before the version's snapshot are left out, since it knows how they ended.
 * Errors: pipeline/unknown, experiment/draws-early, experiment/no-graph, experiment/nothing-shown, experiment/no-support,
 * experiment/no-overlap, neo4j/*.
 */
export async function estimatePipeline(
  { recommender, pipelines, reach }: Pick<Service, 'recommender' | 'pipelines' | 'reach'>,
  name: string,
  asked: EstimateAsked,
  now = Date.now(),
): Promise<PipelineEstimate> {
  const [{ checkDraws }, { lastShown }, { estimate }] = await Promise.all([
    import('../serving/experiments/policy.ts'),
    import('../graph/shown.ts'),
    import('../serving/experiments/estimators.ts'),
  ]);
  const { served, release } = recommender.acquire();
  try {
    const ready = pipelines.ready(served, name);
    checkDraws(ready);
    const graph = shownGraph(reach.graph);
    const { question, about } = shownQuestion(asked, now, served.published.snapshot.asOf);
    const shown = await lastShown(graph, asked.mostLists, question);
    if (shown.length === 0) throw nothingShown(name, asked);
    const drawn = shown.filter(({ isDrawn }) => isDrawn);
    const lists = drawn.filter(({ items }) => items.length >= asked.places);
    if (!lists.some(({ items }) => items.slice(0, asked.places).some(({ draw }) => draw < 1)))
      throw new TastegraphError('experiment/no-support', { pipeline: name, lists: shown.length });
    const rows = await looked(ready, served, lists, asked, (users) =>
      interactionsOfUsers(graph, users, patientMs, served.manifest),
    );
    const found = await estimate(rows, asked);
    if (!found) throw new TastegraphError('experiment/no-overlap', { pipeline: name, lists: lists.length });
    const leftOut = { certain: shown.length - drawn.length, short: drawn.length - lists.length };
    const caveats = [...(await typeCaveats(graph, asked)), ...caveatsOf(found, ready)];
    if (rows.length < lists.length)
      caveats.push(
        `Only the last ${rows.length} of ${lists.length} lists were looked at, for want of time: 'tastegraph experiments estimate' takes all that it needs.`,
      );
    return { pipeline: name, version: served.manifest.id, ...about, ...found, leftOut, caveats };
  } finally {
    release();
  }
}

/** A place as it was looked at, before it is known what is to be expected of items. */
interface LookedPlace {
  readonly reward: number;
  readonly logged: number;
  readonly target: number;
  readonly features: Features;
  /** What the pipeline would show here, and how probably. */
  readonly choices: readonly (readonly [probability: number, features: Features])[];
}

/** Each list beside what the pipeline would have shown then: as many as there is time for, and some in any case. */
async function looked(
  ready: ReadyPipeline,
  version: ServedVersion,
  lists: readonly ShownList[],
  { places, withinMs = Number.POSITIVE_INFINITY }: EstimateAsked,
  interactionsOf: (users: readonly string[]) => Promise<readonly (readonly UserInteraction[])[]>,
): Promise<LoggedList[]> {
  const { fitRewards } = await import('../serving/experiments/rewardModel.ts');
  const end = performance.now() + withinMs;
  const rows: { readonly user: string; readonly places: LookedPlace[] }[] = [];
  const known = new Map<string, readonly UserInteraction[]>();
  for (let start = 0; start < lists.length && (start === 0 || performance.now() < end); start += together) {
    const some = lists.slice(start, start + together);
    const strangers = [...new Set(some.map(({ user }) => user))].filter((user) => !known.has(user));
    const found = await interactionsOf(strangers);
    for (const [place, user] of strangers.entries()) known.set(user, found[place]!);
    for (const list of some) {
      const { user } = list;
      if (rows.length >= together && performance.now() > end) break;
      rows.push({ user, places: await placesOf(ready, version, list, places, known.get(user)!) });
      if (rows.length % turn === 0) await setImmediate();
    }
  }
  const model = fitRewards(rows.flatMap(({ user, places: each }) => each.map((place) => ({ user, ...place }))));
  return rows.map(({ user, places: each }) => ({
    user,
    places: each.map(({ reward, logged, target, features, choices }) => ({
      reward,
      logged,
      target,
      model: model.expect(user, features),
      expected: choices.reduce((sum, [probability, of]) => sum + probability * model.expect(user, of), 0),
    })),
  }));
}

async function placesOf(
  ready: ReadyPipeline,
  version: ServedVersion,
  { user, at, items }: ShownList,
  places: number,
  interactions: readonly UserInteraction[],
): Promise<LookedPlace[]> {
  const [{ userWho }, { contextOf }, { policyOf }] = await Promise.all([
    import('../serving/foldIn/current.ts'),
    import('../serving/stages/pipelines.ts'),
    import('../serving/experiments/policy.ts'),
  ]);
  // What came later, above all what she took of this list, is not yet known.
  const before = interactions.filter((each) => each.at === undefined || each.at < at);
  const { served, done = [], deeds } = userWho(version, user, before);
  const request = { user, pipeline: ready.name, limit: items.length, since: done, seed: '', now: at };
  const policy = await policyOf(ready, contextOf(ready, { ...request, ...knownOf(served, user, deeds) }));
  const { snapshot } = served.published;
  const taste = served.tasteOf(user) ?? served.common;
  const featuresOf = (chosen: readonly number[], place: number): readonly Features[] => {
    const scores = taste.scores(Int32Array.from(chosen));
    return chosen.map((item, n) => [served.base.people[item]!, scores[n]!, place]);
  };
  // An item that the version does not know has a place of its own, that no list of the pipeline has.
  const chain = items.slice(0, places).map(({ item }, place) => snapshot.items.index(item) ?? -1 - place);
  return chain.map((item, place) => {
    const { draw, isTaken } = items[place]!;
    const next = policy.next(chain.slice(0, place));
    const chosen = [...next.keys()];
    const expected = featuresOf(chosen, place);
    return {
      reward: Number(isTaken),
      logged: draw,
      target: next.get(item) ?? 0,
      features: item < 0 ? [0, 0, place] : featuresOf([item], place)[0]!,
      choices: chosen.map((each, n) => [next.get(each)!, expected[n]!] as const),
    };
  });
}

/** Below this much, intervals of the bootstrap are too narrow themselves. */
const fewLists = 50;

function caveatsOf({ weights, places, logged, users }: PolicyEstimate, { rerankers }: ReadyPipeline): string[] {
  const { effectiveLists, support, clipped, biasAtMost } = weights;
  const caveats = [
    'Replay is without bias only where the lists were drawn evenly; SNIPS and doubly robust reckon with how they were drawn.',
  ];
  if (logged.value === 0)
    caveats.push(
      `Nothing of what was shown was taken, so no interval has a width: of ${users} users none did, and up to ${(100 * wilson(0, users).high).toFixed(1)} % of all may.`,
    );
  if (places > 1) caveats.push('What is taken at a place is held to depend on what stands above it, not below.');
  if (effectiveLists < fewLists)
    caveats.push(
      `The weights leave no more than ${effectiveLists.toFixed(1)} lists: the intervals are too narrow themselves.`,
    );
  if (Math.abs(support - 1) > 0.2)
    caveats.push(
      `The mean weight is ${support.toFixed(2)} where it should be about 1: much of what the pipeline would show was hardly ever drawn, or what drew it was another than is served now.`,
    );
  if (clipped > 0)
    caveats.push(
      `${clipped} weights were cut off, which can have moved the estimates by ${biasAtMost.toFixed(4)} at most.`,
    );
  if (rerankers.some(({ readsShown }) => readsShown))
    caveats.push("The re-ranker 'impressions' was asked as if nothing had been shown before.");
  return caveats;
}
