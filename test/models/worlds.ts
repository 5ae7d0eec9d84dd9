/** Small worlds with a planted answer for the models that are written on tensors. */
import type { DataRecord } from '../../src/data/records.ts';
import { RandomStream } from '../../src/random.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';

/** Of hot things people like one group when the sun shines and the other when it rains: no field says so alone. */
export const weather = (): Snapshot => {
  const random = new RandomStream(3, 'weather');
  const records: DataRecord[] = [];
  for (let i = 0; i < 40; i++) {
    const kind = i % 2 ? 'ice' : 'soup';
    records.push({
      kind: 'item',
      id: `i${i}`,
      features: [
        { kind: 'dish', value: kind },
        { kind: 'tag', value: `t${i % 5}` },
        { kind: 'tag', value: `t${(i + 1) % 5}` }, // several of a kind: a bag
      ],
    });
  }
  for (let row = 0; row < 3000; row++) {
    const [user, item, sun] = [random.integer(50), random.integer(40), random.integer(2)];
    const value = (item % 2 === sun) !== random.uniform() < 0.05 ? 1 : -1;
    const context = [{ kind: 'weather', value: sun ? 'sun' : 'rain' }];
    records.push({ kind: 'interaction', user: `u${user}`, item: `i${item}`, type: 'shown', at: row, value, context });
  }
  return snapshotFromRecords(records, 'files');
};

/** Everybody goes around a ring of things, from one to the next. */
export const ring = (): Snapshot => {
  const records: DataRecord[] = [];
  for (let u = 0; u < 60; u++) {
    for (let place = 0; place < 12; place++) {
      const item = `i${String((u * 7 + place) % 40).padStart(2, '0')}`;
      records.push({ kind: 'interaction', user: `u${u}`, item, type: 'view', at: place, value: 1 });
    }
  }
  return snapshotFromRecords(records, 'files');
};
