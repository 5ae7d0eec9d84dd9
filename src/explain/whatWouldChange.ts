/** Which one thing more a user would have to like for an item to rise most, with the version's weights as they are. */
import type { ServedVersion } from '../serving/served.ts';
import { allScores, changeableTaste, knownItem, placeOf } from './changedTaste.ts';
import type { NamedItem } from './counterfactual.ts';
import type { FixedWeights } from './whatIf.ts';

export interface Change extends NamedItem {
  /** Where the asked item is, once this one is liked. */
  readonly rank: number;
  readonly score: number;
}

export interface WhatWouldChange extends FixedWeights, NamedItem {
  readonly user: string;
  readonly rank: number;
  readonly score: number;
  /** Those after which the item stands highest, the best first; only what lifts it. */
  readonly likes: readonly Change[];
}

/** Items that are tried, each by ranking all anew. */
const tried = 40;

/** Errors: explain/fixed-taste, item/unknown. */
export function whatWouldChange(
  served: ServedVersion,
  user: string,
  id: string,
  { limit, done = [] }: { readonly limit: number; readonly done?: readonly string[] | undefined },
): WhatWouldChange {
  const { items } = served.published.snapshot;
  const item = knownItem(served, id);
  const taste = changeableTaste(served, user);
  const left = new Set(served.leftOut(user, done));
  const named = (index: number): NamedItem => ({ item: items.id(index), title: items.title(index) });
  const before = allScores(taste.by(taste.history), items.count);
  const now = { rank: placeOf(before, item, left), score: before[item]! };
  const possible = likelyHelpers(served, taste, item).filter((other) => !left.has(other) && other !== item);
  const likes = possible
    .slice(0, tried)
    .flatMap((other) => {
      const scores = allScores(taste.by([...taste.history, other]), items.count);
      // That what is liked makes room for it is no rise.
      if (placeOf(scores, item, left) >= now.rank) return [];
      return { ...named(other), rank: placeOf(scores, item, new Set([...left, other])), score: scores[item]! };
    })
    .sort((a, b) => a.rank - b.rank || b.score - a.score || (a.item < b.item ? -1 : 1));
  const about = { user, ...named(item), holds: 'fixed-weights', how: taste.how, exact: taste.isExact } as const;
  return { ...about, ...now, likes: likes.slice(0, limit) };
}

/** Items in the order of what they would bring to the item's score, were all of them liked; by likeness where it has no parts. */
function likelyHelpers(
  served: ServedVersion,
  taste: ReturnType<typeof changeableTaste>,
  item: number,
): readonly number[] {
  const { items } = served.published.snapshot;
  const every = Int32Array.from({ length: items.count }, (_, n) => n);
  const parts = taste.by(every).parts?.(item).parts;
  if (parts) return [...every].sort((a, b) => parts[b]! - parts[a]! || a - b);
  const alike = served.similar(items.id(item), { limit: 2 * tried });
  return alike.map(({ id }) => items.index(id)!);
}
