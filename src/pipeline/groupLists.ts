/** Lists of a group's members, each by the pipeline and the rules of the request, and the list that is made of them. */
import type { Graph } from '../graph/driver.ts';
import type { GroupItem, GroupOptions } from '../serving/groups/group.ts';
import { listFromPlaces } from '../serving/groups/places.ts';
import { type RuleMark, type RuleRequest, screenByRules } from '../serving/rules.ts';
import type { RankedItem, ServedVersion } from '../serving/served.ts';
import type { Deed } from '../serving/stages/candidate.ts';
import { type ChosenByPipeline, chooseItems, type ListGround, type ListOptions, type Trace } from './pipelines.ts';

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
export const ownDepthOf = (limit: number): number => Math.max(100, 2 * limit);

/** What each of them would be recommended without what any of them has done. Errors: those of `chooseItems`. */
export async function ownLists(
  ground: ListGround,
  members: readonly KnownMember[],
  { only, seed, ...options }: Omit<ListOptions, 'exclude' | 'deeds'>,
): Promise<readonly ChosenByPipeline[]> {
  const { count } = members[0]!.served.published.snapshot.items;
  const may = only?.slice() ?? new Uint8Array(count).fill(1);
  for (const { left } of members) for (const item of left) may[item] = 0;
  const lists: ChosenByPipeline[] = [];
  // One after the other: a group is not to take all connections to the graph.
  for (const [n, { user, served, done, deeds }] of members.entries()) {
    const draws = seed === undefined ? undefined : `${seed} ${n}`;
    lists.push(await chooseItems(ground, served, user, { ...options, only: may, exclude: done, deeds, seed: draws }));
  }
  return lists;
}

/** The list of the group by places in theirs, with nothing that a rule forbids to one of them. Errors: rule/*, query/parameter. */
export async function listByPlaces(
  graph: Graph | undefined,
  members: readonly KnownMember[],
  own: readonly ChosenByPipeline[],
  options: GroupOptions,
  rules: RuleRequest | undefined,
): Promise<{
  readonly items: readonly (GroupItem & { readonly rules?: readonly RuleMark[] })[];
  readonly satisfaction: readonly number[];
}> {
  const found = new Map(own.flatMap(({ items }) => items.map((item) => [item.id, item] as const)));
  const allowed = rules?.uses.length ? await allowedToAll(graph, members, own, [...found.values()], rules) : found;
  const lists = own.map(({ items }) => items.map(({ id }) => id).filter((id) => allowed.has(id)));
  const { items, satisfaction } = listFromPlaces(lists, options);
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

/** What is to be said of all of their lists. */
export function notesOf(own: readonly ChosenByPipeline[]): Pick<ChosenByPipeline, 'notes' | 'degraded'> {
  const notes = [...new Set(own.flatMap((list) => list.notes ?? []))];
  const isDegraded = own.some(({ degraded }) => degraded);
  return { ...(isDegraded && { degraded: 'ranking' }), ...(notes.length > 0 && { notes }) };
}
