/**
 * Lists of a group's members, each by the sources and the ranker of the pipeline and the rules of the request, and the list that is made
 * of them, which the pipeline's re-rankers shape: what they promise holds for what the group gets.
 */
import type { Graph } from '../graph/driver.ts';
import type { GroupItem, GroupOptions } from '../serving/groups/group.ts';
import { listFromPlaces, type Shape } from '../serving/groups/places.ts';
import { type RuleMark, type RuleRequest, screenByRules } from '../serving/rules.ts';
import type { RankedItem, ServedVersion } from '../serving/served.ts';
import type { Asker, Deed, Showing, StageContext } from '../serving/stages/candidate.ts';
import { contextOf } from '../serving/stages/pipelines.ts';
import { rerank, type StageRun } from '../serving/stages/run.ts';
import {
  type ChosenByPipeline,
  chooseItems,
  type ListGround,
  type ListOptions,
  stagesAsked,
  stagesTraced,
  type Trace,
} from './pipelines.ts';

/** A member as she is known now. */
export interface KnownMember {
  readonly user: string;
  /** The version as it answers her. */
  readonly served: ServedVersion;
  readonly done: readonly string[];
  readonly deeds: readonly Deed[];
  /** Items never to be shown to her, by dense index. */
  readonly left: readonly number[];
}

/** How long each member's own list is, for a list of the group. */
export const ownDepthOf = (limit: number): number => Math.max(200, 2 * limit);

/** What each of them would be recommended, before re-ranking. Errors: those of `chooseItems`. */
export async function ownLists(
  ground: ListGround,
  members: readonly KnownMember[],
  { seed, ...options }: Omit<ListOptions, 'exclude' | 'deeds'>,
): Promise<readonly ChosenByPipeline[]> {
  const lists: ChosenByPipeline[] = [];
  // One after the other: a group is not to take all connections to the graph.
  for (const [n, { user, served, done, deeds }] of members.entries()) {
    const draws = seed === undefined ? undefined : `${seed} ${n}`;
    const own = { exclude: done, deeds, seed: draws, isUnshaped: true };
    lists.push(await chooseItems(ground, served, user, { ...options, ...own }));
  }
  return lists;
}

/** What none of them has done, of what a filter lets through. */
export function forAll(members: readonly KnownMember[], only: Uint8Array | undefined): Uint8Array {
  const { count } = members[0]!.served.published.snapshot.items;
  const may = only?.slice() ?? new Uint8Array(count).fill(1);
  for (const { left } of members) for (const item of left) may[item] = 0;
  return may;
}

/** What the re-rankers of a pipeline do with a group's list. */
export interface GroupShaping {
  readonly shape: Shape;
  /** What they place themselves, wherever it comes from. */
  readonly pinned: readonly RankedItem[];
  /** What they did, once the list is shaped. */
  readonly traced: () => Trace['stages'];
}

/**
 * They see the group as one who did all that its members did, and was shown what any of them was. Undefined where there are none.
 * Errors: pipeline/unknown.
 */
export async function shapingFor(
  ground: ListGround,
  members: readonly KnownMember[],
  pipeline: string,
  { limit, only, seed }: Pick<ListOptions, 'limit' | 'only' | 'seed'>,
): Promise<GroupShaping | undefined> {
  const { served } = members[0]!;
  const ready = ground.pipelines.ready(served, pipeline);
  const { rerankers } = ready;
  if (rerankers.length === 0) return undefined;
  const contexts: StageContext[] = [];
  for (const { user, served, done, deeds } of members) {
    const options = { limit, exclude: done, deeds, seed, only };
    contexts.push(contextOf(ready, (await stagesAsked(ground, served, user, pipeline, options)).request));
  }
  const asker = together(contexts.map((context) => context.asker));
  const { items } = served.published.snapshot;
  const pinned = rerankers
    .flatMap(({ items = [] }) => items)
    .filter((id) => items.index(id) !== undefined && !asker.left.has(items.index(id)!))
    .map((id) => ({ id, title: items.title(items.index(id)!), score: 0 }));
  let stages: readonly StageRun[] = [];
  return {
    pinned,
    shape(ordered) {
      const candidates = ordered.map(({ id, score }) => ({ item: items.index(id)!, score, from: [] }));
      const shaped = rerank(rerankers, candidates, { ...contexts[0]!, asker }, ground.pipelines.clock);
      stages = shaped.stages;
      return shaped.candidates.map(({ item, score }) => ({ id: items.id(item), score }));
    },
    traced: () => stagesTraced(stages),
  };
}

