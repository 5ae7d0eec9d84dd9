/** One version, made ready to answer: its rows laid out for search, its items in order of popularity. */
import type { Kernels } from '../compute/kernels.ts';
import type { Tensors } from '../compute/tensors.ts';
import { TastegraphError } from '../errors.ts';
import { type Counting, countingOf } from './counting.ts';
import type { FoldedTaste, History, Taste } from './foldIn/taste.ts';
import type { IndexOptions } from './index/ofVersion.ts';
import type { ChosenIndex } from './index/open.ts';
import type { ContentsNow } from './liveContents.ts';
import { type Availability, LiveItems } from './liveItems.ts';
import type { VersionManifest } from './manifest.ts';
import type { PublishedVersion } from './published.ts';
import { foldedBy, mayBe, type Ranked, type Ranking, rankingOf } from './ranking.ts';
import { embedderOf, type UnseenItem, type UnseenVector } from './unseen.ts';

export interface RankedItem {
  readonly id: string;
  readonly title: string;
  /**
   * What the model ranks by; where similar items were asked for the cosine of vectors, or the weight between items; people where
   * popular ones were.
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
  /** Where given, 1 for each item that may be among them, else 0: see `filterItems`. [|I|] */
  readonly only?: Uint8Array | undefined;
}

/** What a version answers from, by dense index: the stages of a pipeline work on this. */
export interface ServedBase extends Counting {
  readonly ranking: Ranking;
  /** Which items may be shown now. */
  availability(): Availability;
  /** What filters judge items by now. */
  contents(): ContentsNow;
  /** Those of them that a filter lets be (`RecommendOptions.only`), as `SearchLimits.allowed`; undefined where that is all. */
  allowedBy(only?: Uint8Array): Int32Array | undefined;
  readonly kernels: Kernels;
  /** To be called when the version is served no more: what was made for it goes with it. */
  whenDisposed(free: () => void): void;
}

/** Answers from one version. Hold it for the length of a request, and all parts of the answer are of one version. */
export interface ServedVersion {
  readonly manifest: VersionManifest;
  readonly published: PublishedVersion;
  /** How the best are found among its vectors, and why so; undefined where it ranks by none. */
  readonly index?: ChosenIndex;
  readonly base: ServedBase;
  /**
   * The best items that the user has not interacted with in any way, best first; fewer than `limit` where no more are left.
   * Items that are unavailable now are never among them.
   */
  recommend(user: string, options: RecommendOptions): Recommendations;
  /** The items whose vectors point the same way, or that weigh most for it, without the item itself. Errors: item/unknown. */
  similar(item: string, options: Pick<RecommendOptions, 'limit' | 'only'>): readonly RankedItem[];
  /** What most people interacted with, by people and then by id. */
  popular(options: RecommendOptions): readonly RankedItem[];
  /** One item as `recommend` would rank it for the user, known or not. Errors: item/unknown. */
  score(user: string, item: string): { readonly item: RankedItem; readonly fallback?: 'popular' };
  /** Of these items those that `recommend` could answer, each with its score, best first; unknown ids are passed over. */
  rank(user: string, ids: Iterable<string>, options: Pick<RecommendOptions, 'exclude' | 'only'>): readonly RankedItem[];
  /** What each item adds to this one's score for those who have done it, by dense index, where that needs the model itself. */
  readonly parts?: (item: number) => Float32Array;
  /** The vector of an item that came after the training; undefined where the version's model can give none. */
  embed(item: UnseenItem): Promise<UnseenVector | undefined>;
  /** The items whose vectors point the same way as such a vector. */
  near(vector: Float32Array, options: Pick<RecommendOptions, 'limit' | 'only'>): readonly RankedItem[];
  /** What `recommend` would rank such an item by; undefined for users of whose taste the version knows nothing. */
  scoreVector(user: string, vector: Float32Array): number | undefined;
  /** The vector that an item of the version has. Errors: item/unknown; undefined where the version has no vectors. */
  vector(item: string): Float32Array | undefined;
  /** What is never to be shown to a user, by dense index: what is unavailable, what she has done, and these; unknown ids are passed over. */
  leftOut(user: string, exclude: Iterable<string>): readonly number[];
  /** Items by id and title. */
  list(ranked: Ranked): readonly RankedItem[];
  /** What most people chose, as a taste: for those of whom nothing is known. */
  readonly common: Taste;
  /** What the version itself ranks by for a user; undefined where it knows nothing of her taste. */
  tasteOf(user: string): Taste | undefined;
  /**
   * What it ranks by for somebody who did this, whether or not it was trained with her; who was not is held to like what most people
   * chose too, the more the less she has done. Undefined where the history tells nothing,
   * or its model ranks by more than that.
   */
  fold(history: History, user?: string): FoldedTaste | undefined;
  /** The version as it answers where this user's taste is this; `dispose` is left to the version. */
  withTaste(user: string, taste: FoldedTaste, history: History): ServedVersion;
  /** There for `withTaste`: whose taste it is, and what it was made of. */
  readonly folded?: { readonly user: string; readonly taste: FoldedTaste; readonly history: History };
  /** The version as it answers where these items, by dense index, are all that a user has done: what its snapshot has of her is past. */
  withDone(user: string, done: readonly number[]): ServedVersion;
  /** There for `withDone`. */
  readonly told?: { readonly user: string; readonly done: readonly number[] };
  /** What a user liked as far as the snapshot knows, by dense index, ascending; nothing for unknown users. */
  liked(user: string): Int32Array;
  /** Frees what it holds of the kernels' memory. It must not be asked afterwards. */
  dispose(): void;
}

