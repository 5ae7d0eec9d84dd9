/**
 * What a user would be ranked by had she done other things, the version being as it is: item vectors, weights and filters stay, her
 * own part is made anew with the edges, degree and normalisation that she then has. That is what the model itself does where it is
 * linear or sums over items; elsewhere it is as near as fixed item vectors allow, and `isExact` says so.
 */
import { TastegraphError } from '../errors.ts';
import { evenHistory } from '../serving/foldIn/history.ts';
import type { FoldedTaste, FoldInWay, Taste } from '../serving/foldIn/taste.ts';
import type { ServedVersion } from '../serving/served.ts';

export interface ChangeableTaste {
  /** What her taste is made of, by dense index, ascending. */
  readonly history: Int32Array;
  /** How it is made of that. */
  readonly how: FoldInWay;
  /** Whether the model itself ranks her so. */
  readonly isExact: boolean;
  /** Her taste by another history; what most people chose, where nothing is left that tells taste. */
  by(history: Iterable<number>): Taste & Partial<Pick<FoldedTaste, 'parts'>>;
}

/** Undefined where what she does changes nothing until the next training, or nothing of her taste is known. */
export function tasteByHistory(served: ServedVersion, user: string): ChangeableTaste | undefined {
  const history = historyOf(served, user);
  const sequence = served.folded?.user === user ? served.folded.history.sequence : undefined;
  /** What she has not done comes last. */
  const historyWith = (items: ReadonlySet<number>) =>
    evenHistory(
      items,
      sequence?.filter((item) => items.has(item)),
    );
  const own = history.length > 0 ? served.fold(historyWith(new Set(history)), user) : undefined;
  if (!own) return undefined;
  return {
    history,
    how: own.foldedIn.how,
    isExact: own.foldedIn.how !== 'least-squares',
    by(changed) {
      const items = new Set(changed);
      return (items.size > 0 && served.fold(historyWith(items), user)) || served.common;
    },
  };
}

/** The same. Errors: explain/fixed-taste. */
export function changeableTaste(served: ServedVersion, user: string): ChangeableTaste {
  const found = tasteByHistory(served, user);
  if (found) return found;
  const isUnknown = historyOf(served, user).length === 0;
  const problem = isUnknown
    ? 'nothing of this taste is known to the version'
    : `${served.manifest.model} ranks by what only a training finds`;
  throw new TastegraphError('explain/fixed-taste', { problem });
}

const historyOf = (served: ServedVersion, user: string): Int32Array =>
  served.folded?.user === user ? served.folded.history.items : trainedItems(served, user);

/** What the version learned of a user, by dense index, ascending. */
function trainedItems({ published: { snapshot, train } }: ServedVersion, user: string): Int32Array {
  const index = snapshot.users.index(user);
  return index === undefined ? new Int32Array(0) : train.indices.slice(train.offsets[index], train.offsets[index + 1]);
}

/** Every item's score by a taste. [|I|] */
export const allScores = (taste: Taste, items: number): Float64Array =>
  taste.scores(Int32Array.from({ length: items }, (_, item) => item));

/** An item's place by scores among all that may be recommended, from 1; equal scores go by index, as they are ranked. */
export function placeOf(scores: ArrayLike<number>, item: number, left: ReadonlySet<number>): number {
  let place = 1;
  for (let other = 0; other < scores.length; other++) {
    const isBefore = scores[other]! > scores[item]! || (scores[other] === scores[item] && other < item);
    if (isBefore && !left.has(other)) place++;
  }
  return place;
}

/** The dense index of an item. Errors: item/unknown. */
export function knownItem({ published }: ServedVersion, item: string): number {
  const index = published.snapshot.items.index(item);
  if (index === undefined) throw new TastegraphError('item/unknown', { item });
  return index;
}
