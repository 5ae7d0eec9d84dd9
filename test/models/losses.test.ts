import { afterAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { NodeBatch } from '../../src/models/batch.ts';
import { type LossChoice, pairLoss } from '../../src/models/losses/pairLoss.ts';
import { RandomStream } from '../../src/random.ts';

const kernels = openKernels({ threads: 2 });
afterAll(() => kernels.close());

const users = 5;
const items = 11;
const dim = 8;
const base = [0, users, users];

const usual: LossChoice = {
  loss: 'softmax',
  temperature: 0.3,
  positiveTemperature: 0.2,
  negativeGroup: 8,
  negativesPerPair: 3,
  negativeKind: 'uniform',
  margin: 0.1,
  negativeWeight: 5,
  batchSize: 16,
};

/** Pairs with repeated users and items, the negatives of each, and vectors of all nodes. */
function drawn(size: number, perPair: number, seed: number) {
  const stream = new RandomStream(seed, 'losses');
  const ids = (length: number, below: number) => Int32Array.from({ length }, () => stream.integer(below));
  return {
    users: ids(size, users),
    positives: ids(size, items),
    negatives: ids(size * perPair, items),
    vectors: Array.from({ length: users + items }, () => Array.from({ length: dim }, () => stream.normal())),
    direction: Array.from({ length: users + items }, () => Array.from({ length: dim }, () => stream.normal())),
  };
}
type Drawn = ReturnType<typeof drawn>;

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
const cosine = (a: readonly number[], b: readonly number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
const sum = (terms: readonly number[]) => terms.reduce((total, term) => total + term, 0);
const mean = (terms: readonly number[]) => sum(terms) / terms.length;

/** Users of each item to the power of 0.75, over their sum: a training part in which item i has i + 1 users. */
const train = (() => {
  const rows = users;
  const offsets = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let user = 0; user < rows; user++) {
    for (let item = 0; item < items; item++) if (item % users <= user) indices.push(item);
    offsets[user + 1] = indices.length;
  }
  return { rows, cols: items, offsets, indices: Int32Array.from(indices) };
})();
const edges = Array.from({ length: items }, (_, item) => train.indices.filter((other) => other === item).length);
const drawnWith = edges.map((count) => count ** 0.75 / sum(edges.map((each) => each ** 0.75)));

/** Each loss once more, position by position, straight from its formula. */
const plain: Record<string, (of: Drawn, options: LossChoice) => number> = {
  bpr: ({ users: u, positives: i, negatives: j, vectors: x }) =>
    mean(
      [...j].map((item, n) => {
        const p = Math.floor(n / 3);
        const user = x[u[p]!]!;
        return Math.log(1 + Math.exp(dot(user, x[users + item]!) - dot(user, x[users + i[p]!]!)));
      }),
    ),
  ccl: ({ users: u, positives: i, negatives: j, vectors: x }, { margin, negativeWeight }) =>
    mean(
      [...u].map((user, p) => {
        const over = [...j.slice(3 * p, 3 * p + 3)].map((item) =>
          Math.max(0, cosine(x[user]!, x[users + item]!) - margin),
        );
        return 1 - cosine(x[user]!, x[users + i[p]!]!) + negativeWeight * mean(over);
      }),
    ),
  'sampled-softmax': ({ users: u, positives: i, negatives: j, vectors: x }, { temperature, negativeKind }) =>
    mean(
      [...u].map((user, p) => {
        const logit = (item: number) => cosine(x[user]!, x[users + item]!) / temperature;
        const correction = (item: number) => (negativeKind === 'popularity' ? Math.log(drawnWith[item]! * items) : 0);
        const others = [...j.slice(3 * p, 3 * p + 3)].map((item) => Math.exp(logit(item) - correction(item)));
        const own = Math.exp(logit(i[p]!));
        return -Math.log(own / (own + sum(others)));
      }),
    ),
  ...Object.fromEntries(
    ['softmax', 'bsl'].map((loss) => [
      loss,
      (
        { users: u, positives: i, vectors: x }: Drawn,
        { temperature, positiveTemperature, negativeGroup }: LossChoice,
      ) =>
        sum(
          [...u].map((user, p) => {
            const logit = (item: number) => cosine(x[user]!, x[users + item]!) / temperature;
            const from = p - (p % negativeGroup);
            const others = [...i.slice(from, from + negativeGroup)].filter((item) => item !== i[p]);
            const mass = sum(others.map((item) => Math.exp(logit(item))));
            if (loss === 'softmax') return Math.log(mass + Math.exp(logit(i[p]!))) - logit(i[p]!);
            if (others.length === 0) return 0;
            const positive = cosine(x[user]!, x[users + i[p]!]!) / positiveTemperature;
            return Math.log(mass) - positive;
          }),
        ) / u.length,
    ]),
  ),
};

describe.each([
  ['softmax', {}],
  ['bsl', {}],
  ['bpr', {}],
  ['ccl', {}],
  ['sampled-softmax', {}],
  ['sampled-softmax', { negativeKind: 'popularity' }],
] as [LossChoice['loss'], Partial<LossChoice>][])('%s %o', (name, more) => {
  const options = { ...usual, ...more, loss: name };

  it.each([1, 13, 16])('is its formula, with its gradient, over %i pairs', (size) => {
    const loss = pairLoss(kernels, dim, train, options);
    const batch = new NodeBatch(kernels, users + items, options.batchSize, loss.roles, loss.perPair);
    const of = drawn(size, 3, size);
    const columns = [of.users, of.positives, of.negatives].slice(0, loss.roles);
    batch.fill(columns, base, size, 1);
    const x = kernels.floats(batch.capacity * dim);
    const gradient = kernels.floats(batch.capacity * dim).fill(Number.NaN);
    for (let o = 0; o < batch.count; o++) x.set(of.vectors[batch.nodes[o]!]!, o * dim);
    expect(loss.compute(batch, size, x, gradient)).toBeCloseTo(plain[name]!(of, options), 4);

    const step = 1e-4;
    const moved = (by: number): Drawn => ({
      ...of,
      vectors: of.vectors.map((row, n) => row.map((value, d) => value + by * of.direction[n]![d]!)),
    });
    const slope = (plain[name]!(moved(step), options) - plain[name]!(moved(-step), options)) / (2 * step);
    let along = 0;
    for (let o = 0; o < batch.count; o++)
      along += dot([...gradient.subarray(o * dim, (o + 1) * dim)], of.direction[batch.nodes[o]!]!);
    expect(along).toBeCloseTo(slope, 3);
    loss.dispose();
    batch.dispose();
    kernels.release(x, gradient);
  });

  it('gives its memory back', () => {
    const before = kernels.used;
    pairLoss(kernels, dim, train, options).dispose();
    expect(kernels.used).toBe(before);
  });
});
