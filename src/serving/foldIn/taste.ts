/** What a version ranks by for one person, and what is known of a person who is folded in. */
import type { Ranked } from '../ranking.ts';

/** What somebody did, as far as it tells of taste: items that the version knows, each once. */
export interface History {
  readonly items: Int32Array; // [n], ascending
  /** How much each counts, more than 0 and at most 1; 1 where absent. */
  readonly weights?: Float32Array; // [n]
  /** The same items, oldest first, as far as their order is known. */
  readonly sequence?: Int32Array; // [n] or fewer
  /** What was done with items that came after the training, for versions that rank by vectors. */
  readonly unseen?: readonly UnseenEntry[];
}

export interface UnseenEntry {
  /** Beside those of the version's items. [dim] */
  readonly vector: Float32Array;
  /** As `History.weights`. */
  readonly weight: number;
}

export interface Taste {
  /** At most `limit` items, best first, without those of `exclude`; of those that are `allowed` (see `SearchLimits`) where that is given. */
  best(limit: number, exclude: readonly number[], allowed?: Int32Array): Ranked;
  /** Of each of some items. [n] */
  scores(items: Int32Array): Float64Array;
}

/** How a taste came of what somebody did. */
export const foldInWays = [
  'item-weights',
  'filter',
  'propagation',
  'item-vectors',
  'sequence',
  'least-squares',
] as const;
export type FoldInWay = (typeof foldInWays)[number];

export interface FoldedIn {
  /** Items that the taste is made of. */
  readonly interactions: number;
  /**
   * 'item-weights', 'filter', 'propagation' and 'sequence' are what the model does with users that it was trained with; so is
   * 'item-vectors', where the model has no other vectors of users. 'least-squares' finds the vector whose scores say best what was done.
   */
  readonly how: FoldInWay;
  /** There, where a training would also find a vector of her own, which nothing that she does tells. */
  readonly leftOut?: 'own-vector';
  /** Share that what most people choose has in the scores, 0 to 1: the less is known of somebody, the more. Absent where it has none. */
  readonly prior?: number;
}

/** A taste that was made of a history, at the time of the request. */
export interface FoldedTaste extends Taste {
  readonly foldedIn: FoldedIn;
  /** Her vector beside those of items, where the version has vectors; what most people choose is not in it. [dim] */
  readonly vector?: Float32Array;
  /** What each entry of the history adds to an item's score, where that and her own vector are all of it but the item's bias. */
  parts?(item: number): ScoreParts;
}

export interface ScoreParts {
  /** Of each entry of the history. */
  readonly parts: Float64Array; // [n]
  /** What no interaction carries: her own vector's part. */
  readonly own: number;
  /** The item's. */
  readonly bias: number;
}
