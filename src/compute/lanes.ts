/** Sixteen columns at a time through a bipartite graph: the kernels of `kernels/lanes.ts`, with their room. */
import { type Csr, transposeCsr } from './csr.ts';
import type { Kernels, TopK } from './kernels.ts';

/** Columns of a block. */
export const lanes = 16;

/** Columns in blocks of sixteen: [⌈columns / 16⌉, pitch, 16], pitch being rows rounded up to a multiple of 4. */
export interface LaneBlocks {
  readonly rows: number;
  readonly pitch: number;
  /** Columns that there is room for. */
  readonly columns: number;
  readonly values: Float32Array;
}

/** Room in the kernels' memory, the caller's to release (`values`). */
export function laneBlocks(kernels: Kernels, rows: number, columns: number): LaneBlocks {
  const pitch = Math.ceil(rows / 4) * 4;
  const blocks = Math.ceil(columns / lanes);
  return { rows, pitch, columns: blocks * lanes, values: kernels.unfilled(blocks * pitch * lanes) };
}

/** A users × items matrix of ones in the kernels' memory, by both sides, with the inverse degrees (0 for a degree of 0). */
export interface BipartiteGraph {
  readonly users: number;
  readonly items: number;
  readonly byUser: Csr;
  readonly byItem: Csr;
  readonly userShare: Float32Array; // [users], 1 / d_u
  readonly itemShare: Float32Array; // [items], 1 / d_i
}

/** The graph of a matrix whose weights, if it has any, are passed over. */
export function bipartiteGraph(kernels: Kernels, { rows, cols, offsets, indices }: Csr): BipartiteGraph {
  const copy = (array: Int32Array) => {
    const inside = kernels.ints(array.length);
    inside.set(array);
    return inside;
  };
  const byUser = { rows, cols, offsets: copy(offsets), indices: copy(indices) };
  const byItem = transposeCsr(byUser, kernels);
  const shares = (matrix: Csr) => {
    const share = kernels.floats(matrix.rows);
    for (let r = 0; r < matrix.rows; r++) {
      const degree = matrix.offsets[r + 1]! - matrix.offsets[r]!;
      share[r] = degree > 0 ? 1 / degree : 0;
    }
    return share;
  };
  return { users: rows, items: cols, byUser, byItem, userShare: shares(byUser), itemShare: shares(byItem) };
}

export function releaseGraph(kernels: Kernels, { byUser, byItem, userShare, itemShare }: BipartiteGraph): void {
  kernels.release(byUser.offsets, byUser.indices, byItem.offsets, byItem.indices, userShare, itemShare);
}

/**
 * p(S) with S = D_i⁻¹ Rᵀ D_u⁻¹ R, whose eigenvalues lie in [0, 1], as a Chebyshev series over [0, end]: Σ_k c_k T_k(I − 2/end · S).
 * F = post · p(S) · pre is items × items; all arrays lie in the kernels' memory.
 */
export interface LaneFilter {
  readonly coefficients: Float32Array; // [order + 1], order ≥ 1
  readonly end: number;
  readonly pre: Float32Array; // [items]
  readonly post: Float32Array; // [items]
}

/** scores[·, q] = F x_q, x_q being 1 at the items of history q and 0 elsewhere; added to what is there where `add`. */
export function filterLanes(
  kernels: Kernels,
  graph: BipartiteGraph,
  { coefficients, end, pre, post }: LaneFilter,
  histories: Pick<Csr, 'rows' | 'offsets' | 'indices'>,
  scores: LaneBlocks,
  add: boolean,
): void {
  const { users, items, byUser, byItem, userShare, itemShare } = graph;
  const room = kernels.scratch('filterLanes', kernels.threads * lanes * (2 * items + users));
  const [offsets, done] = [kernels.put(histories.offsets), kernels.put(histories.indices)];
  kernels.run(
    'filterLanes',
    Math.ceil(histories.rows / lanes),
    1,
    byUser.offsets.byteOffset,
    byUser.indices.byteOffset,
    userShare.byteOffset,
    users,
    byItem.offsets.byteOffset,
    byItem.indices.byteOffset,
    itemShare.byteOffset,
    items,
    offsets.byteOffset,
    done.byteOffset,
    histories.rows,
    pre.byteOffset,
    post.byteOffset,
    coefficients.byteOffset,
    coefficients.length - 1,
    -2 / end,
    scores.values.byteOffset,
    scores.pitch,
    add ? 1 : 0,
    room.byteOffset,
  );
  if (offsets !== histories.offsets) kernels.release(offsets);
  if (done !== histories.indices) kernels.release(done);
}

