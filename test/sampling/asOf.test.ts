/** Nothing of a snapshot as of a moment may depend on what came after it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import type { DataRecord, InteractionRecord } from '../../src/data/records.ts';
import { findModel } from '../../src/models/registry.ts';
import { commandOptions, option } from '../../src/options.ts';
import { takeSnapshot, train } from '../../src/pipeline.ts';
import { silent } from '../../src/progress.ts';
import { snapshotAsOf } from '../../src/sampling/asOf.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import { PairSource } from '../../src/sampling/pairSource.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { drawOne } from '../../src/sampling/source.ts';
import { splitSnapshot } from '../../src/sampling/split.ts';
import { checkerboardSnapshot } from '../planted.ts';

const home = mkdtempSync(join(tmpdir(), 'tastegraph-as-of-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const sums = ({ arrays }: Snapshot) => arrays.map(({ name, sha256 }) => [name, sha256]);

const moment = 100;
const small = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const feature = fc.record({ kind: small('genre', 'hour'), value: small('a', 'b') });
const features = fc.uniqueArray(feature, { maxLength: 2, selector: ({ kind, value }) => `${kind}:${value}` });
const interaction: fc.Arbitrary<InteractionRecord> = fc.record({
  kind: fc.constant('interaction' as const),
  user: small('a', 'b', 'c'),
  item: small('x', 'y', 'z', 'w'),
  type: small('view', 'like'),
  at: small(0, 50, 100, 101, 200),
  value: small(1, 2),
  context: fc.uniqueArray(feature, { maxLength: 1 }),
});
const record: fc.Arbitrary<DataRecord> = fc.oneof(
  { weight: 4, arbitrary: interaction },
  fc.record({ kind: fc.constant('user' as const), id: small('a', 'b', 'q'), features }),
  fc.record(
    {
      kind: fc.constant('item' as const),
      id: small('x', 'y', 'p'),
      title: small('T', 'x'),
      at: small(99, 101),
      features,
    },
    { requiredKeys: ['kind', 'id', 'features'] },
  ),
  fc.record({ kind: fc.constant('trust' as const), user: small('a', 'b', 'q'), trusted: small('a', 'c', 'q') }),
);

/** The records that were there at the moment, said the slow way, and the nodes that were. */
function earlier(all: readonly DataRecord[]): DataRecord[] {
  // Of repeated interactions the last alone, whose context counts.
  const last = new Map(
    all.flatMap((one) =>
      one.kind === 'interaction' ? [[[one.user, one.item, one.type, one.at].join(), one] as const] : [],
    ),
  );
  const records = all.filter((one) => one.kind !== 'interaction' || [...last.values()].includes(one));
  const firstOf = (key: 'user' | 'item', id: string) =>
    Math.min(...records.flatMap((one) => (one.kind === 'interaction' && one[key] === id ? [one.at] : [])));
  const isLaterUser = (id: string) => {
    const first = firstOf('user', id);
    return first > moment && first !== Number.POSITIVE_INFINITY;
  };
  const isLaterItem = (id: string) => {
    const own = records.flatMap((one) =>
      one.kind === 'item' && one.id === id && one.at !== undefined ? [one.at] : [],
    );
    const first = firstOf('item', id);
    return own.length > 0 ? own.at(-1)! > moment : first > moment && first !== Number.POSITIVE_INFINITY;
  };
  const kept = records.filter((one) => {
    if (one.kind === 'user') return !isLaterUser(one.id);
    if (one.kind === 'item') return !isLaterItem(one.id);
    if (one.kind === 'trust') return !isLaterUser(one.user) && !isLaterUser(one.trusted);
    return one.at <= moment && !isLaterUser(one.user) && !isLaterItem(one.item);
  });
  const users = records.flatMap((one) =>
    one.kind === 'interaction' ? [one.user] : one.kind === 'trust' ? [one.user, one.trusted] : [],
  );
  const items = records.flatMap((one) => (one.kind === 'interaction' ? [one.item] : []));
  const nodes = [
    ...users.filter((id) => !isLaterUser(id)).map((id): DataRecord => ({ kind: 'user', id, features: [] })),
    ...items.filter((id) => !isLaterItem(id)).map((id): DataRecord => ({ kind: 'item', id, features: [] })),
  ];
  return [...nodes, ...kept];
}

