/** Counts of real data sets, where they lie beside the repository. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readAll } from './planted.ts';

const folder = '../shared/data';
if (!existsSync(folder)) console.warn(`Not run: the real data sets are not at ${folder}`);

const cases = [
  {
    name: 'gowalla',
    format: 'lightgcn',
    users: 29_858,
    items: 40_981,
    parts: { train: 810_128, test: 217_242 },
    ties: 0,
  },
  { name: 'ml-100k', format: 'movielens-100k', users: 943, items: 1_682, parts: { none: 100_000 }, ties: 0 },
  { name: 'ml-latest-small', format: 'movielens-csv', users: 610, items: 9_742, parts: { none: 100_836 }, ties: 0 },
  {
    name: 'beauty',
    format: 's3rec',
    users: 22_363,
    items: 12_101,
    parts: { train: 153_776, validation: 22_363, test: 22_363 },
    ties: 0,
  },
  // 1,880 of its 1,892 users listened to something; the others only trust or are trusted.
  {
    name: 'lastfm-social',
    format: 'lastfm',
    users: 1_892,
    items: 4_489,
    parts: { train: 42_135, test: 10_533 },
    ties: 25_434,
  },
];

describe.runIf(existsSync(folder))('real data', () => {
  it.each(cases)('$name', async ({ name, format, users, items, parts, ties }) => {
    const { source, records, bad } = await readAll(`${folder}/${name}`);
    const seen = { users: new Set<string>(), items: new Set<string>(), ties: 0 };
    const counted: Record<string, number> = {};
    for (const record of records) {
      if (record.kind === 'user') seen.users.add(record.id);
      else if (record.kind === 'item') seen.items.add(record.id);
      else if (record.kind === 'trust') {
        seen.ties++;
        seen.users.add(record.user).add(record.trusted);
      } else {
        seen.users.add(record.user);
        seen.items.add(record.item);
        counted[record.part ?? 'none'] = (counted[record.part ?? 'none'] ?? 0) + 1;
      }
    }
    expect(bad).toEqual([]);
    expect({
      format: source.format,
      users: seen.users.size,
      items: seen.items.size,
      parts: counted,
      ties: seen.ties,
    }).toEqual({
      format,
      users,
      items,
      parts,
      ties,
    });
  });
});
