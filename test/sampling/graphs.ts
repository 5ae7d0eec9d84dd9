/** Graphs for the tests of the samplers: random ones, and small ones with known answers. */
import type { Csr } from '../../src/compute/csr.ts';
import { RandomStream } from '../../src/random.ts';
import type { Relation } from '../../src/sampling/snapshot.ts';
import { kindsOf, type NodeKind, type TypedGraph } from '../../src/sampling/typedGraph.ts';

export interface RandomGraphOptions {
  readonly users?: number;
  readonly items?: number;
  readonly features?: number;
  readonly density?: number;
  readonly relations?: readonly Relation[];
}

/** Relations of independent random edges; those of users and items have times, in order, the others weights, some of them zero. */
export function randomGraph(
  seed: number,
  {
    users = 12,
    items = 20,
    features = 5,
    density = 0.3,
    relations = ['user-item', 'item-user', 'item-feature', 'user-user'],
  }: RandomGraphOptions = {},
): TypedGraph {
  const stream = new RandomStream(seed, 'graph');
  const count: Record<NodeKind, number> = { user: users, item: items, feature: features };
  const first: Record<NodeKind, number> = { user: 0, item: users, feature: users + items };
  return {
    numbers: { count, first, total: users + items + features },
    relations: relations.map((name) => {
      const [from, to] = kindsOf(name);
      return {
        name,
        from,
        to,
        csr: randomCsr(stream, count[from], count[to], density, /^(user-item|item-user)$/.test(name)),
      };
    }),
  };
}

function randomCsr(stream: RandomStream, rows: number, cols: number, density: number, timed: boolean): Csr {
  const offsets = new Int32Array(rows + 1);
  const indices: number[] = [];
  const times: number[] = [];
  for (let row = 0; row < rows; row++) {
    const found = Array.from({ length: cols }, (_, col) => col).filter(() => stream.uniform() < density);
    indices.push(...found);
    times.push(...found.map(() => stream.integer(100)).sort((a, b) => a - b));
    offsets[row + 1] = indices.length;
  }
  const csr = { rows, cols, offsets, indices: Int32Array.from(indices) };
  // Weights in eighths: their sums are exact, in whatever order they are taken.
  return timed
    ? { ...csr, times: Float64Array.from(times) }
    : { ...csr, weights: Float32Array.from(indices, () => stream.integer(8) / 8) };
}

/** χ² of counts against probabilities. */
export function chiSquared(counts: readonly number[], probabilities: readonly number[]): number {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.reduce((sum, found, i) => {
    const expected = total * probabilities[i]!;
    return sum + (expected === 0 ? (found === 0 ? 0 : Number.POSITIVE_INFINITY) : (found - expected) ** 2 / expected);
  }, 0);
}

/** 99.9 % of χ² with `freedom` degrees of freedom (Wilson and Hilferty, 1931). */
export function chiSquaredBound(freedom: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + 3.0902 * Math.sqrt(spread)) ** 3;
}
