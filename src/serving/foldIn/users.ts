/** Vectors of users at the time of a request, for versions that rank by vectors. */
import type { SequenceReader, Vectors } from '../../models/model.ts';
import { listModels } from '../../models/registry.ts';
import type { PublishedVersion } from '../published.ts';
import { byLeastSquares, leastSquaresDefaults } from './leastSquares.ts';
import { byPropagation } from './propagation.ts';
import { bySequence } from './sequence.ts';
import type { FoldedIn, History, ScoreParts } from './taste.ts';

export interface FoldedVector extends Pick<FoldedIn, 'how' | 'leftOut'> {
  readonly vector: Float32Array; // [dim]
  /** See `FoldedTaste.parts`. */
  readonly parts?: (item: number) => Omit<ScoreParts, 'bias'>;
}

/**
 * The vector of somebody by what she did. `user` is her dense index, where the version was trained with her. Undefined where the
 * history holds nothing that the version can tell taste by.
 */
export type UserFolder = (history: History, user?: number) => FoldedVector | undefined;

/**
 * As the model does it where its users follow from their edges alone, or as near to it as fixed item vectors allow. No model knows more
 * of items that came after its training than a vector, so what they say is found by least squares, and mixed with what the others say:
 *
 *   p = |u| · (Σ_j w_j û + Σ_k w_k v̂) / |…|     û of the items j of the version, v̂ of those k that came later, both of length 1
 */
export function userFolderOf(published: PublishedVersion, vectors: Vectors, sequences?: SequenceReader): UserFolder {
  const own = ownFolderOf(published, vectors, sequences);
  const solve = byLeastSquares(vectors, leastSquaresDefaults);
  return (history, user) => {
    const found = own(history, user);
    if (!history.unseen?.length) return found;
    const late = solve({ items: new Int32Array(0), unseen: history.unseen });
    if (!found || !late) return found ?? late;
    const sum = (weights: Iterable<number>) => [...weights].reduce((all, weight) => all + weight, 0);
    const shares = [
      history.weights ? sum(history.weights) : history.items.length,
      sum(history.unseen.map(({ weight }) => weight)),
    ] as const;
    return { how: 'least-squares', vector: between(found.vector, late.vector, shares) };
  };
}

/** The direction between two by their shares, as long as the first. */
function between(one: Float32Array, other: Float32Array, [mine, theirs]: readonly [number, number]): Float32Array {
  const lengthOf = (vector: ArrayLike<number>) => Math.hypot(...Array.from(vector));
  const [length, otherLength] = [lengthOf(one), lengthOf(other)];
  if (length === 0 || otherLength === 0) return length === 0 ? other : one;
  const mixed = Float64Array.from(one, (value, d) => (mine * value) / length + (theirs * other[d]!) / otherLength);
  const size = lengthOf(mixed);
  return size > 0 ? Float32Array.from(mixed, (value) => (length * value) / size) : one;
}

function ownFolderOf(published: PublishedVersion, vectors: Vectors, sequences?: SequenceReader): UserFolder {
  if (sequences) return bySequence(sequences, published);
  const { contributions, manifest, train } = published;
  const linear = contributions && byPropagation(contributions, train, vectors.items);
  if (linear) return linear;
  const { model, options } = manifest;
  const definition = listModels().find(({ name }) => name === model);
  const ofItems = definition?.usersOfItems?.(definition.options.parse(options));
  if (!ofItems) return byLeastSquares(vectors, leastSquaresDefaults, train);
  return (history) => {
    const [n, { items, weights }] = [history.items.length, history];
    const row = {
      rows: 1,
      cols: train.cols,
      offsets: Int32Array.of(0, n),
      indices: items,
      ...(weights && { weights }),
    };
    const vector = ofItems(row, vectors.items, vectors.dim);
    return vector.some((value) => value !== 0) ? { how: 'item-vectors', vector } : undefined;
  };
}
