/** Filters over the items of a snapshot, as they are now: once for all items, since a ranking asks for each. */

import { parseNumber } from '../../data/fields.ts';
import type { ItemContent } from '../../graph/itemContents.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';
import type { ContentsNow } from '../liveContents.ts';
import type { Availability } from '../liveItems.ts';
import { checkFilter, type FieldType, fulfils, fulfilsAny, itemFields } from './fields.ts';
import { type Comparison, comparisonsOf, type Filter, parseFilter, printFilter } from './language.ts';

/** Features of a kind in a snapshot; numbers where all their values are. */
interface Kind {
  /** `any` where values of the snapshot are numbers and some that came since are not. */
  readonly type: FieldType;
  readonly features: readonly number[];
}

/** By snapshot: its kinds of features, and the filters that were asked last. */
interface Known {
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly filtered: Map<string, Uint8Array>;
}

const knownOf = new WeakMap<Snapshot, Known>();
/** Filters a snapshot whose answer is kept: a byte an item each. */
const mostKept = 64;

/** What is known of a version's items beside its snapshot; what a `ServedBase` says. */
export interface ItemsNow {
  availability(): Availability;
  contents(): ContentsNow;
}

/** What filters read: a snapshot, which of its items are available, and what has changed of them. */
interface Ground {
  readonly snapshot: Snapshot;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly isAvailable: (item: number) => boolean;
  readonly changed: ReadonlyMap<number, ItemContent>;
}

const nothing: ContentsNow = { round: 0, changed: new Map(), kinds: new Map() };

/**
 * For each item 1 where the filter lets it be, else 0. [|I|] An item that has several values of a field passes where one of them does;
 * with '!=' where none is equal. Items are judged by what they are `now`, or as the snapshot has them where that is not given. The same
 * array for the same question. Errors: filter/invalid, filter/type.
 */
export function filterItems(snapshot: Snapshot, text: string, now?: ItemsNow): Uint8Array {
  const filter = parseFilter(text);
  const known = knownOf.get(snapshot) ?? { kinds: kindsOf(snapshot), filtered: new Map<string, Uint8Array>() };
  knownOf.set(snapshot, known);
  const { items } = snapshot;
  const { filtered } = known;
  const availability = now?.availability();
  const { round, changed, kinds: came } = now?.contents() ?? nothing;
  const isMomentary =
    availability !== undefined && [...comparisonsOf(filter)].some(({ field }) => field === 'available');
  const key = `${isMomentary ? availability.round : ''} ${round} ${printFilter(filter)}`;
  const kept = filtered.get(key);
  if (kept) return kept;
  const kinds = came.size > 0 ? withNew(known.kinds, came) : known.kinds;
  const names = [...itemFields.keys(), ...kinds.keys()];
  checkFilter(filter, (field) => itemFields.get(field) ?? kinds.get(field)?.type, new Set(names));
  const isAvailable = availability?.isAvailable ?? ((item: number) => items.available[item] === 1);
  const passes = evaluate({ snapshot, kinds, isAvailable, changed }, filter);
  if (filtered.size >= mostKept) filtered.delete(filtered.keys().next().value!);
  filtered.set(key, passes);
  return passes;
}

/** A snapshot's kinds with those that came since. Text stays text. */
function withNew(kinds: ReadonlyMap<string, Kind>, came: ReadonlyMap<string, boolean>): ReadonlyMap<string, Kind> {
  const all = new Map(kinds);
  for (const [kind, areNumbers] of came) {
    const known = kinds.get(kind);
    if (!known) all.set(kind, { type: areNumbers ? 'number' : 'text', features: [] });
    else if (known.type === 'number' && !areNumbers) all.set(kind, { ...known, type: 'any' });
  }
  return all;
}

/** Kinds of features that items have. */
function kindsOf(snapshot: Snapshot): ReadonlyMap<string, Kind> {
  const { features } = snapshot;
  const found = new Map<string, { features: number[]; isNumber: boolean }>();
  const used = new Set(snapshot.relation('item-feature').indices);
  for (const feature of [...used].sort((a, b) => a - b)) {
    const kind = found.get(features.kind(feature)) ?? { features: [], isNumber: true };
    kind.features.push(feature);
    kind.isNumber &&= parseNumber(features.value(feature)) !== undefined;
    found.set(features.kind(feature), kind);
  }
  return new Map(
    [...found].map(([kind, { features, isNumber }]) => [kind, { type: isNumber ? 'number' : 'text', features }]),
  );
}

function evaluate(ground: Ground, filter: Filter): Uint8Array {
  const part = (inner: Filter): Uint8Array => evaluate(ground, inner);
  if (filter.kind === 'compare') return compare(ground, filter);
  if (filter.kind === 'not') return part(filter.of).map((passes) => 1 - passes);
  if (filter.kind === 'in') {
    const { field } = filter;
    return union(filter.values.map((value) => part({ kind: 'compare', field, operator: ':', value })));
  }
  const parts = filter.of.map(part);
  if (filter.kind === 'or') return union(parts);
  return parts[0]!.map((_, item) => (parts.every((each) => each[item] === 1) ? 1 : 0));
}

const union = (parts: readonly Uint8Array[]): Uint8Array =>
  parts[0]!.map((_, item) => (parts.some((each) => each[item] === 1) ? 1 : 0));

function compare(ground: Ground, comparison: Comparison): Uint8Array {
  const { snapshot, kinds, isAvailable, changed } = ground;
  const { items } = snapshot;
  const passes = new Uint8Array(items.count);
  const type = itemFields.get(comparison.field);
  if (type !== undefined) {
    const values: Readonly<Record<string, (item: number) => string | number | boolean>> = {
      id: (item) => items.id(item),
      title(item) {
        const content = changed.get(item);
        return content ? content.title || items.id(item) : items.title(item);
      },
      at(item) {
        const content = changed.get(item);
        return content ? (content.at ?? Number.NaN) : items.at[item]!;
      },
      available: isAvailable,
    };
    const valueAt = values[comparison.field]!;
    for (let item = 0; item < items.count; item++) passes[item] = fulfils(comparison, type, valueAt(item)) ? 1 : 0;
    return passes;
  }
  // 'has none that is equal', which is not 'has one that is not'.
  if (comparison.operator === '!=') {
    return compare(ground, { ...comparison, operator: ':' }).map((equal) => 1 - equal);
  }
  const { type: of, features } = kinds.get(comparison.field)!;
  const fits = (value: string): boolean =>
    of === 'any' ? fulfilsAny(comparison, value) : fulfils(comparison, of, value);
  const { offsets, indices } = snapshot.relation('feature-item');
  for (const feature of features) {
    if (!fits(snapshot.features.value(feature))) continue;
    for (let edge = offsets[feature]!; edge < offsets[feature + 1]!; edge++) passes[indices[edge]!] = 1;
  }
  for (const [item, content] of changed)
    passes[item] = content.features.some(({ kind, value }) => kind === comparison.field && fits(value)) ? 1 : 0;
  return passes;
}
