/** One version, made ready to answer: its rows laid out for search, its items in order of popularity. */
import type { Csr } from '../compute/csr.ts';
import type { Kernels, PackedRows } from '../compute/kernels.ts';
import type { Tensors } from '../compute/tensors.ts';
import { TastegraphError } from '../errors.ts';
import { foldBias } from '../models/vectors.ts';
import type { VersionManifest } from './manifest.ts';
import type { PublishedVersion } from './published.ts';
import { scorerOf } from './scorer.ts';

export interface RankedItem {
  readonly id: string;
  readonly title: string;
  /**
   * Dot product of the vectors with the item's bias, or the model's own score; cosine where similar items were asked for; people
   * where popular ones were.
   */
  readonly score: number;
}

export interface Recommendations {
  readonly items: readonly RankedItem[];
  /** There, where the version knows nothing of the user's taste: what most people chose, instead. */
  readonly fallback?: 'popular';
}

export interface RecommendOptions {
  readonly limit: number;
  /** Ids of further items to leave out: what the user has done since the snapshot. Unknown ids are passed over. */
  readonly exclude?: Iterable<string>;
}

/** Answers from one version. Hold it for the length of a request, and all parts of the answer are of one version. */
export interface ServedVersion {
  readonly manifest: VersionManifest;
  readonly published: PublishedVersion;
  /**
   * The best items that the user has not interacted with in any way, best first; fewer than `limit` where no more are left.
   * Items marked unavailable are never among them.
   */
  recommend(user: string, options: RecommendOptions): Recommendations;
  /** The items whose vectors point the same way, without the item itself. Errors: item/unknown. */
  similar(item: string, options: { readonly limit: number }): readonly RankedItem[];
  /** What most people interacted with, by people and then by id. */
  popular(options: RecommendOptions): readonly RankedItem[];
  /** One item as `recommend` would rank it for the user, known or not. Errors: item/unknown. */
  score(user: string, item: string): { readonly item: RankedItem; readonly fallback?: 'popular' };
  /** Frees what it holds of the kernels' memory. It must not be asked afterwards. */
  dispose(): void;
}

/** Makes a loaded version ready: two packed copies of the item rows in the kernels' memory. */
export function serveVersion(published: PublishedVersion, kernels: Kernels, tensors?: Tensors): ServedVersion {
  const { manifest, snapshot, vectors, train } = published;
  const { dim } = vectors;
  const folded = foldBias(vectors);
  const { items, users } = snapshot;
  const history = snapshot.relation('user-item');
  const audience = snapshot.relation('item-user');
  const unavailable = [...items.available.keys()].filter((item) => items.available[item] === 0);
  const people = Int32Array.from({ length: items.count }, (_, i) => audience.offsets[i + 1]! - audience.offsets[i]!);
  const byPeople = Int32Array.from(people.keys()).sort((a, b) => people[b]! - people[a]! || a - b);
  const unit = unitRows(vectors.items, dim);
  const rows = kernels.packRows(folded.items, folded.dim);
  const unitPacked = kernels.packRows(unit, dim);
  const scorer = scorerOf(published, kernels, tensors);

  /** Without a training interaction a user's vector is as it was drawn at random: what is popular says more. */
  const tasteOf = (user: string): number | undefined => {
    const index = users.index(user);
    return index !== undefined && train.offsets[index + 1]! > train.offsets[index]! ? index : undefined;
  };
  const queryOf = (user: number): Float32Array => folded.users.slice(user * folded.dim, (user + 1) * folded.dim);
  const ranked = (index: number, score: number): RankedItem => ({
    id: items.id(index),
    title: items.title(index),
    score,
  });
  const indicesOf = (ids: Iterable<string>): number[] => {
    const indices: number[] = [];
    for (const id of ids) {
      const index = items.index(id);
      if (index !== undefined) indices.push(index);
    }
    return indices;
  };
  const search = (query: Float32Array, packed: PackedRows, limit: number, exclude: readonly number[]) => {
    const { ids, scores } = kernels.topK(query, packed, Math.min(limit, items.count), rowOf(exclude, items.count));
    const found: RankedItem[] = [];
    ids.forEach((index, place) => {
      if (index >= 0 && scores[place]! > -Infinity) found.push(ranked(index, scores[place]!));
    });
    return found;
  };
  /** Best by the model's own scores. */
  const best = (scores: Float32Array, limit: number, exclude: readonly number[]): RankedItem[] => {
    const left = new Set(exclude);
    const kept = [...items.available.keys()].filter((item) => !left.has(item));
    const order = kept.sort((a, b) => scores[b]! - scores[a]! || a - b);
    return order.slice(0, limit).map((index) => ranked(index, scores[index]!));
  };
  const mostPopular = (limit: number, exclude: readonly number[]): RankedItem[] => {
    const left = new Set(exclude);
    const found: RankedItem[] = [];
    for (const index of byPeople) {
      if (found.length === limit) break;
      if (!left.has(index)) found.push(ranked(index, people[index]!));
    }
    return found;
  };

  return {
    manifest,
    published,

    recommend(user, { limit, exclude = [] }) {
      const index = users.index(user);
      const done =
        index === undefined ? [] : history.indices.subarray(history.offsets[index], history.offsets[index + 1]);
      const left = [...unavailable, ...done, ...indicesOf(exclude)];
      const taste = tasteOf(user);
      if (taste === undefined) return { items: mostPopular(limit, left), fallback: 'popular' };
      if (scorer) return { items: best(scorer.scores(taste), limit, left) };
      return { items: search(queryOf(taste), rows, limit, left) };
    },

    score(user, item) {
      const index = items.index(item);
      if (index === undefined) throw new TastegraphError('item/unknown', { item });
      const taste = tasteOf(user);
      if (taste === undefined) return { item: ranked(index, people[index]!), fallback: 'popular' };
      if (scorer) return { item: ranked(index, scorer.scores(taste)[index]!) };
      let score = 0;
      queryOf(taste).forEach((value, d) => {
        score += value * folded.items[index * folded.dim + d]!;
      });
      return { item: ranked(index, score) };
    },

    similar(item, { limit }) {
      const index = items.index(item);
      if (index === undefined) throw new TastegraphError('item/unknown', { item });
      return search(unit.slice(index * dim, (index + 1) * dim), unitPacked, limit, [...unavailable, index]);
    },

    popular: ({ limit, exclude = [] }) => mostPopular(limit, [...unavailable, ...indicesOf(exclude)]),

    dispose() {
      scorer?.dispose();
      kernels.release(rows.panels, unitPacked.panels);
    },
  };
}

/** One row that names columns, ascending and once each, as a matrix. */
function rowOf(columns: readonly number[], cols: number): Csr {
  const indices = Int32Array.from(new Set(columns)).sort();
  return { rows: 1, cols, offsets: Int32Array.of(0, indices.length), indices };
}

/** Rows of length 1, so that their dot product is their cosine; a row of zeros stays one. */
function unitRows(rows: Float32Array, dim: number): Float32Array {
  const unit = new Float32Array(rows.length);
  for (let from = 0; from < rows.length; from += dim) {
    let squares = 0;
    for (let d = from; d < from + dim; d++) squares += rows[d]! * rows[d]!;
    const inverse = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let d = from; d < from + dim; d++) unit[d] = rows[d]! * inverse;
  }
  return unit;
}
