/** What every source of snapshots must give for the same records, checked against plain maps. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Csr } from '../../src/compute/csr.ts';
import type { DataRecord } from '../../src/data/records.ts';
import { partCodes, relations, type Snapshot } from '../../src/sampling/snapshot.ts';
import { checkerboard, oddities } from '../planted.ts';

/** JavaScript's own order of strings is that of code units. */
const sorted = (ids: Iterable<string>): string[] => [...new Set(ids)].sort();

function edgesOf(csr: Csr): [number, number, number | undefined][] {
  return Array.from({ length: csr.rows }, (_, row) =>
    Array.from(csr.indices.subarray(csr.offsets[row], csr.offsets[row + 1]), (col, i) => {
      return [row, col, csr.weights?.[csr.offsets[row]! + i]] as [number, number, number | undefined];
    }),
  ).flat();
}

/** What the records say, read the slow way. */
function expected(records: readonly DataRecord[]) {
  const users = new Set<string>();
  const items = new Set<string>();
  const titles = new Map<string, string>();
  const times = new Map<string, number>();
  const features = new Map<string, readonly [string, string]>();
  const has = { user: new Map<string, number>(), item: new Map<string, number>() };
  const trust = new Map<string, number>();
  const interactions = new Map<string, readonly [number, string, string, string, number, number, string[]]>();
  for (const record of records) {
    if (record.kind === 'interaction') {
      const { user, item, type, at, value, part, context = [] } = record;
      users.add(user);
      items.add(item);
      for (const { kind, value } of context) features.set(`${kind}:${value}`, [kind, value]);
      const circumstances = sorted(context.map(({ kind, value }) => `${kind}:${value}`));
      const row = [at, user, item, type, Math.fround(value), partCodes[part ?? 'none'], circumstances] as const;
      interactions.set(JSON.stringify([user, item, type, at]), row);
    } else if (record.kind === 'trust') {
      users.add(record.user).add(record.trusted);
      trust.set(JSON.stringify([record.user, record.trusted]), record.weight ?? 1);
    } else {
      (record.kind === 'user' ? users : items).add(record.id);
      if (record.kind === 'item' && record.title !== undefined) titles.set(record.id, record.title);
      if (record.kind === 'item' && record.at !== undefined) times.set(record.id, record.at);
      for (const { kind, value, weight = 1 } of record.features) {
        features.set(`${kind}:${value}`, [kind, value]);
        has[record.kind].set(JSON.stringify([record.id, `${kind}:${value}`]), weight);
      }
    }
  }
  return { users, items, titles, times, features, has, trust, interactions: [...interactions.values()] };
}

export function snapshotContract(name: string, take: (records: readonly DataRecord[]) => Promise<Snapshot>): void {
  describe.each([
    ['a checkerboard', checkerboard({ users: 6, items: 8 }).records],
    ['odd records', oddities()],
  ])(`snapshot from ${name}: %s`, (_, records) => {
    const truth = expected(records);
    let snapshot: Snapshot;
    beforeAll(async () => {
      snapshot = await take(records);
    });

    it('numbers nodes in code-unit order of their ids, and finds them', () => {
      for (const [table, ids] of [
        [snapshot.users, sorted(truth.users)],
        [snapshot.items, sorted(truth.items)],
        [snapshot.features, sorted(truth.features.keys())],
      ] as const) {
        expect(Array.from({ length: table.count }, (_, index) => table.id(index))).toEqual(ids);
        expect(ids.map((id) => table.index(id))).toEqual(ids.map((_, index) => index));
        for (const absent of ['', 'absent', '\u{10FFFF}', ids[0]!.slice(0, -1), `${ids[0]}0`]) {
          if (!ids.includes(absent)) expect(table.index(absent)).toBeUndefined();
        }
        expect(() => table.id(table.count)).toThrow(RangeError);
        expect(() => table.id(-1)).toThrow(RangeError);
      }
    });

    it('knows titles, times and kinds', () => {
      sorted(truth.items).forEach((id, index) => {
        expect(snapshot.items.title(index)).toBe(truth.titles.get(id) ?? id);
        expect(snapshot.items.at[index]).toBe(truth.times.get(id) ?? Number.NaN);
        expect(snapshot.items.available[index]).toBe(1);
      });
      sorted(truth.features.keys()).forEach((key, index) => {
        expect([snapshot.features.kind(index), snapshot.features.value(index)]).toEqual(truth.features.get(key));
      });
    });

    it('orders interactions by time, user, item and type, repeated ones once', () => {
      const { count, users, items, types, values, at, parts, typeNames, contexts } = snapshot.interactions;
      const rows = Array.from({ length: count }, (_, i) => [
        at[i]!,
        snapshot.users.id(users[i]!),
        snapshot.items.id(items[i]!),
        typeNames[types[i]!]!,
        values[i]!,
        parts[i]!,
        Array.from(contexts?.indices.subarray(contexts.offsets[i], contexts.offsets[i + 1]) ?? [], (feature) =>
          snapshot.features.id(feature),
        ),
      ]);
      const order = (a: readonly unknown[], b: readonly unknown[]): number => {
        const differing = [0, 1, 2, 3].find((column) => a[column] !== b[column]);
        return differing === undefined ? 0 : (a[differing] as string) < (b[differing] as string) ? -1 : 1;
      };
      expect(rows).toEqual(truth.interactions.toSorted(order));
    });

    it('has all relations, both ways, ascending', () => {
      const users = sorted(truth.users);
      const items = sorted(truth.items);
      const features = sorted(truth.features.keys());
      const numbered = (edges: ReadonlyMap<string, number | undefined>, from: string[], to: string[]) =>
        [...edges]
          .map(([pair, weight]) => [JSON.parse(pair) as [string, string], weight] as const)
          .map(([[a, b], weight]) => [from.indexOf(a), to.indexOf(b), weight] as const)
          .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      const turned = (edges: readonly (readonly [number, number, number | undefined])[]) =>
        edges.map(([a, b, weight]) => [b, a, weight] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      const pairs = new Map(truth.interactions.map(([, user, item]) => [JSON.stringify([user, item]), undefined]));
      const userItem = numbered(pairs, users, items);
      const userFeature = numbered(truth.has.user, users, features);
      const itemFeature = numbered(truth.has.item, items, features);
      const found = Object.fromEntries(relations.map((relation) => [relation, edgesOf(snapshot.relation(relation))]));
      expect(found).toEqual({
        'user-item': userItem,
        'item-user': turned(userItem),
        'user-feature': userFeature,
        'feature-user': turned(userFeature),
        'item-feature': itemFeature,
        'feature-item': turned(itemFeature),
        'user-user': numbered(truth.trust, users, users),
      });
    });

    it('lies in shared memory', () => {
      for (const { values } of snapshot.arrays) expect(values.buffer).toBeInstanceOf(SharedArrayBuffer);
    });
  });
}
