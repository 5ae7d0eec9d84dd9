// Greedy choice of rows that are unlike each other: the loops of MMR and of determinantal point processes, with gains brought up to date
// only when a row comes to the front. Every number is that of the plain loops to the last digit: four sums, added in their order, and
// nothing is fused.

/** Dot product of two rows of f64, any width. */
// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, width: i32): f64 {
  let low = f64x2.splat(0), high = f64x2.splat(0);
  const whole = <usize>(width & ~3) << 3, end = <usize>width << 3;
  let at: usize = 0;
  for (; at < whole; at += 32) {
    low = f64x2.add(low, f64x2.mul(v128.load(a + at), v128.load(b + at)));
    high = f64x2.add(high, f64x2.mul(v128.load(a + at, 16), v128.load(b + at, 16)));
  }
  let first = f64x2.extract_lane(low, 0);
  for (; at < end; at += 8) first += load<f64>(a + at) * load<f64>(b + at);
  return first + f64x2.extract_lane(low, 1) + f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1);
}

/** to[d] += factor · row[d]. */
// @ts-ignore: decorator
@inline
function addTo(to: usize, row: usize, factor: f64, width: i32): void {
  const end = <usize>width << 3;
  const factors = f64x2.splat(factor);
  let at: usize = 0;
  for (; at + 16 <= end; at += 16)
    v128.store(to + at, f64x2.add(v128.load(to + at), f64x2.mul(factors, v128.load(row + at))));
  for (; at < end; at += 8) store<f64>(to + at, load<f64>(to + at) + factor * load<f64>(row + at));
}

/**
 * Places in the order of choice: see `lazyGreedy` and its two callers in serving/reranking. One chunk only.
 *
 * volume: 0 for MMR, with `amount` its strength and `state` how alike each row is to those chosen; 1 for a determinantal point process, with
 * `amount` the square root of what of a row is not its own alone, and `state` what those chosen leave of it, 1 at first.
 * first, gains, state: f64 [n], gains as first; seen: i32 [n], 0; rows: f64 [n, width]; basis: f64 [wanted, width]; chosen: i32 [wanted].
 */
export function chooseGreedily(
  thread: i32, begin: i32, end: i32, volume: i32, amount: f64, n: i32, width: i32, wanted: i32,
  first: usize, gains: usize, state: usize, seen: usize, rows: usize, basis: usize, chosen: usize,
): void {
  const pitch = <usize>width << 3;
  for (let made = 0; made < wanted; made++) {
    let best = 0;
    let most = load<f64>(gains);
    for (let place = 1; place < n; place++) {
      const gain = load<f64>(gains + (<usize>place << 3));
      if (gain > most) { best = place; most = gain; }
    }
    if (load<i32>(seen + (<usize>best << 2)) < made) {
      most = refresh(volume, amount, best, made, -Infinity, first, state, seen, rows, basis, width);
      store<f64>(gains + (<usize>best << 3), most);
    }
    for (let place = 0; place < n; place++) {
      const at = gains + (<usize>place << 3);
      let gain = load<f64>(at);
      if (gain < most || place == best) continue;
      if (load<i32>(seen + (<usize>place << 2)) < made) {
        gain = refresh(volume, amount, place, made, most, first, state, seen, rows, basis, width);
        store<f64>(at, gain);
      }
      if (gain > most || (gain == most && place < best)) { best = place; most = gain; }
    }
    store<i32>(chosen + (<usize>made << 2), best);
    store<f64>(gains + (<usize>best << 3), -Infinity);
    const row = rows + <usize>best * pitch, own = basis + <usize>made * pitch;
    memory.fill(own, 0, pitch);
    addTo(own, row, volume ? amount : 1, width);
    if (!volume) continue;
    for (let above = basis; above < own; above += pitch) addTo(own, above, -(amount * dot(row, above, width)), width);
    const length = sqrt<f64>(load<f64>(state + (<usize>best << 3)));
    for (let at: usize = 0; at < pitch; at += 8) store<f64>(own + at, load<f64>(own + at) / length);
  }
}

/** The gain of a place, until it is known beside all that are chosen, or is below `enough`. */
function refresh(
  volume: i32, amount: f64, place: i32, made: i32, enough: f64,
  first: usize, state: usize, seen: usize, rows: usize, basis: usize, width: i32,
): f64 {
  const pitch = <usize>width << 3;
  const row = rows + <usize>place * pitch, stateAt = state + (<usize>place << 3);
  const start = load<f64>(first + (<usize>place << 3));
  let count = load<i32>(seen + (<usize>place << 2));
  let now = load<f64>(stateAt);
  let gain: f64;
  do {
    const product = dot(row, basis + <usize>count * pitch, width);
    if (volume) {
      const factor = amount * product;
      now -= factor * factor;
      gain = start * now;
    } else {
      now = max<f64>(now, product);
      gain = start - amount * now;
    }
    count++;
  } while (count < made && gain >= enough);
  store<i32>(seen + (<usize>place << 2), count);
  store<f64>(stateAt, now);
  return gain;
}
