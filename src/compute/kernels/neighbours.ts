// Neighbour sampling, a hop at a time, with the nodes it finds numbered in order of first use.
//
// A batch: placeSeeds, sampleHop for each hop, clearPlaces. Within a batch the numbering makes it sequential; threads share
// the work a batch at a time, each with a table of its own.
//
// Places are found in one of two tables. `mask` 0: i32 [nodes of the graph], place + 1 or 0, each node once. Otherwise a hash
// table i32 [mask + 1] over (node, root): each seed has nodes of its own, since what one seed may see another may not yet.
import { below, draw, mix32, uniform } from './random';

// Fields of a relation, i32 each: nodes [FIRST, END) have neighbours in it, which are numbered from BASE on.
const FIRST: usize = 0, END: usize = 4, BASE: usize = 8, FANOUT: usize = 12, OFFSETS: usize = 16, INDICES: usize = 20;
const SUMS: usize = 24, WEIGHTS: usize = 28, TIMES: usize = 32, PICK: usize = 36;
const RELATION_BYTES: usize = 40;

// How neighbours are picked.
const UNIFORM: i32 = 0, UNIFORM_REPEATED: i32 = 1, WEIGHTED: i32 = 2, WEIGHTED_REPEATED: i32 = 3, RECENT: i32 = 4;

/** Place of a node, a new one where it has none. count: i32, of places in use; roots: i32 [places], read where mask is not 0. */
// @ts-ignore: decorator
@inline
function placeOf(node: i32, root: i32, count: usize, nodes: usize, table: usize, mask: u32, roots: usize): i32 {
  let slot: usize;
  if (mask == 0) {
    slot = table + (<usize>node << 2);
    const known = load<i32>(slot);
    if (known) return known - 1;
  } else {
    let hash = mix32(<u32>node ^ (<u32>root * 0x9e3779b9)) & mask;
    for (;;) {
      slot = table + (<usize>hash << 2);
      const known = load<i32>(slot);
      if (known == 0) break;
      const at = <usize>(known - 1) << 2;
      if (load<i32>(nodes + at) == node && load<i32>(roots + at) == root) return known - 1;
      hash = (hash + 1) & mask;
    }
  }
  const place = load<i32>(count);
  store<i32>(slot, place + 1);
  store<i32>(nodes + (<usize>place << 2), node);
  if (mask != 0) store<i32>(roots + (<usize>place << 2), root);
  store<i32>(count, place + 1);
  return place;
}

/** places[p] = place of seeds[p]; where each seed has nodes of its own, seed p is root p and has place p. seeds, places: i32 [n]. */
export function placeSeeds(
  thread: i32, begin: i32, end: i32,
  seeds: usize, places: usize, count: usize, nodes: usize, table: usize, mask: u32, roots: usize,
): void {
  for (let p = begin; p < end; p++) {
    const at = <usize>p << 2;
    store<i32>(places + at, placeOf(load<i32>(seeds + at), p, count, nodes, table, mask, roots));
  }
}

/** Empties the table: the places of `nodes` one by one, or all of a hash table. */
export function clearPlaces(thread: i32, begin: i32, end: i32, nodes: usize, table: usize, mask: u32): void {
  if (mask != 0) {
    memory.fill(table, 0, (<usize>mask + 1) << 2);
    return;
  }
  for (let place = begin; place < end; place++) store<i32>(table + (<usize>load<i32>(nodes + (<usize>place << 2)) << 2), 0);
}

