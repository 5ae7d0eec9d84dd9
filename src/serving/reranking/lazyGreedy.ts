/** Greedy choice of items whose gain can only fall as others are chosen, so that most need not be looked at again. */

export interface Gains {
  /** [n], while nothing is chosen. */
  readonly first: Float64Array;
  /** The gain of a place beside one choice more, the one made `nth`, from 0: never higher than before. Asked in order, of each once. */
  beside(place: number, nth: number): number;
  /** Told of each choice. */
  choose(place: number): void;
}

/**
 * Places in the order of choice: `wanted` of them, each the one of highest gain, of equals the first. A gain that is not known beside all
 * choices is a bound of the true one, and is left alone while a true one is above it: Minoux, "Accelerated greedy algorithms for maximizing
 * submodular set functions", 1978. Bounds are passed through in order: a heap costs more than it saves where many are close.
 */
export function lazyGreedy({ first, beside, choose }: Gains, wanted: number): Int32Array {
  const gains = Float64Array.from(first);
  /** Beside how many choices each gain is known. */
  const seen = new Int32Array(gains.length);
  const chosen = new Int32Array(Math.min(wanted, gains.length));
  /** Until a gain is known beside all `made` choices, or is below `enough`, where it need not be known any better. */
  const refresh = (place: number, made: number, enough: number): number => {
    let gain: number;
    do gain = beside(place, seen[place]!++);
    while (seen[place]! < made && gain >= enough);
    return gain;
  };
  for (let n = 0; n < chosen.length; n++) {
    let best = 0;
    for (let place = 1; place < gains.length; place++) if (gains[place]! > gains[best]!) best = place;
    if (seen[best]! < n) gains[best] = refresh(best, n, -Infinity);
    for (let place = 0; place < gains.length; place++) {
      if (gains[place]! < gains[best]! || place === best) continue;
      if (seen[place]! < n) gains[place] = refresh(place, n, gains[best]!);
      if (gains[place]! > gains[best]! || (gains[place] === gains[best] && place < best)) best = place;
    }
    chosen[n] = best;
    choose(best);
    gains[best] = -Infinity;
  }
  return chosen;
}
