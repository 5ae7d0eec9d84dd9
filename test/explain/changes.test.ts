/** What would be otherwise, on a planted world: each answer found again by counting, and by training. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kernels } from '../../src/compute/kernels.ts';
import { openKernels } from '../../src/compute/open.ts';
import type { DataRecord } from '../../src/data/records.ts';
import { contrast } from '../../src/explain/contrast.ts';
import { counterfactual } from '../../src/explain/counterfactual.ts';
import { createExplainer } from '../../src/explain/explainer.ts';
import { leaveOneOut } from '../../src/explain/leaveOneOut.ts';
import { retrainWithout } from '../../src/explain/retrained.ts';
import { whatIf } from '../../src/explain/whatIf.ts';
import { whatWouldChange } from '../../src/explain/whatWouldChange.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { findModel } from '../../src/models/registry.ts';
import { optionGroups } from '../../src/options.ts';
import { silent } from '../../src/progress.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import { ownMemory } from '../../src/sampling/memory.ts';
import { relationOf } from '../../src/sampling/relations.ts';
import { type ServedVersion, serveVersion } from '../../src/serving/served.ts';
import { runTraining } from '../../src/training/run.ts';

/**
 * Three tastes, a, b, c, of eight items each. Everybody of a taste has met most of it; mix has met four of a and two of b and is
 * to be recommended the rest of a first; it owes nothing to b.
 */
const tastes = ['a', 'b', 'c'] as const;
const items = (taste: string, count = 8) => Array.from({ length: count }, (_, n) => `${taste}${n}`);
function records(without: readonly string[] = []): DataRecord[] {
  const did = (user: string, item: string): DataRecord => ({
    kind: 'interaction',
    user,
    item,
    type: 'like',
    at: 1,
    value: 1,
  });
  const fans = tastes.flatMap((taste) =>
    Array.from({ length: 12 }, (_, n) =>
      items(taste).flatMap((item, place) => ((place + n) % 5 === 0 ? [] : [did(`${taste}-fan-${n}`, item)])),
    ).flat(),
  );
  const mix = [...items('a', 4), ...items('b', 2)].filter((item) => !without.includes(item));
  return [
    ...tastes.flatMap((taste) =>
      items(taste).map((id): DataRecord => ({ kind: 'item', id, title: `Item ${id}`, features: [] })),
    ),
    ...fans,
    ...mix.map((item) => did('mix', item)),
  ];
}

let kernels: Kernels;
const open: ServedVersion[] = [];
beforeAll(() => {
  kernels = openKernels({ threads: 1 });
});
afterAll(async () => {
  for (const served of open) served.dispose();
  await kernels.close();
});

async function trained(
  model: string,
  options: Record<string, unknown> = {},
  world = records(),
): Promise<ServedVersion> {
  const snapshot = snapshotFromRecords(world, 'generated');
  const all = snapshot.relation('user-item');
  const none = relationOf(all.rows, all.cols, { from: [], to: [] }, ownMemory);
  const result = await runTraining({
    definition: findModel(model),
    modelOptions: options,
    snapshot,
    split: { kind: 'ratio', train: all, validation: none, test: none, fit: all },
    options: {
      ...optionGroups.training.parse({ epochs: 20, evaluateEvery: 20, resume: false, refit: false }),
      seed: 7,
    },
    kernels,
    checkpoints: '/nonexistent',
    report: silent,
    signal: new AbortController().signal,
  });
  const { vectors, itemWeights, parameters, contributions, train } = result;
  const manifest = { ...result, id: 'planted', format: 1, at: 0, arrays: [] } as unknown as ServedVersion['manifest'];
  const served = serveVersion(
    {
      manifest,
      snapshot,
      train,
      ...(vectors && { vectors }),
      ...(itemWeights && { itemWeights }),
      ...(parameters && { parameters }),
      ...(contributions && { contributions }),
    },
    kernels,
  );
  open.push(served);
  return served;
}
const ids = (named: readonly { readonly item: string }[]) => named.map(({ item }) => item);