/** Several people as one. */
function together(askers: readonly Asker[]): Asker {
  const shown = new Map<number, Showing>();
  for (const [item, { times, last }] of askers.flatMap((asker) => [...(asker.shown ?? [])])) {
    const before = shown.get(item);
    shown.set(item, { times: times + (before?.times ?? 0), last: Math.max(last, before?.last ?? last) });
  }
  const left = new Set(askers.flatMap((asker) => [...asker.left]));
  return {
    deeds: askers.flatMap(({ deeds }) => deeds).sort((a, b) => (a.at ?? 0) - (b.at ?? 0)),
    left: {
      allowed: askers[0]!.left.allowed,
      has: (item) => askers.some((asker) => asker.left.has(item)),
      [Symbol.iterator]: () => left.values(),
    },
    now: askers[0]!.now,
    ...(askers.some((asker) => asker.shown) && { shown }),
  };
}

/**
 * The list of the group by places in theirs, with nothing that a rule forbids to one of them. What a member's own list lacks stands
 * behind it, in the order in which the version ranks it for her. Errors: rule/*, query/parameter.
 */
export async function listByPlaces(
  graph: Graph | undefined,
  members: readonly KnownMember[],
  own: readonly ChosenByPipeline[],
  options: GroupOptions,
  rules: RuleRequest | undefined,
  { shape, pinned = [] }: Partial<GroupShaping> = {},
): Promise<{
  readonly items: readonly (GroupItem & { readonly rules?: readonly RuleMark[] })[];
  readonly satisfaction: readonly number[];
}> {
  const found = new Map([...pinned, ...own.flatMap(({ items }) => items)].map((item) => [item.id, item] as const));
  const allowed = rules?.uses.length ? await allowedToAll(graph, members, own, [...found.values()], rules) : found;
  const lists = members.map(({ user, served }, n) => {
    const mine = own[n]!.items.map(({ id }) => id).filter((id) => allowed.has(id));
    const had = new Set(mine);
    const others = [...allowed.keys()].filter((id) => !had.has(id));
    return [...mine, ...served.rank(user, others, {}).map(({ id }) => id)];
  });
  const ids = pinned.map(({ id }) => id);
  const { items, satisfaction } = listFromPlaces(lists, options, shape, ids);
  const marksOf = (id: string): readonly RuleMark[] => [
    ...new Map(own.flatMap(({ marks }) => marks.get(id) ?? []).map((mark) => [mark.rule, mark])).values(),
  ];
  return {
    items: items.map((item) => ({
      ...item,
      title: found.get(item.id)!.title,
      ...(rules?.uses.length && { rules: marksOf(item.id) }),
    })),
    satisfaction,
  };
}

/** Of what was found for any of them that which the rules let stay for each. */
async function allowedToAll(
  graph: Graph | undefined,
  members: readonly KnownMember[],
  own: readonly ChosenByPipeline[],
  found: readonly RankedItem[],
  rules: RuleRequest,
): Promise<ReadonlySet<string>> {
  let left = found;
  for (const [n, { user }] of members.entries()) {
    const known = new Set(own[n]!.items.map(({ id }) => id)); // was asked about when her list was made
    const asked = left.filter(({ id }) => !known.has(id));
    const kept = new Set((await screenByRules(graph, user, asked, rules)).map(({ id }) => id));
    left = left.filter(({ id }) => known.has(id) || kept.has(id));
  }
  return new Set(left.map(({ id }) => id));
}

/** A member's trace, of its items only those that the group's list has. */
export const tracedIn = (trace: Trace, list: readonly { readonly id: string }[]): Trace => {
  const shown = new Set(list.map(({ id }) => id));
  return { ...trace, items: trace.items.filter(({ item }) => shown.has(item)) };
};

/** What was done with the group's list; whose own lists have its items. */
export function tracedOf(
  { traced }: GroupShaping,
  members: readonly KnownMember[],
  own: readonly ChosenByPipeline[],
  list: readonly GroupItem[],
): Trace {
  const places = own.map(({ items }) => new Map(items.map((item, place) => [item.id, { ...item, place: place + 1 }])));
  const items = list.map(({ id, score }) => {
    const from = members.flatMap(({ user }, n) => {
      const found = places[n]!.get(id);
      return found ? [{ source: user, place: found.place, score: found.score }] : [];
    });
    return { item: id, score, from };
  });
  return { stages: traced(), items };
}

/** What is to be said of all of their lists. */
export function notesOf(own: readonly ChosenByPipeline[]): Pick<ChosenByPipeline, 'notes' | 'degraded'> {
  const notes = [...new Set(own.flatMap((list) => list.notes ?? []))];
  const isDegraded = own.some(({ degraded }) => degraded);
  return { ...(isDegraded && { degraded: 'ranking' }), ...(notes.length > 0 && { notes }) };
}
