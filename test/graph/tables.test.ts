/** The tables of an import, made through parts on the disk, against a plain account in memory of what they must hold. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { crowdOf, generateCrowd } from '../../src/data/crowd.ts';
import type { DataRecord } from '../../src/data/records.ts';
import { arraySeparator } from '../../src/graph/ingest/csv.ts';
import { contextText, featureKey } from '../../src/graph/ingest/partition.ts';
import { Spill } from '../../src/graph/ingest/spill.ts';
import { type TableSizes, Tables } from '../../src/graph/ingest/tables.ts';

const base = mkdtempSync(join(tmpdir(), 'tastegraph-tables-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let folders = 0;
const folder = () => {
  const path = join(base, String(folders++));
  mkdirSync(path);
  return path;
};

/** Few ids, so that much is repeated; quotes, commas and letters outside ASCII among them. */
const id = fc.constantFrom('a', 'b', '10', 'zoë', 'a "quoted", id', '😀', ' x ');
const feature = fc.record({
  kind: fc.constantFrom('genre', 'note'),
  value: fc.constantFrom('Drama', '"', 'a,b', 'x:y'),
  weight: fc.option(fc.constantFrom(0.5, 2), { nil: undefined }),
});
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const record: fc.Arbitrary<DataRecord> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('interaction' as const),
      user: id,
      item: id,
      type: fc.constantFrom('view', 'like, "much"'),
      at: fc.constantFrom(0, -5, 1.7e12),
      value: fc.constantFrom(-1e-7, 0, 4.5),
      part: optional(fc.constantFrom('train' as const, 'test' as const)),
      context: optional(fc.uniqueArray(feature, { maxLength: 2, selector: ({ kind }) => kind })),
    }),
  },
  fc.record({ kind: fc.constant('user' as const), id, features: fc.array(feature, { maxLength: 3 }) }),
  fc.record({
    kind: fc.constant('item' as const),
    id,
    title: optional(fc.constantFrom('Title', 'Line\nfeed', '')),
    at: optional(fc.constantFrom(0, -1)),
    features: fc.array(feature, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('trust' as const), user: id, trusted: id, weight: optional(fc.constantFrom(0.5, 2)) }),
) as fc.Arbitrary<DataRecord>;

/** What a graph holds after the records, the plain way: rows as text, by table, in no order. */
function expected(records: readonly DataRecord[]): Record<string, string[]> {
  const users = new Set<string>();
  const items = new Map<string, { title?: string; at?: number }>();
  const features = new Map<string, string[]>();
  const maps = { interactions: new Map(), 'user-features': new Map(), 'item-features': new Map(), trust: new Map() };
  const put = (table: keyof typeof maps, key: unknown[], rest: unknown[]) =>
    maps[table].set(JSON.stringify(key), [...key, ...rest]);
  for (const one of records) {
    if (one.kind === 'interaction') {
      users.add(one.user);
      items.set(one.item, items.get(one.item) ?? {});
      const context = contextText(one)?.replaceAll('\n', arraySeparator) ?? '';
      put('interactions', [one.user, one.item, one.type, one.at], [one.value, one.part ?? '', context]);
    } else if (one.kind === 'trust') {
      users.add(one.user).add(one.trusted);
      put('trust', [one.user, one.trusted], [one.weight ?? 1]);
    } else {
      const known = items.get(one.id) ?? {};
      if (one.kind === 'user') users.add(one.id);
      else items.set(one.id, { title: one.title ?? known.title, at: one.at ?? known.at } as typeof known);
      for (const own of one.features) {
        const key = featureKey(own);
        if (!features.has(key)) features.set(key, [key, own.kind, own.value]);
        put(`${one.kind}-features`, [one.id, key], [own.weight ?? 1]);
      }
    }
  }
  const rows = {
    users: [...users].map((user) => [user]),
    items: [...items].map(([item, { title = '', at = '' }]) => [item, title, at, true]),
    features: [...features.values()],
    ...Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, [...map.values()]])),
  };
  return Object.fromEntries(
    Object.entries(rows).map(([name, all]) => [name, all.map((row) => row.map(String).join('|')).sort()]),
  );
}

