import type { ConfigOf } from '../../options.ts';
import type { FeatureKind } from '../../sampling/featureKinds.ts';
import { mixOf, smoothing } from '../../training/calibration.ts';
import { likedItems } from '../foldIn/history.ts';
import type { Reranker } from '../stages/candidate.ts';
import { requiredKind } from './kinds.ts';
import { inFront, relevances } from './order.ts';

/**
 * Calibration to the asker's own mix of a feature kind: Steck, "Calibrated Recommendations", RecSys 2018.
 *
 *   I* = argmax_I (1 − λ) · Σ relevance(i) − λ · KL(p ‖ q̃(I))                λ = strength       (eq. 7)
 *
 * with p the mix of what the asker liked and q̃ that of the list, smoothed; built item by item (§ 3.2). Somebody who liked nothing
 * with such a feature gets the list as it is. Errors: reranking/no-feature.
 */
export function calibration({ kind: name, feature, strength }: ConfigOf<'calibration'>): Reranker {
  return {
    name,
    apply(candidates, context) {
      const kind = requiredKind(context.published.snapshot, feature, name);
      const mix = mixOf(kind, likedItems(context.asker.deeds, context.published.snapshot, context.published.manifest));
      if (strength === 0 || mix.every((share) => share === 0)) return { candidates, removed: [] };
      const relevance = relevances(candidates);
      const list = new GrowingMix(kind, mix);
      const left = Array.from(candidates.keys());
      const places: number[] = [];
      while (places.length < context.wanted && left.length > 0) {
        list.prepare();
        let best = 0;
        let bestGain = -Infinity;
        for (const [at, place] of left.entries()) {
          // No divergence is below 0, and relevance falls from here on.
          if ((1 - strength) * relevance[place]! <= bestGain) break;
          const gain = (1 - strength) * relevance[place]! - strength * list.divergenceWith(candidates[place]!.item);
          if (gain > bestGain) [best, bestGain] = [at, gain];
        }
        const [place] = left.splice(best, 1);
        list.add(candidates[place!]!.item);
        places.push(place!);
      }
      return { candidates: inFront(candidates, places), removed: [] };
    },
  };
}

/** The mix of a list that grows, and how far it would be from the wanted one with one item more. */
class GrowingMix {
  readonly #shares: FeatureKind['shares'];
  readonly #wanted: Float64Array;
  readonly #sums: Float64Array;
  /** What each value adds to the divergence where the next item has a feature, but not this one. */
  readonly #without: Float64Array;
  #counted = 0;
  /** The divergence as it stands, and as it would be with an item that has none of the wanted values. */
  #now = 0;
  #other = 0;

  constructor({ shares }: FeatureKind, wanted: Float64Array) {
    this.#shares = shares;
    this.#wanted = wanted;
    this.#sums = new Float64Array(wanted.length);
    this.#without = new Float64Array(wanted.length);
  }

  /** To be called before items are tried beside those that were added. */
  prepare(): void {
    this.#now = 0;
    this.#other = 0;
    for (let value = 0; value < this.#wanted.length; value++) {
      if (this.#wanted[value] === 0) continue;
      this.#without[value] = this.#term(value, this.#sums[value]! / (this.#counted + 1));
      this.#other += this.#without[value]!;
      this.#now += this.#term(value, this.#counted > 0 ? this.#sums[value]! / this.#counted : 0);
    }
  }

  divergenceWith(item: number): number {
    const { offsets, indices, weights } = this.#shares;
    const [from, to] = [offsets[item]!, offsets[item + 1]!];
    if (from === to) return this.#now;
    let divergence = this.#other;
    for (let e = from; e < to; e++) {
      const value = indices[e]!;
      if (this.#wanted[value]! === 0) continue;
      divergence += this.#term(value, (this.#sums[value]! + weights[e]!) / (this.#counted + 1)) - this.#without[value]!;
    }
    return divergence;
  }

  add(item: number): void {
    const { offsets, indices, weights } = this.#shares;
    const [from, to] = [offsets[item]!, offsets[item + 1]!];
    if (to > from) this.#counted++;
    for (let e = from; e < to; e++) this.#sums[indices[e]!]! += weights[e]!;
  }

  #term(value: number, share: number): number {
    const wanted = this.#wanted[value]!;
    return wanted * Math.log(wanted / ((1 - smoothing) * share + smoothing * wanted));
  }
}
