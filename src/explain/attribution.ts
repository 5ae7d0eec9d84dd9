/**
 * Exact attribution of a score to the user's own interactions, for versions whose score is linear in them:
 *
 *   score(u, i) = b_i + ⟨own_u, q_i⟩ + Σ_{j ∈ N(u)} w_uj ⟨m_j, q_i⟩
 *
 * or, where weights between items (or a filter, which is such weights without being held) are all there is, the same with
 * Σ_{j ∈ N(u)} W_ji alone. Each summand is a part; they sum to the score up to the float32 rounding of the published vectors, which `error` states.
 */
import { TastegraphError } from '../errors.ts';
import { weightBetween } from '../models/neighbor/itemWeights.ts';
import type { ItemTable } from '../sampling/snapshot.ts';
import type { PublishedVersion } from '../serving/published.ts';
import type { ServedVersion } from '../serving/served.ts';

export interface AttributedPart {
  /** Outside id of an item that the user interacted with: in training, or up to now where she was folded in. */
  readonly item: string;
  readonly title: string;
  /** Summand of the score: for the item, or against it where negative. */
  readonly part: number;
  /** part / Σ|parts|, own vector and popularity included: the sizes of all shares sum to 1, and with no part negative it is the share of the score. */
  readonly share: number;
}

/** How the parts were found: a sum over interactions taken apart, or by leaving out each, or along the model's gradients. */
export const attributionMethods = ['exact', 'leave-one-out', 'integrated-gradients'] as const;
export type AttributionMethod = (typeof attributionMethods)[number];

export interface Attribution {
  readonly method: AttributionMethod;
  /**
   * How near what was taken apart is to what the version ranks by: the correlation of the two over all items. 1 but for versions that
   * read a history by least squares.
   */
  readonly fidelity: number;
  /** Dot product of the published vectors with the item's bias, or the sum of weights between items, in float64. */
  readonly score: number;
  /** By part, the greatest first; every interaction of the user that her taste is made of is among them. */
  readonly parts: readonly AttributedPart[];
  /** What no interaction carries: the user's own learned vector. */
  readonly ownVector: { readonly part: number; readonly share: number };
  /** What no interaction of hers carries: the item's bias, how widely it is chosen. 0 for models without one. */
  readonly popularity: { readonly part: number; readonly share: number };
  /** score − Σ parts − own vector − popularity: float32 rounding where exact, else what no interaction has alone. */
  readonly error: number;
}

/** Signed parts that sum to a score, from whatever kind of version can give them. */
export interface Attributor {
  /** By dense indices. Throws RangeError for indices outside the version. */
  attribute(user: number, item: number): Attribution;
}

/**
 * The attributor of a version; undefined where its model's score is not linear in the user's interactions. `parts` as the served
 * version gives them, for those whose model is a filter.
 */
export function attributorOf(
  published: PublishedVersion,
  parts?: (item: number) => Float32Array,
): Attributor | undefined {
  const { train, snapshot } = published;
  const summands = parts ? filtered(published, parts) : summandsOf(published);
  if (!summands) return undefined;
  const { items } = snapshot;
  const attribute = (user: number, item: number): Attribution => {
    if (!(user >= 0 && user < train.rows)) throw new RangeError(`no user ${user}`);
    if (!(item >= 0 && item < train.cols)) throw new RangeError(`no item ${item}`);
    const parts: { index: number; part: number }[] = [];
    for (let e = train.offsets[user]!; e < train.offsets[user + 1]!; e++)
      parts.push({ index: train.indices[e]!, part: summands.part(e, item) });
    return attributed(items, parts, summands.rest(user, item));
  };
  return { attribute };
}

/**
 * The attribution of a score to what somebody did up to the moment of the request; undefined where her taste has no such parts.
 * Errors: item/unknown.
 */