/** Rows against which `multiplyLanes` multiplies: padded with zeros to the pitch. */
export function laneRows(kernels: Kernels, rows: Float32Array, dim: number): Float32Array {
  const padded = kernels.floats(Math.ceil(rows.length / dim / 4) * 4 * dim);
  padded.set(rows);
  return padded;
}

/** scores[i, q] = ⟨rows[i], queries[q]⟩. rows: as `laneRows` gives them; queries [count, dim] in the kernels' memory. */
export function multiplyLanes(
  kernels: Kernels,
  rows: Float32Array,
  queries: Float32Array,
  dim: number,
  scores: LaneBlocks,
): void {
  const count = queries.length / dim;
  const blocks = Math.ceil(count / lanes);
  const panels = kernels.unfilled(blocks * lanes * dim);
  kernels.run('packTransposed', 2 * blocks, 2, 0, count, queries.byteOffset, dim, panels.byteOffset);
  const tiles = scores.pitch / 4;
  const [at, to] = [panels.byteOffset, scores.values.byteOffset];
  kernels.run('multiplyLanes', tiles, 16, rows.byteOffset, dim, at, blocks, to, scores.pitch);
  kernels.release(panels);
}

export interface Inversion {
  /** What is added to the diagonal, of each item; all above 0. [items] */
  readonly lambda: Float32Array;
  /** Share of its first residual norm at which a column is solved. */
  readonly tolerance: number;
  readonly most: number;
}

/** Columns `first` … of (RᵀR + diag(λ))⁻¹, as many as x has room for; returns the steps that each block took. */
export function invertLanes(
  kernels: Kernels,
  { users, items, byUser, byItem }: BipartiteGraph,
  { lambda, tolerance, most }: Inversion,
  first: number,
  x: LaneBlocks,
): Int32Array {
  const blocks = x.columns / lanes;
  const [added, inverse] = [kernels.put(lambda), kernels.floats(items)];
  for (let i = 0; i < items; i++) inverse[i] = 1 / (lambda[i]! + byItem.offsets[i + 1]! - byItem.offsets[i]!);
  const taken = kernels.ints(blocks);
  const room = kernels.scratch('invertLanes', kernels.threads * lanes * (3 * items + users));
  kernels.run(
    'invertLanes',
    blocks,
    1,
    byUser.offsets.byteOffset,
    byUser.indices.byteOffset,
    users,
    byItem.offsets.byteOffset,
    byItem.indices.byteOffset,
    items,
    added.byteOffset,
    inverse.byteOffset,
    tolerance ** 2,
    most,
    first,
    x.values.byteOffset,
    x.pitch,
    taken.byteOffset,
    room.byteOffset,
  );
  const steps = taken.slice();
  kernels.release(inverse, taken);
  if (added !== lambda) kernels.release(added);
  return steps;
}

/**
 * The best k rows of each of the first `count` columns, best first, ties by the lower row; by size and never a zero with
 * `magnitude`. Row q of `exclude` names rows that column q must not get; their scores are lost.
 */
export function bestOfLanes(
  kernels: Kernels,
  scores: LaneBlocks,
  count: number,
  k: number,
  { exclude, magnitude = false }: { readonly exclude?: Csr; readonly magnitude?: boolean } = {},
): TopK {
  const offsets = exclude && kernels.put(exclude.offsets);
  const excluded = exclude && kernels.put(exclude.indices);
  const [ids, found] = [kernels.ints(count * k), kernels.unfilled(count * k)];
  const least = kernels.scratch('bestOfLanes', kernels.threads * lanes);
  kernels.run(
    'bestOfLanes',
    k > 0 ? Math.ceil(count / lanes) : 0,
    1,
    scores.values.byteOffset,
    scores.pitch,
    scores.rows,
    count,
    offsets?.byteOffset ?? 0,
    excluded?.byteOffset ?? 0,
    k,
    magnitude ? 1 : 0,
    ids.byteOffset,
    found.byteOffset,
    least.byteOffset,
  );
  const best: TopK = { k, ids: ids.slice(), scores: found.slice() };
  kernels.release(ids, found);
  if (offsets !== exclude?.offsets) kernels.release(offsets);
  if (excluded !== exclude?.indices) kernels.release(excluded);
  return best;
}
