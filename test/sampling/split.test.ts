import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Csr } from '../../src/compute/csr.ts';
import type { InteractionRecord, Part } from '../../src/data/records.ts';
import { type SplitOptions, splits } from '../../src/options.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { type Split, splitSnapshot } from '../../src/sampling/split.ts';
import { checkerboard, checkerboardSnapshot } from '../planted.ts';

const base: SplitOptions = { testRatio: 0.2, validationRatio: 0.1, seed: 7 };

function pairsOf(csr: Csr): string[] {
  return Array.from({ length: csr.rows }, (_, user) =>
    Array.from(csr.indices.subarray(csr.offsets[user], csr.offsets[user + 1]), (item) => `${user} ${item}`),
  ).flat();
}

const union = (...parts: readonly Csr[]): Set<string> => new Set(parts.flatMap(pairsOf));

/** Pair → time of its first liked interaction, the slow way. */
function firstTimes({ interactions }: Snapshot, minValue = Number.NEGATIVE_INFINITY): Map<string, number> {
  const first = new Map<string, number>();
  for (let i = 0; i < interactions.count; i++) {
    const pair = `${interactions.users[i]} ${interactions.items[i]}`;
    if (interactions.values[i]! < minValue) continue;
    first.set(pair, Math.min(first.get(pair) ?? Number.POSITIVE_INFINITY, interactions.at[i]!));
  }
  return first;
}

const interaction = fc.record({
  user: fc.integer({ min: 0, max: 8 }),
  item: fc.integer({ min: 0, max: 12 }),
  at: fc.integer({ min: 0, max: 30 }),
  value: fc.integer({ min: 1, max: 5 }),
  part: fc.constantFrom<(Part | undefined)[]>('train', 'validation', 'test', undefined),
});
const world = fc.array(interaction, { minLength: 1, maxLength: 120 }).map((rows) =>
  rows.map(({ user, item, at, value, part }): InteractionRecord => {
    const row = { kind: 'interaction', user: `u${user}`, item: `i${item}`, type: 'rating', at, value } as const;
    return part ? { ...row, part } : row;
  }),
);
const options = fc.record({
  split: fc.constantFrom(...splits),
  testRatio: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
  validationRatio: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
  seed: fc.integer({ min: 0, max: 0xffffffff }),
  minValue: fc.constantFrom(undefined, 3),
});

/** The split, or undefined where these records cannot be cut this way. */
function trySplit(snapshot: Snapshot, given: SplitOptions): Split | undefined {
  try {
    return splitSnapshot(snapshot, given);
  } catch (thrown) {
    expect(thrown).toMatchObject({
      code: expect.stringMatching(/^(snapshot\/(empty|no-given-split)|options\/invalid)$/) as string,
    });
    return undefined;
  }
}

