/** Groups: one list for several users, and how satisfied each of them is with it. */
import type { FoldedIn } from '../serving/foldIn/taste.ts';
import type { GroupItem, GroupOptions } from '../serving/groups/group.ts';
import type { RuleMark } from '../serving/rules.ts';
import { type ListAsked, onlyOf } from './listAsked.ts';
import { type ChosenByPipeline, type ListGround, pipelineAsked, type Trace } from './pipelines.ts';
import type { Service } from './service.ts';

export interface GroupMember {
  readonly user: string;
  /** 0 to 1: what the list is worth to her beside the best one of that length that she could have had. */
  readonly satisfaction: number;
  /** There, where nothing is known of her taste: she is held to like what most people chose. */
  readonly fallback?: 'popular';
  readonly foldedIn?: FoldedIn;
  /** Where it was asked for: how sources and ranker came to her own list, and who found there what the group's list has. */
  readonly trace?: Trace;
}

export interface GroupAnswer extends Pick<ChosenByPipeline, 'pipeline' | 'experiment' | 'degraded' | 'notes'> {
  readonly version: string;
  readonly aggregate: GroupOptions['aggregate'];
  /** Whether the graph was asked what they have done up to now, and answered for all of them. */
  readonly graph: 'none' | 'reached' | 'unreachable';
  /** There, where it did not answer: what some of them have done meanwhile may be missing. */
  readonly stale?: true;
  readonly members: readonly GroupMember[];
  /** What none of them has done, best first; scores and ratings are of 0 to 1. */
  readonly items: readonly (GroupItem & {
    /** Where rules were named: what brought the item to some member, or let it stay. */
    readonly rules?: readonly RuleMark[];
  })[];
  /** Where it was asked for: what the pipeline's re-rankers did with the group's list, and whose own lists have its items. */
  readonly trace?: Trace;
}

/**
 * One list for some users, each counted once, by what they have done up to now as far as the graph answers. With rules, or a pipeline
 * that is declared, what an item is worth to a member is its place in her own list (`groups/places.ts`), what a rule forbids to one of
 * them is not in the list, and the pipeline's re-rankers shape the list that is made of theirs. An experiment splits groups by who their members are, in whatever order they are named.
 * Errors: filter/*, pipeline/unknown, experiment/*, rule/*.
 */
export async function recommendForGroup(
  { recommender, ...ground }: Pick<Service, 'recommender'> & ListGround,
  users: readonly string[],
  { limit, aggregate, fairness, filter, ...asked }: GroupOptions & ListAsked,
): Promise<GroupAnswer> {
  const { reach, pipelines } = ground;
  const [{ currentUser }, { depthOf, listForGroup }, lists] = await Promise.all([
    import('../serving/foldIn/current.ts'),
    import('../serving/groups/group.ts'),
    import('./groupLists.ts'),
  ]);
  const { served, release } = recommender.acquire();
  try {
    const only = await onlyOf(served, filter);
    const unit = [...new Set(users)].sort().join('\0');
    const { pipeline, isOwnRanking, about } = await pipelineAsked(pipelines, unit, asked);
    const current = await Promise.all(
      [...new Set(users)].map(async (user) => {
        const { served: own, done, deeds, foldedIn, isStale } = await currentUser(reach, served, user);
        const taste = own.tasteOf(user);
        const member = { taste: taste ?? own.common, left: own.leftOut(user, done ?? []) };
        const known = { user, served: own, done: done ?? [], deeds, left: member.left };
        return { user, foldedIn, isStrange: !taste, isReached: done !== undefined && !isStale, member, known };
      }),
    );
    const members = current.map(({ member }) => member);
    const options = { limit, aggregate, fairness, only };
    const known = current.map((each) => each.known);
    const isByTaste = isOwnRanking && !asked.rules?.uses.length;
    const depth = isByTaste ? depthOf(limit) : lists.ownDepthOf(limit);
    const isPlain = isByTaste && !asked.trace;
    const forAll = isPlain ? only : lists.forAll(known, only);
    const shaping = isOwnRanking
      ? undefined
      : await lists.shapingFor(ground, known, pipeline, { ...asked, limit, only: forAll });
    const choice = { ...asked, unit, limit: depth, only: forAll };
    const own = isPlain ? undefined : await lists.ownLists(ground, known, choice);
    const made = isByTaste
      ? listForGroup(served, members, options)
      : await lists.listByPlaces(reach.atHand, known, own!, options, asked.rules, shaping);
    const isReached = current.every((each) => each.isReached);
    const graph = isReached ? 'reached' : reach.graph ? 'unreachable' : 'none';
    return {
      version: served.manifest.id,
      aggregate,
      graph,
      ...(graph === 'unreachable' && { stale: true as const }),
      members: current.map(({ user, isStrange, foldedIn }, n) => ({
        user,
        ...((own ? own[n]!.fallback : isStrange) && { fallback: 'popular' as const }),
        ...(foldedIn && { foldedIn }),
        satisfaction: made.satisfaction[n]!,
        ...(own?.[n]?.trace && { trace: lists.tracedIn(own[n].trace, made.items) }),
      })),
      items: made.items,
      ...((!isOwnRanking || asked.trace) && { pipeline }),
      ...(own && lists.notesOf(own)),
      ...(shaping && asked.trace && { trace: lists.tracedOf(shaping, known, own!, made.items) }),
      ...about,
    };
  } finally {
    release();
  }
}
