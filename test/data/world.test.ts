import { expect, it } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import type { Place } from '../../src/data/source.ts';
import { demoWorld, generateWorld } from '../../src/data/world.ts';

async function all(options = demoWorld, from?: Place) {
  const records: DataRecord[] = [];
  const places: Place[] = [];
  for await (const batch of generateWorld(options).batches(from)) {
    records.push(...batch.records);
    places.push(batch.next);
  }
  return { records, places };
}

it('is the same for the same seed and another for another, and is read on from any place', async () => {
  const small = { seed: 7, users: 40, films: 60, ratings: 900 };
  const { records, places } = await all(small);
  expect((await all(small)).records).toEqual(records);
  expect((await all({ ...small, seed: 8 })).records).not.toEqual(records);
  for (const place of places) {
    expect((await all(small, place)).records).toEqual(records.slice(place.read));
  }
});

it('has people with tastes that popularity does not know', async () => {
  const { records } = await all();
  const of = <K extends DataRecord['kind']>(kind: K) =>
    records.filter((record): record is Extract<DataRecord, { kind: K }> => record.kind === kind);
  const films = of('item');
  expect([of('user').length, films.length]).toEqual([600, 800]);
  expect(new Set(films.map(({ title }) => title)).size).toBe(800);
  const ratings = of('interaction');
  expect(Math.abs(ratings.length - 40_000)).toBeLessThan(2_000);
  expect(new Set(ratings.map(({ user, item }) => `${user} ${item}`)).size).toBe(ratings.length);
  expect(of('trust').every(({ user, trusted }) => user !== trusted)).toBe(true);

  // Hold out each user's last fifth: films that share viewers with theirs must find it far better than popular ones.
  const train = new Map<string, Set<string>>();
  const test = new Map<string, Set<string>>();
  for (const user of of('user').map(({ id }) => id)) {
    const own = ratings.filter((rating) => rating.user === user);
    const cut = Math.floor(own.length * 0.8);
    train.set(user, new Set(own.slice(0, cut).map(({ item }) => item)));
    test.set(user, new Set(own.slice(cut).map(({ item }) => item)));
  }
  const viewers = new Map<string, number>();
  const together = new Map<string, Map<string, number>>();
  for (const seen of train.values()) {
    for (const a of seen) {
      viewers.set(a, (viewers.get(a) ?? 0) + 1);
      const row = together.get(a) ?? new Map<string, number>();
      together.set(a, row);
      for (const b of seen) row.set(b, (row.get(b) ?? 0) + 1);
    }
  }
  let popular = 0;
  let personal = 0;
  for (const [user, seen] of [...train].slice(0, 100)) {
    const hidden = test.get(user)!;
    const hits = (score: (item: string) => number) =>
      films
        .map(({ id }) => id)
        .filter((id) => !seen.has(id))
        .sort((a, b) => score(b) - score(a))
        .slice(0, 20)
        .filter((id) => hidden.has(id)).length / Math.min(20, hidden.size);
    popular += hits((item) => viewers.get(item) ?? 0);
    const scores = new Map<string, number>();
    for (const a of seen) {
      for (const [b, count] of together.get(a)!) {
        scores.set(b, (scores.get(b) ?? 0) + count / Math.sqrt(viewers.get(a)! * viewers.get(b)!));
      }
    }
    personal += hits((item) => scores.get(item) ?? 0);
  }
  expect(personal).toBeGreaterThan(2 * popular);
});