/** Writes tables through parts of these sizes, and reads them back. */
async function written(batches: Iterable<readonly DataRecord[]>, sizes: TableSizes) {
  const path = folder();
  const tables = new Tables(path, 1, sizes);
  for (const records of batches) tables.add(records);
  const { counts, args } = await tables.write('importing', { 'id:ID(Ingest)': 'x' }, () => {});
  const names = readdirSync(path);
  expect(names.filter((name) => !name.endsWith('.csv'))).toEqual([]); // every part was read back and removed
  const rows: Record<string, string[]> = {};
  for (const name of names) {
    if (name === 'ingest.csv') continue;
    const lines = parse(readFileSync(join(path, name)), { from_line: 2 }) as string[][];
    // Users and items have the moment of the import behind the rest.
    if (/^(users|items)\.csv$/.test(name))
      for (const cells of lines) expect(Number(cells.pop())).toBeGreaterThan(1.7e12);
    rows[name.replace('.csv', '')] = lines.map((cells) => cells.join('|')).sort();
  }
  return { rows, counts, args };
}

describe('the tables of an import', () => {
  it('hold what the records say, however small the parts are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(record, { maxLength: 40 }), { maxLength: 6 }),
        fc.constantFrom<TableSizes>({}, { held: 0, most: 20 }, { held: 200, most: 50 }, { held: 1000 }),
        async (batches, sizes) => {
          const { rows, counts, args } = await written(batches, sizes);
          const records = batches.flat();
          const right = expected(records);
          expect(rows).toEqual(right);
          expect(counts).toMatchObject({
            users: right.users!.length,
            items: right.items!.length,
            features: right.features!.length,
            interactions: right.interactions!.length,
            interactionsRead: records.filter(({ kind }) => kind === 'interaction').length,
            featureEdges: right['user-features']!.length + right['item-features']!.length,
            trust: right.trust!.length,
          });
          const multiline = rows.items!.some((row) => row.includes('\n'));
          expect(args.includes('--multiline-fields=true')).toBe(multiline);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('of one user who did almost all are cut up, and their repeats still meet', async () => {
    const likes = Array.from({ length: 5000 }, (_, n): DataRecord => {
      const item = `item-${n % 700}`;
      return { kind: 'interaction', user: n % 50 === 0 ? 'b' : 'a', item, type: 'like', at: n % 3, value: n };
    });
    const { rows } = await written([likes], { held: 500, most: 5000 });
    expect(rows).toEqual(expected(likes));
  });

  it('keep a user’s rows together', async () => {
    const path = folder();
    const tables = new Tables(path, 1, { held: 10_000 });
    const all: DataRecord[] = [];
    for await (const { records } of generateCrowd({ ...crowdOf(8000), repeats: 0.2 }).batches()) all.push(...records);
    tables.add(all);
    await tables.write('importing', {}, () => {});
    const users = readFileSync(join(path, 'interactions.csv'), 'utf8').trimEnd().split('\n').slice(1);
    const runs = users.map((line) => line.split(',')[0]!).filter((user, n, list) => user !== list[n - 1]);
    expect(runs.length).toBe(new Set(runs).size);
  });
});

it('lines come back part by part, in order, those that never touched the disk too', () => {
  const path = join(folder(), 'lines');
  const spill = new Spill(path, 5, { most: 100 });
  const lines = Array.from({ length: 101 }, (_, n) => ({ key: `key-${n % 13}`, line: `zoë ${n}` }));
  for (const { key, line } of lines) spill.add(key, line);
  const back = Array.from({ length: spill.parts }, (_, part) => [...spill.take(part)]);
  expect(back.flat().sort()).toEqual(lines.map(({ line }) => line).sort());
  for (const part of back) {
    expect(part.map((line) => Number(line.slice(4)))).toEqual(
      part.map((line) => Number(line.slice(4))).sort((a, b) => a - b),
    );
  }
  expect(readdirSync(join(path, '..'))).toEqual([]);
  expect([...spill.take(0)]).toEqual([]);
});
