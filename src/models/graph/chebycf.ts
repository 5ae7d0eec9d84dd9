import { z } from 'zod';
import { option } from '../../options.ts';
import { deflate, interpolate } from '../chebyshev.ts';
import { defineModel } from '../model.ts';
import { SpectralFilter } from '../spectralFilter.ts';
import { rankOf, spectralMemory, spectrumOf } from './spectrum.ts';

/**
 * How far the polynomial for the lower eigenvalues may be from h, whose values go from 0 to 1. Recall@20 on the validation part of
 * Gowalla is 0.216 with a thousandth (degree 3) as with a hundredth (degree 1).
 */
export const TOLERANCE = 0.01;
/** As in the paper. */
const USUAL_RANK = 512;

/**
 * ChebyCF: Kim et al., "Graph Spectral Filtering with Chebyshev Interpolation for Recommendation", SIGIR 2025.
 *
 *   scores of x = x D^−β (h(R̃ᵀR̃) + α V Vᵀ) D^β        R̃ = D_u^−½ R D^−½, V its first right singular vectors
 *   h(s) = Chebyshev interpolant of the plateau  ½ (1 − sign(x) |x|^φ) at x = 1 − 2s
 *
 * The paper applies h by its recurrence, `order` products with R̃ᵀR̃. V is there anyway: h is applied to it by its values σ², and a
 * polynomial of lower degree will do for the eigenvalues below, as near to h as TOLERANCE.
 */
export const chebycf = defineModel({
  name: 'chebycf',
  family: 'graph',
  paper: 'Kim et al., "Graph Spectral Filtering with Chebyshev Interpolation for Recommendation", SIGIR 2025',
  summary: 'A plateau and an ideal filter of the item graph, in closed form; every score exactly attributable',
  options: z.strictObject({
    order: option.order,
    flatness: option.flatness,
    rank: option.rank,
    idealWeight: option.idealWeight,
    degreePower: option.degreePower,
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
        const { rank, vectors, values } = spectrum;
        const plateau = interpolate((x) => (1 - Math.sign(x) * Math.abs(x) ** options.flatness) / 2, options.order);
        const { coefficients, end, lacks } = deflate(
          plateau,
          values.map((value) => value ** 2),
          TOLERANCE,
        );
        const power = options.degreePower;
        const lowRank = { rank, vectors, weights: lacks.map((lack) => lack + options.idealWeight), power };
        filter ??= new SpectralFilter(kernels, train, { coefficients, end, power, lowRank });
        return filter;
      },
      dispose: () => filter?.dispose(),
    };
  },
});
