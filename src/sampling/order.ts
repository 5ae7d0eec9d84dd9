/** The canonical order of interactions: by time, user, item, type, by radix sort. */
import { countingPass, identity, rowOrder } from './relations.ts';

export interface InteractionKeys {
  readonly at: Float64Array; // [n]
  readonly users: Int32Array; // [n]
  readonly items: Int32Array; // [n]
  readonly types: ArrayLike<number>; // [n]
  readonly counts: { readonly users: number; readonly types: number };
}

/**
 * Entries in the order (at, user, item, type). Of entries equal in all four only the last given stays: replaying an import
 * changes nothing. Returns [≤ n] entry numbers.
 */
export function canonicalOrder({ at, users, items, types, counts }: InteractionKeys): Uint32Array {
  let order = identity(at.length);
  if (counts.types > 1) order = countingPass(types, counts.types, order);
  order = rowOrder({ from: users, to: items }, counts.users, order);
  order = byTime(at, order);

  let kept = 0;
  for (let i = 0; i < order.length; i++) {
    const entry = order[i]!;
    const next = order[i + 1];
    const repeated =
      next !== undefined &&
      at[next] === at[entry] &&
      users[next] === users[entry] &&
      items[next] === items[entry] &&
      types[next] === types[entry];
    if (!repeated) order[kept++] = entry;
  }
  return order.subarray(0, kept);
}

/** Stable; four passes over 16 bits of the number's 64, of which those that are equal everywhere are left out. */
function byTime(at: Float64Array, order: Uint32Array): Uint32Array {
  if (at.every((time) => time === at[0])) return order;
  const words = new Uint32Array(at.buffer, at.byteOffset, at.length * 2); // low word first
  let sorted = order;
  for (let digit = 0; digit < 4; digit++) {
    const keys = new Uint16Array(at.length);
    let different = false;
    for (let i = 0; i < at.length; i++) {
      // IEEE 754 numbers order like integers once the sign bit of the positive and all bits of the negative are flipped.
      const negative = words[2 * i + 1]! >>> 31 === 1;
      const flip = negative ? 0xffffffff : digit < 2 ? 0 : 0x80000000;
      const word = (words[2 * i + (digit >> 1)]! ^ flip) >>> 0;
      const key = (digit & 1) === 0 ? word & 0xffff : word >>> 16;
      keys[i] = key;
      if (key !== keys[0]) different = true;
    }
    if (different) sorted = countingPass(keys, 0x10000, sorted);
  }
  return sorted;
}
