/**
 * Vectors of items that came after a training, for versions whose model gives them none: between the vectors of items like it.
 *
 *   by features    Σ_f w_f ln(|I| / |I_f|) mean_{j ∈ I_f} q̂_j     a rare feature says more than one that most items have
 *   by people      Σ_j share_j q̂_j                               j: items that its people chose too, by the share of their choosing
 *
 * q̂ is a vector of length 1. Both directions are mixed, people counting n / (n + κ) for n such items, and the result is as long as an
 * item of the version is on average. Only items that somebody had in the training have a part: the vectors of others say nothing.
 */
import type { Csr } from '../../compute/csr.ts';
import { transposeCsr } from '../../compute/csr.ts';
import type { NewItem, Vectors } from '../../models/model.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';

/** κ: with so many items that its people chose, they say as much as all features. */
const featuresWeigh = 5;

/** Gives a vector [dim]; undefined where nothing that the item is known by leads to any other. */
export type ItemFolder = (item: NewItem) => Float32Array | undefined;

export function itemFolderOf({ dim, items }: Vectors, snapshot: Snapshot, train: Csr): ItemFolder {
  const isChosen = new Uint8Array(train.cols);
  for (const item of train.indices) isChosen[item] = 1;
  const lengths = Float64Array.from({ length: train.cols }, (_, item) =>
    lengthOf(items.subarray(item * dim, (item + 1) * dim)),
  );
  const chosen = [...lengths.keys()].filter((item) => isChosen[item] === 1 && lengths[item]! > 0);
  const usual = chosen.reduce((sum, item) => sum + lengths[item]!, 0) / Math.max(1, chosen.length);
  const itemsWith = transposeCsr(snapshot.relation('item-feature'));
  const isUsable = new Set(chosen);

  const add = (sum: Float64Array, item: number, weight: number): void => {
    for (let d = 0; d < dim; d++) sum[d]! += (weight * items[item * dim + d]!) / lengths[item]!;
  };
  const byFeatures = ({ features, weights }: NewItem): Float64Array => {
    const sum = new Float64Array(dim);
    for (const [n, feature] of features.entries()) {
      const all = itemsWith.indices.subarray(itemsWith.offsets[feature], itemsWith.offsets[feature + 1]);
      const having = all.filter((item) => isUsable.has(item));
      if (having.length === 0) continue;
      const weight = (weights[n]! * Math.log(train.cols / all.length)) / having.length;
      for (const item of having) add(sum, item, weight);
    }
    return unit(sum);
  };
  const byPeople = ({ neighbours, visits }: NewItem): Float64Array => {
    const sum = new Float64Array(dim);
    for (const [n, item] of neighbours.entries()) if (isUsable.has(item)) add(sum, item, visits[n]!);
    return unit(sum);
  };

  return (item) => {
    const people = item.neighbours.length / (item.neighbours.length + featuresWeigh);
    const [of, through] = [byFeatures(item), byPeople(item)];
    const mixed = unit(of.map((value, d) => (1 - people) * value + people * through[d]!));
    return lengthOf(mixed) > 0 ? Float32Array.from(mixed, (value) => usual * value) : undefined;
  };
}

function lengthOf(vector: ArrayLike<number>): number {
  let squares = 0;
  for (let d = 0; d < vector.length; d++) squares += vector[d]! * vector[d]!;
  return Math.sqrt(squares);
}

/** Of length 1; zeros stay. */
function unit(vector: Float64Array): Float64Array {
  const length = lengthOf(vector);
  return length > 0 ? vector.map((value) => value / length) : vector;
}
