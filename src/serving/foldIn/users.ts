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

/** As the model does it where its users follow from their edges alone, or as near to it as fixed item vectors allow. */
export function userFolderOf(published: PublishedVersion, vectors: Vectors, sequences?: SequenceReader): UserFolder {
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
