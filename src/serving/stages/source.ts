/** Where candidates come from. */
import type { Ranked } from '../ranking.ts';
import type { LeftOut, StageContext } from './candidate.ts';

/** Finds candidates for an asker. Its scores are on its own scale: only their order counts beside those of others. */
export interface CandidateSource {
  /** As the trace calls it; one of a pipeline's own. */
  readonly name: string;
  /** At most `most` items, best first, each once, none of `asker.left`; an empty list where it has nothing to say. */
  find(context: StageContext, most: number): Found | Promise<Found>;
}

export interface Found extends Ranked {
  /** Why there is nothing, or less than there might be, where that is not the asker's own doing. */
  readonly note?: string;
}

export const nothing: Found = { ids: [], scores: [] };

/** The first of an order that are not left out. `scoreOf` an item of it. */
export function firstOf(
  order: ArrayLike<number>,
  scoreOf: (item: number) => number,
  left: Pick<LeftOut, 'has'>,
  most: number,
): Found {
  const ids: number[] = [];
  for (let place = 0; place < order.length && ids.length < most; place++)
    if (!left.has(order[place]!)) ids.push(order[place]!);
  return { ids, scores: ids.map(scoreOf) };
}
