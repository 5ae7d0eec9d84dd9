import { z } from 'zod';
import type { Csr } from '../../compute/csr.ts';
import type { Kernels } from '../../compute/kernels.ts';
import {
  bestOfLanes,
  bipartiteGraph,
  invertLanes,
  type LaneBlocks,
  laneBlocks,
  lanes,
  releaseGraph,
} from '../../compute/lanes.ts';
import { option } from '../../options.ts';
import { defineModel, type ItemWeights } from '../model.ts';
import { type Entries, itemWeightsOf } from './itemWeights.ts';

/**
 * EASE: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019.
 *
 *   min_B ‖X − X B‖² + λ‖B‖², diag B = 0        P = (XᵀX + λI)⁻¹,  B = I − P · diag(1 / diag P)        (eq. 8)
 *
 * and, where a share p of the interactions is left out of each user's input, its mean over all that may be (Steck, "Autoencoders that
 * Don't Overfit towards the Identity", NeurIPS 2020): P = (XᵀX + λI + p / (1 − p) · diag(XᵀX))⁻¹, a larger λ for what is popular.
 *
 * The paper inverts items × items. Here columns of P are solved in blocks by conjugate gradients over the sparse X, which needs no such
 * matrix: λ keeps the condition number small. Of each column of B the largest by size are kept, of either sign.
 */
export const ease = defineModel({
  name: 'ease',
  family: 'neighbor',
  paper: 'Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019',
  summary: 'Linear regression of each item on all others, in closed form; every score exactly attributable',
  options: z.strictObject({
    ridge: option.ridge,
    inputDropout: option.inputDropout,
    neighbours: option.neighbours.default(1000),
  }),
  needs: [],
  learns: 'pairs',
  tensors: false,
  memory: ({ train: { cols, rows, indices }, options: { neighbours } }) => ({
    tables: [],
    batchBytes: 24 * cols * Math.min(neighbours, cols) + 8 * indices.length + 64 * (5 * cols + rows),
  }),
  create({ train, options, kernels }) {
    let weights: ItemWeights | undefined;
    return {
      async fit(report, signal) {
        weights = await solve(kernels, train, options, (done) => {
          signal.throwIfAborted();
          report({ phase: 'solving', done, total: train.cols, unit: 'items' });
        });
      },
      itemWeights() {
        if (!weights) throw new Error('it has not been fitted');
        return weights;
      },
      dispose() {},
    };
  },
});

/**
 * Share of the first residual at which a column of P is solved. B's columns are then right to some thousandths of their
 * length, far below what pruning takes; ranking metrics do not change with a smaller one.
 */
const TOLERANCE = 3e-3;
const MOST_STEPS = 500;

/** Columns of B, a few blocks at a time; `look` is called with the columns that are done. */
async function solve(
  kernels: Kernels,
  train: Csr,
  { ridge, inputDropout, neighbours }: Readonly<Record<'ridge' | 'inputDropout' | 'neighbours', number>>,
  look: (done: number) => void,
): Promise<ItemWeights> {
  const items = train.cols;
  const graph = bipartiteGraph(kernels, train);
  const dropped = inputDropout / (1 - inputDropout);
  const lambda = kernels.floats(items);
  for (let i = 0; i < items; i++)
    lambda[i] = ridge + dropped * (graph.byItem.offsets[i + 1]! - graph.byItem.offsets[i]!);
  const solved = laneBlocks(kernels, items, Math.min(items, 2 * lanes * kernels.threads));
  let part: readonly Entries[] = [];
  try {
    return await itemWeightsOf(items, async (item) => {
      const place = item % solved.columns;
      if (place === 0) {
        look(item);
        await new Promise(setImmediate);
        invertLanes(kernels, graph, { lambda, tolerance: TOLERANCE, most: MOST_STEPS }, item, solved);
        part = columnsOf(kernels, solved, item, Math.min(solved.columns, items - item), neighbours);
      }
      return part[place]!;
    });
  } finally {
    kernels.release(solved.values, lambda);
    releaseGraph(kernels, graph);
  }
}

/** B[·, j] = −P[·, j] / P[j, j] for j from `first` on: its largest entries, without j itself. */
function columnsOf(kernels: Kernels, p: LaneBlocks, first: number, count: number, neighbours: number): Entries[] {
  const places = Array.from({ length: count }, (_, c) => c);
  const pivots = places.map((c) => p.values[(Math.floor(c / lanes) * p.pitch + first + c) * lanes + (c % lanes)]!);
  const own: Csr = {
    rows: count,
    cols: p.rows,
    offsets: Int32Array.from({ length: count + 1 }, (_, c) => c),
    indices: Int32Array.from(places, (c) => first + c),
  };
  const k = Math.min(neighbours, p.rows);
  const { ids, scores } = bestOfLanes(kernels, p, count, k, { exclude: own, magnitude: true });
  return places.map((c) => {
    const found = ids.subarray(c * k, (c + 1) * k);
    const kept = found.indexOf(-1) < 0 ? k : found.indexOf(-1);
    const values = scores.subarray(c * k, c * k + kept).map((value) => -value / pivots[c]!);
    return { ids: found.subarray(0, kept), values };
  });
}
