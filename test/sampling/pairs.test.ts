import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownMemory } from '../../src/sampling/memory.ts';
import { PairSampler } from '../../src/sampling/pairs.ts';
import { relationOf } from '../../src/sampling/relations.ts';

const matrix = (rows: number, cols: number, pairs: readonly (readonly [number, number])[]) =>
  relationOf(rows, cols, { from: pairs.map(([row]) => row), to: pairs.map(([, col]) => col) }, ownMemory);

const sparse = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 14 })), { minLength: 1, maxLength: 100 })
  .map((pairs) => ({ train: matrix(10, 15, pairs), known: new Set(pairs.map(String)) }));

function epochOf(
  sampler: PairSampler,
  epoch: number,
): { user: number; positive: number; negative: number | undefined }[] {
  const out = sampler.batch();
  return Array.from({ length: sampler.batchesPerEpoch }, (_, step) => {
    const size = sampler.fill(epoch, step, out);
    return Array.from({ length: size }, (_, p) => {
      return { user: out.users[p]!, positive: out.positives[p]!, negative: out.negatives[p] };
    });
  }).flat();
}

describe('PairSampler', () => {
  it('makes every training pair a positive once an epoch, with a negative that the user has not met', () => {
    fc.assert(
      fc.property(
        sparse,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 3 }),
        ({ train, known }, batchSize, epoch) => {
          const pairs = epochOf(new PairSampler(train, { batchSize, seed: 3, negatives: true }), epoch);
          expect(pairs.map(({ user, positive }) => `${user},${positive}`).sort()).toEqual([...known].sort());
          for (const { user, negative } of pairs) {
            const met = train.offsets[user + 1]! - train.offsets[user]!;
            if (met < train.cols) expect(known.has(`${user},${negative}`)).toBe(false);
            expect(negative).toBeGreaterThanOrEqual(0);
            expect(negative).toBeLessThan(train.cols);
          }
        },
      ),
    );
  });

  it('gives any batch at any time, and the same one again', () => {
    const train = matrix(
      20,
      30,
      Array.from({ length: 200 }, (_, i) => [i % 20, (i * 7) % 30] as const),
    );
    const options = { batchSize: 16, seed: 11, negatives: true };
    const straight = new PairSampler(train, options);
    const resumed = new PairSampler(train, options);
    const [a, b] = [straight.batch(), resumed.batch()];
    for (let epoch = 0; epoch < 3; epoch++) {
      for (let step = 0; step < straight.batchesPerEpoch; step++) {
        const size = straight.fill(epoch, step, a);
        if (epoch < 2) continue;
        resumed.fill((step + 1) % 2, 0, b); // something else before
        expect(resumed.fill(epoch, step, b)).toBe(size);
        for (const column of ['users', 'positives', 'negatives'] as const) {
          expect(b[column].subarray(0, size)).toEqual(a[column].subarray(0, size));
        }
      }
    }
    expect(epochOf(straight, 0)).not.toEqual(epochOf(straight, 1));
    expect(epochOf(new PairSampler(train, { ...options, seed: 12 }), 0)).not.toEqual(epochOf(straight, 0));
    expect(() => straight.fill(0, straight.batchesPerEpoch, a)).toThrow(RangeError);
  });

  it('draws negatives uniformly from what is left', () => {
    // One user with items 0, 3 and 9 of 10: seven are left, each as likely.
    const train = matrix(1, 10, [
      [0, 0],
      [0, 3],
      [0, 9],
    ]);
    const sampler = new PairSampler(train, { batchSize: 3, seed: 5, negatives: true });
    const counts = new Map<number, number>();
    const epochs = 7000;
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const { negative } of epochOf(sampler, epoch)) counts.set(negative!, (counts.get(negative!) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([1, 2, 4, 5, 6, 7, 8]);
    const mean = (3 * epochs) / 7;
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    expect(chiSquared).toBeLessThan(22.5); // 99.9 % of χ² with 6 degrees of freedom; the seed is fixed
  });

  it('gives the positive back where a user has met everything', () => {
    const train = matrix(1, 2, [
      [0, 0],
      [0, 1],
    ]);
    for (const { positive, negative } of epochOf(
      new PairSampler(train, { batchSize: 4, seed: 1, negatives: true }),
      0,
    )) {
      expect(negative).toBe(positive);
    }
  });
});
