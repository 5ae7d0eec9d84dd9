// Random walks: PinSage's most visited neighbours, and node2vec's second-order walks.
import { below, draw, uniform } from './random';

/**
 * Importance-based neighbourhoods: Ying et al., "Graph Convolutional Neural Networks for Web-Scale Recommender Systems",
 * KDD 2018, section 3.1. From each seed, `steps` steps out and back over a relation and its reverse; after each the walk goes
 * home with probability `restart`. The `top` nodes that were visited most, without the seed, ties by the lower node.
 *
 * seeds: i32 [n]; outOffsets, outIndices, backOffsets, backIndices: CSR and its reverse; neighbours: i32 [n, top], −1 where
 * fewer were visited; counts: i32 [n, top]; scratch: (node + 1, visits) i32 [threads, size, 2], zero, size a power of two over `steps`.
 * Draws of seed s: 3 a step from s · 3 · steps on.
 */
export function visitNeighbours(
  thread: i32, begin: i32, end: i32,
  seeds: usize, outOffsets: usize, outIndices: usize, backOffsets: usize, backIndices: usize,
  steps: i32, restart: f64, top: i32, first: u32, second: u32,
  neighbours: usize, counts: usize, scratch: usize, size: i32,
): void {
  const table = scratch + <usize>thread * (<usize>size << 3);
  const mask = <u32>(size - 1);
  for (let s = begin; s < end; s++) {
    const seed = load<i32>(seeds + (<usize>s << 2));
    const kept = neighbours + (<usize>s * <usize>top << 2);
    const keptCounts = counts + (<usize>s * <usize>top << 2);
    let counter = <u32>s * 3 * <u32>steps;
    let node = seed;
    for (let step = 0; step < steps; step++, counter += 3) {
      const middle = neighbourOf(node, outOffsets, outIndices, draw(first, second, counter));
      const next = middle < 0 ? -1 : neighbourOf(middle, backOffsets, backIndices, draw(first, second, counter + 1));
      if (next < 0) {
        node = seed;
        continue;
      }
      let hash = (<u32>next * 0x9e3779b9) >>> 7 & mask;
      let slot = table + (<usize>hash << 3);
      while (load<i32>(slot) != 0 && load<i32>(slot) != next + 1) {
        hash = (hash + 1) & mask;
        slot = table + (<usize>hash << 3);
      }
      store<i32>(slot, next + 1);
      store<i32>(slot, load<i32>(slot, 4) + 1, 4);
      node = uniform(draw(first, second, counter + 2)) < restart ? seed : next;
    }
    let taken = 0;
    for (let h = 0; h < size; h++) {
      const slot = table + (<usize>h << 3);
      const visited = load<i32>(slot) - 1, visits = load<i32>(slot, 4);
      store<i64>(slot, 0);
      if (visited < 0 || visited == seed) continue;
      let at = taken < top ? taken++ : top;
      // Insertion among the kept, best first; what falls off the end is the worst.
      for (; at > 0; at--) {
        const before = (<usize>at << 2) - 4;
        const other = load<i32>(keptCounts + before);
        if (other > visits || (other == visits && load<i32>(kept + before) < visited)) break;
        if (at < top) {
          store<i32>(kept + before, load<i32>(kept + before), 4);
          store<i32>(keptCounts + before, other, 4);
        }
      }
      if (at < top) {
        store<i32>(kept + (<usize>at << 2), visited);
        store<i32>(keptCounts + (<usize>at << 2), visits);
      }
    }
    for (; taken < top; taken++) {
      store<i32>(kept + (<usize>taken << 2), -1);
      store<i32>(keptCounts + (<usize>taken << 2), 0);
    }
  }
}

// @ts-ignore: decorator
@inline
function neighbourOf(node: i32, offsets: usize, indices: usize, bits: u32): i32 {
  const from = load<i32>(offsets + (<usize>node << 2));
  const n = load<i32>(offsets + (<usize>node << 2), 4) - from;
  return n <= 0 ? -1 : load<i32>(indices + (<usize>(from + below(bits, n)) << 2));
}

/** How often a step of node2vec is drawn again before the last one is taken as it is: over 64 only for p or q out of all reason. */
const MOST_TRIES: i32 = 64;

/**
 * Second-order walks: Grover & Leskovec, "node2vec: Scalable Feature Learning for Networks", KDD 2016, section 3.2. From t
 * over v a walk goes on to x with probability proportional to 1/p for x = t, 1 for a neighbour x of t, 1/q otherwise; drawn by
 * rejection (Yang et al., "KnightKing", SOSP 2019), so nothing is stored for pairs of nodes.
 *
 * starts: i32 [n]; offsets, indices: a CSR from nodes to themselves, ascending within a row; walks: i32 [n, length], of which the
 * first is the start, −1 after a node without neighbours. Draws of walk w: 128 a step from w · length · 128 on.
 */
export function biasedWalks(
  thread: i32, begin: i32, end: i32,
  starts: usize, offsets: usize, indices: usize, length: i32, back: f64, away: f64, first: u32, second: u32, walks: usize,
): void {
  const most = max(max(back, away), 1.0);
  for (let w = begin; w < end; w++) {
    const walk = walks + (<usize>w * <usize>length << 2);
    let before = -1, node = load<i32>(starts + (<usize>w << 2));
    store<i32>(walk, node);
    for (let step = 1; step < length; step++) {
      const counter = (<u32>w * <u32>length + <u32>step) * 128;
      let next = -1;
      if (node >= 0) {
        for (let tried = 0; tried < MOST_TRIES; tried++) {
          next = neighbourOf(node, offsets, indices, draw(first, second, counter + 2 * tried));
          if (next < 0 || before < 0) break;
          const chance = uniform(draw(first, second, counter + 2 * tried + 1)) * most;
          const least = min(min(back, away), 1.0);
          if (chance < least) break; // whatever x is
          if (chance < (next == before ? back : hasEdge(before, next, offsets, indices) ? 1.0 : away)) break;
        }
      }
      store<i32>(walk + (<usize>step << 2), next);
      before = node;
      node = next;
    }
  }
}

// @ts-ignore: decorator
@inline
function hasEdge(from: i32, to: i32, offsets: usize, indices: usize): bool {
  let low = load<i32>(offsets + (<usize>from << 2));
  let high = load<i32>(offsets + (<usize>from << 2), 4);
  const last = high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<i32>(indices + (<usize>middle << 2)) < to) low = middle + 1;
    else high = middle;
  }
  return low < last && load<i32>(indices + (<usize>low << 2)) == to;
}
