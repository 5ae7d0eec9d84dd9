import { describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import { optionGroups } from '../../src/options.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import { meant, standings } from '../../src/sampling/meanings.ts';
import { PairSource } from '../../src/sampling/pairSource.ts';
import { splitSnapshot } from '../../src/sampling/split.ts';
import { countingOf } from '../../src/serving/counting.ts';

const day = 86_400_000;
/** Days before the snapshot's moment. */
const did = (user: string, item: string, type: string, daysAgo: number, value = 1): DataRecord => ({
  kind: 'interaction',
  user,
  item,
  type,
  at: now - daysAgo * day,
  value,
});
const now = Date.UTC(2026, 0, 1);
const interactions = optionGroups.splitting.shape.interactions.parse({
  view: { weight: 1, expiryDays: 30 },
  cart: { weight: 2 },
  purchase: { weight: 4 },
  rating: { positiveFrom: 4 },
  dislike: { negative: true },
});
const options = optionGroups.splitting.parse({ interactions, split: 'ratio' });

/** 'user item' of a matrix, with the weight where it has any. */
const pairsIn = (
  snapshot: ReturnType<typeof snapshotFromRecords>,
  csr: { offsets: Int32Array; indices: Int32Array; weights?: Float32Array },
) =>
  Array.from({ length: snapshot.users.count }, (_, user) =>
    Array.from(csr.indices.subarray(csr.offsets[user], csr.offsets[user + 1]), (item, place) => {
      const weight = csr.weights?.[csr.offsets[user]! + place];
      return `${snapshot.users.id(user)} ${snapshot.items.id(item)}${weight === undefined ? '' : ` ${weight}`}`;
    }),
  ).flat();
const take = (records: readonly DataRecord[]) => ({ ...snapshotFromRecords(records, 'generated'), asOf: now });
/** Liked pairs: nobody has more than one, so that all stay in training. */
const fitOf = (records: readonly DataRecord[]) => {
  const snapshot = take(records);
  return pairsIn(snapshot, splitSnapshot(snapshot, options).fit);
};

describe('what interactions mean', () => {
  it('is decided by type, value and age', () => {
    const snapshot = take([
      did('a', 'x', 'view', 29),
      did('b', 'x', 'view', 31),
      did('c', 'x', 'rating', 900, 4),
      did('d', 'x', 'rating', 1, 3),
      did('e', 'x', 'dislike', 1),
      did('f', 'x', 'other', 900, 0.5),
    ]);
    const { standing, weights } = meant(snapshot, options);
    const byUser = Object.fromEntries(
      Array.from(standing, (each, n) => [snapshot.users.id(snapshot.interactions.users[n]!), each]),
    );
    const { expired, met, liked, disliked } = standings;
    expect(byUser).toEqual({ a: liked, b: expired, c: liked, d: met, e: disliked, f: liked });
    // Of the types that are there, none weighs more than another.
    expect(weights).toBeUndefined();
  });

  it('goes by --min-value where a type says nothing, and by nothing where nothing is said', () => {
    const snapshot = take([did('a', 'x', 'other', 1, 3), did('a', 'y', 'rating', 1, 3)]);
    expect([...meant(snapshot, { minValue: 3, interactions }).standing].sort()).toEqual([
      standings.met,
      standings.liked,
    ]);
    expect([...meant(snapshot, {}).standing]).toEqual([standings.liked, standings.liked]);
  });

  it('makes pairs whose weight is that of the strongest, and none of what expired or was not liked', () => {
    expect(
      fitOf([
        did('a', 'x', 'view', 3),
        did('a', 'x', 'purchase', 2),
        did('a', 'x', 'cart', 1),
        did('b', 'x', 'view', 1),
        did('c', 'x', 'view', 31),
        did('d', 'x', 'rating', 1, 3),
      ]),
    ).toEqual(['a x 4', 'b x 1']);
  });

  it('takes back what was liked before a dislike, and not what is liked after it', () => {
    expect(
      fitOf([
        did('a', 'x', 'purchase', 3),
        did('a', 'x', 'dislike', 2),
        did('b', 'x', 'dislike', 3),
        did('b', 'x', 'cart', 2),
        did('c', 'w', 'cart', 5),
        did('d', 'w', 'cart', 5),
        did('d', 'w', 'dislike', 4),
        did('d', 'w', 'cart', 3),
        did('e', 'w', 'dislike', 1),
      ]),
    ).toEqual(['b x 2', 'c w 2', 'd w 2']);
  });

  it('has no weights where all count the same', () => {
    const snapshot = take([did('a', 'x', 'cart', 1), did('b', 'x', 'cart', 1)]);
    expect(splitSnapshot(snapshot, options).fit.weights).toBeUndefined();
  });

  it('draws pairs as often as they weigh', () => {
    const records = ['view', 'cart', 'purchase'].flatMap((type) =>
      Array.from({ length: 100 }, (_, n) => did(`${type}${n}`, `i${n % 10}`, type, 1)),
    );
    const snapshot = take(records);
    const { fit } = splitSnapshot(snapshot, options);
    const source = new PairSource(fit, { batchSize: 64, perPair: 1, seed: 3, kind: 'uniform' });
    const drawn = { view: 0, cart: 0, purchase: 0 };
    const room = source.room();
    let all = 0;
    for (let epoch = 0; epoch < 40; epoch++)
      for (let step = 0; step < source.batchesPerEpoch; step++) {
        const { users } = source.view(room, source.fill(epoch, step, room));
        all += users.length;
        for (const user of users) drawn[snapshot.users.id(user).replace(/\d+/, '') as keyof typeof drawn]++;
      }
    expect(all).toBe(40 * 300);
    // 12,000 draws: five standard deviations are 240 to 250.
    expect(Math.abs(drawn.view - all / 7)).toBeLessThan(250);
    expect(Math.abs(drawn.cart - (2 * all) / 7)).toBeLessThan(250);
    expect(Math.abs(drawn.purchase - (4 * all) / 7)).toBeLessThan(250);
  });
});

describe('what counts when a version answers', () => {
  it('is all that has not expired at that moment; who chose an item is who liked it', () => {
    const snapshot = take([
      did('a', 'x', 'view', 20),
      did('a', 'y', 'dislike', 1),
      did('a', 'z', 'cart', 900),
      did('b', 'y', 'cart', 1),
    ]);
    const at = (moment: number) => {
      const { history, people } = countingOf(snapshot, { interactions }, moment);
      return { history: pairsIn(snapshot, history), people: [...people] };
    };
    expect(at(now)).toEqual({ history: ['a x', 'a y', 'a z', 'b y'], people: [1, 1, 1] });
    expect(at(now + 11 * day)).toEqual({ history: ['a y', 'a z', 'b y'], people: [0, 1, 1] });
    expect([...countingOf(snapshot, {}, now).people]).toEqual([1, 2, 1]);
  });
});
