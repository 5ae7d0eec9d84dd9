import { z } from 'zod';
import { option } from '../../options.ts';
import { linearContributions, nodeTable, propagatedSides } from '../linearScores.ts';
import { LowRankView } from '../lowRankView.ts';
import { defineModel } from '../model.ts';
import { LightPropagation, normalisedAdjacency } from '../propagation.ts';
import { contrastiveMemory, contrastOptions, hasLayers, viewContrast, withoutLayers } from './contrastive.ts';
import { PairSteps } from './pairSteps.ts';

const { noise: _, ...shared } = contrastOptions;

/**
 * LightGCL: Cai et al., "LightGCL: Simple Yet Effective Graph Contrastive Learning for Recommendation", ICLR 2023, linear as in the
 * authors' program, means in place of sums over layers:
 *
 *   T = Σ_{l<L} Â^l E⁰,   E = (E⁰ + Â T) / (L+1),   G = (E⁰ + Ŝ T) / (L+1),   score(u, i) = ⟨e_u, e_i⟩
 *   loss = pair loss of E + λ · InfoNCE(G, E)     over the distinct users, and the distinct items, of the batch        (eq. 10 and 11)
 *
 * Ŝ is Â with its few largest singular values (`LowRankView`): the view of the whole graph at once, which has no noise to draw.
 *
 * Table: nodes [|U| + |I|, dim], users first. Batch: pairs [b].
 */
export const lightgcl = defineModel({
  name: 'lightgcl',
  family: 'graph',
  paper: 'Cai et al., "LightGCL: Simple Yet Effective Graph Contrastive Learning for Recommendation", ICLR 2023',
  summary:
    'LightGCN contrasted with what a truncated SVD of the graph makes of it; scores stay linear and attributable',
  options: z.strictObject({ ...shared, rank: option.rank.default(5) }).refine(hasLayers, withoutLayers),
  needs: [],
  learns: 'pairs',
  weighsPairs: true,
  tensors: false,
  memory(context) {
    const { train, options } = context;
    const found = contrastiveMemory(context);
    const nodes = train.rows + train.cols;
    // The decomposition has 64 columns beside those that it keeps, three times over, before the steps begin.
    return { ...found, batchBytes: found.batchBytes + 4 * nodes * (options.dim + 4 * options.rank + 3 * 64) };
  },
  create(context) {
    const { train, options, seed, kernels, store } = context;
    const { dim, contrastWeight } = options;
    const users = train.rows;
    const share = 1 / (options.layers + 1);
    const adjacency = normalisedAdjacency(train, kernels);
    const steps = new PairSteps(context);
    const { batch, vectors, gradient } = steps;
    const propagation = new LightPropagation(kernels, adjacency, options.layers, dim);
    const table = nodeTable(store, train, dim);
    const contrast = viewContrast(kernels, options);
    let view: LowRankView | undefined;
    const [initial, global, ofGlobal] = [0, 1, 2].map(() => kernels.floats(batch.capacity * dim)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    /** Gradient of T. [nodes, dim] */
    const whole = kernels.floats(adjacency.rows * dim);
    return {
      trained: {
        stepsPerEpoch: steps.perEpoch,
        async step(epoch, step) {
          view ??= await LowRankView.of(kernels, adjacency, users, dim, options.rank, seed);
          const adam = await steps.next(epoch, step);
          const { count, decay } = batch;
          const rows = batch.nodes.subarray(0, count);
          const inner = propagation.inner(table.parameters);
          propagation.forward(table.parameters, batch.nodes, count, vectors, inner);
          kernels.gatherRows(rows, table.parameters, initial, dim);
          view.forward(inner, batch, initial, share, global);
          const ranking = steps.compute();
          ofGlobal.fill(0, 0, count * dim);
          const between = contrast.compute([global, vectors], steps.sides, contrastWeight, [ofGlobal, gradient]);

          // Of T: Â of E's gradient and Ŝ of G's; then along the layers, and to E⁰ itself.
          kernels.multiplySlots(adjacency, batch.slots, gradient, whole, dim);
          view.backward(ofGlobal, batch, whole);
          const total = propagation.inner(whole);
          for (let at = 0; at < count * dim; at++) {
            const own = (decay[Math.floor(at / dim)]! * initial[at]!) / share; // what the optimizer's scale takes off again
            gradient[at]! += ofGlobal[at]! + own;
          }
          kernels.scatterAdd(rows, gradient, total, dim);
          kernels.updateDense(total, table, { kind: 'adam' }, { ...adam, scale: share });
          return ranking + between;
        },
      },
      vectors: () => propagatedSides(kernels, propagation, table, users),
      contributions() {
        const own = table.parameters.slice(0, users * dim).map((value) => value * share);
        return linearContributions(train, adjacency, dim, propagation.messages(table.parameters), own);
      },
      dispose() {
        propagation.dispose();
        contrast.dispose();
        steps.dispose();
        view?.dispose();
        kernels.release(initial, global, ofGlobal, whole);
        kernels.release(adjacency.offsets, adjacency.indices, adjacency.weights);
      },
    };
  },
});
