// The distinct ids of a batch, by sorting: the cost depends on the batch alone, never on the table that the ids point into.

/** Largest of `count` ids, as unsigned numbers: a negative id counts as larger than any row. One chunk; out: u32. */
export function largestId(thread: i32, begin: i32, end: i32, ids: usize, count: i32, out: usize): void {
  let most = i32x4.splat(0);
  let n = 0;
  for (; n + 4 <= count; n += 4) most = i32x4.max_u(most, v128.load(ids + (<usize>n << 2)));
  let largest: u32 = 0;
  for (; n < count; n++) largest = max<u32>(largest, load<u32>(ids + (<usize>n << 2)));
  largest = max<u32>(largest, max<u32>(<u32>i32x4.extract_lane(most, 0), <u32>i32x4.extract_lane(most, 1)));
  largest = max<u32>(largest, max<u32>(<u32>i32x4.extract_lane(most, 2), <u32>i32x4.extract_lane(most, 3)));
  store<u32>(out, largest);
}

/**
 * Sorts (id, position) pairs by id with a stable radix sort of `passes` digits of `bits` bits, then writes
 *
 *   rows [u]      the distinct ids, ascending          places [count]  which of them each position has
 *   starts [u+1]  where each one's positions begin in  order [count]   the positions, by id and then in order
 *
 * and u to `found`. ids: i32 [count]; pairs: u64 [2, count]; counters: i32 [passes << bits]. One chunk.
 */
export function distinctIds(
  thread: i32, begin: i32, end: i32,
  ids: usize, count: i32, bits: i32, passes: i32, pairs: usize, counters: usize,
  rows: usize, places: usize, starts: usize, order: usize, found: usize,
): void {
  const mask: u32 = (1 << bits) - 1;
  const digits: usize = <usize>1 << bits;
  memory.fill(counters, 0, (<usize>passes * digits) << 2);
  for (let n = 0; n < count; n++) {
    const id = load<u32>(ids + (<usize>n << 2));
    store<u64>(pairs + (<usize>n << 3), ((<u64>id) << 32) | <u64>n);
    for (let pass = 0; pass < passes; pass++) {
      const counter = counters + ((<usize>pass * digits + <usize>((id >> (pass * bits)) & mask)) << 2);
      store<i32>(counter, load<i32>(counter) + 1);
    }
  }
  let from = pairs, to = pairs + (<usize>count << 3);
  for (let pass = 0; pass < passes; pass++) {
    const counter = counters + ((<usize>pass * digits) << 2);
    let sum = 0;
    for (let d: usize = 0; d < digits; d++) {
      const here = load<i32>(counter + (d << 2));
      store<i32>(counter + (d << 2), sum);
      sum += here;
    }
    const shift = <u64>(32 + pass * bits);
    for (let n = 0; n < count; n++) {
      const pair = load<u64>(from + (<usize>n << 3));
      const next = counter + ((<usize>((<u32>(pair >> shift)) & mask)) << 2);
      const at = load<i32>(next);
      store<i32>(next, at + 1);
      store<u64>(to + (<usize>at << 3), pair);
    }
    const swap = from;
    from = to;
    to = swap;
  }
  let unique = -1;
  let previous: u32 = 0;
  for (let n = 0; n < count; n++) {
    const pair = load<u64>(from + (<usize>n << 3));
    const id = <u32>(pair >> 32);
    const position = <i32>(<u32>pair);
    if (n == 0 || id != previous) {
      unique++;
      store<u32>(rows + (<usize>unique << 2), id);
      store<i32>(starts + (<usize>unique << 2), n);
      previous = id;
    }
    store<i32>(order + (<usize>n << 2), position);
    store<i32>(places + (<usize>position << 2), unique);
  }
  store<i32>(starts + (<usize>(unique + 1) << 2), count);
  store<i32>(found, unique + 1);
}