/** First entry in [from, to) whose value is over `limit`, or `to`; values: f64, ascending there. */
// @ts-ignore: decorator
@inline
function firstOver(values: usize, from: i32, to: i32, limit: f64): i32 {
  let low = from, high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<f64>(values + (<usize>middle << 3)) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

// @ts-ignore: decorator
@inline
function sumBefore(sums: usize, entry: i32, from: i32): f64 {
  return entry == from ? 0 : load<f64>(sums + (<usize>entry << 3) - 8);
}

/**
 * Neighbours of the nodes at places [begin, end): block rows, whose entries begin at offsets[begin], which is given.
 * relations: as above [relationCount]; `stride` is the sum of their fan-outs: draw j of place p is p · stride + j.
 * untils: f64 [roots], the latest time that each root may see, or 0 for all times.
 * offsets: i32 [end + 1]; columns: i32, places; kinds: i32, relation of each entry, or 0; weights: f32 or 0; times: f64 or 0.
 */
export function sampleHop(
  thread: i32, begin: i32, end: i32,
  relations: usize, relationCount: i32, stride: i32, first: u32, second: u32, untils: usize,
  count: usize, nodes: usize, table: usize, mask: u32, roots: usize,
  offsets: usize, columns: usize, kinds: usize, weights: usize, times: usize,
): void {
  let out = load<i32>(offsets + (<usize>begin << 2));
  for (let place = begin; place < end; place++) {
    const node = load<i32>(nodes + (<usize>place << 2));
    const root = mask ? load<i32>(roots + (<usize>place << 2)) : 0;
    let counter = <u32>place * <u32>stride;
    for (let r = 0; r < relationCount; r++) {
      const relation = relations + <usize>r * RELATION_BYTES;
      const fanout = load<i32>(relation + FANOUT);
      const row = node - load<i32>(relation + FIRST);
      if (row >= 0 && node < load<i32>(relation + END)) {
        const from = load<i32>(<usize>load<u32>(relation + OFFSETS) + (<usize>row << 2));
        let to = load<i32>(<usize>load<u32>(relation + OFFSETS) + (<usize>row << 2), 4);
        const relationTimes = <usize>load<u32>(relation + TIMES);
        if (untils && relationTimes) to = firstOver(relationTimes, from, to, load<f64>(untils + (<usize>root << 3)));
        const picks = columns + (<usize>out << 2);
        const picked = pick(relation, from, to, fanout, first, second, counter, picks);
        const indices = <usize>load<u32>(relation + INDICES), base = load<i32>(relation + BASE);
        const relationWeights = <usize>load<u32>(relation + WEIGHTS);
        for (let i = 0; i < picked; i++) {
          const entry = <usize>load<i32>(picks + (<usize>i << 2));
          const target = load<i32>(indices + (entry << 2)) + base;
          store<i32>(picks + (<usize>i << 2), placeOf(target, root, count, nodes, table, mask, roots));
          const at = <usize>(out + i);
          if (kinds) store<i32>(kinds + (at << 2), r);
          if (weights) store<f32>(weights + (at << 2), relationWeights ? load<f32>(relationWeights + (entry << 2)) : 1);
          if (times) store<f64>(times + (at << 3), relationTimes ? load<f64>(relationTimes + (entry << 3)) : -Infinity);
        }
        out += picked;
      }
      counter += fanout;
    }
    store<i32>(offsets + (<usize>place << 2), out, 4);
  }
}

/** Picks entries of [from, to) into `picks`: i32 [≤ fanout], and returns how many. */
// @ts-ignore: decorator
@inline
function pick(relation: usize, from: i32, to: i32, fanout: i32, first: u32, second: u32, counter: u32, picks: usize): i32 {
  const n = to - from;
  if (n <= 0) return 0;
  const how = load<i32>(relation + PICK);
  if (how == UNIFORM) return pickDistinct(from, n, fanout, first, second, counter, picks);
  if (how == UNIFORM_REPEATED) {
    for (let j = 0; j < fanout; j++) store<i32>(picks + (<usize>j << 2), from + below(draw(first, second, counter + j), n));
    return fanout;
  }
  if (how == RECENT) {
    const taken = min(n, fanout);
    for (let j = 0; j < taken; j++) store<i32>(picks + (<usize>j << 2), to - 1 - j);
    return taken;
  }
  const sums = <usize>load<u32>(relation + SUMS);
  if (how == WEIGHTED) return pickWeighted(sums, from, to, fanout, first, second, counter, picks);
  const total = load<f64>(sums + (<usize>to << 3) - 8);
  if (!(total > 0)) return 0;
  for (let j = 0; j < fanout; j++) {
    const entry = firstOver(sums, from, to, uniform(draw(first, second, counter + j)) * total);
    store<i32>(picks + (<usize>j << 2), min(entry, to - 1));
  }
  return fanout;
}

/** A uniform subset without repetition: Floyd, "A Sample of Brilliance", CACM 30 (1987), algorithm F2. */
function pickDistinct(from: i32, n: i32, fanout: i32, first: u32, second: u32, counter: u32, picks: usize): i32 {
  if (n <= fanout) {
    for (let j = 0; j < n; j++) store<i32>(picks + (<usize>j << 2), from + j);
    return n;
  }
  const skipped = n - fanout;
  if (n <= 64) {
    let seen: u64 = 0;
    for (let j = 0; j < fanout; j++) {
      const last = skipped + j;
      const drawn = below(draw(first, second, counter + j), last + 1);
      const chosen = select(last, drawn, <i32>((seen >> <u64>drawn) & 1)); // no branch to mispredict
      seen |= (<u64>1) << <u64>chosen;
      store<i32>(picks + (<usize>j << 2), from + chosen);
    }
    return fanout;
  }
  for (let j = 0; j < fanout; j++) {
    const last = skipped + j;
    const drawn = from + below(draw(first, second, counter + j), last + 1);
    let isSeen = 0;
    for (let i = 0; i < j; i++) isSeen |= <i32>(load<i32>(picks + (<usize>i << 2)) == drawn);
    store<i32>(picks + (<usize>j << 2), select(from + last, drawn, isSeen));
  }
  return fanout;
}

/**
 * Weighted, without repetition: each pick is proportional to weight among what is left. A number on the line of weights with
 * the picked stretches cut out is moved back over those, which `picks` holds in ascending order.
 */
function pickWeighted(sums: usize, from: i32, to: i32, fanout: i32, first: u32, second: u32, counter: u32, picks: usize): i32 {
  const total = load<f64>(sums + (<usize>to << 3) - 8);
  let taken = 0;
  let left = total;
  for (let j = 0; j < fanout && left > 0; j++) {
    let at = uniform(draw(first, second, counter + j)) * left;
    for (let i = 0; i < taken; i++) {
      const entry = load<i32>(picks + (<usize>i << 2));
      const start = sumBefore(sums, entry, from);
      if (at < start) break;
      at += load<f64>(sums + (<usize>entry << 3)) - start;
    }
    let entry = min(firstOver(sums, from, to, at), to - 1);
    // Rounding at the edge of a stretch may lead to one without weight or one that is taken: the next that is neither.
    let tried = 0;
    for (; tried < to - from; tried++) {
      if (load<f64>(sums + (<usize>entry << 3)) > sumBefore(sums, entry, from) && !holds(picks, taken, entry)) break;
      entry = entry + 1 == to ? from : entry + 1;
    }
    if (tried == to - from) break;
    left -= load<f64>(sums + (<usize>entry << 3)) - sumBefore(sums, entry, from);
    let i = taken++;
    for (; i > 0 && load<i32>(picks + (<usize>i << 2) - 4) > entry; i--) {
      store<i32>(picks + (<usize>i << 2), load<i32>(picks + (<usize>i << 2) - 4));
    }
    store<i32>(picks + (<usize>i << 2), entry);
  }
  return taken;
}

// @ts-ignore: decorator
@inline
function holds(picks: usize, taken: i32, entry: i32): bool {
  for (let i = 0; i < taken; i++) if (load<i32>(picks + (<usize>i << 2)) == entry) return true;
  return false;
}
