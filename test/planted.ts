/** Tiny worlds whose right answers are known before anything is trained. */
import type { DataRecord, InteractionRecord } from '../src/data/records.ts';
import type { DataSource } from '../src/data/source.ts';
import { beginning } from '../src/data/source.ts';
import { snapshotFromRecords } from '../src/sampling/fromFiles.ts';
import type { Snapshot } from '../src/sampling/snapshot.ts';

/** 'user-007': padded, so that the code-unit order is that of the numbers and a dense index is the number itself. */
export const userId = (user: number): string => `user-${String(user).padStart(3, '0')}`;
export const itemId = (item: number): string => `item-${String(item).padStart(3, '0')}`;

const day = 86_400_000;
const begin = Date.UTC(2024, 0, 1);

export interface CheckerboardOptions {
  /** At most 1,000. */
  readonly users?: number;
  /** At most 1,000. */
  readonly items?: number;
}

/**
 * Even users like even items, odd users odd ones. Each user has met all items of their colour but one, `heldOut(user)`,
 * which is their test part: it is the only right first recommendation, and an item of the other colour is always wrong.
 * Items carry their colour as a feature, users trust the next user of their colour, times are a day apart.
 */
export function checkerboard({ users = 40, items = 40 }: CheckerboardOptions = {}): Checkerboard {
  const colours = Math.floor(items / 2);
  const heldOut = (user: number): number => 2 * ((user >> 1) % colours) + (user % 2);
  const records: DataRecord[] = [];
  for (let item = 0; item < items; item++) {
    const colour = item % 2 === 0 ? 'even' : 'odd';
    const features = [{ kind: 'colour', value: colour }];
    records.push({ kind: 'item', id: itemId(item), title: `Item ${item}`, at: begin, features });
  }
  for (let user = 0; user < users; user++) {
    records.push({
      kind: 'user',
      id: userId(user),
      features: [{ kind: 'side', value: user % 4 < 2 ? 'left' : 'right' }],
    });
    for (let k = 0; k < colours; k++) {
      const item = 2 * k + (user % 2);
      const part = item === heldOut(user) ? 'test' : 'train';
      const at = begin + day * (part === 'test' ? items + users : k + user);
      records.push({ kind: 'interaction', user: userId(user), item: itemId(item), type: 'like', at, value: 1, part });
    }
    if (user + 2 < users) records.push({ kind: 'trust', user: userId(user), trusted: userId(user + 2) });
  }
  return { users, items, records, heldOut, likes: (user, item) => user % 2 === item % 2 };
}

export interface Checkerboard {
  readonly users: number;
  readonly items: number;
  readonly records: readonly DataRecord[];
  /** The item that a user has yet to meet. */
  heldOut(user: number): number;
  likes(user: number, item: number): boolean;
}

/** The checkerboard as a snapshot; dense indices are the numbers of users and items. */
export function checkerboardSnapshot(options?: CheckerboardOptions): Snapshot {
  return snapshotFromRecords(checkerboard(options).records, 'generated');
}

/**
 * All that records may hold, and what they may hold wrongly or twice: repeated interactions with another value, the same
 * pair at other times and with another type, ids outside ASCII and beyond U+FFFF, items without title, users who never
 * interact, weights, negative and missing times. Small enough to check by hand.
 */
export function oddities(): DataRecord[] {
  const like = (user: string, item: string, at: number, more: Partial<InteractionRecord> = {}): InteractionRecord => ({
    kind: 'interaction',
    user,
    item,
    type: 'like',
    at,
    value: 1,
    ...more,
  });
  return [
    { kind: 'user', id: 'zoë', features: [{ kind: 'age group', value: '25–34' }] },
    { kind: 'user', id: 'silent', features: [] },
    { kind: 'item', id: 'a', title: 'First title', features: [{ kind: 'genre', value: 'Film: Noir', weight: 0.5 }] },
    {
      kind: 'item',
      id: 'a',
      title: 'Last title',
      at: -1,
      features: [{ kind: 'genre', value: 'Film: Noir', weight: 0.25 }],
    },
    { kind: 'item', id: 'ｂ', features: [{ kind: 'genre', value: 'Drama' }] }, // U+FF42
    { kind: 'item', id: '😀', features: [] }, // U+1F600: before U+FF42 in code units, after it in UTF-8
    { kind: 'item', id: 'never met', at: 1e12, features: [] },
    like('zoë', 'a', 2000, { value: 0.1 }),
    like('zoë', 'a', 2000, { value: 4.5 }), // the last one counts
    like('zoë', 'a', 1000),
    like('zoë', 'a', 2000, { type: 'view', value: -3 }),
    like('bob', '😀', -5),
    like('bob', 'ｂ', 0, { part: 'train' }),
    like('bob', 'unlisted', 1.7e12, { part: 'test' }),
    like('10', 'a', 1000, { part: 'validation' }),
    like('9', 'a', 1000, { part: 'train' }),
    like('9', 'b;|', 1001, {
      context: [
        { kind: 'weather', value: 'sun; "rain"' },
        { kind: 'hour', value: '7:30' },
      ],
    }),
    like('9', 'b;|', 1002, { context: [{ kind: 'hour', value: '8' }] }),
    // Alike in all but the part, of which some have none.
    ...(['train', 'train', undefined, undefined, 'test', 'test', undefined, 'validation'] as const).map((part, item) =>
      like('runs', `r${item}`, 3000, part && { part }),
    ),
    { kind: 'trust', user: 'zoë', trusted: 'bob' },
    { kind: 'trust', user: 'zoë', trusted: 'newcomer', weight: 0.5 },
  ];
}

/** Records as a source that an ingest or a snapshot can read, in one batch. */
export function sourceOf(records: readonly DataRecord[], id = 'planted'): DataSource {
  const file = { name: id, path: id, bytes: records.length, role: 'interactions' } as const;
  const end = { file: 0, offset: records.length, line: records.length, read: records.length, bytes: records.length };
  return {
    format: 'generated',
    path: id,
    id,
    files: [file],
    totalBytes: records.length,
    async *batches(from = beginning) {
      if (from.offset < records.length) yield { records, bad: [], next: end };
    },
    digests: async () => [id],
  };
}
