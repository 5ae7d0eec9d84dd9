import { describe, expect, it } from 'vitest';
import type { InteractionRecord } from '../../src/data/records.ts';
import { optionGroups } from '../../src/options.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import { type LabelledRows, splitRows } from '../../src/sampling/rows.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { splitSnapshot } from '../../src/sampling/split.ts';

const options = (more: object = {}) => optionGroups.splitting.parse({ seed: 4, ...more });

/** 20 people with 10 rows each over 30 things, in the weather of the day. */
function shown(value: (row: number) => number, more: (row: number) => Partial<InteractionRecord> = () => ({})) {
  const records = Array.from({ length: 200 }, (_, row): InteractionRecord => {
    const context = row % 3 === 0 ? [] : [{ kind: 'weather', value: row % 2 ? 'sun' : 'rain' }];
    const [user, item] = [`u${row % 20}`, `i${(row * 7) % 30}`];
    return { kind: 'interaction', user, item, type: 'shown', at: row, value: value(row), context, ...more(row) };
  });
  return snapshotFromRecords(records, 'files');
}

const rowsOf = ({ interactions }: Snapshot, part: LabelledRows) =>
  Array.from(part.interactions, (entry, row) => [interactions.at[entry]!, part.labels[row]!]);

describe('rows', () => {
  it('are cut so that each is in one part, with its own label', () => {
    const snapshot = shown((row) => (row % 4 === 0 ? 1 : -1));
    const { rows, kind } = splitRows(snapshot, options());
    expect(kind).toBe('ratio');
    const { train, validation, test, fit } = rows!;
    const all = [train, validation, test].flatMap((part) => rowsOf(snapshot, part));
    expect(all.sort((a, b) => a[0]! - b[0]!)).toEqual(Array.from({ length: 200 }, (_, row) => [row, +(row % 4 === 0)]));
    expect(fit.labels.length).toBe(train.labels.length + validation.labels.length);
    for (const part of [train, validation, test]) {
      expect(part.labels.length).toBeGreaterThan(10);
      expect(part.items).toEqual(part.interactions.map((entry) => snapshot.interactions.items[entry]!));
    }
  });

  it('keep the parts that the data gives, and matrices of what was liked', () => {
    const part = (row: number) => ({ part: row % 5 === 0 ? ('test' as const) : ('train' as const) });
    const snapshot = shown((row) => (row % 2 === 0 ? 1 : 0), part);
    const split = splitRows(snapshot, options());
    expect(split.kind).toBe('given');
    expect(rowsOf(snapshot, split.rows!.test).every(([at]) => at! % 5 === 0)).toBe(true);
    const liked = split.train.indices.length + split.validation.indices.length + split.test.indices.length;
    expect(liked).toBe(30); // of 60 different pairs
    // Pairs that are not liked are in no matrix, and those of the pairs alone are the same.
    expect(splitSnapshot(snapshot, options()).test).toEqual(split.test);
  });

  it('where all are liked are judged beside as many of unseen items', () => {
    const snapshot = shown(() => 1);
    const { rows } = splitRows(snapshot, options());
    const met = snapshot.relation('user-item');
    for (const { interactions, items, labels } of [rows!.validation, rows!.test]) {
      const half = labels.length / 2;
      expect([...labels]).toEqual([...Array(half).fill(1), ...Array(half).fill(0)]);
      for (let row = half; row < labels.length; row++) {
        const user = snapshot.interactions.users[interactions[row]!]!;
        expect(met.indices.subarray(met.offsets[user], met.offsets[user + 1])).not.toContain(items[row]);
      }
    }
  });
});

it('a snapshot holds the features of each interaction’s context', () => {
  const snapshot = shown(() => 1);
  const contexts = snapshot.interactions.contexts!;
  expect([contexts.rows, contexts.cols]).toEqual([200, 2]);
  for (let entry = 0; entry < 200; entry++) {
    const own = contexts.indices.subarray(contexts.offsets[entry], contexts.offsets[entry + 1]);
    const at = snapshot.interactions.at[entry]!;
    const expected = at % 3 === 0 ? [] : [`weather:${at % 2 ? 'sun' : 'rain'}`];
    expect(Array.from(own, (feature) => snapshot.features.id(feature))).toEqual(expected);
  }
  const without = snapshotFromRecords(
    [{ kind: 'interaction', user: 'a', item: 'b', type: 'x', at: 0, value: 1 }],
    'files',
  );
  expect(without.interactions.contexts).toBeUndefined();
});
