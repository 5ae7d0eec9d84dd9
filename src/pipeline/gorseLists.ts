/** Lists as Gorse gives them: ids and scores, a stretch of each. */
import { printFilter } from '../serving/filter/language.ts';
import type { RankedItem } from '../serving/served.ts';
import { similarItems } from './items.ts';
import { recommendFor, type Service } from './service.ts';
import { usersLike } from './users.ts';

export interface Stretch {
  readonly n: number;
  /** How many to pass over. */
  readonly offset: number;
  /** All of them must be an item's. */
  readonly categories?: readonly string[];
}

export interface Scored {
  readonly Id: string;
  readonly Score: number;
}

type Answering = Pick<Service, 'recommender' | 'explainer' | 'reach' | 'pipelines'>;

const cut = <T extends { readonly id: string; readonly score: number }>(
  all: readonly T[],
  { n, offset }: Stretch,
): Scored[] => all.slice(offset, offset + n).map(({ id, score }) => ({ Id: id, Score: score }));

/** Errors: filter/type, where no item has a category. */
const filterOf = ({ categories = [] }: Stretch): string | undefined => {
  const of = categories.map((value) => ({ kind: 'compare', field: 'category', operator: ':', value }) as const);
  return of.length === 0 ? undefined : printFilter(of.length === 1 ? of[0]! : { kind: 'and', of });
};

/** The best items for a user. */
export async function gorseRecommend(service: Answering, user: string, stretch: Stretch): Promise<Scored[]> {
  const limit = stretch.offset + stretch.n;
  const { items } = await recommendFor(service, user, { limit, explain: false, filter: filterOf(stretch) });
  return cut(items, stretch);
}

/** The items most like an item. Errors: item/unknown, item/unseen. */
export async function gorseItemNeighbors(service: Answering, item: string, stretch: Stretch): Promise<Scored[]> {
  const limit = stretch.offset + stretch.n;
  return cut((await similarItems(service, item, { limit, filter: filterOf(stretch) })).items, stretch);
}

/** The users most like a user. Errors: user/unknown. */
export async function gorseUserNeighbors(service: Answering, user: string, stretch: Stretch): Promise<Scored[]> {
  return cut((await usersLike(service, user, { limit: stretch.offset + stretch.n })).users, stretch);
}

/** What most people chose, or what came last, without what a user has done, where one is named. */
export async function gorseItems(
  { recommender, reach }: Answering,
  order: 'popular' | 'latest',
  stretch: Stretch,
  user?: string,
): Promise<Scored[]> {
  const [{ interactedItems }, { filterItems }] = await Promise.all([
    import('../graph/interactions.ts'),
    import('../serving/filter/items.ts'),
  ]);
  const { served, release } = recommender.acquire();
  try {
    const { snapshot } = served.published;
    const filter = filterOf(stretch);
    const only = filter === undefined ? undefined : filterItems(snapshot, filter, served.base.availability());
    const exclude =
      user === undefined
        ? []
        : ((await reach.ask((graph, timeoutMs) => interactedItems(graph, user, timeoutMs, served.manifest))) ?? []);
    const limit = order === 'popular' ? stretch.offset + stretch.n : snapshot.items.count;
    const all = served.popular({ limit, exclude, only });
    return cut(order === 'popular' ? all : latest(all, (id) => snapshot.items.at[snapshot.items.index(id)!]!), stretch);
  } finally {
    release();
  }
}

/** Newest first, by seconds since 1970, as Gorse has it; of one time the more popular first; without a time never. */
function latest(items: readonly RankedItem[], timeOf: (id: string) => number): readonly RankedItem[] {
  return items
    .map((item) => ({ ...item, score: Math.floor(timeOf(item.id) / 1000) }))
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
  const { filterItems } = await import('../serving/filter/items.ts');
  const { served, release } = recommender.acquire();
  try {
    const { snapshot } = served.published;
    const filter = filterOf(stretch);
    const only = filter === undefined ? undefined : filterItems(snapshot, filter, served.base.availability());
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
  } finally {
    release();
  }
}
