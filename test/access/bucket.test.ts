import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openBuckets } from '../../src/access/bucket.ts';

it('lets a burst through, then the rate, and says when to come again', () => {
  const buckets = openBuckets(10, 3);
  expect([0, 0, 0, 0].map((at) => buckets.take('a', at))).toEqual([
    { admitted: true, left: 2, wait: 0 },
    { admitted: true, left: 1, wait: 0 },
    { admitted: true, left: 0, wait: 0.1 },
    { admitted: false, left: 0, wait: 0.1 },
  ]);
  expect(buckets.take('b', 0).admitted).toBe(true);
  expect(buckets.take('a', 50).admitted).toBe(false);
  expect(buckets.take('a', 100).admitted).toBe(true);
  expect(buckets.take('a', 100).admitted).toBe(false);
  // However long nobody comes, no more than the burst is saved up.
  expect([1e9, 1e9, 1e9, 1e9].map((at) => buckets.take('a', at).admitted)).toEqual([true, true, true, false]);
});

it('never admits more than burst + rate × time, and always after the time that it says', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 }), (waits, rate, burst) => {
      const buckets = openBuckets(rate, burst);
      let [now, admitted] = [0, 0];
      for (const gap of waits) {
        now += gap;
        const state = buckets.take('a', now);
        if (state.admitted) admitted++;
        else {
          now += state.wait * 1000 + 0.01;
          expect(buckets.take('a', now).admitted).toBe(true);
          admitted++;
        }
      }
      expect(admitted).toBeLessThanOrEqual(burst + (rate * now) / 1000 + 1e-6);
    }),
    { seed: 7 },
  );
});
