/** Gives a snapshot's content to a builder again, but for what is to be left out: what was removed, has changed, or is later. */
import type { SnapshotBuilder } from './builder.ts';
import { partNames, type Relation, type Snapshot } from './snapshot.ts';

/** What becomes of a node: it stays; it stays but is described anew (its own edges go); or it goes with all its edges. */
export const fates = { kept: 0, stale: 1, gone: 2 } as const;

export interface Refill {
  readonly users: Uint8Array; // [users], of `fates`
  readonly items: Uint8Array; // [items], of `fates`
  /** ms since 1970: interactions after it are left out. */
  readonly until?: number;
  /** Features that nothing has any more are left out too. */
  readonly onlyUsedFeatures: boolean;
}

/** An interaction, a user's features and trust are the user's own edges; an item's features are the item's. */
export function refill(
  builder: SnapshotBuilder,
  base: Snapshot,
  { users, items, until, onlyUsedFeatures }: Refill,
): void {
  const { kept, gone } = fates;
  const feature = numbersOnce(base.features.count, (index) =>
    builder.feature(base.features.kind(index), base.features.value(index)),
  );
  if (!onlyUsedFeatures) for (let index = 0; index < base.features.count; index++) feature(index);
  const user = numbersOnce(base.users.count, (index) => builder.user(base.users.id(index)));
  const item = numbersOnce(base.items.count, (index) => builder.item(base.items.id(index)));
  const edges = (name: Relation, from: Uint8Array, push: (row: number, col: number, weight?: number) => void): void => {
    const { rows, offsets, indices, weights } = base.relation(name);
    for (let row = 0; row < rows; row++) {
      if (from[row] !== kept) continue;
      for (let edge = offsets[row]!; edge < offsets[row + 1]!; edge++) push(row, indices[edge]!, weights?.[edge]);
    }
  };

  for (let index = 0; index < base.users.count; index++) if (users[index] !== gone) user(index);
  for (let index = 0; index < base.items.count; index++) {
    if (items[index] === gone) continue;
    const number = item(index);
    if (items[index] !== kept) continue;
    const at = base.items.at[index]!;
    builder.describeItem(number, {
      ...(base.items.hasTitle(index) && { title: base.items.title(index) }),
      ...(!Number.isNaN(at) && { at }),
      available: base.items.available[index] === 1,
    });
  }
  const { interactions } = base;
  const types = numbersOnce(interactions.typeNames.length, (index) => builder.type(interactions.typeNames[index]!));
  for (let entry = 0; entry < interactions.count; entry++) {
    const at = interactions.at[entry]!;
    if (until !== undefined && at > until) break; // they are in time order
    if (users[interactions.users[entry]!] !== kept || items[interactions.items[entry]!] === gone) continue;
    const { contexts } = interactions;
    builder.interaction(
      user(interactions.users[entry]!),
      item(interactions.items[entry]!),
      types(interactions.types[entry]!),
      at,
      interactions.values[entry]!,
      partNames[interactions.parts[entry]!],
      contexts && Array.from(contexts.indices.subarray(contexts.offsets[entry], contexts.offsets[entry + 1]), feature),
    );
  }
  edges('item-feature', items, (row, col, weight) => builder.itemFeature(item(row), feature(col), weight));
  edges('user-feature', users, (row, col, weight) => builder.userFeature(user(row), feature(col), weight));
  edges('user-user', users, (row, col, weight) => {
    if (users[col] !== gone) builder.trust(user(row), user(col), weight);
  });
}

/** The builder's numbers by the snapshot's, each asked for once. */
function numbersOnce(count: number, number: (index: number) => number): (index: number) => number {
  const known = new Int32Array(count).fill(-1);
  return (index) => {
    if (known[index] === -1) known[index] = number(index);
    return known[index]!;
  };
}
