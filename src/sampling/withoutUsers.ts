/** The snapshot that would have been taken, had some users never been there. */
import type { Csr, SharedAllocator } from '../compute/csr.ts';
import { SnapshotBuilder } from './builder.ts';
import { ownMemory } from './memory.ts';
import { partNames, type Snapshot } from './snapshot.ts';
import { StringTable } from './strings.ts';

/**
 * Built anew without the users [dense indices], and without the features that were theirs alone, so that it is the same, to the
 * digest, as one of a graph that forgot them. Takes the time and memory of building a snapshot.
 */
export function withoutUsers(
  snapshot: Snapshot,
  gone: ReadonlySet<number>,
  allocator: SharedAllocator = ownMemory,
): Snapshot {
  const { users, items, features, interactions, asOf, source, mark } = snapshot;
  const builder = new SnapshotBuilder();
  const userNumbers = Int32Array.from({ length: users.count }, (_, user) =>
    gone.has(user) ? -1 : builder.user(users.id(user)),
  );
  const titles = titlesOf(snapshot);
  for (let item = 0; item < items.count; item++) {
    const at = items.at[item]!;
    builder.describeItem(builder.item(items.id(item)), {
      title: titles.at(item),
      ...(!Number.isNaN(at) && { at }),
      available: items.available[item] === 1,
    });
  }
  const orphans = orphansOf(snapshot, gone);
  const featureNumbers = Int32Array.from({ length: features.count }, (_, feature) =>
    orphans.has(feature) ? -1 : builder.feature(features.kind(feature), features.value(feature)),
  );
  const { contexts, typeNames } = interactions;
  for (let n = 0; n < interactions.count; n++) {
    const user = userNumbers[interactions.users[n]!]!;
    if (user < 0) continue;
    const context = contexts?.indices.subarray(contexts.offsets[n], contexts.offsets[n + 1]);
    builder.interaction(
      user,
      interactions.items[n]!,
      builder.type(typeNames[interactions.types[n]!]!),
      interactions.at[n]!,
      interactions.values[n]!,
      partNames[interactions.parts[n]!],
      context && Array.from(context, (feature) => featureNumbers[feature]!),
    );
  }
  const edges = (csr: Csr, push: (from: number, to: number, weight: number) => void) => {
    for (let row = 0; row < csr.rows; row++)
      for (let e = csr.offsets[row]!; e < csr.offsets[row + 1]!; e++) push(row, csr.indices[e]!, csr.weights?.[e] ?? 1);
  };
  edges(snapshot.relation('item-feature'), (item, feature, weight) =>
    builder.itemFeature(item, featureNumbers[feature]!, weight),
  );
  edges(snapshot.relation('user-feature'), (user, feature, weight) => {
    if (userNumbers[user]! >= 0) builder.userFeature(userNumbers[user]!, featureNumbers[feature]!, weight);
  });
  edges(snapshot.relation('user-user'), (user, trusted, weight) => {
    const [from, to] = [userNumbers[user]!, userNumbers[trusted]!];
    if (from >= 0 && to >= 0) builder.trust(from, to, weight);
  });
  return { ...builder.build({ asOf, source, allocator }), ...(mark && { mark }) };
}

/** Titles as they were given, '' where none was. */
function titlesOf({ arrays }: Snapshot): StringTable {
  const values = (name: string) => arrays.find((array) => array.name === name)!.values;
  return new StringTable({
    offsets: values('items.titles.offsets') as Uint32Array,
    bytes: values('items.titles.bytes') as Uint8Array,
  });
}

/** Features that some of the users have or name as circumstances, and nobody and nothing else. */
function orphansOf(snapshot: Snapshot, gone: ReadonlySet<number>): Set<number> {
  const { interactions } = snapshot;
  const [theirs, others] = [new Set<number>(), new Set<number>(snapshot.relation('item-feature').indices)];
  const owners = snapshot.relation('user-feature');
  for (let user = 0; user < owners.rows; user++)
    for (let e = owners.offsets[user]!; e < owners.offsets[user + 1]!; e++)
      (gone.has(user) ? theirs : others).add(owners.indices[e]!);
  const { contexts } = interactions;
  for (let n = 0; contexts && n < interactions.count; n++)
    for (let e = contexts.offsets[n]!; e < contexts.offsets[n + 1]!; e++)
      (gone.has(interactions.users[n]!) ? theirs : others).add(contexts.indices[e]!);
  for (const feature of others) theirs.delete(feature);
  return theirs;
}
