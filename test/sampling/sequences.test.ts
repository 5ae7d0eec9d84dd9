import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import { type SequenceOptions, SequenceSource, userSequences } from '../../src/sampling/sequences.ts';
import { drawOne } from '../../src/sampling/source.ts';
import { itemId, userId } from '../planted.ts';

const histories = fc.array(fc.array(fc.tuple(fc.nat(9), fc.nat(6)), { maxLength: 12 }), { minLength: 1, maxLength: 5 });

function worldOf(users: readonly (readonly (readonly [number, number])[])[]) {
  const records: DataRecord[] = Array.from({ length: 10 }, (_, item) => ({
    kind: 'item',
    id: itemId(item),
    features: [],
  }));
  for (const [user, history] of users.entries()) {
    records.push({ kind: 'user', id: userId(user), features: [] });
    for (const [item, at] of history) {
      records.push({ kind: 'interaction', user: userId(user), item: itemId(item), type: 'view', at, value: 1 });
    }
  }
  records.push({ kind: 'interaction', user: userId(0), item: itemId(0), type: 'view', at: 99, value: 1 });
  return snapshotFromRecords(records, 'generated');
}

/** Items of each user by the first time they met, ties by item: the order of interactions. */
function expectedSequences(users: readonly (readonly (readonly [number, number])[])[]): number[][] {
  return users.map((history, user) => {
    const first = new Map<number, number>();
    for (const [item, at] of [...history, ...(user === 0 ? [[0, 99] as const] : [])]) {
      first.set(item, Math.min(first.get(item) ?? Number.POSITIVE_INFINITY, at));
    }
    return [...first].sort((a, b) => a[1] - b[1] || a[0] - b[0]).map(([item]) => item);
  });
}

const optionsOf = (more: Partial<SequenceOptions>): SequenceOptions => ({
  itemCount: 10,
  length: 4,
  batchSize: 3,
  seed: 7,
  ...more,
});

describe('sequences', () => {
  it('are in the order in which users first met their items', () => {
    fc.assert(
      fc.property(histories, (users) => {
        const snapshot = worldOf(users);
        const { offsets, items } = userSequences(snapshot, snapshot.relation('user-item'));
        const found = users.map((_, user) => [...items.subarray(offsets[user], offsets[user + 1])]);
        expect(found).toEqual(expectedSequences(users));
      }),
    );
  });

  it('give every next item as a target once an epoch, with what came before it, padded on the left', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 6 }), (users, length) => {
        const snapshot = worldOf(users);
        const sequences = userSequences(snapshot, snapshot.relation('user-item'));
        const source = new SequenceSource(sequences, optionsOf({ length }));
        const targets: string[] = [];
        for (let step = 0; step < source.batchesPerEpoch; step++) {
          const batch = drawOne(source, 1, step);
          for (const [p, user] of batch.users.entries()) {
            const window = [...batch.items.subarray(p * length, (p + 1) * length)];
            const wanted = [...batch.targets.subarray(p * length, (p + 1) * length)];
            const padding = length - batch.lengths[p]!;
            expect(window.slice(0, padding)).toEqual(Array(padding).fill(10));
            expect(wanted.slice(0, padding)).toEqual(Array(padding).fill(10));
            const own = expectedSequences(users)[user]!;
            for (let t = padding; t < length; t++) {
              expect(own.indexOf(wanted[t]!)).toBe(own.indexOf(window[t]!) + 1);
              if (t > padding) expect(own.indexOf(window[t]!)).toBe(own.indexOf(window[t - 1]!) + 1);
              targets.push(`${user} ${wanted[t]}`);
            }
          }
        }
        const all = expectedSequences(users).flatMap((items, user) => items.slice(1).map((item) => `${user} ${item}`));
        expect(targets.sort()).toEqual(all.sort());
      }),
    );
  });

  it('mask items, never the padding, at least one, with the probability that was asked for', () => {
    const users = Array.from({ length: 40 }, (_, user) =>
      Array.from({ length: 2 + (user % 9) }, (_, n) => [n, n] as const),
    );
    const snapshot = worldOf(users);
    const sequences = userSequences(snapshot, snapshot.relation('user-item'));
    const source = new SequenceSource(sequences, optionsOf({ length: 10, mask: 0.3 }));
    let masked = 0;
    let shown = 0;
    for (let epoch = 0; epoch < 60; epoch++) {
      for (let step = 0; step < source.batchesPerEpoch; step++) {
        const { users: who, items, targets, lengths } = drawOne(source, epoch, step);
        for (let p = 0; p < who.length; p++) {
          let own = 0;
          for (let t = 0; t < 10; t++) {
            const [item, target] = [items[p * 10 + t]!, targets[p * 10 + t]!];
            if (t < 10 - lengths[p]!) expect([item, target]).toEqual([10, 10]);
            else if (item === 11) {
              expect(target).toBe(t - (10 - lengths[p]!)); // item n is the n-th
              own++;
            } else expect(target).toBe(10);
          }
          expect(own).toBeGreaterThan(0);
          // Long windows hardly ever need the one that is masked where none was drawn.
          if (lengths[p]! >= 9) {
            masked += own;
            shown += lengths[p]!;
          }
        }
      }
    }
    expect(Math.abs(masked / shown - 0.3)).toBeLessThan(0.05);
  });

  it('refuses windows that are none', () => {
    const snapshot = worldOf([[[1, 1]]]);
    const sequences = userSequences(snapshot, snapshot.relation('user-item'));
    expect(() => new SequenceSource(sequences, optionsOf({ length: 0 }))).toThrow(RangeError);
    expect(() => new SequenceSource(sequences, optionsOf({ mask: 1 }))).toThrow(RangeError);
  });
});
