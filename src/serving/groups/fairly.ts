/**
 * The greedy choice of the list that is best for the members' mean and evenness, as `aggregate.ts` says it, without looking at every
 * rating for every place. With T items in the list, x_i the ratings of item i as shares of each member's greatest, S their sums over
 * what is chosen, and x̃ and S̃ those less their means over members, the objective beside item i is, but for what is the same for all,
 *
 *   (1 − φ) · T · Σ_u x_iu − φ · (2 S̃ · x̃_i + |x̃_i|²),   over members · T²,
 *
 * and S̃ · x̃_i is no less than −|S̃| · |x̃_i|: most items are left out by that bound alone. Where evenness is nearly all that counts few
 * are, and of very many for a very long list only those are candidates that would be best by themselves.
 */

/** Ratings that are looked at for one list, at most: a second or two. All of 40,000 items are candidates for 50 members up to a list of 100. */
const mostLooks = 2e8;

/** Differences of the objective below this are of rounding: between such the objective itself decides, of equals the earlier. */
const tolerance = 1e-12;

/** `ratings`: of each member, of each candidate, 0 to 1. `fairness`: φ. Places of the chosen, in the order of choosing. */
export function fairly(ratings: readonly Float64Array[], length: number, fairness: number): number[] {
  const members = ratings.length;
  const count = ratings[0]?.length ?? 0;
  const unit = ratings.map((of) => {
    const most = of.reduce((a, b) => Math.max(a, b), 0);
    return of.map((rating) => (most > 0 ? rating / most : 0));
  });
  const { centred, totals, spreads } = aroundMeans(unit, count);
  const alone = (place: number) => (1 - fairness) * length * totals[place]! - fairness * spreads[place]! ** 2;
  const pool = shortlist(count, Math.max(length, Math.floor(mostLooks / (members * length))), alone);
  const sums = new Float64Array(members);
  const centredSums = new Float64Array(members);
  const isChosen = new Uint8Array(count);
  const gains = new Float64Array(count);
  const contenders = new Int32Array(count);
  const places: number[] = [];

  const objective = (place: number): number => {
    const utilities = unit.map((of, u) => (sums[u]! + of[place]!) / (places.length + 1));
    const mean = utilities.reduce((sum, utility) => sum + utility, 0) / members;
    const variance = utilities.reduce((sum, utility) => sum + (utility - mean) ** 2, 0) / members;
    return (1 - fairness) * mean + fairness * (1 - variance);
  };
  const next = (): number => {
    const size = places.length + 1;
    const margin = tolerance * members * size ** 2;
    const welfare = (1 - fairness) * size;
    const twice = 2 * Math.hypot(...centredSums);
    const bound = (place: number): number => {
      const spread = spreads[place]!;
      return welfare * totals[place]! + fairness * spread * (twice - spread);
    };
    const gain = (place: number): number => {
      let product = 0;
      for (let u = 0, at = place * members; u < members; u++, at++) product += centredSums[u]! * centred[at]!;
      return welfare * totals[place]! - fairness * (2 * product + spreads[place]! ** 2);
    };
    let first = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (let n = 0; n < pool.length; n++) {
      const place = pool[n]!;
      if (isChosen[place]) continue;
      const most = bound(place);
      if (most > highest) [first, highest] = [place, most];
    }
    let enough = gain(first);
    let contending = 0;
    for (let n = 0; n < pool.length; n++) {
      const place = pool[n]!;
      if (isChosen[place] || bound(place) < enough - margin) continue;
      const found = gain(place);
      if (found < enough - margin) continue;
      enough = Math.max(enough, found);
      gains[place] = found;
      contenders[contending++] = place;
    }
    const near = contenders.subarray(0, contending).filter((place) => gains[place]! >= enough - margin);
    let best = near[0]!;
    if (near.length === 1) return best;
    let bestValue = Number.NEGATIVE_INFINITY;
    for (const place of near) {
      const value = objective(place);
      if (value > bestValue) [best, bestValue] = [place, value];
    }
    return best;
  };

  while (places.length < length) {
    const best = next();
    places.push(best);
    isChosen[best] = 1;
    for (let u = 0; u < members; u++) {
      sums[u]! += unit[u]![best]!;
      centredSums[u]! += centred[best * members + u]!;
    }
  }
  return places;
}

/** The `most` places of highest value, of equals the earlier; ascending. */
function shortlist(count: number, most: number, worthOf: (place: number) => number): Int32Array {
  const all = Int32Array.from({ length: count }, (_, place) => place);
  if (count <= most) return all;
  const values = Float64Array.from(all, worthOf);
  return all
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, most)
    .sort();
}

/** Of each item: its ratings less their mean over members, row after row [count, members], their sum, and the length of that row. */
function aroundMeans(unit: readonly Float64Array[], count: number) {
  const members = unit.length;
  const centred = new Float64Array(count * members);
  const totals = new Float64Array(count);
  const spreads = new Float64Array(count);
  for (const of of unit) for (let place = 0; place < count; place++) totals[place]! += of[place]!;
  for (let place = 0; place < count; place++) {
    const mean = totals[place]! / members;
    let squares = 0;
    for (let u = 0, at = place * members; u < members; u++, at++) {
      const difference = unit[u]![place]! - mean;
      centred[at] = difference;
      squares += difference ** 2;
    }
    spreads[place] = Math.sqrt(squares);
  }
  return { centred, totals, spreads };
}
