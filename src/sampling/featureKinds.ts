/** Items by the features of one kind: the genres of films, the makers of goods. */
import type { Csr } from '../compute/csr.ts';
import type { Snapshot } from './snapshot.ts';

export interface FeatureKind {
  /** Ascending. */
  readonly values: readonly string[];
  /** Items × values; the weights of an item add up to 1. */
  readonly shares: Required<Pick<Csr, 'offsets' | 'indices' | 'weights'>>;
}

const known = new WeakMap<Snapshot, Map<string, FeatureKind | undefined>>();

/** The kinds of the features that items have, ascending. */
export function featureKinds({ features, relation }: Snapshot): string[] {
  const { offsets } = relation('feature-item');
  const had = Array.from({ length: features.count }, (_, feature) => feature).filter(
    (feature) => offsets[feature + 1]! > offsets[feature]!,
  );
  return [...new Set(had.map((feature) => features.kind(feature)))].sort();
}

/** Undefined where no item has a feature of that kind. Made once a snapshot. */
export function featureKind(snapshot: Snapshot, kind: string): FeatureKind | undefined {
  const kinds = known.get(snapshot) ?? new Map<string, FeatureKind | undefined>();
  known.set(snapshot, kinds);
  if (!kinds.has(kind)) kinds.set(kind, collect(snapshot, kind));
  return kinds.get(kind);
}

function collect({ items, features, relation }: Snapshot, kind: string): FeatureKind | undefined {
  const column = new Int32Array(features.count).fill(-1);
  const values: string[] = [];
  for (let feature = 0; feature < features.count; feature++) {
    if (features.kind(feature) === kind) column[feature] = values.push(features.value(feature)) - 1;
  }
  const all = relation('item-feature');
  const offsets = new Int32Array(items.count + 1);
  const indices: number[] = [];
  const weights: number[] = [];
  for (let item = 0; item < items.count; item++) {
    let sum = 0;
    for (let e = all.offsets[item]!; e < all.offsets[item + 1]!; e++) {
      const weight = all.weights?.[e] ?? 1;
      if (column[all.indices[e]!]! < 0 || !(weight > 0)) continue;
      indices.push(column[all.indices[e]!]!);
      weights.push(weight);
      sum += weight;
    }
    for (let e = offsets[item]!; e < weights.length; e++) weights[e]! /= sum;
    offsets[item + 1] = weights.length;
  }
  if (indices.length === 0) return undefined;
  return { values, shares: { offsets, indices: Int32Array.from(indices), weights: Float32Array.from(weights) } };
}
