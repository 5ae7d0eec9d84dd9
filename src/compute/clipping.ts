import type { Kernels } from './kernels.ts';
import { sumTree } from './tables.ts';

/** Length of all gradients of a step as one vector, and what to multiply them by. */
export interface GlobalNorm {
  readonly norm: number;
  /** min(1, limit / norm): for `scale` of `Table.apply` and `DenseParameters.apply`, which multiply in the pass that they make anyway. */
  readonly scale: number;
}

/**
 * Clipping by global norm (Pascanu et al., "On the difficulty of training recurrent neural networks", ICML 2013, algorithm 1)
 * over the gradients of rows and of dense parameters together. Rows must be distinct: those of one row that still stand apart
 * would count as two. Summed in a fixed order, so the bits do not depend on the number of threads. Where the norm is not
 * finite the scale is NaN: such a step must not be taken.
 */
export function globalNorm(kernels: Kernels, gradients: readonly Float32Array[], limit: number): GlobalNorm {
  const squares = gradients.map((gradient) => kernels.squaredNorm(kernels.hold('clipped gradient', gradient)));
  const norm = Math.sqrt(sumTree(squares));
  if (!Number.isFinite(norm)) return { norm, scale: Number.NaN };
  return { norm, scale: norm > limit ? limit / norm : 1 };
}
