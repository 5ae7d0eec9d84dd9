/**
 * Rules in a request. Sources take turns with the model's own ranking: the first item is the model's best, the next each source's best,
 * and so on, since the model ranks every item already and would keep what a source brings where it was. Filters and exclusions are
 * asked about candidates, and more of them are looked at until the list is full or none are left.
 */
import { TastegraphError, toldOf } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import { askRule, type RuleRow, type RuleUse } from '../graph/rules/ask.ts';
import { findRules, type Rule, type RuleKind } from '../graph/rules/rule.ts';
import type { RankedItem, Recommendations, ServedVersion } from './served.ts';

/** What a request asks of rules. */
export interface RuleRequest {
  readonly uses: readonly RuleUse[];
  /** Longest time for one question to a rule, ms. */
  readonly timeoutMs: number;
}

/** A rule that brought an item, or let it stay. */
export interface RuleMark {
  readonly rule: string;
  readonly version: number;
  readonly kind: RuleKind;
  readonly reason?: string;
}

export interface ChosenByRules extends Recommendations {
  /** By item: the sources that brought it and the filters that let it stay. */
  readonly marks: ReadonlyMap<string, readonly RuleMark[]>;
  /** Sources that were left out, and why; absent where there are none. */
  readonly notes?: readonly string[];
}

export interface ChooseOptions {
  readonly limit: number;
  readonly exclude: readonly string[];
  /** Of `RecommendOptions`. */
  readonly only?: Uint8Array | undefined;
  readonly rules?: RuleRequest | undefined;
  /** Makes the list that sources take turns with, in place of the version's own ranking; asks `screen` which items may stay. */
  readonly own?: (screen?: Screen) => Promise<Recommendations>;
}

/** Of some items those that filters and exclusions let stay. */
export type Screen = (items: readonly RankedItem[]) => Promise<readonly RankedItem[]>;

/** Candidates that filters are first asked about, for each item wanted; then eight times as many, and so on. */
const firstCandidates = 10;
const growth = 8;

/** A rule with what a request gives it. */
export interface NamedRule {
  readonly rule: Rule;
  readonly use: RuleUse;
}

/**
 * The best items for a user by rules. A source that fails is left out with a note; without a filter or an exclusion nothing is
 * recommended. Errors: rule/unknown, rule/failed, query/parameter.
 */
export async function chooseByRules(
  served: ServedVersion,
  graph: Graph | undefined,
  user: string,
  { limit, exclude, only, rules, own }: ChooseOptions,
): Promise<ChosenByRules> {
  if (!rules || rules.uses.length === 0) {
    const made = own ? await own() : served.recommend(user, { limit, exclude, only });
    return { ...made, marks: new Map() };
  }
  const named = await nameRules(graph, rules);
  const ofKind = (kind: RuleKind) => named.filter(({ rule }) => rule.kind === kind);
  const asking: Asking = { graph: graph!, user, timeoutMs: rules.timeoutMs };
  const marks = new Map<string, RuleMark[]>();
  const mark = (item: string, named: NamedRule, row: RuleRow): void => {
    const made = markOf(named, row);
    // Found by a source and by the model, an item is screened twice.
    const before = (marks.get(item) ?? []).filter((other) => other.rule !== made.rule);
    marks.set(item, [...before, made]);
  };
  const screen: Screen = (items) => screened(asking, items, ofKind('filter'), ofKind('exclude'), mark);

  const notes: string[] = [];
  const lists: (readonly RankedItem[])[] = [];
  for (const source of ofKind('source')) {
    const byItem = await sourced(asking, source, notes);
    const scoreOf = ({ id, score }: RankedItem) => byItem.get(id)!.score ?? score;
    const ranked = served.rank(user, byItem.keys(), { exclude, only }).toSorted((a, b) => scoreOf(b) - scoreOf(a));
    for (const { id } of ranked) mark(id, source, byItem.get(id)!);
    lists.push(ranked);
  }
  const brought = new Set((await screen(uniqueOf(lists.flat()))).map(({ id }) => id));
  const kept = lists.map((list) => list.filter(({ id }) => brought.has(id)));
  const made = own ? await own(screen) : await ownChoice(served, user, { limit, exclude, only }, screen);
  const items = inTurns([made.items, ...kept], limit);
  return { items, ...(made.fallback && { fallback: made.fallback }), marks, ...(notes.length > 0 && { notes }) };
}

/** Of some items those that the filters and exclusions of a request let stay for a user. Errors: as `chooseByRules`. */
export async function screenByRules(
  graph: Graph | undefined,
  user: string,
  items: readonly RankedItem[],
  rules: RuleRequest,
): Promise<readonly RankedItem[]> {
  const named = await nameRules(graph, rules);
  const ofKind = (kind: RuleKind) => named.filter(({ rule }) => rule.kind === kind);
  const asking: Asking = { graph: graph!, user, timeoutMs: rules.timeoutMs };
  return await screened(asking, items, ofKind('filter'), ofKind('exclude'), () => {});
}

