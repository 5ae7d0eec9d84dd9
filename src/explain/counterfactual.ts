/**
 * The smallest set of a user's own interactions without which an item is not among the first k, and what comes in its place.
 *
 *   1. Interactions are ordered by what taking each away alone does to the item's margin over the k-th other, her taste made anew
 *      with the degree and normalisation that she then has; of many, those whose parts of the score are greatest are tried.
 *   2. They are taken away one after another, each time the one after which the margin is least, until the item is out.
 *   3. What is not needed is put back; then all smaller sets of the most effective ones are tried.
 *
 * Every set is checked by ranking anew. After Ghazimatin et al., "PRINCE: Provider-side Interpretability with Counterfactual
 * Explanations in Recommender Systems", WSDM 2020, who search the same for random walks.
 */
import { setImmediate } from 'node:timers/promises';
import { TastegraphError } from '../errors.ts';
import { bestOf } from '../serving/ranking.ts';
import type { ServedVersion } from '../serving/served.ts';
import { allScores, changeableTaste, knownItem, placeOf } from './changedTaste.ts';
import type { FixedWeights } from './whatIf.ts';

export interface NamedItem {
  readonly item: string;
  readonly title: string;
}

export interface Counterfactual extends FixedWeights {
  readonly user: string;
  readonly item: string;
  readonly title: string;
  /** k. */
  readonly limit: number;
  readonly rank: number;
  /** Whether such a set was found. */
  readonly found: boolean;
  /** Without these the item is not among the first k; empty where none was found. */
  readonly without: readonly NamedItem[];
  /** Where the item then stands, by all scores made anew. */
  readonly rankThen?: number;
  /** What is then in the list and was not before, best first. */
  readonly instead: readonly NamedItem[];
  /** Whether every smaller set was tried. */
  readonly smallest: boolean;
  /** How often the list was made anew. */
  readonly checks: number;
}

export interface CounterfactualOptions {
  /** k: the item must be among so many. */
  readonly limit: number;
  readonly done?: readonly string[] | undefined;
  /** Most interactions that are taken away together. */
  readonly most?: number;
  /** The search ends after this long with what it has, ms. */
  readonly deadlineMs?: number;
}

/** Interactions that are looked at one by one, and those that are tried in pairs and in threes. */
const looked = { ones: 80, pairs: 24, threes: 12 } as const;
/** Next ones that are compared at each step. */
const breadth = 8;

/** Errors: explain/fixed-taste, explain/not-listed, item/unknown. */
export async function counterfactual(
  served: ServedVersion,
  user: string,
  id: string,
  { limit, done = [], most = 20, deadlineMs = 5000 }: CounterfactualOptions,
): Promise<Counterfactual> {
  const { items } = served.published.snapshot;
  const item = knownItem(served, id);
  const taste = changeableTaste(served, user);
  const left = served.leftOut(user, done);
  const leftSet = new Set(left);
  const named = (index: number): NamedItem => ({ item: items.id(index), title: items.title(index) });
  const all = [...taste.history];
  const deadline = performance.now() + deadlineMs;
  let checks = 0;

  /** The list without some interactions, and by how much the item's score is above the k-th other. */
  const listWithout = (taken: ReadonlySet<number>) => {
    checks++;
    const scores = allScores(taste.by(all.filter((each) => !taken.has(each))), items.count);
    const { ids } = bestOf(scores, limit + 1, left);
    const last = ids.filter((each) => each !== item)[limit - 1];
    const margin = last === undefined ? Number.POSITIVE_INFINITY : scores[item]! - scores[last]!;
    const list = ids.slice(0, limit);
    return { ids: list, scores, margin, isOut: !list.includes(item) };
  };
  let breathed = performance.now();
  /** Lets others be answered in between; whether there is time for more. */
  const goesOn = async (): Promise<boolean> => {
    const time = performance.now();
    if (time - breathed > 10) {
      await setImmediate();
      breathed = performance.now();
    }
    return time < deadline;
  };
  const search: Search = { listWithout, goesOn };

  const now = listWithout(new Set());
  const rank = placeOf(now.scores, item, leftSet);
  if (now.isOut) throw new TastegraphError('explain/not-listed', { item: id, rank, limit });

  const ones: { readonly each: number; readonly margin: number; readonly isOut: boolean }[] = [];
  for (const each of mostEffective(taste, all, item, now.ids)) {
    const { margin, isOut } = listWithout(new Set([each]));
    ones.push({ each, margin, isOut });
    if (!(await goesOn())) break;
  }
  ones.sort((a, b) => a.margin - b.margin || a.each - b.each);
  const order = ones.map(({ each }) => each);
  let found = ones[0]?.isOut ? [order[0]!] : undefined;
  let triedBelow = found ? 1 : 0; // every set of fewer than this was tried
  if (!found) {
    found = await takenOneByOne(order, search, Math.min(most, order.length));
    found = found && (await withoutNeedless(found, search));
    if (ones.length === all.length) triedBelow = 2;
    for (const [size, count] of [
      [2, looked.pairs],
      [3, looked.threes],
    ] as const) {
      if (found && found.length <= size) break;
      const smaller = await firstSubset(order.slice(0, count), size, search);
      if (smaller) found = smaller;
      else if (triedBelow === size && order.length <= count && (await goesOn())) triedBelow = size + 1;
    }
  }
  const taken = new Set(found);
  const then = found && listWithout(taken);
  const before = new Set(now.ids);
  return {
    user,
    ...named(item),
    holds: 'fixed-weights',
    how: taste.how,
    exact: taste.isExact,
    limit,
    rank,
    found: found !== undefined,
    without: (found ?? []).map(named),
    ...(then && { rankThen: placeOf(then.scores, item, leftSet) }),
    instead: found
      ? listWithout(taken)
          .ids.filter((each) => !before.has(each))
          .map(named)
      : [],
    smallest: found !== undefined && triedBelow >= found.length,
    checks,
  };
}

