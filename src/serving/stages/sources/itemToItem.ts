import type { CandidateSource } from '../source.ts';
import type { StageData } from '../stageData.ts';

interface ItemToItemOptions {
  /** How many of the last liked items it starts from. */
  readonly last: number;
  /** Most items like each of them. */
  readonly neighbours: number;
}

/** Items most like the last ones liked, by what the version says of likeness. Score: Σ likeness over them. */
export const itemToItem = (
  name: string,
  data: StageData,
  { last, neighbours }: ItemToItemOptions,
): CandidateSource => ({
  name,
  find({ asker }, most) {
    const { ranking } = data.base;
    const { round, allowed } = data.base.availability();
    // Lists first: making one must not come between the sums of this request.
    const lists = data
      .lastLiked(asker, last)
      .map((item) =>
        data.list(`similar ${neighbours} ${round}`, item, () => ranking.similar(item, neighbours, [item], allowed)),
      );
    for (const { ids, scores } of lists) for (const [n, item] of ids.entries()) data.sums.add(item, scores[n]!);
    return data.sums.best(most, asker.left);
  },
});
