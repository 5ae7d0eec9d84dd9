/** Candidates as rows of length 1 whose dot product, from 0 to 1, is how alike two are: of their vectors, or their features of one kind. */
import { TastegraphError } from '../../errors.ts';
import type { Vectors } from '../../models/model.ts';
import type { ConfigOf } from '../../options.ts';
import type { FeatureKind } from '../../sampling/featureKinds.ts';
import type { Candidate, StageContext } from '../stages/candidate.ts';
import { requiredKind } from './kinds.ts';

export interface UnitRows {
  readonly width: number;
  /** All of them, where they are dense. [n, width] */
  readonly dense?: Float64Array;
  /** Dot product of the row at a place of the list with a dense one. [width] */
  dot(place: number, dense: Float64Array): number;
  /** Adds a multiple of the row to a dense one. [width] */
  addTo(dense: Float64Array, place: number, factor: number): void;
}

/** Errors: reranking/no-vectors, reranking/no-feature. */
export function unitRowsOf(
  candidates: readonly Candidate[],
  { published }: StageContext,
  { kind, by, feature }: ConfigOf<'mmr' | 'dpp'>,
): UnitRows {
  if (by === 'features') return ofFeatures(candidates, requiredKind(published.snapshot, feature!, kind));
  const { vectors, manifest } = published;
  if (!vectors)
    throw new TastegraphError('reranking/no-vectors', { reranker: kind, version: manifest.id, model: manifest.model });
  return ofVectors(candidates, vectors);
}

/** (1 + cosine) / 2, as Chen et al. have it: opposite vectors are the least alike. One column more than the vectors holds the 1. */
function ofVectors(candidates: readonly Candidate[], { dim, items }: Vectors): UnitRows {
  const width = dim + 1;
  const rows = new Float64Array(candidates.length * width);
  for (const [place, { item }] of candidates.entries()) {
    let squares = 0;
    for (let d = 0; d < dim; d++) squares += items[item * dim + d]! * items[item * dim + d]!;
    const inverse = squares > 0 ? Math.SQRT1_2 / Math.sqrt(squares) : 0;
    for (let d = 0; d < dim; d++) rows[place * width + d] = items[item * dim + d]! * inverse;
    rows[place * width + dim] = Math.SQRT1_2;
  }
  const whole = width - (width % 4);
  return {
    width,
    dense: rows,
    dot(place, dense) {
      const from = place * width;
      // Four sums at once: each waits for its own last addition alone.
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let d = 0;
      for (; d < whole; d += 4) {
        s0 += rows[from + d]! * dense[d]!;
        s1 += rows[from + d + 1]! * dense[d + 1]!;
        s2 += rows[from + d + 2]! * dense[d + 2]!;
        s3 += rows[from + d + 3]! * dense[d + 3]!;
      }
      for (; d < width; d++) s0 += rows[from + d]! * dense[d]!;
      return s0 + s1 + s2 + s3;
    },
    addTo(dense, place, factor) {
      for (let d = 0; d < width; d++) dense[d]! += factor * rows[place * width + d]!;
    },
  };
}

/** Cosine of the shares of features; items without any are like none. */
function ofFeatures(
  candidates: readonly Candidate[],
  { values, shares: { offsets, indices, weights } }: FeatureKind,
): UnitRows {
  const inverse = Float64Array.from(candidates, ({ item }) => {
    let squares = 0;
    for (let e = offsets[item]!; e < offsets[item + 1]!; e++) squares += weights[e]! ** 2;
    return squares > 0 ? 1 / Math.sqrt(squares) : 0;
  });
  const items = Int32Array.from(candidates, ({ item }) => item);
  return {
    width: values.length,
    dot(place, dense) {
      const end = offsets[items[place]! + 1]!;
      let sum = 0;
      for (let e = offsets[items[place]!]!; e < end; e++) sum += weights[e]! * dense[indices[e]!]!;
      return sum * inverse[place]!;
    },
    addTo(dense, place, factor) {
      const end = offsets[items[place]! + 1]!;
      for (let e = offsets[items[place]!]!; e < end; e++) dense[indices[e]!]! += factor * inverse[place]! * weights[e]!;
    },
  };
}