describe.each(['ease', 'rp3beta', 'gfcf'])('of %s', (model) => {
  let served: ServedVersion;
  beforeAll(async () => {
    served = await trained(model);
  });

  it('the fewest interactions without which an item goes are found, and no fewer do', async () => {
    const found = await counterfactual(served, 'mix', 'a4', { limit: 4 });
    expect(found).toMatchObject({ found: true, holds: 'fixed-weights', exact: true, limit: 4 });
    expect(found.rank).toBeLessThanOrEqual(4);
    expect(found.rankThen).toBeGreaterThan(4);
    expect(found.smallest).toBe(true);
    // It is owed to what is alike, and what comes instead is of the other taste.
    expect(ids(found.without).every((item) => item.startsWith('a'))).toBe(true);
    expect(ids(found.instead).some((item) => item.startsWith('b'))).toBe(true);
    // By counting, apart from the search: every smaller set leaves it where it is.
    const place = (without: readonly string[]) =>
      whatIf(served, 'mix', { without, with: [], limit: 4, item: 'a4' }).item!.rank!;
    expect(place(ids(found.without))).toBe(found.rankThen);
    const mine = [...items('a', 4), ...items('b', 2)];
    const subsets = Array.from({ length: 2 ** mine.length }, (_, n) => mine.filter((__, at) => (n >> at) & 1));
    for (const set of subsets) if (set.length < found.without.length) expect(place(set)).toBeLessThanOrEqual(4);
  });

  it('what is said with fixed weights is what a training without them says', async () => {
    const found = await counterfactual(served, 'mix', 'a4', { limit: 4 });
    const without = ids(found.without);
    const signal = new AbortController().signal;
    const again = await retrainWithout(served, 'mix', without, 'a4', { limit: 4, kernels, signal });
    // The same by training on records that never had them.
    const other = await trained(model, served.manifest.options as Record<string, unknown>, records(without));
    const left = other.leftOut('mix', without);
    const list = other
      .tasteOf('mix')!
      .best(24, left)
      .ids.map((index) => other.published.snapshot.items.id(index));
    expect(again.rank).toBe(list.indexOf('a4') + 1);
    expect(again.holds).toBe(again.rank > 4);
  });

  it('an item rises most by its like', () => {
    const { rank, likes } = whatWouldChange(served, 'mix', 'c3', { limit: 5 });
    expect(rank).toBeGreaterThan(4);
    expect(ids(likes).every((item) => item.startsWith('c'))).toBe(true);
    for (const { item, rank: then } of likes) {
      expect(then).toBeLessThan(rank);
      const seen = whatIf(served, 'mix', { without: [], with: [item], limit: 1, item: 'c3' });
      expect(seen.item!.rank).toBe(then);
    }
  });

  it('one item is above another for reasons that sum to the difference', async () => {
    const found = await contrast(createExplainer(reachOf(undefined)), served, 'mix', ['b4', 'a4']);
    expect([found.above.item, found.below.item]).toEqual(['a4', 'b4']);
    const sum = found.parts.reduce((total, { difference }) => total + difference, 0);
    expect(sum + found.popularity + found.ownVector + found.error).toBeCloseTo(found.difference, 6);
    expect(found.difference).toBeCloseTo(
      served.score('mix', 'a4').item.score - served.score('mix', 'b4').item.score,
      5,
    );
    expect(found.parts.find(({ difference }) => difference > 0)!.item).toMatch(/^a/);
  });

  it('what is left out one by one is the exact part, where nothing is normalised', () => {
    const index = served.published.snapshot.items.index('a4')!;
    const { method, fidelity, parts } = leaveOneOut(served, 'mix', [index])!(index);
    expect({ method, fidelity }).toEqual({ method: 'leave-one-out', fidelity: 1 });
    const exact = createExplainer(reachOf(undefined)).attribute(served, 'mix', ['a4'])('a4')!;
    expect(exact.method).toBe('exact');
    const of = new Map(exact.parts.map(({ item, part }) => [item, part]));
    for (const { item, part } of parts) expect(part).toBeCloseTo(of.get(item)!, 5);
  });
});

describe('of a model that normalises by degrees', () => {
  it('removal is checked with the degree that is then left', async () => {
    const served = await trained('lightgcn', { dim: 16, batchSize: 64, learningRate: 0.05 });
    const { snapshot, contributions, train, vectors } = served.published;
    const [first] = served.recommend('mix', { limit: 1 }).items;
    const { rank, rankThen, found, without, exact } = await counterfactual(served, 'mix', first!.id, { limit: 1 });
    expect({ rank, found, exact }).toEqual({ rank: 1, found: true, exact: true });
    // By hand: e_u = own + Σ message_j / √(d_u d_j), d_u what is left.
    const { own, messages, dim } = contributions!;
    const user = snapshot.users.index('mix')!;
    const degree = new Float64Array(train.cols);
    for (const item of train.indices) degree[item]!++;
    const taken = new Set(ids(without).map((item) => snapshot.items.index(item)!));
    const kept = [...train.indices.subarray(train.offsets[user], train.offsets[user + 1])].filter((n) => !taken.has(n));
    const vector = Float64Array.from({ length: dim }, (_, d) =>
      kept.reduce((sum, n) => sum + messages[n * dim + d]! / Math.sqrt(kept.length * degree[n]!), own[user * dim + d]!),
    );
    const scores = Array.from({ length: train.cols }, (_, item) =>
      vector.reduce((sum, value, d) => sum + value * vectors!.items[item * dim + d]!, vectors!.itemBias?.[item] ?? 0),
    );
    const item = snapshot.items.index(first!.id)!;
    const left = new Set(served.leftOut('mix', []));
    const before = scores.filter((score, n) => !left.has(n) && score > scores[item]! + 1e-6).length;
    expect(before + 1).toBe(rankThen);
  });
});

describe('of a model whose users only training finds', () => {
  it('parts are what is missed, with how far they may be trusted', async () => {
    const served = await trained('ultragcn', { dim: 16, batchSize: 64, learningRate: 0.05 });
    const { attribution, reasons } = await createExplainer(reachOf(undefined)).explain(served, 'mix', 'a4');
    expect(attribution).toMatchObject({ method: 'leave-one-out' });
    // By what she was trained with she is ranked as the version does.
    expect(attribution!.fidelity).toBeCloseTo(1, 6);
    expect(attribution!.parts[0]!.item).toMatch(/^a/);
    expect(reasons[0]).toMatch(/^It would score less had you not interacted with Item a\d or Item a\d\.$/);
    const found = await counterfactual(served, 'mix', 'a4', { limit: 4 });
    expect(found.exact).toBe(false);
  });
});

describe('what is not listed, or not known', () => {
  it('is told', async () => {
    const served = open[0]!;
    const ask = (user: string, item: string) => counterfactual(served, user, item, { limit: 2 });
    await expect(ask('mix', 'c3')).rejects.toThrow(expect.objectContaining({ code: 'explain/not-listed' }));
    await expect(ask('mix', 'none')).rejects.toThrow(expect.objectContaining({ code: 'item/unknown' }));
    await expect(ask('nobody', 'a4')).rejects.toThrow(expect.objectContaining({ code: 'explain/fixed-taste' }));
  });
});
