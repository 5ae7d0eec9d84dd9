import { afterAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { type ConstraintBatch, ConstraintLoss, type ConstraintOptions } from '../../src/models/graph/constraintLoss.ts';
import { type ItemNeighbours, itemConstraints, pairConstraints } from '../../src/models/graph/constraintWeights.ts';
import { ultragcn } from '../../src/models/graph/ultragcn.ts';
import type { Vectors } from '../../src/models/model.ts';
import { RandomStream } from '../../src/random.ts';
import { drawShared } from '../../src/sampling/sharedNegatives.ts';
import { checkered, createOn, dot, randomGraph, rightShare, rowsOf } from './graphs.ts';

const kernels = openKernels({ threads: 2 });
afterAll(() => kernels.close());

const users = 7;
const items = 9;
const dim = 8;
const train = randomGraph(users, items, 5);
const has = (user: number, item: number) =>
  train.indices.subarray(train.offsets[user], train.offsets[user + 1]).includes(item);
const all = (count: number) => Array.from({ length: count }, (_, n) => n);
const sum = (terms: readonly number[]) => terms.reduce((total, term) => total + term, 0);
const ofUser = all(users).map((user) => sum(all(items).map((item) => +has(user, item))));
const ofItem = all(items).map((item) => sum(all(users).map((user) => +has(user, item))));

describe('weights of UltraGCN', () => {
  it('between users and items are the formula of the paper', () => {
    const { users: left, items: right } = pairConstraints(train);
    for (let user = 0; user < users - 1; user++)
      for (let item = 0; item < items; item++) {
        const beta = Math.sqrt((ofUser[user]! + 1) / (ofItem[item]! + 1)) / ofUser[user]!;
        expect(left[user]! * right[item]!).toBeCloseTo(beta, 6);
      }
    expect(left[users - 1]).toBe(0);
  });

  it('between items are too, the strongest kept, padded by the item itself', async () => {
    const together = all(items).map((i) =>
      all(items).map((j) => sum(all(users).map((u) => +(has(u, i) && has(u, j))))),
    );
    const totals = together.map(sum);
    const { items: found, weights } = await itemConstraints(kernels, train, 3);
    for (let item = 0; item < items; item++) {
      const omegas = all(items)
        .filter((other) => other !== item && together[item]![other]! > 0)
        .map(
          (other) =>
            (together[item]![other]! * Math.sqrt(totals[item]! + 1)) / totals[item]! / Math.sqrt(totals[other]! + 1),
        )
        .sort((a, b) => b - a)
        .slice(0, 3);
      const kept = [...weights.subarray(3 * item, 3 * item + 3)].filter((weight) => weight > 0).sort((a, b) => b - a);
      expect(kept.length).toBe(omegas.length);
      for (const [n, weight] of kept.entries()) expect(weight).toBeCloseTo(omegas[n]!, 5);
      for (let n = 0; n < 3; n++) if (weights[3 * item + n] === 0) expect(found[3 * item + n]).toBe(item);
    }
  });
});

/** The loss once more, pair by pair, straight from the paper. */
function plainLoss(
  batch: ConstraintBatch,
  near: ItemNeighbours,
  nodes: readonly number[][],
  o: ConstraintOptions,
): number {
  const { users: ofU, items: ofI } = pairConstraints(train);
  const soft = (x: number) => Math.log(1 + Math.exp(x));
  const terms = [...batch.users].map((user, p) => {
    const item = batch.positives[p]!;
    const score = (other: number) => dot(nodes[user]!, nodes[users + other]!);
    const from = p - (p % o.size);
    const pushed = [...batch.negatives.slice(from, from + o.size)].map((j) => ofU[user]! * ofI[j]! * soft(score(j)));
    const pulled = all(o.neighbours).map((k) => {
      const at = o.neighbours * item + k;
      return near.weights[at]! * soft(-score(near.items[at]!));
    });
    const own = ofU[user]! * ofI[item]! * soft(-score(item));
    return own + (o.negativeWeight * sum(pushed)) / o.size + o.neighbourWeight * sum(pulled);
  });
  return sum(terms) / terms.length;
}

describe('UltraGCN', () => {
  it.each([1, 8, 13])('has the loss of its paper, and its gradient, over %i pairs', async (count) => {
    const options = { dim, capacity: 16, size: 8, neighbours: 3, negativeWeight: 3, neighbourWeight: 0.5 };
    const near = await itemConstraints(kernels, train, 3);
    const stream = new RandomStream(count, 'pairs');
    const positives = Int32Array.from({ length: count }, () => stream.integer(items));
    const batch = {
      users: Int32Array.from({ length: count }, () => stream.integer(users)),
      positives,
      negatives: drawShared(items, Math.ceil(count / 8) * 8, 1, 0, 0),
      rows: users + items,
    };
    const ofNeighbours = all(3).flatMap((k) => [...positives].map((item) => near.items[3 * item + k]!));
    const itemsInOrder = [...positives, ...ofNeighbours, ...batch.negatives];
    const placed = { ...batch, places: Int32Array.from([...batch.users, ...itemsInOrder.map((item) => users + item)]) };
    const rows = (users + items) * dim;
    const start = Float32Array.from({ length: rows }, () => stream.normal());
    const direction = Float32Array.from({ length: rows }, () => stream.normal());
    const loss = new ConstraintLoss(kernels, options);
    const gradient = kernels.floats(rows).fill(Number.NaN);
    const found = loss.compute(placed, pairConstraints(train), near, kernels.put(start), gradient);
    const plainAt = (by: number) =>
      plainLoss(
        placed,
        near,
        rowsOf(
          [...start].map((value, n) => value + by * direction[n]!),
          dim,
        ),
        options,
      );
    expect(found).toBeCloseTo(plainAt(0), 4);
    const along = sum([...gradient].map((value, n) => value * direction[n]!));
    expect(along).toBeCloseTo((plainAt(1e-4) - plainAt(-1e-4)) / 2e-4, 3);
    loss.dispose();
  });

  it('learns a planted checkerboard, and gives its memory back', async () => {
    const board = checkered(20, 30);
    let before = 0;
    for (let round = 0; round < 2; round++) {
      before = kernels.used;
      const options = { dim, batchSize: 64, negativeGroup: 64, negativeWeight: 2, learningRate: 0.05 };
      const { model, store } = createOn(kernels, ultragcn, board, options);
      for (let epoch = 0; epoch < 12; epoch++) {
        for (let step = 0; step < model.trained!.stepsPerEpoch; step++) await model.trained!.step(epoch, step);
      }
      expect(rightShare(kernels, (await model.vectors!(board)) as Vectors, board)).toBeGreaterThan(0.9);
      model.dispose();
      store.dispose();
    }
    expect(kernels.used).toBe(before);
  });
});
