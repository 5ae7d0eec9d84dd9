/** Groups: one list for several users, and how satisfied each of them is with it. */
import type { FoldedIn } from '../serving/foldIn/taste.ts';
import type { GroupItem, GroupOptions } from '../serving/groups/group.ts';
import type { Service } from './service.ts';

export interface GroupMember {
  readonly user: string;
  /** 0 to 1: what the list is worth to her beside the best one of that length that she could have had. */
  readonly satisfaction: number;
  /** There, where nothing is known of her taste: she is held to like what most people chose. */
  readonly fallback?: 'popular';
  readonly foldedIn?: FoldedIn;
}

export interface GroupAnswer {
  readonly version: string;
  readonly aggregate: GroupOptions['aggregate'];
  /** Whether the graph was asked what they have done up to now, and answered for all of them. */
  readonly graph: 'none' | 'reached' | 'unreachable';
  /** There, where it did not answer: what some of them have done meanwhile may be missing. */
  readonly stale?: true;
  readonly members: readonly GroupMember[];
  /** What none of them has done, best first; scores and ratings are of 0 to 1. */
  readonly items: readonly GroupItem[];
}

/** One list for some users, each counted once, by what they have done up to now as far as the graph answers. */
export async function recommendForGroup(
  { recommender, reach }: Pick<Service, 'recommender' | 'reach'>,
  users: readonly string[],
  options: GroupOptions,
): Promise<GroupAnswer> {
  const [{ currentUser }, { listForGroup }] = await Promise.all([
    import('../serving/foldIn/current.ts'),
    import('../serving/groups/group.ts'),
  ]);
  const { served, release } = recommender.acquire();
  try {
    const asked = await Promise.all(
      [...new Set(users)].map(async (user) => {
        const { served: own, done, foldedIn, isStale } = await currentUser(reach, served, user);
        const taste = own.tasteOf(user);
        const about = { user, ...(!taste && { fallback: 'popular' as const }), ...(foldedIn && { foldedIn }) };
        return { about, isReached: done !== undefined && !isStale, member: { taste: taste ?? own.common, left: own.leftOut(user, done ?? []) } };
      }),
    );
    const list = listForGroup(
      served,
      asked.map(({ member }) => member),
      options,
    );
    const isReached = asked.every((each) => each.isReached);
    const graph = isReached ? 'reached' : reach.graph ? 'unreachable' : 'none';
    return {
      version: served.manifest.id,
      aggregate: options.aggregate,
      graph,
      ...(graph === 'unreachable' && { stale: true as const }),
      members: asked.map(({ about }, n) => ({ ...about, satisfaction: list.satisfaction[n]! })),
      items: list.items,
    };
  } finally {
    release();
  }
}
