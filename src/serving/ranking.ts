/** How a version ranks: by vectors, by its model's own scores, by weights between items, or by a filter of what users did. */
import type { Csr } from '../compute/csr.ts';
import type { Kernels } from '../compute/kernels.ts';
import type { Tensors } from '../compute/tensors.ts';
import type { ItemFilter, ItemWeights, Model } from '../models/model.ts';
import { BestOf, WeightScores, weightBetween } from '../models/neighbor/itemWeights.ts';
import { foldBias } from '../models/vectors.ts';
import { withPrior } from './foldIn/prior.ts';
import type { FoldedTaste, History } from './foldIn/taste.ts';
import { userFolderOf } from './foldIn/users.ts';
import { type IndexOptions, indexesOf } from './index/ofVersion.ts';
import type { ChosenIndex } from './index/open.ts';
import { unitRows } from './index/scores.ts';
import { fewForbidden, isAllowed, type VectorIndex } from './index/vectorIndex.ts';
import type { PublishedVersion } from './published.ts';
import { revivedModel, type Scorer, scorerOf } from './scorer.ts';

/** Items by dense index, best first. */
export interface Ranked {
  readonly ids: readonly number[]; // [n]
  readonly scores: readonly number[]; // [n]
}

/** Items that are left out are those of `exclude`, and those that `allowed` does not name where it is given: see `SearchLimits`. */
export interface Ranking {
  /** At most `limit` items for a user of the training part. */
  best(user: number, limit: number, exclude: readonly number[], allowed?: Int32Array): Ranked;
  /** A user's scores of some items, asked as often as their order is wanted: what they share is summed once. [n] */
  scores(user: number, items: Int32Array): Float64Array;
  /**
   * The taste of somebody by what she did, whether or not the version was trained with her (`user` is her dense index where it was).
   * Undefined where the history tells nothing; absent where the version's model ranks by more than histories and vectors.
   */
  fold?(history: History, user?: number): FoldedTaste | undefined;
  similar(item: number, limit: number, exclude: readonly number[], allowed?: Int32Array): Ranked;
  /** How the best are found among its vectors, and why so; undefined where it ranks by none. */
  readonly index?: ChosenIndex;
  /** What each item adds to the score of this one for those who have done it; there for versions whose model is a filter. [|I|] */
  parts?(item: number): Float32Array;
  /** The same for a vector of an item that is none of the version's; undefined where the version has no vectors. */
  near?(vector: Float32Array, limit: number, exclude: readonly number[], allowed?: Int32Array): Ranked;
  /** The score of such an item, of which nothing but its vector is known. */
  scoreVector?(user: number, vector: Float32Array): number;
  dispose(): void;
}

/** Errors: model/unknown, version/corrupt. */
export function rankingOf(
  published: PublishedVersion,
  kernels: Kernels,
  tensors: Tensors | undefined,
  index: IndexOptions = { kind: 'exact', home: '' },
): Ranking {
  const { itemWeights, train } = published;
  if (itemWeights) return byWeights(itemWeights, train);
  const model = revivedModel(published, kernels, tensors);
  if (model?.filter) return byFilter(model.filter(), train, () => model.dispose());
  // Every version without weights or a filter has vectors.
  if (model?.scoreItems) return byVectors(published, kernels, index, scorerOf(model, train.cols));
  if (model?.sequences) return byVectors(published, kernels, index, undefined, model);
  model?.dispose();
  return byVectors(published, kernels, index, undefined);
}

