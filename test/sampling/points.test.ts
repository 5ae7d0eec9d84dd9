import { describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import { type PointColumns, PointSource } from '../../src/sampling/points.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { rowPoints, snapshotFields } from '../../src/sampling/snapshotPoints.ts';
import { drawOne } from '../../src/sampling/source.ts';

const like = (user: string, item: string): DataRecord => ({
  kind: 'interaction',
  user,
  item,
  type: 'like',
  at: 1,
  value: 1,
});
const genre = (value: string, weight = 1) => ({ kind: 'genre', value, weight });
const records: DataRecord[] = [
  { kind: 'user', id: 'a', features: [{ kind: 'age', value: 'old' }] },
  { kind: 'user', id: 'b', features: [{ kind: 'age', value: 'young' }] },
  { kind: 'user', id: 'c', features: [] },
  { kind: 'item', id: 'x', features: [genre('drama'), genre('noir', 0.5)] },
  { kind: 'item', id: 'y', features: [genre('noir')] },
  { kind: 'item', id: 'z', features: [] },
  like('a', 'x'),
  like('a', 'z'),
  like('b', 'y'),
  like('c', 'x'),
];
const snapshot = snapshotFromRecords(records, 'generated');
const train = snapshot.relation('user-item');
/** Every interaction, liked. */
function points(of: Snapshot) {
  const { items, count } = of.interactions;
  const rows = { interactions: Int32Array.from(items.keys()), items, labels: new Uint8Array(count).fill(1) };
  return rowPoints(of, snapshotFields(of), rows);
}

describe('points', () => {
  it('carry the features of users and items, the unknown ones by an index of their own', () => {
    const columns = points(snapshot);
    expect(columns.fields.map(({ name, size }) => [name, size])).toEqual([
      ['user', 3],
      ['item', 3],
      ['user age', 2],
    ]);
    expect(columns.bags.map(({ name }) => name)).toEqual(['item genre']);
    const source = new PointSource(columns, { batchSize: 10, seed: 1, shuffle: false });
    const { fields, labels, bags } = drawOne(source, 0, 0);
    // Points in the order of the training pairs: (a, x), (a, z), (b, y), (c, x).
    expect([...fields]).toEqual([0, 0, 0, 0, 2, 0, 1, 1, 1, 2, 0, 2]);
    expect([...labels]).toEqual([1, 1, 1, 1]);
    const [genres] = bags;
    expect([...genres!.offsets]).toEqual([0, 2, 2, 3, 5]);
    expect([...genres!.indices]).toEqual([0, 1, 1, 0, 1]);
    expect([...genres!.weights!]).toEqual([1, 0.5, 1, 1, 0.5]);
  });

  it('come once an epoch, with exact negatives that have the features of their own item', () => {
    const columns = points(snapshot);
    const source = new PointSource(columns, { batchSize: 7, seed: 1, negatives: { perPoint: 2, train } });
    const known = new Set(['0 0', '0 2', '1 1', '2 0']);
    for (let epoch = 0; epoch < 20; epoch++) {
      const positives: string[] = [];
      for (let step = 0; step < source.batchesPerEpoch; step++) {
        const { users, items, fields, labels, bags } = drawOne(source, epoch, step);
        expect(users.length).toBeLessThanOrEqual(7);
        for (const [row, user] of users.entries()) {
          const pair = `${user} ${items[row]}`;
          if (labels[row] === 1) positives.push(pair);
          expect(known.has(pair)).toBe(labels[row] === 1);
          expect([...fields.subarray(3 * row, 3 * row + 2)]).toEqual([user, items[row]]);
          const genres = bags[0]!.indices.subarray(bags[0]!.offsets[row], bags[0]!.offsets[row + 1]);
          expect([...genres]).toEqual([[0, 1], [1], []][items[row]!]);
        }
      }
      expect(positives.sort()).toEqual([...known].sort());
    }
  });

  it('may have fields of their own, with values that are missing or out of range', () => {
    const columns: PointColumns = {
      users: Int32Array.of(0, 1, 2),
      items: Int32Array.of(0, 0, 1),
      labels: Float32Array.of(1, 0, 1),
      fields: [{ name: 'weather', owner: 'point', size: 4, values: Int32Array.of(3, -1, 9) }],
      bags: [],
    };
    const batch = drawOne(new PointSource(columns, { batchSize: 2, seed: 1, shuffle: false }), 0, 0);
    expect([...batch.fields]).toEqual([3, 4]);
    expect([...drawOne(new PointSource(columns, { batchSize: 2, seed: 1, shuffle: false }), 0, 1).fields]).toEqual([4]);
  });
});
