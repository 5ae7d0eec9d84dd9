import type { Csr } from '../../compute/csr.ts';
import type { Kernels } from '../../compute/kernels.ts';
import { ownMemory } from '../../sampling/memory.ts';
import { transpose } from '../../sampling/relations.ts';
import { coOccurrenceWeights } from '../neighbor/coOccurrence.ts';

export interface PairConstraints {
  readonly users: Float32Array; // [|U|]
  readonly items: Float32Array; // [|I|]
}

/**
 * Weights of UltraGCN's constraints between users and items (Mao et al., CIKM 2021, eq. 7), a product of two factors:
 *
 *   β_ui = √(d_u + 1) / d_u · 1 / √(d_i + 1)        0 for users without items
 */
export function pairConstraints(train: Csr): PairConstraints {
  const users = Float32Array.from({ length: train.rows }, (_, u) => {
    const degree = train.offsets[u + 1]! - train.offsets[u]!;
    return degree === 0 ? 0 : Math.sqrt(degree + 1) / degree;
  });
  const degrees = new Float32Array(train.cols);
  for (const item of train.indices) degrees[item]!++;
  return { users, items: degrees.map((degree) => 1 / Math.sqrt(degree + 1)) };
}

/** Of each item its strongest neighbours, as many for all: rows of `count`, padded by the item itself at weight 0. */
export interface ItemNeighbours {
  readonly count: number;
  readonly items: Int32Array; // [|I|, count]
  readonly weights: Float32Array; // [|I|, count]
}

/**
 * Weights of the constraints between items (eq. 9 and 10, with the smoothing that the authors' program has), of which each item keeps
 * the `count` largest. G = AᵀA, g its row sums:
 *
 *   ω_ij = G_ij · √(g_i + 1) / g_i · 1 / √(g_j + 1),   j ≠ i
 */
export async function itemConstraints(kernels: Kernels, train: Csr, count: number): Promise<ItemNeighbours> {
  const { offsets, indices, cols } = train;
  const totals = new Float64Array(cols);
  for (let user = 0; user < train.rows; user++) {
    const degree = offsets[user + 1]! - offsets[user]!;
    for (let e = offsets[user]!; e < offsets[user + 1]!; e++) totals[indices[e]!]! += degree;
  }
  const { offsets: ends, ...kept } = transpose(
    await coOccurrenceWeights(kernels, train, {
      ofRow: new Float64Array(train.rows).fill(1),
      ofFrom: totals.map((total) => 1 / Math.sqrt(total + 1)),
      ofTo: totals.map((total) => (total > 0 ? Math.sqrt(total + 1) / total : 0)),
      neighbours: count,
      look() {},
    }),
    ownMemory,
  );
  const items = new Int32Array(cols * count);
  const weights = new Float32Array(cols * count);
  for (let item = 0; item < cols; item++) {
    items.fill(item, item * count, (item + 1) * count);
    items.set(kept.indices.subarray(ends[item], ends[item + 1]), item * count);
    weights.set(kept.weights!.subarray(ends[item], ends[item + 1]), item * count);
  }
  return { count, items, weights };
}
