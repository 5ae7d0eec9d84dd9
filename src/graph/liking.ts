/** What `sampling/meanings.ts` says of interactions, for statements: which of them count, and as liked. */
import type { InteractionMeanings } from '../options/mapping.ts';

export interface Liking {
  /** Least value of an interaction that counts as liked; all count where absent. */
  readonly minValue?: number | undefined;
  /** By type of interaction, where types mean different things. */
  readonly interactions?: InteractionMeanings | undefined;
}

/** Whether what counts today may not count tomorrow. */
export const expires = ({ interactions = {} }: Liking): boolean =>
  Object.values(interactions).some(({ expiryDays }) => expiryDays !== undefined);

const dayMs = 86_400_000;

/**
 * Parameters of statements that look at liked interactions: `minValue`; `likedFrom`, the least liked value by type
 * where a type has its own, which for a dislike is beyond all; `countsFrom`, ms since 1970 by type, before which it has expired.
 */
export function likingParameters({ minValue, interactions = {} }: Liking, now = Date.now()) {
  const likedFrom: Record<string, number> = {};
  const countsFrom: Record<string, number> = {};
  for (const [type, { positiveFrom, negative, expiryDays }] of Object.entries(interactions)) {
    if (negative) likedFrom[type] = Number.POSITIVE_INFINITY;
    else if (positiveFrom !== undefined) likedFrom[type] = positiveFrom;
    if (expiryDays !== undefined) countsFrom[type] = now - expiryDays * dayMs;
  }
  return { minValue: minValue ?? Number.NEGATIVE_INFINITY, likedFrom, countsFrom };
}
