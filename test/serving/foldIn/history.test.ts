import { describe, expect, it } from 'vitest';
import { snapshotFromRecords } from '../../../src/sampling/fromFiles.ts';
import { evenHistory, fadingHistory, likedItems } from '../../../src/serving/foldIn/history.ts';
import { withPrior } from '../../../src/serving/foldIn/prior.ts';
import { bestOf } from '../../../src/serving/ranking.ts';

const deed = (item: number, type = 'view', value = 1) => ({ item, type, value });
const snapshotOf = (value: number) =>
  snapshotFromRecords([{ kind: 'interaction', user: 'u', item: 'i', type: 'view', at: 0, value }], 'files');

describe('what somebody likes by what she did', () => {
  it('goes by the least value that is liked, of its type where that has one', () => {
    const deeds = [deed(0, 'rating', 2), deed(1, 'rating', 4), deed(2, 'view', 1)];
    const meanings = { minValue: 3, interactions: { view: { weight: 1, negative: false, positiveFrom: 1 } } };
    expect([...likedItems(deeds, snapshotOf(1), meanings)]).toEqual([1, 2]);
    // Where the data has values of 0 or less, they stand for what was not liked.
    expect([...likedItems([deed(0, 'view', 0), deed(1)], snapshotOf(-1), {})]).toEqual([1]);
  });

  it('is taken back by a dislike, and comes again by a like after it', () => {
    const meanings = { interactions: { hide: { weight: 1, negative: true } } };
    const deeds = [deed(0), deed(1), deed(0, 'hide')];
    expect([...likedItems(deeds, snapshotOf(1), meanings)]).toEqual([1]);
    expect([...likedItems([...deeds, deed(0)], snapshotOf(1), meanings)]).toEqual([1, 0]);
  });

  it('counts all the same, or the newer the more', () => {
    expect(evenHistory([7, 2])).toEqual({ items: Int32Array.of(2, 7) });
    expect(fadingHistory([7, 2, 5], 0.5)).toEqual({
      items: Int32Array.of(2, 5, 7),
      weights: Float32Array.of(0.5, 1, 0.25),
    });
    expect(fadingHistory([7, 2], 1)).toEqual(evenHistory([7, 2]));
  });
});

describe('popularity as a part of the taste', () => {
  const people = Int32Array.of(50, 10, 10, 0);
  const own = [0, 1, 2, 3];
  const tasteOf = (interactions: number) => ({
    foldedIn: { interactions, how: 'item-weights' as const },
    best: () => ({ ids: [], scores: [] }),
    scores: (items: Int32Array) => Float64Array.from(items, (item) => own[item]!),
    parts: (item: number) => ({ parts: Float64Array.of(own[item]! - 0.5), own: 0.25, bias: 0.25 }),
  });
  const all = Int32Array.of(0, 1, 2, 3);

  it('leads where little is known, and hardly counts where much is', () => {
    const order = (interactions: number) => withPrior(tasteOf(interactions), people, bestOf, 10).best(4, []).ids;
    expect(order(1)).toEqual([0, 2, 1, 3]); // of as many people, by taste
    expect(order(10_000)).toEqual([3, 2, 1, 0]);
    expect(withPrior(tasteOf(10), people, bestOf, 10).foldedIn.prior).toBe(0.5);
    expect(withPrior(tasteOf(10), people, bestOf, 10).best(2, [0]).ids).not.toContain(0);
  });

  it('is what no interaction carries: the parts still sum to the score', () => {
    const mixed = withPrior(tasteOf(3), people, bestOf);
    const scores = mixed.scores(all);
    for (const item of all) {
      const { parts, own: mine, bias } = mixed.parts!(item);
      expect(parts[0]! + mine + bias).toBeCloseTo(scores[item]!, 12);
    }
  });
});
