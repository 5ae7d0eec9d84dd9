import { z } from 'zod';
import { option } from '../../options.ts';
import { nodeTable } from '../linearScores.ts';
import { defineModel } from '../model.ts';
import { PerturbedPropagation } from '../perturbedPropagation.ts';
import { normalisedAdjacency } from '../propagation.ts';
import {
  contrastiveMemory,
  contrastOptions,
  hasLayers,
  viewContrast,
  withoutLayers,
  withoutNoise,
} from './contrastive.ts';
import { PairSteps } from './pairSteps.ts';

/**
 * SimGCL: Yu et al., "Are Graph Augmentations Necessary? Simple Graph Contrastive Learning for Recommendation", SIGIR 2022.
 *
 *   E = 1/L · Σ_{l=1..L} Â^l E⁰,   score(u, i) = ⟨e_u, e_i⟩;   E′, E″ the same with noise at each layer        (eq. 4 to 7)
 *   loss = pair loss of E + λ · InfoNCE(E′, E″)     over the distinct users, and the distinct items, of the batch        (eq. 2)
 *
 * Three passes forward; the noise has no gradient, so there is one back. One layer, the default, is computed for the batch's nodes
 * alone, both ways.
 *
 * Table: nodes [|U| + |I|, dim], users first. Batch: pairs [b].
 */
export const simgcl = defineModel({
  name: 'simgcl',
  family: 'graph',
  paper:
    'Yu et al., "Are Graph Augmentations Necessary? Simple Graph Contrastive Learning for Recommendation", SIGIR 2022',
  summary: 'LightGCN and a contrast of two noisy views of it; scores stay linear and attributable',
  options: z.strictObject({ ...contrastOptions, layers: option.layers }).refine(hasLayers, withoutLayers),
  needs: [],
  learns: 'pairs',
  weighsPairs: true,
  tensors: false,
  memory: contrastiveMemory,
  create(context) {
    const { train, options, seed, kernels, store } = context;
    const { dim, contrastWeight, noise } = options;
    const adjacency = normalisedAdjacency(train, kernels);
    const steps = new PairSteps(context);
    const { batch, vectors, gradient } = steps;
    const propagation = new PerturbedPropagation(kernels, adjacency, options.layers, dim, batch.capacity);
    const table = nodeTable(store, train, dim);
    const contrast = viewContrast(kernels, options);
    const views = [kernels.floats(batch.capacity * dim), kernels.floats(batch.capacity * dim)] as const;
    return {
      trained: {
        stepsPerEpoch: steps.perEpoch,
        async step(epoch, step) {
          const adam = await steps.next(epoch, step);
          propagation.forward(table.parameters, batch, vectors);
          for (const [view, out] of views.entries()) {
            const drawn = { length: noise, seed, path: ['noise', epoch, step, view] };
            propagation.forward(table.parameters, batch, out, drawn);
          }
          const ranking = steps.compute();
          const between = contrast.compute(views, steps.sides, contrastWeight, [gradient, gradient]);
          propagation.backward(table, batch, gradient, adam);
          return ranking + between;
        },
      },
      ...withoutNoise(context, adjacency, propagation, table),
      dispose() {
        propagation.dispose();
        contrast.dispose();
        steps.dispose();
        kernels.release(...views, adjacency.offsets, adjacency.indices, adjacency.weights);
      },
    };
  },
});
