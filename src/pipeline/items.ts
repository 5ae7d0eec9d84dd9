/** Items by themselves: what is like one, and its vector; also of one that came after the training. */
import { TastegraphError } from '../errors.ts';
import type { RankedItem, RecommendOptions, ServedVersion } from '../serving/served.ts';
import { noVector, type UnseenVector, vectorFromGraph } from '../serving/unseen.ts';
import { onlyOf } from './listAsked.ts';
import type { GraphOptions, Run } from './run.ts';
import { openService, type Service, type ServiceOptions } from './service.ts';

type Answering = Pick<Service, 'recommender' | 'reach'> & Partial<Pick<Service, 'index'>>;

/** There for an item that came after the training: how much of what the graph says of it the version knows. */
export type Newness = UnseenVector['known'] & Pick<UnseenVector, 'how'>;

export interface SimilarItems {
  readonly item: string;
  readonly title: string;
  readonly version: string;
  readonly items: readonly RankedItem[];
  readonly unseen?: Newness;
}

export interface ItemVector {
  readonly item: string;
  readonly title: string;
  readonly version: string;
  readonly vector: Float32Array; // [dim]
  readonly unseen?: Newness;
}

/** Opens the version for answering about an item, and the database only where the version does not know it. */
export async function openServiceFor(
  item: string,
  options: ServiceOptions,
  run: Run,
  database: GraphOptions,
): Promise<Service> {
  const service = await openService(options, run);
  const { served, release } = service.recommender.acquire();
  const isKnown = served.published.snapshot.items.index(item) !== undefined;
  release();
  if (isKnown) return service;
  await service.close();
  return await openService(options, run, database);
}

/** The items most like an item; of those that a filter lets be. Errors: item/unknown, item/not-in-graph, item/unseen, filter/invalid, filter/type. */
export async function similarItems(
  service: Answering,
  item: string,
  { limit, filter }: { readonly limit: number; readonly filter?: string | undefined },
): Promise<SimilarItems> {
  return await overVersion(service, async (served) => {
    const version = served.manifest.id;
    const only = await onlyOf(served, filter);
    const known = served.published.snapshot.items.index(item);
    if (known !== undefined) {
      if (served.base.availability().isRemoved(known)) throw new TastegraphError('item/not-in-graph', { item });
      const { title } = served.score('', item).item;
      const items =
        (await inGraph(service, served, served.vector(item), { limit, only, item })) ??
        served.similar(item, { limit, only });
      return { item, title, version, items };
    }
    const { vector, title, ...unseen } = await vectorFromGraph(service.reach, served, item);
    const items = (await inGraph(service, served, vector, { limit, only })) ?? served.near(vector, { limit, only });
    return { item, title, version, items, unseen: { ...unseen.known, how: unseen.how } };
  });
}

/** What the index in the graph finds, where it was asked for and answers. */
async function inGraph(
  service: Answering,
  served: ServedVersion,
  vector: Float32Array | undefined,
  { limit, only, item }: Pick<RecommendOptions, 'limit' | 'only'> & { readonly item?: string },
): Promise<readonly RankedItem[] | undefined> {
  if (service.index !== 'neo4j' || !vector || only) return undefined; // which knows nothing of filters
  const { nearestInGraph } = await import('./graphIndex.ts');
  const without = item === undefined ? undefined : served.published.snapshot.items.index(item);
  return await nearestInGraph(service, served, vector, limit, without);
}

/** The vector by which an item is ranked. Errors: item/unknown, item/unseen. */
export async function vectorOfItem(service: Answering, item: string): Promise<ItemVector> {
  return await overVersion(service, async (served) => {
    const version = served.manifest.id;
    if (served.published.snapshot.items.index(item) !== undefined) {
      const vector = served.vector(item);
      if (!vector) throw noVector(item, served.manifest, `${served.manifest.model} ranks without vectors`);
      return { item, title: served.score('', item).item.title, version, vector };
    }
    const { vector, title, known, how } = await vectorFromGraph(service.reach, served, item);
    return { item, title, version, vector, unseen: { ...known, how } };
  });
}

/** Holds what is served while a question is answered. */
export async function overVersion<T>(
  { recommender }: Pick<Answering, 'recommender'>,
  question: (served: ServedVersion) => Promise<T>,
): Promise<T> {
  const { served, release } = recommender.acquire();
  try {
    return await question(served);
  } finally {
    release();
  }
}
