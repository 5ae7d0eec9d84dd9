/** Vectors of items that came after a version was trained: by the model itself, or between those of items like them. */
import type { Kernels } from '../compute/kernels.ts';
import type { Tensors } from '../compute/tensors.ts';
import { TastegraphError } from '../errors.ts';
import { neighbourhoodOfItem } from '../graph/neighbourhoodOfItem.ts';
import type { GraphReach } from '../graph/reach.ts';
import type { Model, NewItem } from '../models/model.ts';
import { type ItemFolder, itemFolderOf } from './foldIn/items.ts';
import type { VersionManifest } from './manifest.ts';
import type { PublishedVersion } from './published.ts';
import { revivedModel } from './scorer.ts';
import type { ServedVersion } from './served.ts';

/** An item by outside ids. What the version does not know of is passed over. */
export interface UnseenItem {
  readonly features: readonly { readonly kind: string; readonly value: string; readonly weight: number }[];
  readonly neighbours: readonly { readonly item: string; readonly share: number }[];
}

export interface UnseenVector {
  readonly vector: Float32Array; // [dim]
  /** How many of its features and neighbours the version knows: with none of either the vector says nothing. */
  readonly known: { readonly features: number; readonly neighbours: number };
  /** 'model' where the model gives vectors to new items; 'mean' between the vectors of items like it (`foldIn/items.ts`). */
  readonly how: 'model' | 'mean';
}

export interface Embedder {
  /** Undefined where the version has no vectors, or none that anything which the item is known by leads to. */
  embed(item: UnseenItem): Promise<UnseenVector | undefined>;
  dispose(): void;
}

/** The model is made again when it is first asked. Errors: model/unknown, version/corrupt. */
export function embedderOf(published: PublishedVersion, kernels: Kernels, tensors: Tensors | undefined): Embedder {
  let model: Model | undefined;
  let folder: ItemFolder | undefined;
  const { vectors, snapshot, train } = published;
  return {
    async embed(item) {
      model ??= revivedModel(published, kernels, tensors);
      const found = knownOf(item, published);
      const known = { features: found.features.length, neighbours: found.neighbours.length };
      if (model?.embedNew) return { vector: await model.embedNew(found), known, how: 'model' };
      if (!vectors) return undefined;
      folder ??= itemFolderOf(vectors, snapshot, train);
      const vector = folder(found);
      return vector && { vector, known, how: 'mean' };
    },
    dispose: () => model?.dispose(),
  };
}

/** The vector of an item that the version does not have, by what the graph says of it now. Errors: item/unknown, item/unseen. */
export async function vectorFromGraph(
  reach: GraphReach,
  served: ServedVersion,
  item: string,
): Promise<UnseenVector & { readonly title: string }> {
  const { minValue, interactions, model } = served.manifest;
  const found = await reach.ask((graph, timeoutMs) =>
    neighbourhoodOfItem(graph, item, { minValue, interactions, timeoutMs }),
  );
  if (!found) throw new TastegraphError('item/unknown', { item });
  const embedded = await served.embed(found);
  if (!served.published.vectors) throw noVector(item, served.manifest, `${model} ranks without vectors`);
  if (!embedded || embedded.known.features + embedded.known.neighbours === 0) {
    const problem = 'none of its features, and of the items that people chose with it, was in the training';
    throw noVector(item, served.manifest, problem);
  }
  return { ...embedded, title: found.title };
}

export const noVector = (item: string, { id }: VersionManifest, problem: string): TastegraphError =>
  new TastegraphError('item/unseen', { item, version: id, problem });

/** By dense indices. */
function knownOf(item: UnseenItem, { snapshot, train }: PublishedVersion): NewItem {
  const people = new Int32Array(train.cols);
  for (const index of train.indices) people[index]!++;
  const features = item.features.flatMap(({ kind, value, weight }) => {
    const index = snapshot.features.index(`${kind}:${value}`);
    return index === undefined ? [] : [{ index, weight }];
  });
  const neighbours = item.neighbours.flatMap(({ item: id, share }) => {
    const index = snapshot.items.index(id);
    // An item that the model was not trained on has nothing to tell.
    return index === undefined || people[index] === 0 ? [] : [{ index, share }];
  });
  return {
    features: Int32Array.from(features, ({ index }) => index),
    weights: Float32Array.from(features, ({ weight }) => weight),
    neighbours: Int32Array.from(neighbours, ({ index }) => index),
    visits: Float32Array.from(neighbours, ({ share }) => share),
  };
}
