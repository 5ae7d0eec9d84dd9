/** Lists by a filter are the long list without what the filter leaves out, however a version ranks; users alike as a plain loop finds them. */
import { afterAll, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { SnapshotBuilder } from '../../src/sampling/builder.ts';
import { bitmapOf, fewForbidden } from '../../src/serving/index/vectorIndex.ts';
import type { PublishedVersion } from '../../src/serving/published.ts';
import { serveVersion } from '../../src/serving/served.ts';
import { similarUsers } from '../../src/serving/similarUsers.ts';
import { numbers } from './home.ts';

const kernels = openKernels({ threads: 1 });
afterAll(() => kernels.close());
const draw = numbers(5);
const below = (count: number) => Math.floor(((draw() + 1) / 2) * count);
const [users, items, dim] = [40, 700, 8];
const builder = new SnapshotBuilder();
for (let item = 0; item < items; item++) builder.add({ kind: 'item', id: `i${item}`, features: [] });
for (let user = 0; user < users; user++)
  for (let n = 0; n < 12; n++)
    builder.add({
      kind: 'interaction',
      user: `u${user}`,
      item: `i${below(items)}`,
      type: 'view',
      at: 1000 + n,
      value: 1,
    });
builder.describeItem(builder.item('i3'), { available: false });
const snapshot = builder.build({ asOf: 5000, source: 'generated' });
const train = snapshot.relation('user-item');
const some = (count: number) => Float32Array.from({ length: count }, draw);
const manifest = { id: 'planted', model: 'planted', options: {}, seed: 1, arrays: [] };
const vectors = { dim, users: some(users * dim), items: some(items * dim) };
const perItem = 30;
const itemWeights = {
  rows: items,
  cols: items,
  offsets: Int32Array.from({ length: items + 1 }, (_, item) => item * perItem),
  indices: Int32Array.from({ length: items * perItem }, (_, n) => (7 * n + Math.floor(n / perItem)) % items),
  weights: some(items * perItem),
};
const published = (content: object) => ({ manifest, snapshot, train, ...content }) as unknown as PublishedVersion;

it.each([
  ['vectors', published({ vectors })],
  ['item weights', published({ itemWeights })],
])('a version of %s leaves out few and many, and passes over what is unavailable', (_, version) => {
  const served = serveVersion(version, kernels);
  for (const share of [2, 50]) {
    const only = Uint8Array.from({ length: items }, (_, item) => (item % share === 1 ? 1 : 0));
    const opposite = only.map((may) => 1 - may);
    const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);
    for (const may of [only, opposite]) {
      const passes = (id: string) => may[snapshot.items.index(id)!] === 1;
      const whole = ids(served.recommend('u1', { limit: items }).items);
      expect(whole).not.toContain('i3');
      expect(ids(served.recommend('u1', { limit: 20, only: may }).items)).toEqual(whole.filter(passes).slice(0, 20));
      const alike = ids(served.similar('i5', { limit: items }));
      expect(ids(served.similar('i5', { limit: 20, only: may }))).toEqual(alike.filter(passes).slice(0, 20));
      const popular = ids(served.popular({ limit: items }));
      expect(ids(served.popular({ limit: 20, only: may }))).toEqual(popular.filter(passes).slice(0, 20));
    }
  }
  served.dispose();
});

it('few that are not allowed are named, many are not', () => {
  const all = Array.from({ length: items }, (_, item) => item);
  const without = (out: readonly number[]) =>
    bitmapOf(
      all.filter((item) => !out.includes(item)),
      items,
    );
  expect(fewForbidden(without([]), items)).toEqual([]);
  expect(fewForbidden(without([0, 31, 32, 699]), items)).toEqual([0, 31, 32, 699]);
  expect(fewForbidden(without(all.slice(0, 300)), items)).toBeUndefined();
});

it('finds the users that a plain loop finds', () => {
  const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
    const dot = (x: ArrayLike<number>, y: ArrayLike<number>) =>
      Array.from(x).reduce((sum, value, n) => sum + value * y[n]!, 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  const vectorOf = (user: number) => vectors.users.subarray(user * dim, (user + 1) * dim);
  const chosenBy = (user: number) => {
    const chosen = new Uint8Array(items);
    for (let e = train.offsets[user]!; e < train.offsets[user + 1]!; e++) chosen[train.indices[e]!] = 1;
    return chosen;
  };
  for (const [content, of] of [
    [{ vectors }, vectorOf],
    [{ itemWeights }, chosenBy],
  ] as const) {
    const served = serveVersion(published(content), kernels);
    const self = snapshot.users.index('u7')!;
    const expected = Array.from({ length: users }, (_, user) => ({ user, score: cosine(of(self), of(user)) }))
      .filter(({ user, score }) => user !== self && score !== 0)
      .sort((a, b) => b.score - a.score || a.user - b.user)
      .slice(0, 10);
    const found = similarUsers(served, 'u7', 10)!;
    expect(found.map(({ id }) => id)).toEqual(expected.map(({ user }) => snapshot.users.id(user)));
    for (const [n, { score }] of found.entries()) expect(score).toBeCloseTo(expected[n]!.score, 6);
    served.dispose();
  }
  expect(similarUsers(serveVersion(published({ vectors }), kernels), 'nobody', 10)).toBeUndefined();
  // Somebody who was folded in is like who did the same.
  const served = serveVersion(published({ itemWeights }), kernels);
  const history = { items: train.indices.slice(train.offsets[7]!, train.offsets[8]!) };
  const now = served.withTaste('nobody', served.fold(history)!, history);
  expect(similarUsers(now, 'nobody', 1)).toEqual([{ id: snapshot.users.id(7), score: 1 }]);
  served.dispose();
});
