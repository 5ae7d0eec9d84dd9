/** A pipeline as what draws lists: how probable it makes each item at each place, for one asker. */
import { TastegraphError } from '../../errors.ts';
import type { StageContext } from '../stages/candidate.ts';
import { type ReadyPipeline, type RunOptions, runPipeline } from '../stages/run.ts';

export interface ListPolicy {
  /** With what probability each item would come next in a list that begins so, by dense index. */
  next(above: readonly number[]): ReadonlyMap<number, number>;
}

/** Errors: experiment/draws-early. */
export function checkDraws({ name: pipeline, rerankers }: ReadyPipeline): void {
  const early = rerankers.slice(0, -1).find(({ next }) => next);
  if (early) throw new TastegraphError('experiment/draws-early', { pipeline, reranker: early.name });
}

/** Runs all that leaves nothing to chance; the draw is then reckoned with instead of made. Errors: experiment/draws-early. */
export async function policyOf(
  pipeline: ReadyPipeline,
  context: StageContext,
  options: RunOptions = {},
): Promise<ListPolicy> {
  checkDraws(pipeline);
  const last = pipeline.rerankers.at(-1);
  if (last?.next) {
    const { ordered } = await runPipeline(
      { ...pipeline, rerankers: pipeline.rerankers.slice(0, -1) },
      context,
      options,
    );
    return { next: (above) => last.next!(ordered, above) };
  }
  const { chosen } = await runPipeline(pipeline, context, options);
  return {
    next(above) {
      const isSo = above.every((item, place) => chosen[place]?.item === item);
      const one = chosen[above.length];
      return new Map(isSo && one ? [[one.item, 1]] : []);
    },
  };
}
