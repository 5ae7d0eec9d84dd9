/** How true explanations are, by what happens when what they name is taken away. */
import { allScores, type ChangeableTaste, placeOf } from '../../../src/explain/changedTaste.ts';
import type { RandomStream } from '../../../src/random.ts';

/** One recommendation to be explained. */
export interface Case {
  readonly taste: ChangeableTaste;
  readonly item: number;
  readonly left: ReadonlySet<number>;
  readonly items: number;
}

const steps = 10;

/** What a place is worth: 1 for the first, as in NDCG. */
const worth = (place: number): number => 1 / Math.log2(1 + place);

function worthOf({ taste, item, left, items }: Case, history: readonly number[]): number {
  return worth(placeOf(allScores(taste.by(history), items), item, left));
}

/** Mean worth of the item's place while interactions are taken away in this order, a tenth at a time: less is better. */
export function deletion(one: Case, order: readonly number[]): number {
  return area((share) => worthOf(one, order.slice(Math.round(share * order.length))));
}

/** The same while they are put in, into nothing: more is better. */
export function insertion(one: Case, order: readonly number[]): number {
  return area((share) => worthOf(one, order.slice(0, Math.round(share * order.length))));
}

function area(at: (share: number) => number): number {
  let [sum, before] = [0, at(0)];
  for (let step = 1; step <= steps; step++) {
    const now = at(step / steps);
    sum += (before + now) / 2 / steps;
    before = now;
  }
  return sum;
}

/** Share of the interactions that carry four fifths of all that speaks for the item. */
export function sparsity(parts: readonly number[]): number {
  const positive = parts.filter((part) => part > 0).sort((a, b) => b - a);
  const all = positive.reduce((sum, part) => sum + part, 0);
  let carried = 0;
  for (const [n, part] of positive.entries()) {
    carried += part;
    if (carried >= 0.8 * all) return (n + 1) / parts.length;
  }
  return 1;
}

/** Spearman's correlation of two orders of the same items, from −1 to 1. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const n = a.length;
  if (n < 2) return 1;
  const place = new Map(b.map((item, at) => [item, at]));
  const squares = a.reduce((sum, item, at) => sum + (at - place.get(item)!) ** 2, 0);
  return 1 - (6 * squares) / (n * (n * n - 1));
}

/** A history without a tenth of it, drawn at random; at least one goes. */
export function thinned(history: readonly number[], random: RandomStream): number[] {
  const gone = new Set(random.shuffle([...history]).slice(0, Math.max(1, Math.round(history.length / 10))));
  return history.filter((item) => !gone.has(item));
}

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;

/** The value that a share of them is at most. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
