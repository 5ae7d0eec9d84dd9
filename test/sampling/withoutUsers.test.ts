import { describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import { generateWorld } from '../../src/data/world.ts';
import { SnapshotBuilder } from '../../src/sampling/builder.ts';
import { withoutUsers } from '../../src/sampling/withoutUsers.ts';
import { plantedRecords } from '../serving/home.ts';

const build = (records: readonly DataRecord[]) => {
  const builder = new SnapshotBuilder();
  for (const record of records) builder.add(record);
  return builder.build({ asOf: 5000, source: 'generated' });
};

const speaksOf = (record: DataRecord, users: ReadonlySet<string>): boolean =>
  (record.kind === 'interaction' && users.has(record.user)) ||
  (record.kind === 'user' && users.has(record.id)) ||
  (record.kind === 'trust' && (users.has(record.user) || users.has(record.trusted)));

/** Records of which each user has features, some of them nobody else, and of interactions with circumstances. */
const rich = (): DataRecord[] => [
  ...plantedRecords(),
  { kind: 'item', id: 'd1', title: 'd1', at: 77, features: [] },
  {
    kind: 'user',
    id: 'ann',
    features: [
      { kind: 'zip', value: '85711' },
      { kind: 'age', value: 'young', weight: 0.5 },
    ],
  },
  { kind: 'user', id: 'bob', features: [{ kind: 'age', value: 'young' }] },
  ...(['ann', 'bob', 'cat'] as const).map(
    (user, n): DataRecord => ({
      kind: 'interaction',
      user,
      item: 'd4',
      type: user === 'ann' ? 'a type of her own' : 'view',
      at: 50 + n,
      value: -1,
      part: n === 0 ? 'test' : 'train',
      context: [
        { kind: 'device', value: n === 0 ? 'the one and only' : 'phone' },
        { kind: 'hour', value: '12' },
      ],
    }),
  ),
];

describe('a snapshot without some users', () => {
  it('is, to the digest, the one that was taken had they never been there', () => {
    const records = rich();
    const whole = build(records);
    for (const ids of [['ann'], ['dan'], ['new'], ['ann', 'eve', 'cat']]) {
      const without = withoutUsers(whole, new Set(ids.map((id) => whole.users.index(id)!)));
      // Items and what they have in common stay, those of nobody else among them.
      const kept = records.map((record): DataRecord | undefined => {
        if (!speaksOf(record, new Set(ids))) return record;
        return record.kind === 'interaction' ? { kind: 'item', id: record.item, features: [] } : undefined;
      });
      const expected = build(kept.filter((record) => record !== undefined));
      expect(without.digest, ids.join(' ')).toBe(expected.digest);
      expect(without).toMatchObject({ asOf: 5000, source: 'generated' });
    }
  });

  it('is so of a generated world too', async () => {
    const records: DataRecord[] = [];
    for await (const batch of generateWorld({ seed: 3, users: 60, films: 40, ratings: 900 }).batches())
      records.push(...batch.records);
    const whole = build(records);
    const user = whole.users.id(17);
    const without = withoutUsers(whole, new Set([17]));
    const items = records.flatMap((record): DataRecord[] =>
      record.kind === 'interaction' ? [{ kind: 'item', id: record.item, features: [] }] : [],
    );
    const expected = build([...items, ...records.filter((record) => !speaksOf(record, new Set([user])))]);
    expect(without.digest).toBe(expected.digest);
    expect(without.users.index(user)).toBeUndefined();
    expect(without.users.count).toBe(whole.users.count - 1);
  });
});
