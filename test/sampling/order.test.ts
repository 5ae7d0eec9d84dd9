import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../../src/sampling/arrays.ts';
import { ownMemory } from '../../src/sampling/memory.ts';
import { canonicalOrder } from '../../src/sampling/order.ts';
import { relationOf, transpose } from '../../src/sampling/relations.ts';
import { checkerboardSnapshot } from '../planted.ts';

const time = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -(2 ** 53), max: 2 ** 53 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((at) => at + 0),
);

describe('canonicalOrder', () => {
  it('orders by time, user, item and type as a comparison sort does, and keeps the last of equals', () => {
    const rows = fc.array(fc.tuple(time, fc.nat(3), fc.nat(3), fc.nat(2)), { maxLength: 200 });
    fc.assert(
      fc.property(rows, (entries) => {
        const order = canonicalOrder({
          at: Float64Array.from(entries, ([at]) => at),
          users: Int32Array.from(entries, ([, user]) => user),
          items: Int32Array.from(entries, ([, , item]) => item),
          types: Uint8Array.from(entries, ([, , , type]) => type),
          counts: { users: 4, types: 3 },
        });
        const last = new Map(entries.map((entry, index) => [JSON.stringify(entry), index]));
        const compared = [...last.values()].sort((a, b) => {
          const column = [0, 1, 2, 3].find((k) => entries[a]![k] !== entries[b]![k])!;
          return entries[a]![column]! - entries[b]![column]!;
        });
        expect(Array.from(order)).toEqual(compared);
      }),
      { numRuns: 300 },
    );
  });
});

describe('relations', () => {
  it('are what a map of maps says, and the same when turned twice', () => {
    const edges = fc.array(fc.tuple(fc.nat(6), fc.nat(9), fc.integer({ min: -8, max: 8 })), { maxLength: 80 });
    fc.assert(
      fc.property(edges, (list) => {
        const csr = relationOf(
          7,
          10,
          {
            from: list.map(([from]) => from),
            to: list.map(([, to]) => to),
            weights: list.map(([, , weight]) => weight),
          },
          ownMemory,
        );
        const truth = new Map(list.map(([from, to, weight]) => [10 * from + to, weight]));
        const found = Array.from({ length: 7 }, (_, row) =>
          Array.from({ length: csr.offsets[row + 1]! - csr.offsets[row]! }, (_, i) => {
            const at = csr.offsets[row]! + i;
            return [10 * row + csr.indices[at]!, csr.weights![at]!] as const;
          }),
        ).flat();
        expect(found).toEqual([...truth].sort(([a], [b]) => a - b));
        expect(transpose(transpose(csr, ownMemory), ownMemory)).toEqual(csr);
      }),
    );
  });
});

describe('the arrays of a snapshot', () => {
  it('are all that is needed to see it again, as another thread does', () => {
    const snapshot = checkerboardSnapshot({ users: 4, items: 6 });
    const { digest, asOf, source, arrays } = snapshot;
    const seen = snapshotOf(structuredClone({ asOf, source, arrays }));
    expect(seen.digest).toBe(digest);
    expect(seen.relation('item-user')).toEqual(snapshot.relation('item-user'));
    expect(seen.arrays[0]!.values.buffer.byteLength).toBe(arrays[0]!.values.buffer.byteLength);
    expect(() => snapshotOf({ asOf, source, arrays: arrays.slice(1) })).toThrow(RangeError);
  });
});
