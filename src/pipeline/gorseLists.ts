/** Lists as Gorse gives them: ids and scores, a stretch of each. Of a category that nobody knows the list is empty. */
import { TastegraphError } from '../errors.ts';
import type { GraphReach } from '../graph/reach.ts';
import { printFilter } from '../serving/filter/language.ts';
import type { RankedItem, ServedVersion } from '../serving/served.ts';
import { overVersion, similarItems } from './items.ts';
import type { Service } from './service.ts';
import { type AnsweredList, listFor } from './userLists.ts';
import { usersLike } from './users.ts';

export interface Stretch {
  readonly n: number;
  /** How many to pass over. */
  readonly offset: number;
  /** All of them must be an item's. */
  readonly categories?: readonly string[] | undefined;
  /** Without what this user has done. */
  readonly reader?: string | undefined;
}

export interface Scored {
  readonly Id: string;
  readonly Score: number;
}

export interface GorseList {
  readonly scores: Scored[];
  /** ms since 1970: as of when it holds. */
  readonly at: number;
  /** True where the graph was to be asked and did not answer: what came since may be missing. */
  readonly isStale: boolean;
}

/** A list that was made for a user. */
export interface GorseRecommended extends GorseList, Pick<AnsweredList, 'chosen' | 'from' | 'age'> {
  readonly version: string;
}

type Answering = Pick<Service, 'recommender' | 'explainer' | 'reach' | 'pipelines' | 'memory'>;

const cut = <T extends { readonly id: string; readonly score: number }>(
  all: readonly T[],
  { n, offset }: Stretch,
): Scored[] => all.slice(offset, offset + n).map(({ id, score }) => ({ Id: id, Score: score }));

/** As many as it takes, so that the stretch is whole without what is left out afterwards. */
const enough = ({ n, offset }: Stretch, leftOut: readonly string[] = []): number => offset + n + leftOut.length;

const without = <T extends { readonly id: string }>(items: readonly T[], ids: readonly string[] = []): readonly T[] => {
  const out = new Set(ids);
  return out.size === 0 ? items : items.filter(({ id }) => !out.has(id));
};

interface InCategories {
  /** In the language of filters. */
  readonly filter: string;
  /** For each item 1 where it is in all of them, else 0. [|I|] */
  readonly only: Uint8Array;
  readonly isEmpty: boolean;
}

/** The items that a stretch may be of; undefined where it names no category. */
async function itemsIn(served: ServedVersion, { categories = [] }: Stretch): Promise<InCategories | undefined> {
  if (categories.length === 0) return undefined;
  const { filterItems } = await import('../serving/filter/items.ts');
  const { snapshot } = served.published;
  const of = categories.map((value) => ({ kind: 'compare', field: 'category', operator: ':', value }) as const);
  const filter = printFilter(of.length === 1 ? of[0]! : { kind: 'and', of });
  try {
    const only = filterItems(snapshot, filter, served.base);
    return { filter, only, isEmpty: !only.includes(1) };
  } catch (cause) {
    // No item has a category, or those that there are are numbers and this is none.
    if (!(cause instanceof TastegraphError && cause.code === 'filter/type')) throw cause;
    return { filter, only: new Uint8Array(snapshot.items.count), isEmpty: true };
  }
}

/** What the stretch's reader has done; undefined where nobody can say. */
async function readOf(reach: GraphReach, { manifest }: ServedVersion, { reader }: Stretch) {
  if (reader === undefined) return [];
  const { interactedItems } = await import('../graph/interactions.ts');
  return await reach.ask((graph, timeoutMs) => interactedItems(graph, reader, timeoutMs, manifest));
}

const none = { chosen: { items: [], marks: new Map() }, from: 'made', age: 0 } as const;

/** The best items for a user, by the default pipeline. */
export async function gorseRecommend(service: Answering, user: string, stretch: Stretch): Promise<GorseRecommended> {
  const { reach } = service;
  return await overVersion(service, async (served) => {
    const wanted = await itemsIn(served, stretch);
    // What the user herself has done is left out of her list anyway.
    const read = stretch.reader === user ? [] : await readOf(reach, served, stretch);
    const asked = { limit: enough(stretch, read), explain: false, filter: wanted?.filter };
    const list = wanted?.isEmpty ? { ...none, graph: reach.state } : await listFor(service, served, user, asked);
    return {
      scores: cut(without(list.chosen.items, read), stretch),
      version: served.manifest.id,
      chosen: list.chosen,
      from: list.from,
      age: list.age,
      at: Date.now() - list.age,
      isStale: list.graph === 'unreachable' || isUntold(reach, read),
    };
  });
}

const isUntold = ({ graph }: GraphReach, read: readonly string[] | undefined): boolean =>
  graph !== undefined && read === undefined;

/** What Gorse has no neighbours of, since it does not know it or has no vector of it, has an empty list of them. */
const orNothing = async <T>(list: Promise<readonly T[]>): Promise<readonly T[]> => {
  try {
    return await list;
  } catch (cause) {
    const unknown = ['item/unknown', 'item/unseen', 'user/unknown'];
    if (cause instanceof TastegraphError && unknown.includes(cause.code)) return [];
    throw cause;
  }
};

