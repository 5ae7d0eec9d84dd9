import type { Kernels } from '../../compute/kernels.ts';
import { inBatchLoss } from './inBatch.ts';
import type { PairLoss } from './pairLoss.ts';

/**
 * Softmax cross-entropy of cosines over in-batch negatives (Wu et al., "On the Effectiveness of Sampled Softmax Loss for
 * Item Recommendation", TOIS 2023, eq. 4):
 *
 *   loss = −1/b · Σ_p ln ( e^{cos(u_p, i_p) / τ} / Σ_{q in p's group} e^{cos(u_p, i_q) / τ} )
 */
export function softmaxLoss(
  kernels: Kernels,
  dim: number,
  capacity: number,
  size: number,
  temperature: number,
): PairLoss {
  return inBatchLoss(kernels, dim, capacity, { temperature, size, decoupled: false });
}
