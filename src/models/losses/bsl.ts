import type { Kernels } from '../../compute/kernels.ts';
import { inBatchLoss } from './inBatch.ts';
import type { PairLoss } from './pairLoss.ts';

/**
 * BSL: Wu et al., "BSL: Understanding and Improving Softmax Loss for Recommendation", ICDE 2024: one temperature for positives, τ₁,
 * and one for negatives, τ₂, among which the positive is not.
 *
 *   loss = −1/b · Σ_p ( cos(u_p, i_p) / τ₁ − ln Σ_{q in p's group, i_q ≠ i_p} e^{cos(u_p, i_q) / τ₂} )
 *
 * A positive that is found already pulls on: in the softmax its own term in the sum holds its gradient back. With τ₁ < τ₂ positives
 * pull harder than negatives push, so items keep some of their popularity. This is the loss as its authors' experiments ran it;
 * with the factor τ₂/τ₁ before the sum, that algorithm 1 has, τ₁ would do no more than scale the loss where a row has one positive.
 */
export function bslLoss(
  kernels: Kernels,
  dim: number,
  capacity: number,
  size: number,
  temperatures: { readonly positive: number; readonly negative: number },
): PairLoss {
  const { positive, negative } = temperatures;
  const pull = negative / positive;
  return inBatchLoss(kernels, dim, capacity, { temperature: negative, size, decoupled: true, pull });
}