/** Whom to ask, for whom, and for how long. */
export interface Asking {
  readonly graph: Graph;
  readonly user: string;
  readonly timeoutMs: number;
}

/**
 * The rules that a request names. Without a graph none is known: nothing is recommended that a filter might forbid.
 * Errors: rule/unknown, rule/failed.
 */
export async function nameRules(
  graph: Graph | undefined,
  { uses, timeoutMs }: RuleRequest,
): Promise<readonly NamedRule[]> {
  const names = uses.map(({ name }) => name);
  if (!graph) throw new TastegraphError('rule/failed', { rule: names[0]!, problem: 'no database answers' });
  try {
    const rules = await findRules(graph, names, Math.max(timeoutMs, 5000));
    return rules.map((rule, at) => ({ rule, use: uses[at]! }));
  } catch (thrown) {
    if (thrown instanceof TastegraphError && thrown.code === 'rule/unknown') throw thrown;
    throw new TastegraphError('rule/failed', { rule: names[0]!, problem: 'the database does not answer' }, thrown);
  }
}

/** What a rule answers, by item. */
export async function answered(
  { graph, user, timeoutMs }: Asking,
  { rule, use }: NamedRule,
  items: readonly string[],
): Promise<ReadonlyMap<string, RuleRow>> {
  const rows = await askRule(graph, rule, use.parameters, user, items, timeoutMs);
  return new Map(rows.map((row) => [row.item, row]));
}

/** The request's own mistake comes back as it is; anything else says that a rule could not be asked. */
export function failureOf({ rule }: NamedRule, thrown: unknown): TastegraphError {
  if (thrown instanceof TastegraphError && thrown.code === 'query/parameter') return thrown;
  return new TastegraphError('rule/failed', { rule: rule.name, problem: toldOf(thrown) }, thrown);
}

export const markOf = ({ rule: { name, version, kind } }: NamedRule, { reason }: RuleRow): RuleMark => ({
  rule: name,
  version,
  kind,
  ...(reason !== undefined && { reason }),
});

/** What a source brings; nothing, and a note, where it fails. Errors: query/parameter. */
async function sourced(asking: Asking, source: NamedRule, notes: string[]): Promise<ReadonlyMap<string, RuleRow>> {
  try {
    return await answered(asking, source, []);
  } catch (thrown) {
    const failure = failureOf(source, thrown);
    if (failure === thrown) throw failure;
    notes.push(`Source '${source.rule.name}' is left out: ${toldOf(thrown)}`);
    return new Map();
  }
}

/** Those of `items` that every filter keeps and no exclusion removes. Errors: rule/failed, query/parameter. */
async function screened(
  asking: Asking,
  items: readonly RankedItem[],
  filters: readonly NamedRule[],
  exclusions: readonly NamedRule[],
  mark: (item: string, rule: NamedRule, row: RuleRow) => void,
): Promise<readonly RankedItem[]> {
  let left = items;
  const allowed: [NamedRule, ReadonlyMap<string, RuleRow>][] = [];
  for (const rule of [...exclusions, ...filters]) {
    if (left.length === 0) return left;
    const ids = left.map(({ id }) => id);
    const rows = await answered(asking, rule, ids).catch((thrown: unknown) => {
      throw failureOf(rule, thrown);
    });
    const keeps = rule.rule.kind === 'filter';
    if (keeps) allowed.push([rule, rows]);
    left = left.filter(({ id }) => rows.has(id) === keeps);
  }
  for (const { id } of left) for (const [rule, rows] of allowed) mark(id, rule, rows.get(id)!);
  return left;
}

/** The model's own choice among what is left by the rules, looking further down its ranking until it is full. */
async function ownChoice(
  served: ServedVersion,
  user: string,
  { limit, exclude, only }: Pick<ChooseOptions, 'limit' | 'exclude' | 'only'>,
  screen: Screen,
): Promise<Recommendations> {
  const kept: RankedItem[] = [];
  let looked = 0;
  for (let wanted = limit * firstCandidates; ; wanted *= growth) {
    const { items, fallback } = served.recommend(user, { limit: wanted, exclude, only });
    kept.push(...(await screen(items.slice(looked))));
    looked = items.length;
    if (kept.length >= limit || items.length < wanted)
      return { items: kept.slice(0, limit), ...(fallback && { fallback }) };
  }
}

const uniqueOf = (items: readonly RankedItem[]): readonly RankedItem[] => [
  ...new Map(items.map((item) => [item.id, item])).values(),
];

/** One of each list in turn, each item once, until there are `limit`. */
function inTurns(lists: readonly (readonly RankedItem[])[], limit: number): readonly RankedItem[] {
  const chosen = new Map<string, RankedItem>();
  const next = lists.map((list) => list[Symbol.iterator]());
  for (let open = next.length; open > 0 && chosen.size < limit; ) {
    open = 0;
    for (const list of next) {
      let step = list.next();
      while (!step.done && chosen.has(step.value.id)) step = list.next();
      if (step.done) continue;
      open++;
      if (chosen.size < limit) chosen.set(step.value.id, step.value);
    }
  }
  return [...chosen.values()];
}
