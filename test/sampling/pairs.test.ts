import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownMemory } from '../../src/sampling/memory.ts';
import { PairSource } from '../../src/sampling/pairSource.ts';
import { relationOf } from '../../src/sampling/relations.ts';
import { drawOne } from '../../src/sampling/source.ts';

const matrix = (rows: number, cols: number, pairs: readonly (readonly [number, number])[]) =>
  relationOf(rows, cols, { from: pairs.map(([row]) => row), to: pairs.map(([, col]) => col) }, ownMemory);

const sparse = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 14 })), { minLength: 1, maxLength: 100 })
  .map((pairs) => ({ train: matrix(10, 15, pairs), known: new Set(pairs.map(String)) }));

const uniform = { kind: 'uniform', perPair: 1 } as const;

function epochOf(source: PairSource, epoch: number): { user: number; positive: number; negative: number }[] {
  return Array.from({ length: source.batchesPerEpoch }, (_, step) => {
    const { users, positives, negatives } = drawOne(source, epoch, step);
    return Array.from(users, (user, p) => ({ user, positive: positives[p]!, negative: negatives[p]! }));
  }).flat();
}

describe('PairSource', () => {
  it('makes every training pair a positive once an epoch, with a negative that the user has not met', () => {
    fc.assert(
      fc.property(
        sparse,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 3 }),
        ({ train, known }, batchSize, epoch) => {
          const pairs = epochOf(new PairSource(train, { ...uniform, batchSize, seed: 3 }), epoch);
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
    const options = { ...uniform, batchSize: 16, seed: 11 };
    const straight = new PairSource(train, options);
    const resumed = new PairSource(train, options);
    for (let epoch = 0; epoch < 3; epoch++) {
      for (let step = 0; step < straight.batchesPerEpoch; step++) {
        const batch = drawOne(straight, epoch, step);
        if (epoch < 2) continue;
        drawOne(resumed, (step + 1) % 2, 0); // something else before
        expect(drawOne(resumed, epoch, step)).toEqual(batch);
      }
    }
    expect(epochOf(straight, 0)).not.toEqual(epochOf(straight, 1));
    expect(epochOf(new PairSource(train, { ...options, seed: 12 }), 0)).not.toEqual(epochOf(straight, 0));
    expect(() => drawOne(straight, 0, straight.batchesPerEpoch)).toThrow(RangeError);
  });

  it('draws negatives uniformly from what is left', () => {
    // One user with items 0, 3 and 9 of 10: seven are left, each as likely.
    const train = matrix(1, 10, [
      [0, 0],
      [0, 3],
      [0, 9],
    ]);
    const source = new PairSource(train, { ...uniform, batchSize: 3, seed: 5 });
    const counts = new Map<number, number>();
    const epochs = 7000;
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const { negative } of epochOf(source, epoch)) counts.set(negative, (counts.get(negative) ?? 0) + 1);
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
    for (const { positive, negative } of epochOf(new PairSource(train, { ...uniform, batchSize: 4, seed: 1 }), 0)) {
      expect(negative).toBe(positive);
    }
  });
});
