/** How far a list's mix of features is from the mix of what somebody did: Steck, "Calibrated Recommendations", RecSys 2018. */
import type { FeatureKind } from '../sampling/featureKinds.ts';

/** Share of the wanted mix that is put into the list's own, so that a feature it lacks does not cost infinitely much; as in the paper. */
export const smoothing = 0.01;

/** Mean of the items' shares (eqs. 2 and 3), over those that have features; zeros where none has. [values] */
export function mixOf({ values, shares }: FeatureKind, items: Iterable<number>): Float64Array {
  const mix = new Float64Array(values.length);
  let counted = 0;
  for (const item of items) {
    const [from, to] = [shares.offsets[item]!, shares.offsets[item + 1]!];
    if (to > from) counted++;
    for (let e = from; e < to; e++) mix[shares.indices[e]!]! += shares.weights[e]!;
  }
  return counted > 0 ? mix.map((sum) => sum / counted) : mix;
}

/** KL(p ‖ (1 − α) q + α p) in nats, α the smoothing (eqs. 4 and 5). */
export function divergence(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (const [value, wanted] of p.entries()) {
    if (wanted > 0) sum += wanted * Math.log(wanted / ((1 - smoothing) * q[value]! + smoothing * wanted));
  }
  return sum;
}
