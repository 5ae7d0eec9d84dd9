/** Sums by item, of which few are ever touched: what sources add up candidates in. */
import { BestOf } from '../../models/neighbor/itemWeights.ts';
import type { Ranked } from '../ranking.ts';
import type { LeftOut } from './candidate.ts';

/** Made once for a version and used by one request at a time: between the first `add` and `best` nothing may be awaited. */
export class ItemSums {
  readonly #sums: Float64Array; // [|I|], 0 but for `touched`
  readonly #isTouched: Uint8Array; // [|I|]
  #touched: number[] = [];

  constructor(items: number) {
    this.#sums = new Float64Array(items);
    this.#isTouched = new Uint8Array(items);
  }

  add(item: number, amount: number): void {
    if (this.#isTouched[item] === 0) {
      this.#isTouched[item] = 1;
      this.#touched.push(item);
    }
    this.#sums[item]! += amount;
  }

  /** The items with the largest sums above 0, of equals the smaller index; all sums are 0 again afterwards. */
  best(most: number, left: Pick<LeftOut, 'has'>, scale: (item: number) => number = () => 1): Ranked {
    const best = new BestOf(most);
    for (const item of this.#touched) {
      const score = this.#sums[item]! * scale(item);
      if (score > 0 && !left.has(item)) best.offer(item, score);
      this.#sums[item] = 0;
      this.#isTouched[item] = 0;
    }
    this.#touched = [];
    const { ids, values } = best.take();
    const order = [...ids.keys()].sort((a, b) => values[b]! - values[a]! || ids[a]! - ids[b]!);
    return { ids: order.map((at) => ids[at]!), scores: order.map((at) => values[at]!) };
  }
}
