import { afterAll, describe, expect, it } from 'vitest';
import type { Csr } from '../../src/compute/csr.ts';
import { openKernels } from '../../src/compute/open.ts';
import { lightgcl } from '../../src/models/graph/lightgcl.ts';
import { simgcl } from '../../src/models/graph/simgcl.ts';
import { xsimgcl } from '../../src/models/graph/xsimgcl.ts';
import type { ModelDefinition, Vectors, WholeTable } from '../../src/models/model.ts';
import { RandomStream } from '../../src/random.ts';
import { checkered, createOn, dot, normalisedDense, randomGraph, rightShare, rowsOf } from './graphs.ts';

const kernels = openKernels({ threads: 2 });
afterAll(() => kernels.close());

const users = 7;
const items = 9;
const dim = 8;
type Name = 'simgcl' | 'xsimgcl' | 'lightgcl';
const models: Readonly<Record<Name, ModelDefinition>> = { simgcl, xsimgcl, lightgcl };

function create(name: Name, train: Csr, options: Record<string, unknown>) {
  const { model, store } = createOn(kernels, models[name], train, { dim, ...options });
  return { model, store, table: store.tables[0] as WholeTable };
}

const unit = (row: readonly number[]) => row.map((value) => value / Math.hypot(...row));
const times = (matrix: readonly (readonly number[])[], x: readonly (readonly number[])[]) =>
  matrix.map((row) => Array.from({ length: dim }, (_, d) => row.reduce((sum, w, j) => sum + w * x[j]![d]!, 0)));

/** Z_1 … Z_L in double precision, noise drawn anew from its stream. */
function layersOf(
  adjacency: number[][],
  initial: number[][],
  layers: number,
  noise: number,
  path: (string | number)[],
) {
  const found: number[][][] = [];
  let present = initial;
  for (let layer = 1; layer <= layers; layer++) {
    const stream = new RandomStream(1, ...path, layer);
    present = times(adjacency, present).map((row, node) => {
      const drawn = unit(Array.from({ length: dim }, (_, d) => stream.at(node * dim + d) / 2 ** 32));
      return row.map((value, d) => value + noise * Math.sign(value) * drawn[d]!);
    });
    found.push(present);
  }
  return found;
}
const meanOf = (layers: readonly number[][][]) =>
  layers[0]!.map((row, n) => row.map((_, d) => layers.reduce((sum, layer) => sum + layer[n]![d]!, 0) / layers.length));

/** −mean ln softmax of cosines between the rows of two views, for the nodes given. */
function infoNce(a: number[][], b: number[][], nodes: readonly number[], temperature: number): number {
  let loss = 0;
  for (const node of nodes) {
    const masses = nodes.map((other) => Math.exp(dot(unit(a[node]!), unit(b[other]!)) / temperature));
    loss -= Math.log(masses[nodes.indexOf(node)]! / masses.reduce((sum, mass) => sum + mass, 0));
  }
  return loss / nodes.length;
}

/** Y Σ Zᵀ of the largest singular values of a symmetric bipartite matrix: its largest eigenvalues and their negatives. */
function lowRank(adjacency: number[][], rank: number): number[][] {
  const nodes = adjacency.length;
  let left = adjacency.map((row) => row.map((value, j) => (j >= users ? value : 0)));
  left = left.map((row, i) => (i < users ? row : row.map(() => 0)));
  const found = adjacency.map((row) => row.map(() => 0));
  for (let k = 0; k < rank; k++) {
    // Power iteration on what the vectors before have left.
    let right = Array.from({ length: nodes }, (_, n) => (n >= users ? 1 + 0.1 * Math.sin(n * (k + 1)) : 0));
    for (let round = 0; round < 3000; round++) {
      const image = left.map((row) => dot(row, right));
      right = unit(right.map((_, j) => left.reduce((sum, row, i) => sum + row[j]! * image[i]!, 0)));
    }
    const image = left.map((row) => dot(row, right));
    for (const [i, u] of image.entries()) {
      for (const [j, v] of right.entries()) {
        found[i]![j]! += u * v;
        found[j]![i]! += u * v;
        left[i]![j]! -= u * v;
      }
    }
  }
  return found;
}

/** The vectors that are ranked by, and the two views that are contrasted. */
function viewsOf(name: Name, adjacency: number[][], initial: number[][], o: { layers: number; contrastLayer: number }) {
  const clean = layersOf(adjacency, initial, o.layers, 0, []);
  const pass = (...view: number[]) => layersOf(adjacency, initial, o.layers, 0.3, ['noise', 0, 0, ...view]);
  switch (name) {
    case 'simgcl':
      return [meanOf(clean), meanOf(pass(0)), meanOf(pass(1))] as const;
    case 'xsimgcl': {
      const only = pass();
      return [meanOf(only), meanOf(only), only[o.contrastLayer - 1]!] as const;
    }
    case 'lightgcl': {
      const view = lowRank(adjacency, 2);
      const before = [initial, ...clean.slice(0, -1)];
      const mean = meanOf([initial, ...clean]);
      return [mean, meanOf([initial, ...before.map((layer) => times(view, layer))]), mean] as const;
    }
  }
}

