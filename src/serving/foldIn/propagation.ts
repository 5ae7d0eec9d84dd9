/**
 * Fold-in of users for versions whose users are linear in their edges (`Contributions`): the row that a training user has in the
 * propagation, with the edges and the degree of this moment, item messages and item degrees as trained:
 *
 *   e_u = c_u (own_u + Σ_j Â_uj message_j),   Â_uj = w_j / √(d_u d_j),   d_u = Σ_j w_j
 *
 * c_u is 1, or 1 / length where the model's users have length 1. Where she was trained with and nothing has changed, it is her
 * published vector. Who was not trained with has no `own_u`: where the model gives one, that is left out.
 */
import type { Csr } from '../../compute/csr.ts';
import type { Contributions } from '../../models/model.ts';
import { columnPowers } from '../../models/neighbor/coOccurrence.ts';
import type { UserFolder } from './users.ts';

/** How far c_u may be from 1, by rounding to float32, before it is a length. */
const rounding = 1e-4;

/** Undefined where no interaction carries anything: a model without layers. */
export function byPropagation(
  { dim, own, messages, weights }: Contributions,
  train: Csr,
  items: Float32Array,
): UserFolder | undefined {
  const inverse = columnPowers(train, -0.5); // 1 / √d_j; 0 for items that nobody had
  /** c_u of a user who was trained with, from any of her edges. */
  const factorOf = (user: number): number => {
    const [from, to] = [train.offsets[user]!, train.offsets[user + 1]!];
    return to === from ? 0 : (weights[from]! * Math.sqrt(to - from)) / inverse[train.indices[from]!]!;
  };
  const factors = Array.from({ length: train.rows }, (_, user) => factorOf(user)).filter((factor) => factor > 0);
  if (factors.length === 0) return undefined;
  const isUnit = factors.some((factor) => Math.abs(factor - 1) > rounding);
  const hasOwn = own.some((value) => value !== 0);

  return (history, user) => {
    const known = user === undefined ? 0 : factorOf(user);
    const shares = Float64Array.from(history.items, (item, n) => (history.weights?.[n] ?? 1) * inverse[item]!);
    const degree = history.weights?.reduce((sum, weight) => sum + weight, 0) ?? history.items.length;
    if (!shares.some((share) => share > 0)) return undefined;
    const mine = new Float64Array(dim);
    if (known > 0) for (let d = 0; d < dim; d++) mine[d] = own[user! * dim + d]! / known;
    const sum = Float64Array.from(mine);
    for (const [n, item] of history.items.entries()) {
      shares[n]! /= Math.sqrt(degree);
      for (let d = 0; d < dim; d++) sum[d]! += shares[n]! * messages[item * dim + d]!;
    }
    const length = Math.sqrt(sum.reduce((squares, value) => squares + value * value, 0));
    const factor = isUnit && length > 0 ? 1 / length : 1;
    const dot = (a: ArrayLike<number>, from: number, item: number): number => {
      let product = 0;
      for (let d = 0; d < dim; d++) product += a[from + d]! * items[item * dim + d]!;
      return factor * product;
    };
    return {
      how: 'propagation',
      ...(hasOwn && known === 0 && { leftOut: 'own-vector' }),
      vector: Float32Array.from(sum, (value) => factor * value),
      parts: (item) => ({
        parts: shares.map((share, n) => share * dot(messages, history.items[n]! * dim, item)),
        own: dot(mine, 0, item),
      }),
    };
  };
}
