import { z } from 'zod';
import { option } from '../../options.ts';
import { defineModel } from '../model.ts';
import { SpectralFilter } from '../spectralFilter.ts';
import { rankOf, spectralMemory, spectrumOf } from './spectrum.ts';

/** As in the paper. */
const USUAL_RANK = 256;

/**
 * GF-CF: Shen et al., "How Powerful is Graph Convolution for Recommendation?", CIKM 2021.
 *
 *   scores of x = x (R̃ᵀR̃ + α D^−½ V Vᵀ D^½)        R̃ = D_u^−½ R D^−½, V its first right singular vectors        (eq. 12)
 *
 * A linear filter of the item–item graph and an ideal low-pass one. Nothing is trained; each score is a sum over the user's items.
 */
export const gfcf = defineModel({
  name: 'gfcf',
  family: 'graph',
  paper: 'Shen et al., "How Powerful is Graph Convolution for Recommendation?", CIKM 2021',
  summary: 'A linear and an ideal low-pass filter of the item graph, in closed form; every score exactly attributable',
  options: z.strictObject({
    rank: option.rank,
    idealWeight: option.idealWeight.default(0.3),
    svdRounds: option.svdRounds,
  }),
  needs: [],
  learns: 'pairs',
  tensors: false,
  memory: ({ train, options }) => spectralMemory(train, rankOf(train, options.rank, USUAL_RANK)),
  published: ({ train, options }) => ({ options: { rank: rankOf(train, options.rank, USUAL_RANK) } }),
  create({ train, options, seed, kernels, parameters }) {
    const spectrum = spectrumOf(parameters, train, rankOf(train, options.rank, USUAL_RANK));
    let filter: SpectralFilter | undefined;
    return {
      async fit(report, signal) {
        await spectrum.compute(kernels, train, { rounds: options.svdRounds, seed, report, signal });
      },
      filter() {
        const { rank, vectors } = spectrum;
        const weights = new Float64Array(rank).fill(options.idealWeight);
        // s = (1 − (1 − 2s)) / 2
        const linear = { coefficients: [0.5, -0.5], end: 1, power: 0 };
        filter ??= new SpectralFilter(kernels, train, { ...linear, lowRank: { rank, vectors, weights, power: 0.5 } });
        return filter;
      },
      dispose: () => filter?.dispose(),
    };
  },
});
