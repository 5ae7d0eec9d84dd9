/** Users by PinSage's item vectors: what they have done, and how widely items are chosen. */
import type { Csr } from '../../../compute/csr.ts';

/** Of a user's vector: what the softmax divides scores by is in it. */
export const lengthOfUsers = (options: { readonly itemLoss: string; readonly temperature: number }): number =>
  options.itemLoss === 'softmax' ? 1 / options.temperature : 1;

/** scale · Σ_{j ∈ N(u)} w_uj z_j / ‖…‖, each w 1 where there are none; zeros for users who have done nothing. [|U|, dim] */
export function usersOf(
  { rows, offsets, indices, weights }: Csr,
  items: Float32Array,
  dim: number,
  scale: number,
): Float32Array {
  const users = new Float32Array(rows * dim);
  for (let user = 0; user < rows; user++) {
    const own = users.subarray(user * dim, (user + 1) * dim);
    for (let e = offsets[user]!; e < offsets[user + 1]!; e++) {
      const [from, weight] = [indices[e]! * dim, weights?.[e] ?? 1];
      for (let d = 0; d < dim; d++) own[d]! += weight * items[from + d]!;
    }
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) for (let d = 0; d < dim; d++) own[d]! *= scale / length;
  }
  return users;
}

/**
 * weight · ln(d_i / mean d) of items that d_i users have chosen: what in-batch negatives take out of the loss (Yi et al., RecSys 2019).
 * Of an item that nobody has chosen nothing is known: it is held for an average one. [|I|]
 */
export function popularityBias({ cols, indices }: Csr, weight: number): Float32Array {
  const people = new Float32Array(cols);
  for (const item of indices) people[item]! += 1;
  const mean = indices.length / people.reduce((count, n) => count + (n > 0 ? 1 : 0), 0);
  return people.map((n) => (n > 0 ? weight * Math.log(n / mean) : 0));
}
