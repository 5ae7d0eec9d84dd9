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
 * XSimGCL: Yu et al., "XSimGCL: Towards Extremely Simple Graph Contrastive Learning for Recommendation", TKDE 2023.
 *
 *   Z_l = Â Z_{l−1} + ε · sign ⊙ n,   E = 1/L · Σ_{l=1..L} Z_l,   score(u, i) = ⟨e_u, e_i⟩ without noise        (eq. 8)
 *   loss = pair loss of E + λ · InfoNCE(E, Z_{l*})     over the distinct users, and the distinct items, of the batch        (eq. 9)
 *
 * One perturbed pass serves both losses: the views are its mean and one of its layers.
 *
 * Table: nodes [|U| + |I|, dim], users first. Batch: pairs [b].
 */
export const xsimgcl = defineModel({
  name: 'xsimgcl',
  family: 'graph',
  paper: 'Yu et al., "XSimGCL: Towards Extremely Simple Graph Contrastive Learning for Recommendation", TKDE 2023',
  summary: 'LightGCN with noise and a contrast across its layers, in one pass; scores stay linear and attributable',
  options: z
    .strictObject({ ...contrastOptions, contrastLayer: option.contrastLayer })
    .refine(hasLayers, withoutLayers)
    .refine(({ layers, contrastLayer }) => contrastLayer <= layers, {
      path: ['contrastLayer'],
      message: 'must be one of the layers',
    }),
  needs: [],
  learns: 'pairs',
  weighsPairs: true,
  tensors: false,
  memory: contrastiveMemory,
  create(context) {
    const { train, options, seed, kernels, store } = context;
    const { dim, contrastWeight, noise, contrastLayer } = options;
    const adjacency = normalisedAdjacency(train, kernels);
    const steps = new PairSteps(context);
    const { batch, vectors, gradient } = steps;
    const propagation = new PerturbedPropagation(kernels, adjacency, options.layers, dim, batch.capacity);
    const table = nodeTable(store, train, dim);
    const contrast = viewContrast(kernels, options);
    const view = { layer: contrastLayer, out: kernels.floats(batch.capacity * dim) };
    const ofView = { layer: contrastLayer, gradient: kernels.floats(batch.capacity * dim) };
    return {
      trained: {
        stepsPerEpoch: steps.perEpoch,
        async step(epoch, step) {
          const adam = await steps.next(epoch, step);
          const drawn = { length: noise, seed, path: ['noise', epoch, step] };
          propagation.forward(table.parameters, batch, vectors, drawn, view);
          const ranking = steps.compute();
          ofView.gradient.fill(0, 0, batch.count * dim);
          const views = contrast.compute([vectors, view.out], steps.sides, contrastWeight, [gradient, ofView.gradient]);
          propagation.backward(table, batch, gradient, adam, ofView);
          return ranking + views;
        },
      },
      ...withoutNoise(context, adjacency, propagation, table),
      dispose() {
        propagation.dispose();
        contrast.dispose();
        steps.dispose();
        kernels.release(view.out, ofView.gradient, adjacency.offsets, adjacency.indices, adjacency.weights);
      },
    };
  },
});
