/** Sparse matrices for kernels to read. */
import type { Csr } from './csr.ts';
import type { Kernels } from './kernels.ts';

/** A matrix whose arrays lie in the kernels' memory; `releaseCopy` gives back what had to be copied. */
export function inKernels<M extends Csr>(kernels: Kernels, matrix: M): M {
  const { offsets, indices, weights } = matrix;
  const inside = { offsets: kernels.put(offsets), indices: kernels.put(indices) };
  return { ...matrix, ...inside, ...(weights && { weights: kernels.put(weights) }) };
}

/** Gives back what `inKernels` copied of a matrix; what lay there before stays. */
export function releaseCopy(kernels: Kernels, inside: Csr, matrix: Csr): void {
  for (const name of ['offsets', 'indices', 'weights'] as const)
    if (inside[name] !== matrix[name]) kernels.release(inside[name]);
}
