/** A user as the graph knows her at this moment: what she has done since the version was made changes its answers. */
import { mostOfUser, type UserInteraction } from '../../graph/interactions.ts';
import type { GraphReach } from '../../graph/reach.ts';
import type { ServedVersion } from '../served.ts';
import type { Deed } from '../stages/candidate.ts';
import { changedHistory } from './history.ts';
import type { FoldedIn, History } from './taste.ts';

export interface CurrentUser {
  /**
   * The version as it answers her: by what she has done up to now, where that is not what it was made with. What the graph that the
   * version was made of tells is all that she has done: what has been taken back since is as if it had not been.
   */
  readonly served: ServedVersion;
  /**
   * Ids of what she has done anything with, of which `served` may not know; undefined where the graph does not answer.
   */
  readonly done: readonly string[] | undefined;
  /**
   * What she did with items that the version knows, oldest first; nothing where the graph does not answer, or has nothing else of her
   * than the version's snapshot.
   */
  readonly deeds: readonly Deed[];
  /** There, where it was remembered and the graph does not say whether it still holds. */
  readonly isStale?: true;
  /** There, where she is ranked by what she has done up to now. */
  readonly foldedIn?: FoldedIn;
}

/** One question to the graph, where it may have something new of her. Where it does not answer, the version answers as it is. */
export async function currentUser(reach: GraphReach, served: ServedVersion, user: string): Promise<CurrentUser> {
  const { manifest, published } = served;
  if (reach.isUntouched(user, manifest, published.snapshot)) return { served, done: [], deeds: [] };
  const found = await reach.interactionsOf(user, manifest);
  if (!found) return { served, done: undefined, deeds: [] };
  return { ...userWho(served, user, found.interactions), ...(found.isStale && { isStale: true as const }) };
}

/** A user who has done this, and nothing else that the version's own graph would tell. */
export function userWho(served: ServedVersion, user: string, found: readonly UserInteraction[]): CurrentUser {
  const about = { done: [...new Set(found.map(({ item }) => item))], deeds: deedsOf(served, found) };
  const isAll = served.published.snapshot.source === 'neo4j' && found.length < mostOfUser;
  const asked = isAll
    ? served.withDone(
        user,
        about.deeds.map(({ item }) => item),
      )
    : served;
  const history = newHistory(served, user, about.deeds, isAll);
  const taste = history && served.fold(history, user);
  if (!taste) return { served: asked, ...about };
  return { served: asked.withTaste(user, taste, history), ...about, foldedIn: taste.foldedIn };
}

/** By dense index; what was done with items that the version does not know is passed over. */
export function deedsOf({ published }: ServedVersion, interactions: readonly UserInteraction[]): readonly Deed[] {
  const { items } = published.snapshot;
  return interactions.flatMap(({ item: id, ...rest }) => {
    const item = items.index(id);
    return item === undefined ? [] : [{ item, ...rest }];
  });
}

/** A version that was not made of this graph knows of things that the graph does not: they stay beside what has come. */
function newHistory(served: ServedVersion, user: string, deeds: readonly Deed[], isAll: boolean): History | undefined {
  return changedHistory(deeds, served.liked(user), () => !isAll, served.published.snapshot, served.manifest);
}
