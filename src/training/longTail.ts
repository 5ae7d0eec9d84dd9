const known = new WeakMap<Int32Array, Map<number, Uint8Array>>();

/**
 * Which items are the long tail: the least chosen, as many as together hold no more than `share` of all choices; of equals those of the
 * higher index. 1 where an item is one. Made once for the same counts. [|I|]
 */
export function longTail(people: Int32Array, share: number): Uint8Array {
  const tails = known.get(people) ?? new Map<number, Uint8Array>();
  known.set(people, tails);
  const found = tails.get(share) ?? collect(people, share);
  tails.set(share, found);
  return found;
}

function collect(people: Int32Array, share: number): Uint8Array {
  const tail = new Uint8Array(people.length);
  let left = share * people.reduce((sum, count) => sum + count, 0);
  const order = Int32Array.from(people.keys()).sort((a, b) => people[a]! - people[b]! || b - a);
  for (const item of order) {
    left -= people[item]!;
    if (left < 0) break;
    tail[item] = 1;
  }
  return tail;
}
