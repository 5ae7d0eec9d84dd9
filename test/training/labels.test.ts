import fc from 'fast-check';
import { expect, it } from 'vitest';
import { labelMetrics, likedShares } from '../../src/training/labels.ts';

it('auc counts pairs in the right order, ties half; logloss is the mean surprise', () => {
  const row = fc.record({ p: fc.constantFrom(0.1, 0.25, 0.5, 0.75, 0.9), label: fc.constantFrom(0, 1) });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
      const { auc, logloss } = labelMetrics(
        Float32Array.from(rows, ({ p }) => p),
        Uint8Array.from(rows, ({ label }) => label),
      );
      let right = 0;
      let pairs = 0;
      for (const a of rows) {
        for (const b of rows) {
          if (a.label !== 1 || b.label !== 0) continue;
          pairs++;
          right += a.p > b.p ? 1 : a.p === b.p ? 0.5 : 0;
        }
      }
      if (pairs > 0) expect(auc).toBeCloseTo(right / pairs, 10);
      else expect(auc).toBeNaN();
      const surprise = rows.reduce((sum, { p, label }) => sum - Math.log(label ? p : 1 - p), 0);
      expect(logloss).toBeCloseTo(surprise / rows.length, 5);
    }),
  );
});

it('a sure mistake does not cost infinitely much', () => {
  const { logloss } = labelMetrics(Float32Array.of(0, 1), Uint8Array.of(1, 0));
  expect(logloss).toBeGreaterThan(10);
  expect(logloss).toBeLessThan(20);
});

it("the baseline is an item's share of liked rows, drawn towards the share of all", () => {
  const rows = (items: number[], labels: number[]) => ({
    interactions: Int32Array.from(items),
    items: Int32Array.from(items),
    labels: Uint8Array.from(labels),
  });
  const shares = likedShares(rows([0, 0, 1, 1], [1, 1, 0, 1]), rows([0, 1, 2], [0, 0, 0]), 3);
  expect([...shares]).toEqual([(2 + 7.5) / 12, (1 + 7.5) / 12, 7.5 / 10].map(Math.fround));
});