/** The whole loss of the first step, which has all pairs, from the paper. */
function plainLoss(name: Name, train: Csr, initial: number[][], o: { layers: number; contrastLayer: number }): number {
  const [temperature, contrastWeight] = [0.4, 0.7];
  const [ranked, a, b] = viewsOf(name, normalisedDense(train), initial, o);
  const pairs = Array.from({ length: train.rows }, (_, u) =>
    [...train.indices.subarray(train.offsets[u], train.offsets[u + 1])].map((item) => [u, users + item] as const),
  ).flat();
  const cos = (u: number, i: number) => dot(unit(ranked[u]!), unit(ranked[i]!)) / 0.5;
  let loss = 0;
  for (const [u, i] of pairs) {
    const others = pairs
      .filter(([, other]) => other !== i)
      .reduce((sum, [, other]) => sum + Math.exp(cos(u, other)), 0);
    loss += Math.log(others + Math.exp(cos(u, i))) - cos(u, i);
  }
  const distinct = (side: 0 | 1) => [...new Set(pairs.map((pair) => pair[side]))];
  const between = infoNce(a, b, distinct(0), temperature) + infoNce(a, b, distinct(1), temperature);
  return loss / pairs.length + contrastWeight * between;
}

describe.each([
  ['simgcl', 1, 1],
  ['simgcl', 2, 1],
  ['simgcl', 3, 1],
  ['xsimgcl', 1, 1],
  ['xsimgcl', 2, 1],
  ['xsimgcl', 2, 2],
  ['xsimgcl', 3, 2],
  ['lightgcl', 1, 1],
  ['lightgcl', 2, 1],
  ['lightgcl', 3, 1],
] as const)('%s with %i layers, contrast at %i', (name, layers, contrastLayer) => {
  const options = {
    layers,
    ...(name === 'xsimgcl' ? { contrastLayer } : {}),
    ...(name === 'lightgcl' ? { rank: 2 } : { noise: 0.3 }),
    loss: 'softmax',
    temperature: 0.5,
    contrastTemperature: 0.4,
    contrastWeight: 0.7,
    batchSize: 64,
    negativeGroup: 64,
    contrastGroup: 64,
    l2: 0,
  };

  it('has the loss of its paper, and its gradient', async () => {
    const train = randomGraph(users, items, 5);
    const { model, store, table } = create(name, train, { ...options, learningRate: 1e-9 });
    const start = table.parameters.slice().map((value) => value * 3);
    table.parameters.set(start);
    const plainAt = (by: number, direction: Float32Array) =>
      plainLoss(
        name,
        train,
        rowsOf(
          start.map((value, n) => value + by * direction[n]!),
          dim,
        ),
        { layers, contrastLayer },
      );
    const stream = new RandomStream(9, 'directions');
    const direction = Float32Array.from(start, () => stream.normal());
    expect(await model.trained!.step(0, 0)).toBeCloseTo(plainAt(0, direction), 4);
    // With empty moments the first mean is (1 − β1) · gradient.
    let along = 0;
    for (const [n, value] of table.first.entries()) along += (value / 0.1) * direction[n]!;
    const by = 1e-4;
    expect(along).toBeCloseTo((plainAt(by, direction) - plainAt(-by, direction)) / (2 * by), 2);
    model.dispose();
    store.dispose();
  });

  it('serves its propagation without noise, and attributes scores exactly', async () => {
    const train = randomGraph(users, items, 7);
    const { model, store, table } = create(name, train, { ...options, learningRate: 0.05 });
    for (let epoch = 0; epoch < 3; epoch++) await model.trained!.step(epoch, 0);
    const initial = rowsOf(table.parameters, dim);
    const served = layersOf(normalisedDense(train), initial, layers, 0, []);
    const clean = meanOf(name === 'lightgcl' ? [initial, ...served] : served).flat();
    const { users: u, items: i } = model.vectors!(train) as Vectors;
    for (const [n, value] of [...u, ...i].entries()) expect(value).toBeCloseTo(clean[n]!, 5);
    const { messages, weights, own } = model.contributions!();
    const [userRows, itemRows, messageRows, ownRows] = [u, i, messages, own].map((rows) => rowsOf(rows, dim));
    for (let user = 0; user < users; user++) {
      for (let item = 0; item < items; item++) {
        let sum = dot(ownRows![user]!, itemRows![item]!);
        for (let e = train.offsets[user]!; e < train.offsets[user + 1]!; e++)
          sum += weights[e]! * dot(messageRows![train.indices[e]!]!, itemRows![item]!);
        expect(sum).toBeCloseTo(dot(userRows![user]!, itemRows![item]!), 5);
      }
    }
    model.dispose();
    store.dispose();
  });
});

describe.each(Object.keys(models) as Name[])('%s', (name) => {
  it('learns a planted checkerboard, and gives its memory back', async () => {
    const train = checkered(20, 30);
    let before = 0;
    for (const loss of ['softmax', 'bpr', 'bsl', 'bpr', 'bsl']) {
      before = kernels.used;
      // So few users are soon far apart: a strong contrast would part those of one colour.
      const quiet = name === 'lightgcl' ? {} : { noise: 0.05 };
      const options = { loss, contrastWeight: 0.05, ...quiet, batchSize: 64, negativeGroup: 64, learningRate: 0.05 };
      const { model, store } = create(name, train, options);
      for (let epoch = 0; epoch < 12; epoch++) {
        for (let step = 0; step < model.trained!.stepsPerEpoch; step++) await model.trained!.step(epoch, step);
      }
      expect(rightShare(kernels, model.vectors!(train) as Vectors, train), loss).toBeGreaterThan(0.9);
      model.dispose();
      store.dispose();
    }
    // By the last, kernels have the room that they keep for their next step.
    expect(kernels.used).toBe(before);
  });

  it('refuses to have no layers', () => {
    expect(() => models[name].options.parse({ layers: 0 })).toThrow('at least 1');
  });
});
