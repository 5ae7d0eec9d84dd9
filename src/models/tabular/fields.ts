/** What tabular models see of a row: one index a field, all fields in one table. */
import type { Csr } from '../../compute/csr.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';

/** Of a kind that has several values at once (genres), so many are looked at, the first in the order of the snapshot. */
const mostSlots = 4;

/**
 * Fields in order: user, item, then for each kind of feature of users, of items and of contexts as many slots as its rows have
 * values at once. The indices of a kind are shared by its slots, with one more for "nothing known".
 */
export interface Fields {
  readonly names: readonly string[]; // [fields]
  /** Indices of all fields together: rows of the table. */
  readonly size: number;
  readonly userIndex: (user: number) => number;
  readonly itemIndex: (item: number) => number;
  /** Writes the row of a user, an item and the context of an interaction (−1 for none) to out[at … at + fields]. */
  fill(user: number, item: number, interaction: number, out: Int32Array, at: number): void;
}

export function fieldsOf({ users, items, features, interactions, relation }: Snapshot): Fields {
  const names = ['user', 'item'];
  let size = users.count + items.count;
  const kinds = Array.from({ length: features.count }, (_, feature) => features.kind(feature));

  /** The slots of one source of features, and how a row of it is written. */
  const add = (of: string, source: Csr | undefined) => {
    if (!source || source.indices.length === 0) return () => {};
    const base = names.length;
    const indexOf = new Int32Array(features.count); // in the table
    const firstOf = new Int32Array(features.count); // first slot of the feature's kind
    const unknown: number[] = []; // by slot
    for (const [kind, count] of mostAtOnce(source, kinds)) {
      const first = unknown.length;
      for (const [feature, own] of kinds.entries()) {
        if (own !== kind) continue;
        indexOf[feature] = size++;
        firstOf[feature] = first;
      }
      for (let slot = 0; slot < count; slot++) {
        names.push(count > 1 ? `${of} ${kind} ${slot + 1}` : `${of} ${kind}`);
        unknown.push(size);
      }
      size++;
    }
    return (row: number, out: Int32Array, at: number): void => {
      for (let slot = 0; slot < unknown.length; slot++) out[at + base + slot] = unknown[slot]!;
      if (row < 0) return;
      let slot = -1;
      let kind: string | undefined;
      // Features of a kind follow each other: their keys begin alike.
      for (let e = source.offsets[row]!; e < source.offsets[row + 1]!; e++) {
        const feature = source.indices[e]!;
        slot = kinds[feature] === kind ? slot + 1 : firstOf[feature]!;
        kind = kinds[feature];
        if (slot < firstOf[feature]! + mostSlots) out[at + base + slot] = indexOf[feature]!;
      }
    };
  };
  const ofUser = add('user', relation('user-feature'));
  const ofItem = add('item', relation('item-feature'));
  const ofContext = add('context', interactions.contexts);
  return {
    names,
    size,
    userIndex: (user) => user,
    itemIndex: (item) => users.count + item,
    fill(user, item, interaction, out, at) {
      out[at] = user;
      out[at + 1] = users.count + item;
      ofUser(user, out, at);
      ofItem(item, out, at);
      ofContext(interaction, out, at);
    },
  };
}

/** For each kind how many values a row has at most, no more than are looked at; by kind, ascending. */
function mostAtOnce(source: Csr, kinds: readonly string[]): [string, number][] {
  const most = new Map<string, number>();
  for (let row = 0; row < source.rows; row++) {
    let count = 0;
    let kind: string | undefined;
    for (let e = source.offsets[row]!; e < source.offsets[row + 1]!; e++) {
      const own = kinds[source.indices[e]!]!;
      count = own === kind ? count + 1 : 1;
      kind = own;
      if (count <= mostSlots && count > (most.get(own) ?? 0)) most.set(own, count);
    }
  }
  return [...most].sort(([a], [b]) => (a < b ? -1 : 1));
}
