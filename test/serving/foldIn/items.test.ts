/** Vectors of items that came after a training, between those of items like them. */
import { describe, expect, it } from 'vitest';
import type { Vectors } from '../../../src/models/model.ts';
import { snapshotFromRecords } from '../../../src/sampling/fromFiles.ts';
import { itemFolderOf } from '../../../src/serving/foldIn/items.ts';

const like = (user: string, item: string) =>
  ({ kind: 'interaction', user, item, type: 'like', at: 0, value: 1 }) as const;
const of = (id: string, ...values: string[]) =>
  ({ kind: 'item', id, features: values.map((value) => ({ kind: 'genre', value })) }) as const;
// All are films, a and b are drama, c is comedy; nobody chose d.
const snapshot = snapshotFromRecords(
  [
    of('a', 'film', 'drama'),
    of('b', 'film', 'drama'),
    of('c', 'film', 'comedy'),
    of('d', 'film', 'comedy'),
    like('u', 'a'),
    like('u', 'b'),
    like('v', 'c'),
  ],
  'files',
);
const vectors: Vectors = {
  dim: 2,
  users: new Float32Array(4),
  items: Float32Array.of(2, 0, 4, 0, 0, 3, 100, 100),
};
const fold = itemFolderOf(vectors, snapshot, snapshot.relation('user-item'));
const item = (features: readonly string[], neighbours: readonly string[] = []) => ({
  features: Int32Array.from(features, (value) => snapshot.features.index(`genre:${value}`)!),
  weights: new Float32Array(features.length).fill(1),
  neighbours: Int32Array.from(neighbours, (id) => snapshot.items.index(id)!),
  visits: new Float32Array(neighbours.length).fill(1),
});

describe('an item that came after the training', () => {
  it('lies where the items with its features lie, as long as they are on average', () => {
    const drama = fold(item(['drama']))!;
    expect([...drama]).toEqual([3, 0]); // lengths 2, 4, 3 of what somebody chose
    const comedy = fold(item(['comedy']))!;
    expect(comedy[0]).toBeCloseTo(0, 6); // d, which nobody chose, says nothing
    expect(comedy[1]).toBeCloseTo(3, 6);
  });

  it('is told nothing by a feature that all items have', () => {
    expect(fold(item(['film']))).toBeUndefined();
    expect([...fold(item(['film', 'drama']))!]).toEqual([...fold(item(['drama']))!]);
  });

  it('lies towards what its people chose, the more of that is known', () => {
    expect([...fold(item([], ['c']))!]).toEqual([0, 3]);
    const [few, many] = [fold(item(['drama'], ['c']))!, fold(item(['drama'], ['c', 'c', 'c', 'c', 'c', 'c']))!];
    expect(few[0]).toBeGreaterThan(few[1]!);
    expect(many[1]).toBeGreaterThan(many[0]!);
  });

  it('has no vector where nothing is known of it', () => {
    expect(fold(item([]))).toBeUndefined();
    expect(fold(item([], ['d']))).toBeUndefined();
  });
});