/** Of many interactions those that speak most for the item, beside what they say for the last ones of the list. */
function mostEffective(
  taste: ReturnType<typeof changeableTaste>,
  all: readonly number[],
  item: number,
  list: readonly number[],
): readonly number[] {
  if (all.length <= looked.ones) return all;
  const now = taste.by(all);
  const parts = now.parts?.(item).parts;
  if (!parts) return all.slice(-looked.ones);
  const rival = list.findLast((each) => each !== item);
  const against = rival === undefined ? undefined : now.parts!(rival).parts;
  const effect = parts.map((part, n) => part - (against?.[n] ?? 0));
  return [...all.keys()]
    .sort((a, b) => effect[b]! - effect[a]! || a - b)
    .slice(0, looked.ones)
    .map((n) => all[n]!);
}

interface Search {
  listWithout(taken: ReadonlySet<number>): { readonly margin: number; readonly isOut: boolean };
  goesOn(): Promise<boolean>;
}

/** Takes away, each time, the one of the next few after which the margin is least. Undefined where that leads nowhere. */
async function takenOneByOne(
  order: readonly number[],
  { listWithout, goesOn }: Search,
  most: number,
): Promise<number[] | undefined> {
  const taken: number[] = [];
  let rest = order;
  while (taken.length < most && rest.length > 0 && (await goesOn())) {
    const tried = rest.slice(0, breadth).map((each) => ({ each, ...listWithout(new Set([...taken, each])) }));
    const best = tried.reduce((a, b) => (b.margin < a.margin ? b : a));
    taken.push(best.each);
    if (best.isOut) return taken;
    rest = rest.filter((each) => each !== best.each);
  }
  return undefined;
}

/** Puts back what is not needed, the first ones last. */
async function withoutNeedless(found: readonly number[], { listWithout, goesOn }: Search): Promise<number[]> {
  let needed = [...found];
  for (const each of [...found].reverse()) {
    const fewer = needed.filter((other) => other !== each);
    if (fewer.length > 0 && listWithout(new Set(fewer)).isOut) needed = fewer;
    if (!(await goesOn())) break;
  }
  return needed;
}

/** The first set of a size that takes the item out. */
async function firstSubset(
  order: readonly number[],
  size: number,
  { listWithout, goesOn }: Search,
): Promise<number[] | undefined> {
  const grow = async (from: number, chosen: readonly number[]): Promise<number[] | undefined> => {
    if (chosen.length === size) return listWithout(new Set(chosen)).isOut ? [...chosen] : undefined;
    for (let n = from; n < order.length && (await goesOn()); n++) {
      const found = await grow(n + 1, [...chosen, order[n]!]);
      if (found) return found;
    }
    return undefined;
  };
  return await grow(0, []);
}