/** Indexes over the item rows, in the kernels' memory; a scorer ranks in place of the dot product, a reader folds users in. */
function byVectors(
  published: PublishedVersion,
  kernels: Kernels,
  options: IndexOptions,
  scorer: Scorer | undefined,
  reader?: Pick<Model, 'sequences' | 'dispose'>,
): Ranking {
  const { manifest } = published;
  const vectors = published.vectors!;
  const { dim } = vectors;
  const folder = userFolderOf(published, vectors, reader?.sequences);
  const folded = foldBias(vectors);
  const indexes = indexesOf(manifest, vectors, folded, kernels, options, scorer === undefined);
  const search = (
    query: Float32Array,
    index: VectorIndex,
    limit: number,
    exclude: readonly number[],
    allowed: Int32Array | undefined,
  ): Ranked => {
    const left = rowOf(exclude, index.count);
    const { ids, scores } = index.search(query, Math.min(limit, index.count), { exclude: left, allowed });
    const found = [...ids.keys()].filter((place) => ids[place]! >= 0 && scores[place]! > -Infinity);
    return { ids: found.map((place) => ids[place]!), scores: found.map((place) => scores[place]!) };
  };
  const queryOf = (user: number) => folded.users.slice(user * folded.dim, (user + 1) * folded.dim);
  const dot = (query: Float32Array, item: number): number => {
    let sum = 0;
    for (let d = 0; d < folded.dim; d++) sum += query[d]! * folded.items[item * folded.dim + d]!;
    return sum;
  };
  const fold = (history: History, user?: number): FoldedTaste | undefined => {
    const found = folder(history, user);
    if (!found) return undefined;
    const { vector, parts, ...about } = found;
    const query = new Float32Array(folded.dim);
    query.set(vector);
    if (vectors.itemBias) query[dim] = 1; // as `foldBias` lays it
    return {
      foldedIn: { interactions: history.items.length, ...about },
      vector,
      best: (limit, exclude, allowed) => search(query, indexes.dot!, limit, exclude, allowed), // without a scorer there is one
      scores: (items) => Float64Array.from(items, (item) => dot(query, item)),
      ...(parts && { parts: (item: number) => ({ ...parts(item), bias: vectors.itemBias?.[item] ?? 0 }) }),
    };
  };
  return {
    index: indexes.chosen,
    best: (user, limit, exclude, allowed) =>
      scorer
        ? bestOf(scorer.scores(user), limit, exclude, allowed)
        : search(queryOf(user), indexes.dot!, limit, exclude, allowed),
    scores(user, items) {
      if (scorer) return valuesAt(scorer.scores(user), items);
      const query = queryOf(user);
      return Float64Array.from(items, (item) => dot(query, item));
    },
    ...(!scorer && { fold }),
    similar(item, limit, exclude, allowed) {
      const vector = vectors.items.subarray(item * dim, (item + 1) * dim);
      return search(unitRows(vector, dim), indexes.cosine, limit, exclude, allowed);
    },
    near: (vector, limit, exclude, allowed) => search(unitRows(vector, dim), indexes.cosine, limit, exclude, allowed),
    scoreVector: (user, vector) => vector.reduce((sum, value, d) => sum + value * vectors.users[user * dim + d]!, 0),
    dispose() {
      scorer?.dispose();
      reader?.dispose();
      indexes.dispose();
    },
  };
}

function byWeights(weights: ItemWeights, train: Csr): Ranking {
  const sums = new WeightScores(weights);
  /** Whose sums they are: a ranking asks for one's in batches. */
  let whose: number | History | undefined;
  const summed = (who: number | History | undefined, items: Int32Array, shares?: Float32Array): WeightScores => {
    if (who === undefined || who !== whose) sums.sum(items, shares);
    whose = who;
    return sums;
  };
  const ofUser = (user: number) => summed(user, train.indices.subarray(train.offsets[user], train.offsets[user + 1]));
  const scoresOf = (all: WeightScores, items: Int32Array) => Float64Array.from(items, (item) => all.of(item));
  const best = (summed: WeightScores, limit: number, exclude: readonly number[], allowed?: Int32Array): Ranked => {
    const ids = summed.best(limit, exclude, allowed && ((item) => isAllowed(allowed, item)));
    return { ids, scores: ids.map((id) => summed.of(id)) };
  };
  return {
    best: (user, limit, exclude, allowed) => best(ofUser(user), limit, exclude, allowed),
    scores: (user, items) => scoresOf(ofUser(user), items),
    fold(history) {
      if (history.items.length === 0) return undefined;
      const ofHistory = () => summed(history, history.items, history.weights);
      return {
        foldedIn: { interactions: history.items.length, how: 'item-weights' },
        best: (limit, exclude, allowed) => best(ofHistory(), limit, exclude, allowed),
        scores: (items) => scoresOf(ofHistory(), items),
        parts: (item) => ({ ...partsOf(history, (from) => weightBetween(weights, from, item)), own: 0, bias: 0 }),
      };
    },
    similar: (item, limit, exclude, allowed) => best(summed(undefined, Int32Array.of(item)), limit, exclude, allowed),
    dispose() {},
  };
}