describe('every split', () => {
  it.each(splits.filter((split) => split !== 'given'))('%s cuts no validation part where none is wanted', (split) => {
    const { train, validation, test, fit } = splitSnapshot(checkerboardSnapshot(), {
      ...base,
      split,
      validationRatio: 0,
    });
    expect(pairsOf(validation)).toEqual([]);
    expect(pairsOf(test).length).toBeGreaterThan(0);
    expect(pairsOf(fit)).toEqual(pairsOf(train));
  });

  it('puts each liked pair in exactly one part, the same way each time', () => {
    fc.assert(
      fc.property(world, options, (records, given) => {
        const snapshot = snapshotFromRecords(records, 'generated');
        const split = trySplit(snapshot, given);
        if (!split) return;
        const { train, validation, test, fit } = split;
        const parts = [train, validation, test].map(pairsOf);
        const all = parts.flat();
        expect(new Set(all).size).toBe(all.length);
        expect(new Set(all)).toEqual(new Set(firstTimes(snapshot, given.minValue).keys()));
        expect(new Set(pairsOf(fit))).toEqual(union(train, validation));
        for (const csr of [train, validation, test, fit]) {
          expect([csr.rows, csr.cols]).toEqual([snapshot.users.count, snapshot.items.count]);
          expect(csr.offsets[csr.rows]).toBe(csr.indices.length);
          const ordered = pairsOf(csr).map((pair) => pair.split(' ').map(Number) as [number, number]);
          expect(ordered).toEqual(ordered.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
        }
        expect(splitSnapshot(snapshotFromRecords(records, 'generated'), given)).toEqual(split);
      }),
      { numRuns: 150 },
    );
  });

  it('leaves every user a training pair, except by time and where the data gives the parts', () => {
    fc.assert(
      fc.property(world, options, fc.constantFrom('ratio', 'leave-one-out'), (records, given, kind) => {
        const snapshot = snapshotFromRecords(records, 'generated');
        const split = trySplit(snapshot, { ...given, split: kind });
        if (!split) return;
        for (const pair of union(split.validation, split.test)) {
          const user = Number(pair.split(' ')[0]);
          expect(split.train.offsets[user + 1]! - split.train.offsets[user]!).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe('a cut by time', () => {
  it('leaks nothing: no training pair is as new as the oldest of validation, none of those as new as the oldest of test', () => {
    fc.assert(
      fc.property(world, options, (records, given) => {
        const snapshot = snapshotFromRecords(records, 'generated');
        const split = trySplit(snapshot, { ...given, split: 'time' });
        if (!split) return;
        const first = firstTimes(snapshot, given.minValue);
        const times = (csr: Csr): number[] => pairsOf(csr).map((pair) => first.get(pair)!);
        expect(Math.max(...times(split.train))).toBeLessThan(Math.min(...times(split.validation)));
        expect(Math.max(...times(split.validation))).toBeLessThan(Math.min(...times(split.test)));
      }),
      { numRuns: 150 },
    );
  });

  it('takes the share it was asked for where times differ', () => {
    const records = Array.from({ length: 1000 }, (_, i): InteractionRecord => {
      return { kind: 'interaction', user: `u${i % 10}`, item: `i${i}`, type: 'view', at: i, value: 1 };
    });
    const split = splitSnapshot(snapshotFromRecords(records, 'generated'), { ...base, split: 'time' });
    expect([split.train, split.validation, split.test].map((csr) => csr.indices.length)).toEqual([720, 80, 200]);
  });

  it('is refused where there are no times', () => {
    const records = [1, 2, 3].map((i): InteractionRecord => {
      return { kind: 'interaction', user: 'u', item: `i${i}`, type: 'view', at: 0, value: 1 };
    });
    const snapshot = snapshotFromRecords(records, 'generated');
    expect(() => splitSnapshot(snapshot, { ...base, split: 'time' })).toThrow(/three different times/);
  });
});

describe('leaving one out', () => {
  it("takes each user's newest pair for test and the one before for validation", () => {
    const snapshot = checkerboardSnapshot();
    const { heldOut } = checkerboard();
    const { train, validation, test } = splitSnapshot(snapshot, { ...base, split: 'leave-one-out' });
    const first = firstTimes(snapshot);
    for (let user = 0; user < snapshot.users.count; user++) {
      const row = (csr: Csr): number[] => Array.from(csr.indices.subarray(csr.offsets[user], csr.offsets[user + 1]));
      expect(row(test)).toEqual([heldOut(user)]);
      const [last] = row(validation);
      for (const item of row(train)) expect(first.get(`${user} ${item}`)).toBeLessThan(first.get(`${user} ${last}`)!);
    }
  });
});

describe('the given split', () => {
  it('is the default where the data has one, and cuts validation from training', () => {
    const { heldOut, users } = checkerboard();
    const split = splitSnapshot(checkerboardSnapshot(), base);
    expect(split.kind).toBe('given');
    expect(pairsOf(split.test)).toEqual(Array.from({ length: users }, (_, user) => `${user} ${heldOut(user)}`));
    expect(split.validation.indices.length / split.fit.indices.length).toBeCloseTo(0.1, 1);
  });

  it('keeps a validation part that the data gives, and counts a pair of several parts as training', () => {
    const of = (item: string, part: Part, type = 'view'): InteractionRecord => {
      return { kind: 'interaction', user: 'u', item, type, at: 0, value: 1, part };
    };
    const records = [
      of('a', 'train'),
      of('b', 'validation'),
      of('c', 'test'),
      of('d', 'test'),
      of('d', 'train', 'buy'),
    ];
    const { train, validation, test } = splitSnapshot(snapshotFromRecords(records, 'generated'), base);
    expect([train, validation, test].map(pairsOf)).toEqual([['0 0', '0 3'], ['0 1'], ['0 2']]);
  });

  it('is refused where the data has none, whose default is by ratio', () => {
    const records = checkerboard().records.map((record) => {
      if (record.kind !== 'interaction') return record;
      const { part: _, ...rest } = record;
      return rest;
    });
    const snapshot = snapshotFromRecords(records, 'generated');
    expect(() => splitSnapshot(snapshot, { ...base, split: 'given' })).toThrow(/ratio, leave-one-out, time/);
    const { kind, test, fit } = splitSnapshot(snapshot, base);
    expect(kind).toBe('ratio');
    expect(test.indices.length / (test.indices.length + fit.indices.length)).toBeCloseTo(0.2, 1);
  });
});