/** The items most like an item; none of an unknown one. */
export async function gorseItemNeighbors(service: Answering, item: string, stretch: Stretch): Promise<GorseList> {
  const { reach } = service;
  return await overVersion(service, async (served) => {
    const wanted = await itemsIn(served, stretch);
    const read = await readOf(reach, served, stretch);
    const asked = { limit: enough(stretch, read), filter: wanted?.filter };
    const found = wanted?.isEmpty ? [] : await orNothing(similarItems(service, item, asked).then(({ items }) => items));
    return {
      scores: cut(without(found, read), stretch),
      at: served.manifest.at,
      isStale: isUntold(reach, read),
    };
  });
}

/** The users most like a user; none of an unknown one. */
export async function gorseUserNeighbors(service: Answering, user: string, stretch: Stretch): Promise<GorseList> {
  const found = await orNothing(usersLike(service, user, { limit: enough(stretch) }).then(({ users }) => users));
  return { scores: cut(found, stretch), at: service.recommender.version.at, isStale: false };
}

/** What most people chose, as of the version's training: nobody counts the interactions of every item anew for a request. */
export async function gorsePopular({ recommender, reach }: Answering, stretch: Stretch): Promise<GorseList> {
  return await overVersion({ recommender }, async (served) => {
    const wanted = await itemsIn(served, stretch);
    const read = await readOf(reach, served, stretch);
    const found = served.popular({ limit: enough(stretch), exclude: read ?? [], only: wanted?.only });
    return { scores: cut(found, stretch), at: served.manifest.at, isStale: isUntold(reach, read) };
  });
}

/**
 * What came last, by the graph as it is now; as of the version's snapshot where there is none or it does not answer, and over a graph
 * that somebody else modelled, which need not have an index by time.
 */
export async function gorseLatest({ recommender, reach }: Answering, stretch: Stretch): Promise<GorseList> {
  return await overVersion({ recommender }, async (served) => {
    const isOurs = reach.graph !== undefined && !reach.graph.schema.names;
    const read = await readOf(reach, served, stretch);
    const found = isOurs && read ? await latestNow(reach, stretch, read) : undefined;
    if (found) return { scores: cut(found, stretch), at: Date.now(), isStale: false };
    const { snapshot } = served.published;
    const wanted = await itemsIn(served, stretch);
    const all = served.popular({ limit: snapshot.items.count, exclude: read ?? [], only: wanted?.only });
    const latest = byTime(all, (id) => snapshot.items.at[snapshot.items.index(id)!]!);
    return { scores: cut(latest, stretch), at: served.manifest.at, isStale: isOurs || isUntold(reach, read) };
  });
}

/** In seconds since 1970, as Gorse has it. */
const secondsOf = (at: number): number => Math.floor(at / 1000);

async function latestNow(reach: GraphReach, stretch: Stretch, read: readonly string[]) {
  const { latestItems } = await import('../graph/latest.ts');
  const features = (stretch.categories ?? []).map((value) => ({ kind: 'category', value }));
  const choice = { limit: enough(stretch), without: read, features };
  const found = await reach.ask((graph, timeoutMs) => latestItems(graph, choice, timeoutMs));
  return found?.map(({ id, at }) => ({ id, score: secondsOf(at) }));
}

/** Newest first; of one time the more popular first; without a time never. */
function byTime(items: readonly RankedItem[], timeOf: (id: string) => number): readonly RankedItem[] {
  return items
    .map((item) => ({ ...item, score: secondsOf(timeOf(item.id)) }))
    .filter(({ score }) => Number.isFinite(score))
    .sort((a, b) => b.score - a.score);
}

/** How many of the last items of a session are looked at, as many as Gorse does unless told otherwise. */
const lastItems = 10;

/**
 * Items for somebody without a name: those most like the last items of the session, their scores added up, without the
 * session's own. Items that the version does not know are passed over.
 */
export async function gorseSession(
  { recommender }: Answering,
  deeds: readonly { readonly item: string; readonly at: number }[],
  stretch: Stretch,
): Promise<Scored[]> {
  return await overVersion({ recommender }, async (served) => {
    const { snapshot } = served.published;
    const only = (await itemsIn(served, stretch))?.only;
    const last = deeds.toSorted((a, b) => b.at - a.at).map(({ item }) => item);
    const known = [...new Set(last)].filter((item) => snapshot.items.index(item) !== undefined).slice(0, lastItems);
    const limit = stretch.offset + stretch.n + last.length;
    const scores = new Map<string, number>();
    for (const item of known)
      for (const { id, score } of served.similar(item, { limit, only })) scores.set(id, (scores.get(id) ?? 0) + score);
    for (const item of last) scores.delete(item);
    const all = [...scores]
      .map(([id, score]) => ({ id, score }))
      .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
    return cut(all, stretch);
  });
}