export function attributeFolded(
  { snapshot: { items } }: PublishedVersion,
  { taste, history }: NonNullable<ServedVersion['folded']>,
  item: string,
): Attribution | undefined {
  const index = items.index(item);
  if (index === undefined) throw new TastegraphError('item/unknown', { item });
  if (!taste.parts) return undefined;
  const { parts, own, bias } = taste.parts(index);
  const score = taste.scores(Int32Array.of(index))[0]!;
  const named = Array.from(history.items, (of, n) => ({ index: of, part: parts[n]! }));
  return attributed(items, named, { score, own, bias });
}

/** Parts in their order, with their shares. The score is their sum where it is not given. */
export function attributed(
  items: ItemTable,
  parts: readonly { readonly index: number; readonly part: number }[],
  rest: ReturnType<Summands['rest']>,
  how: Pick<Attribution, 'method' | 'fidelity'> = { method: 'exact', fidelity: 1 },
): Attribution {
  const { score = parts.reduce((total, { part }) => total + part, 0), own, bias } = rest;
  const sum = parts.reduce((total, { part }) => total + part, own + bias);
  const size = parts.reduce((total, { part }) => total + Math.abs(part), Math.abs(own) + Math.abs(bias));
  const share = (part: number) => (size > 0 ? part / size : 0);
  return {
    ...how,
    score,
    parts: parts
      .toSorted((a, b) => b.part - a.part || a.index - b.index)
      .map(({ index, part }) => ({ item: items.id(index), title: items.title(index), part, share: share(part) })),
    ownVector: { part: own, share: share(own) },
    popularity: { part: bias, share: share(bias) },
    error: score - sum,
  };
}

interface Summands {
  /** Of entry e of the training matrix. */
  part(entry: number, item: number): number;
  /** What no entry carries; the score where it is not the sum of the parts itself. */
  rest(user: number, item: number): { readonly score?: number; readonly own: number; readonly bias: number };
}

/** By a filter, whose parts of an item come all at once; those of the last are kept, for all entries of a user. */
function filtered({ train }: PublishedVersion, parts: (item: number) => Float32Array): Summands {
  let last: { readonly item: number; readonly parts: Float32Array } | undefined;
  return {
    part(entry, item) {
      if (last?.item !== item) last = { item, parts: parts(item) };
      return last.parts[train.indices[entry]!]!;
    },
    rest: () => ({ own: 0, bias: 0 }),
  };
}

function summandsOf({ vectors, contributions, itemWeights, train }: PublishedVersion): Summands | undefined {
  if (itemWeights) {
    const part = (entry: number, item: number) => weightBetween(itemWeights, train.indices[entry]!, item);
    return { part, rest: () => ({ own: 0, bias: 0 }) };
  }
  if (!contributions || !vectors) return undefined;
  const { own, messages, weights, dim: width } = contributions;
  return {
    part: (entry, item) => weights[entry]! * dot(messages, train.indices[entry]!, vectors.items, item, width),
    rest(user, item) {
      const bias = vectors.itemBias?.[item] ?? 0;
      const score = bias + dot(vectors.users, user, vectors.items, item, vectors.dim);
      return { score, own: dot(own, user, vectors.items, item, width), bias };
    },
  };
}

/** The attribution by outside ids. Errors: user/unknown, item/unknown. */
export function attributeByIds(
  version: PublishedVersion,
  attributor: Attributor,
  user: string,
  item: string,
): Attribution {
  const userIndex = version.snapshot.users.index(user);
  if (userIndex === undefined) throw new TastegraphError('user/unknown', { user });
  const itemIndex = version.snapshot.items.index(item);
  if (itemIndex === undefined) throw new TastegraphError('item/unknown', { item });
  return attributor.attribute(userIndex, itemIndex);
}

/** ⟨a[row], b[other]⟩ over rows of `dim`, summed in float64. */
function dot(a: Float32Array, row: number, b: Float32Array, other: number, dim: number): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += a[row * dim + d]! * b[other * dim + d]!;
  return sum;
}