describe('a snapshot as of a moment', () => {
  it('is the snapshot of what was there then', () => {
    const anchor: DataRecord = { kind: 'interaction', user: 'ever', item: 'ever', type: 'view', at: 0, value: 1 };
    fc.assert(
      fc.property(fc.array(record, { maxLength: 25 }), (records) => {
        const all = [...records, anchor];
        const then = snapshotAsOf(snapshotFromRecords(all, 'generated'), moment);
        expect(sums(then)).toEqual(sums(snapshotFromRecords(earlier(all), 'generated')));
      }),
      { numRuns: 300, seed: 6 },
    );
  });

  it('is no whole of a graph, keeps its moment, and is refused where nothing was there', () => {
    const board = checkerboardSnapshot({ users: 6, items: 6 });
    const first = board.interactions.at[0]!;
    const excess = { users: 0, items: 0, features: 0, interactions: 0, featureEdges: 0, trust: 0 };
    const marked = { ...board, mark: { graph: 'g', since: 1, newest: 1, excess } };
    const then = snapshotAsOf(marked, first);
    expect(then.asOf).toBe(first);
    expect(then.mark).toBeUndefined();
    expect(then.interactions.at).toEqual(board.interactions.at.filter((at) => at <= first));
    expect(() => snapshotAsOf(board, first - 1)).toThrow(expect.objectContaining({ code: 'snapshot/empty-as-of' }));
  });

  it('gives negatives and popularity of what was there alone', () => {
    // All but two items come later, and everybody meets those then.
    const records = Array.from({ length: 20 }, (_, user): DataRecord[] => [
      { kind: 'interaction', user: `u${user}`, item: user % 2 ? 'early-1' : 'early-2', type: 'view', at: 1, value: 1 },
      ...Array.from({ length: 30 }, (_, item) => {
        return {
          kind: 'interaction',
          user: `u${user}`,
          item: `late-${item}`,
          type: 'view',
          at: 500,
          value: 1,
        } as const;
      }),
    ]).flat();
    const then = snapshotAsOf(snapshotFromRecords(records, 'generated'), moment);
    const { fit, train } = splitSnapshot(then, { testRatio: 0.2, validationRatio: 0.1, seed: 1 } as never);
    expect([fit.cols, train.cols, fit.indices.length]).toEqual([2, 2, 20]);
    const negatives = drawOne(new PairSource(train, { batchSize: 64, seed: 1, kind: 'popularity', perPair: 4 }), 0, 0);
    expect(Math.max(...negatives.negatives)).toBeLessThan(2);
  });
});

describe('--as-of', () => {
  const lines = Array.from({ length: 60 }, (_, user) =>
    Array.from(
      { length: 8 },
      (_, place) => `u${user},${user % 2 ? 'odd' : 'even'}-${(user + place) % 10},1,${1000 + place}`,
    ),
  ).flat();
  // Later, everybody chooses what nobody knew before, and the tastes turn round.
  const later = Array.from({ length: 60 }, (_, user) => [
    `u${user},hit,1,5000`,
    `u${user},${user % 2 ? 'even' : 'odd'}-${user % 10},1,5001`,
    `n${user},hit,1,5002`,
  ]).flat();
  const file = (name: string, rows: readonly string[]): string => {
    const path = join(home, name);
    writeFileSync(path, `user,item,value,time\n${rows.join('\n')}\n`);
    return path;
  };
  const run = { report: silent, signal: new AbortController().signal, log: pino({ level: 'silent' }) };
  const options = (data: string, asOf?: string) =>
    commandOptions.train.parse({ home, data, asOf, publish: false, threads: 1, metricsAt: [5] });

  it('trains and evaluates as if what came later were not there', async () => {
    const definition = findModel('ease');
    const own = definition.options.parse({}) as Record<string, unknown>;
    const [whole, cut] = [file('whole.csv', [...lines, ...later]), file('cut.csv', lines)];
    const then = await train(definition, own, options(whole, new Date(2_000_000).toISOString()), run);
    const before = await train(definition, own, options(cut), run);
    const now = await train(definition, own, options(whole), run);
    expect(then.result.snapshot).toBe(before.result.snapshot);
    expect(then.result.test).toEqual(before.result.test);
    expect(then.result.popularity).toEqual(before.result.popularity);
    expect(then.result.vectors).toEqual(before.result.vectors);
    expect(now.result.popularity).not.toEqual(before.result.popularity);
    const taken = await takeSnapshot({ ...options(whole, '2000000') }, run);
    expect(taken.snapshot.digest).toBe(before.result.snapshot);
    expect(taken.snapshot.items.index('hit')).toBeUndefined();
  });

  it('takes days, moments with a zone and ms, and nothing else', () => {
    for (const text of ['2024-05-01', '2024-05-01T12:30:00Z', '2024-05-01T12:30+02:00', '1714521600000', '-5', '0'])
      expect(option.asOf.safeParse(text).success).toBe(true);
    for (const text of ['yesterday', '2024-05-01T12:30:00', '2024-13-01', '1e3', '', '99999999999999999'])
      expect(option.asOf.safeParse(text).success).toBe(false);
  });
});
