/**
 * A snapshot as it would have been at an earlier moment, as far as times tell: nothing that learns from it sees what came later.
 *
 *   interactions  those after the moment are left out. What has no time (0) is from before all moments.
 *   items         are as old as their own time says, else as their first interaction; later ones are left out with all their edges.
 *   users         are as old as their first interaction; later ones are left out with all their edges.
 *   nodes without a time and without interactions stay, since nothing says that they are later.
 *   features      stay as far as something has them that stays.
 *   titles, availability, features and trust ties of what stays have no time: they are as they are now.
 */
import { TastegraphError } from '../errors.ts';
import { SnapshotBuilder } from './builder.ts';
import { ownMemory } from './memory.ts';
import { fates, refill } from './refill.ts';
import type { Snapshot } from './snapshot.ts';

/** `moment` in ms since 1970. Errors: snapshot/empty-as-of. */
export function snapshotAsOf(snapshot: Snapshot, moment: number, allocator = ownMemory): Snapshot {
  const { users, items, interactions } = snapshot;
  const firstOfUser = new Float64Array(users.count).fill(Number.NEGATIVE_INFINITY);
  const firstOfItem = new Float64Array(items.count).fill(Number.NEGATIVE_INFINITY);
  // From the last to the first: they are in time order.
  for (let entry = interactions.count - 1; entry >= 0; entry--) {
    firstOfUser[interactions.users[entry]!] = interactions.at[entry]!;
    firstOfItem[interactions.items[entry]!] = interactions.at[entry]!;
  }
  const builder = new SnapshotBuilder();
  refill(builder, snapshot, {
    users: Uint8Array.from(firstOfUser, (first) => (first > moment ? fates.gone : fates.kept)),
    items: Uint8Array.from(firstOfItem, (first, item) => {
      const own = items.at[item]!;
      return (Number.isNaN(own) ? first : own) > moment ? fates.gone : fates.kept;
    }),
    until: moment,
    onlyUsedFeatures: true,
  });
  if (builder.interactions === 0)
    throw new TastegraphError('snapshot/empty-as-of', { moment: new Date(moment).toISOString() });
  return builder.build({ asOf: Math.min(moment, snapshot.asOf), source: snapshot.source, allocator });
}
