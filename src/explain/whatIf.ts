/** A user's list as it would be had she done other things. */

import type { FoldInWay } from '../serving/foldIn/taste.ts';
import { bestOf } from '../serving/ranking.ts';
import type { ServedVersion } from '../serving/served.ts';
import { allScores, changeableTaste, knownItem, placeOf } from './changedTaste.ts';

export interface Place {
  /** From 1, among all that may be recommended; absent for what may not be. */
  readonly rank?: number;
  readonly score: number;
}

export interface MovedItem extends Place {
  readonly item: string;
  readonly title: string;
  /** As it is now. */
  readonly was: Place;
}

/** That an answer holds with the version's weights as they are, and how near its way of reading a history is to the model's own. */
export interface FixedWeights {
  readonly holds: 'fixed-weights';
  readonly how: FoldInWay;
  readonly exact: boolean;
}

export interface WhatIf extends FixedWeights {
  readonly user: string;
  /** Items of hers that were taken away, and that were added; the rest of what was asked for is in `passedOver`. */
  readonly without: readonly string[];
  readonly with: readonly string[];
  /** Ids that the version does not know, that she has not done (to be taken away), or that she has (to be added). */
  readonly passedOver: readonly string[];
  /** Items that her taste is made of, now and then. */
  readonly interactions: { readonly was: number; readonly now: number };
  /** Best first; what she has done is not among them, nor what was added. */
  readonly items: readonly MovedItem[];
  /** The item that was asked for. */
  readonly item?: MovedItem;
}

export interface WhatIfOptions {
  readonly without: readonly string[];
  readonly with: readonly string[];
  readonly limit: number;
  /** Tell where this one goes, too. */
  readonly item?: string | undefined;
  /** What she has done beside, which is left out of lists. */
  readonly done?: readonly string[] | undefined;
}

/** Errors: explain/fixed-taste, item/unknown. */
export function whatIf(served: ServedVersion, user: string, options: WhatIfOptions): WhatIf {
  const { items } = served.published.snapshot;
  const taste = changeableTaste(served, user);
  const indexOf = (id: string) => items.index(id);
  const mine = new Set(taste.history);
  const without = options.without.filter((id) => mine.has(indexOf(id) ?? -1));
  const added = options.with.filter((id) => indexOf(id) !== undefined && !mine.has(indexOf(id)!));
  const taken = new Set([...without, ...added]);
  const changed = new Set(mine);
  for (const id of without) changed.delete(indexOf(id)!);
  for (const id of added) changed.add(indexOf(id)!);

  const left = new Set(served.leftOut(user, options.done ?? []));
  const leftThen = new Set([...left, ...added.map((id) => indexOf(id)!)]);
  const before = allScores(taste.by(mine), items.count);
  const after = taken.size === 0 ? before : allScores(taste.by(changed), items.count);
  const place = (scores: Float64Array, item: number, without: ReadonlySet<number>): Place => ({
    ...(!without.has(item) && { rank: placeOf(scores, item, without) }),
    score: scores[item]!,
  });
  const moved = (item: number): MovedItem => ({
    item: items.id(item),
    title: items.title(item),
    ...place(after, item, leftThen),
    was: place(before, item, left),
  });
  const asked = options.item === undefined ? undefined : knownItem(served, options.item);
  return {
    user,
    holds: 'fixed-weights',
    how: taste.how,
    exact: taste.isExact,
    without: [...new Set(without)],
    with: [...new Set(added)],
    passedOver: [...new Set([...options.without, ...options.with].filter((id) => !taken.has(id)))],
    interactions: { was: mine.size, now: changed.size },
    items: bestOf(after, options.limit, [...leftThen]).ids.map(moved),
    ...(asked !== undefined && { item: moved(asked) }),
  };
}