/** The user of those who have none: nobody has an empty id. */
export const nobody = '';

/** Makes a loaded version ready; by a scan of all vectors, which keeps no files, where nothing else is said. Errors: model/unknown, version/corrupt, compute/memory. */
export function serveVersion(
  published: PublishedVersion,
  kernels: Kernels,
  tensors?: Tensors,
  index?: IndexOptions,
  live = new LiveItems(),
): ServedVersion {
  const { manifest, snapshot, train } = published;
  const { items, users } = snapshot;
  const { history, liked, people } = countingOf(snapshot, manifest);
  const byPeople = Int32Array.from(people.keys()).sort((a, b) => people[b]! - people[a]! || a - b);
  const ranking = rankingOf(published, kernels, tensors, index);
  const embedder = embedderOf(published, kernels, tensors);
  const view = live.over(snapshot);
  const frees: (() => void)[] = [view.close];

  /** Without a training interaction a user's vector is as it was drawn at random: what is popular says more. */
  const trainedIndex = (user: string): number | undefined => {
    const index = users.index(user);
    return index !== undefined && train.offsets[index + 1]! > train.offsets[index]! ? index : undefined;
  };
  const tasteOf = (user: string): Taste | undefined => {
    const index = trainedIndex(user);
    if (index === undefined) return undefined;
    return {
      best: (limit, exclude, allowed) => ranking.best(index, limit, exclude, allowed),
      scores: (items) => ranking.scores(index, items),
    };
  };
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
  const list = ({ ids, scores }: Ranked): RankedItem[] =>
    Array.from(ids, (index, place) => ranked(index, scores[place]!));
  const common: Taste = {
    best(limit, exclude, allowed) {
      const ids: number[] = [];
      const may = mayBe(exclude, allowed);
      for (const index of byPeople) {
        if (ids.length === limit) break;
        if (may(index)) ids.push(index);
      }
      return { ids, scores: ids.map((index) => people[index]!) };
    },
    scores: (items) => Float64Array.from(items, (index) => people[index]!),
  };

  /** By filter: what it lets be, as of a round of availability. */
  const filtered = new WeakMap<Uint8Array, { readonly round: number; readonly allowed: Int32Array }>();
  const allowedBy = (only?: Uint8Array): Int32Array | undefined => {
    const { round, allowed, isAvailable } = view.current;
    if (!only) return allowed;
    const known = filtered.get(only);
    if (known?.round === round) return known.allowed;
    const both = new Int32Array(Math.ceil(items.count / 32));
    for (let item = 0; item < items.count; item++)
      if (only[item] === 1 && isAvailable(item)) both[item >>> 5]! |= 1 << (item & 31);
    filtered.set(only, { round, allowed: both });
    return both;
  };

  /** What a user has done as far as the snapshot knows. */
  const doneBy: DoneBy = (user) => {
    const index = users.index(user);
    return index === undefined ? [] : history.indices.subarray(history.offsets[index], history.offsets[index + 1]);
  };
  const together = (done: Iterable<number>, exclude: Iterable<string>): number[] => [...done, ...indicesOf(exclude)];

  /** The answers that are a user's own, by what she is ranked by and what she has done. */
  const personal = (tasteOf: (user: string) => Taste | undefined, doneBy: DoneBy): Personal => ({
    tasteOf,
    leftOut: (user, exclude) => [...view.current.unavailable, ...together(doneBy(user), exclude)],

    recommend(user, { limit, exclude = [], only }) {
      const left = together(doneBy(user), exclude);
      const taste = tasteOf(user);
      const items = list((taste ?? common).best(limit, left, allowedBy(only)));
      return taste ? { items } : { items, fallback: 'popular' };
    },

    score(user, id) {
      const index = items.index(id);
      if (index === undefined) throw new TastegraphError('item/unknown', { item: id });
      const taste = tasteOf(user);
      const item = ranked(index, (taste ?? common).scores(Int32Array.of(index))[0]!);
      return taste ? { item } : { item, fallback: 'popular' };
    },

    rank(user, ids, { exclude = [], only }) {
      const may = mayBe(together(doneBy(user), exclude), allowedBy(only));
      const wanted = [...new Set(indicesOf(ids))].filter(may);
      const scores = (tasteOf(user) ?? common).scores(Int32Array.from(wanted));
      return wanted.map((index, place) => ranked(index, scores[place]!)).sort((a, b) => b.score - a.score);
    },
  });

  /** The version as it answers one user of whom more is known than it was made with. */
  const viewed = ({ folded, told }: Viewed): ServedVersion => ({
    ...served,
    ...personal(
      (who) => (who === folded?.user ? folded.taste : tasteOf(who)),
      (who) => (who === told?.user ? told.done : doneBy(who)),
    ),
    ...(told && { told }),
    ...(folded && {
      folded,
      scoreVector: (who, vector) =>
        who === folded.user ? folded.taste.vector && dot(folded.taste.vector, vector) : served.scoreVector(who, vector),
    }),
    withTaste: (user, taste, history) => viewed({ ...(told && { told }), folded: { user, taste, history } }),
    withDone: (user, done) => viewed({ ...(folded && { folded }), told: { user, done } }),
  });

  const served: ServedVersion = {
    manifest,
    published,
    ...(ranking.index && { index: ranking.index }),
    base: {
      history,
      liked,
      people,
      ranking,
      availability: () => view.current,
      contents: () => view.contents,
      allowedBy,
      kernels,
      whenDisposed: (free) => frees.push(free),
    },
    ...personal(tasteOf, doneBy),
    list,
    common,
    fold: (history, user = nobody) => foldedBy(ranking, people, history, trainedIndex(user)),
    withTaste: (user, taste, history) => viewed({ folded: { user, taste, history } }),
    withDone: (user, done) => viewed({ told: { user, done } }),
    liked(user) {
      const index = users.index(user);
      return index === undefined
        ? new Int32Array(0)
        : liked.indices.subarray(liked.offsets[index], liked.offsets[index + 1]);
    },

    similar(item, { limit, only }) {
      const index = items.index(item);
      if (index === undefined) throw new TastegraphError('item/unknown', { item });
      return list(ranking.similar(index, limit, [index], allowedBy(only)));
    },

    popular: ({ limit, exclude = [], only }) => list(common.best(limit, indicesOf(exclude), allowedBy(only))),

    ...(ranking.parts && { parts: ranking.parts }),
    embed: (item) => embedder.embed(item),
    near: (vector, { limit, only }) => (ranking.near ? list(ranking.near(vector, limit, [], allowedBy(only))) : []),
    scoreVector(user, vector) {
      const index = trainedIndex(user);
      return index === undefined ? undefined : ranking.scoreVector?.(index, vector);
    },
    vector(item) {
      const index = items.index(item);
      if (index === undefined) throw new TastegraphError('item/unknown', { item });
      const { vectors } = published;
      return vectors?.items.slice(index * vectors.dim, (index + 1) * vectors.dim);
    },

    dispose() {
      for (const free of frees) free();
      ranking.dispose();
      embedder.dispose();
    },
  };
  return served;
}

type Personal = Pick<ServedVersion, 'tasteOf' | 'leftOut' | 'recommend' | 'score' | 'rank'>;
type Viewed = Pick<ServedVersion, 'folded' | 'told'>;
/** By dense index. */
type DoneBy = (user: string) => Iterable<number>;

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
