/** When the pairs of a training part first met: the time order that sequences and time-respecting neighbours go by. */
import type { Csr } from '../compute/csr.ts';
import type { Snapshot } from './snapshot.ts';

/** Each pair of a part once, in the order of its first interaction; ties in the order of the interactions: user, item, type. */
export interface Meetings {
  readonly users: Int32Array; // [pairs]
  readonly items: Int32Array; // [pairs]
  readonly at: Float64Array; // [pairs], ms since 1970
}

/**
 * The pairs of `part` (users × items) by the time of their first interaction of at least `minValue`, as `splitSnapshot` counts it.
 * Pairs without one come first, at −Infinity.
 */
export function firstMeetings(
  { interactions }: Pick<Snapshot, 'interactions'>,
  part: Csr,
  minValue = Number.NEGATIVE_INFINITY,
): Meetings {
  const pairs = part.indices.length;
  const met = new Uint8Array(pairs);
  const order = { users: new Int32Array(pairs), items: new Int32Array(pairs), at: new Float64Array(pairs) };
  let later = 0;
  for (let n = 0; n < interactions.count; n++) {
    if (!(interactions.values[n]! >= minValue)) continue;
    const entry = entryOf(part, interactions.users[n]!, interactions.items[n]!);
    if (entry < 0 || met[entry]) continue;
    met[entry] = 1;
    order.users[later] = interactions.users[n]!;
    order.items[later] = interactions.items[n]!;
    order.at[later++] = interactions.at[n]!;
  }
  const never = pairs - later;
  if (never === 0) return order;
  for (const column of Object.values(order)) column.copyWithin(never, 0, later);
  let at = 0;
  for (let user = 0; user < part.rows; user++) {
    for (let entry = part.offsets[user]!; entry < part.offsets[user + 1]!; entry++) {
      if (met[entry]) continue;
      order.users[at] = user;
      order.items[at] = part.indices[entry]!;
      order.at[at++] = Number.NEGATIVE_INFINITY;
    }
  }
  return order;
}

/** Entry of (row, col) in a matrix whose rows ascend, −1 where it has none. */
export function entryOf({ rows, offsets, indices }: Csr, row: number, col: number): number {
  if (row >= rows) return -1;
  let low = offsets[row]!;
  const end = offsets[row + 1]!;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (indices[middle]! < col) low = middle + 1;
    else high = middle;
  }
  return low < end && indices[low] === col ? low : -1;
}
