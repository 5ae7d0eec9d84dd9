/** Filters over the items of a snapshot: once for all items, since a ranking asks for each. */

import { parseNumber } from '../../data/fields.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';
import type { Availability } from '../liveItems.ts';
import { checkFilter, fulfils, itemFields, type SnapshotFieldType } from './fields.ts';
import { type Comparison, comparisonsOf, type Filter, parseFilter, printFilter } from './language.ts';

/** Features of a kind; numbers where all their values are. */
interface Kind {
  readonly type: SnapshotFieldType;
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

/** What filters read: a snapshot, and which of its items are available. */
interface Ground {
  readonly snapshot: Snapshot;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly isAvailable: (item: number) => boolean;
}

/**
 * For each item 1 where the filter lets it be, else 0. [|I|] An item that has several values of a field passes where one of them does;
 * with '!=' where none is equal. `available` is what it is now, or as the snapshot says where that is not given. The same array for the
 * same question. Errors: filter/invalid, filter/type.
 */
export function filterItems(snapshot: Snapshot, text: string, now?: Availability): Uint8Array {
  const filter = parseFilter(text);
  const known = knownOf.get(snapshot) ?? { kinds: kindsOf(snapshot), filtered: new Map<string, Uint8Array>() };
  knownOf.set(snapshot, known);
  const isMomentary = now !== undefined && [...comparisonsOf(filter)].some(({ field }) => field === 'available');
  const key = `${isMomentary ? now.round : ''} ${printFilter(filter)}`;
  const kept = known.filtered.get(key);
  if (kept) return kept;
  const { kinds, filtered } = known;
  const names = [...itemFields.keys(), ...kinds.keys()];
  checkFilter(filter, (field) => itemFields.get(field) ?? kinds.get(field)?.type, new Set(names));
  const { items } = snapshot;
  const isAvailable = now?.isAvailable ?? ((item) => items.available[item] === 1);
  const passes = evaluate({ snapshot, kinds, isAvailable }, filter);
  if (filtered.size >= mostKept) filtered.delete(filtered.keys().next().value!);
  filtered.set(key, passes);
  return passes;
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
  const { snapshot, kinds, isAvailable } = ground;
  const { items } = snapshot;
  const passes = new Uint8Array(items.count);
  const type = itemFields.get(comparison.field);
  if (type !== undefined) {
    const values: Readonly<Record<string, (item: number) => string | number | boolean>> = {
      id: (item) => items.id(item),
      title: (item) => items.title(item),
      at: (item) => items.at[item]!,
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
  const kind = kinds.get(comparison.field)!;
  const { offsets, indices } = snapshot.relation('feature-item');
  for (const feature of kind.features) {
    if (!fulfils(comparison, kind.type, snapshot.features.value(feature))) continue;
    for (let edge = offsets[feature]!; edge < offsets[feature + 1]!; edge++) passes[indices[edge]!] = 1;
  }
  return passes;
}