function byFilter(filter: ItemFilter, train: Csr, dispose: () => void): Ranking {
  const { cols } = train;
  const ofUser = (user: number) => rowOf(train.indices.subarray(train.offsets[user], train.offsets[user + 1]), cols);
  const best = (history: Csr, limit: number, exclude: readonly number[], allowed?: Int32Array): Ranked => {
    const forbidden = allowed ? fewForbidden(allowed, cols) : [];
    // Its kernel knows no bitmaps: scores of all are as soon had as many exclusions are passed over.
    if (!forbidden) {
      const all = new Float32Array(cols);
      filter.scores(history, all);
      return bestOf(all, limit, exclude, allowed);
    }
    const left = rowOf([...exclude, ...forbidden], cols);
    const { ids, scores } = filter.best(history, Math.min(limit, cols), left);
    const found = ids.indexOf(-1) < 0 ? ids.length : ids.indexOf(-1);
    return { ids: [...ids.subarray(0, found)], scores: [...scores.subarray(0, found)] };
  };
  const out = new Float32Array(cols);
  let scored = -1;
  const parts = (item: number): Float32Array => {
    const found = new Float32Array(cols);
    filter.parts(item, found);
    return found;
  };
  return {
    best: (user, limit, exclude, allowed) => best(ofUser(user), limit, exclude, allowed),
    scores(user, items) {
      if (user !== scored) filter.scores(ofUser(user), out);
      scored = user;
      return valuesAt(out, items);
    },
    // What one would be recommended who had done this item alone.
    similar: (item, limit, exclude, allowed) => best(rowOf([item], cols), limit, exclude, allowed),
    fold(history) {
      if (history.items.length === 0) return undefined;
      let all: Float32Array | undefined;
      const scores = () => {
        all ??= filtered(filter, history, cols);
        return all;
      };
      return {
        foldedIn: { interactions: history.items.length, how: 'filter' },
        best: (limit, exclude, allowed) => bestOf(scores(), limit, exclude, allowed),
        scores: (items) => valuesAt(scores(), items),
        parts(item) {
          const ofAll = parts(item);
          return { ...partsOf(history, (from) => ofAll[from]!), own: 0, bias: 0 };
        },
      };
    },
    parts,
    dispose,
  };
}

/** Histories that are filtered at once, where their entries count differently and each is one. */
const filteredAtOnce = 64;

/** F x, x being the weights of a history. [|I|] */
function filtered(filter: ItemFilter, { items, weights }: History, cols: number): Float32Array {
  const sums = new Float32Array(cols);
  if (!weights) {
    filter.scores(rowOf(items, cols), sums);
    return sums;
  }
  for (let from = 0; from < items.length; from += filteredAtOnce) {
    const indices = items.slice(from, from + filteredAtOnce);
    const rows = indices.length;
    const each = new Float32Array(rows * cols);
    filter.scores({ rows, cols, offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row), indices }, each);
    for (let row = 0; row < rows; row++)
      for (let item = 0; item < cols; item++) sums[item]! += weights[from + row]! * each[row * cols + item]!;
  }
  return sums;
}

/** What each entry of a history adds to a score. */
function partsOf({ items, weights }: History, part: (item: number) => number): { readonly parts: Float64Array } {
  return { parts: Float64Array.from(items, (item, n) => (weights?.[n] ?? 1) * part(item)) };
}

const valuesAt = (all: Float32Array, items: Int32Array): Float64Array => Float64Array.from(items, (item) => all[item]!);

/**
 * The taste of somebody by what she did, as a version answers her by it. Who was not trained with (`user` undefined) is held to like what
 * most people chose too: `people` says how many each item. Undefined where the history tells nothing, or the ranking folds nobody in.
 */
export function foldedBy(
  ranking: Pick<Ranking, 'fold'>,
  people: Int32Array,
  history: History,
  user: number | undefined,
): FoldedTaste | undefined {
  const found = ranking.fold?.(history, user);
  const interactions = history.items.length + (history.unseen?.length ?? 0);
  const taste = found && { ...found, foldedIn: { ...found.foldedIn, interactions } };
  // Of whom the version was trained with more is known than her edges of today.
  return taste && user === undefined ? withPrior(taste, people, bestOf) : taste;
}

/** By scores of all items. */
export function bestOf(
  scores: Float32Array | Float64Array,
  limit: number,
  exclude: readonly number[],
  allowed?: Int32Array,
): Ranked {
  const best = new BestOf(limit);
  const may = mayBe(exclude, allowed);
  for (let item = 0; item < scores.length; item++) if (may(item)) best.offer(item, scores[item]!);
  const ids = [...best.take().ids].sort((a, b) => scores[b]! - scores[a]! || a - b);
  return { ids, scores: ids.map((id) => scores[id]!) };
}

/** Whether an item is none of those that are left out. */
export function mayBe(exclude: readonly number[], allowed: Int32Array | undefined): (item: number) => boolean {
  const left = new Set(exclude);
  return allowed ? (item) => isAllowed(allowed, item) && !left.has(item) : (item) => !left.has(item);
}

/** One row that names columns, ascending and once each, as a matrix. */
export function rowOf(columns: Iterable<number>, cols: number): Csr {
  const indices = Int32Array.from(new Set(columns)).sort();
  return { rows: 1, cols, offsets: Int32Array.of(0, indices.length), indices };
}
