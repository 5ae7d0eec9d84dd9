import type { LeftOut } from '../candidate.ts';
import type { CandidateSource, Found } from '../source.ts';
import { nothing } from '../source.ts';
import type { StageData } from '../stageData.ts';

interface SessionOptions {
  /** How many of the last liked items make the session. */
  readonly last: number;
  readonly by: 'co-occurrence' | 'embedding';
}

/**
 * What goes with the last few things liked, the newest counting most: weights fall in a straight line to the oldest (the linear
 * decay of VS-KNN; Ludewig & Jannach, "Evaluation of session-based recommendation algorithms", UMUAI 2018, § 3.2.2).
 *
 *   co-occurrence   score(i) = Σ_s weight_s · cos(i, s) over the people who liked both
 *   embedding       score(i) = cos(v_i, Σ_s weight_s v_s)
 */
export const session = (name: string, data: StageData, { last, by }: SessionOptions): CandidateSource => ({
  name,
  find({ asker }, most) {
    const items = data.lastLiked(asker, last);
    if (items.length === 0) return nothing;
    const weightOf = (back: number) => (items.length - back) / items.length;
    if (by === 'embedding') return nearMean(data, items, weightOf, asker.left, most);
    // Lists first: making one uses the same sums.
    const lists = items.map((item) => data.coOccurring(item));
    for (const [back, { ids, scores }] of lists.entries())
      for (const [n, item] of ids.entries()) data.sums.add(item, weightOf(back) * scores[n]!);
    return data.sums.best(most, asker.left);
  },
});

function nearMean(
  { published, base }: StageData,
  items: readonly number[],
  weightOf: (back: number) => number,
  left: LeftOut,
  most: number,
): Found {
  const { vectors } = published;
  if (!vectors || !base.ranking.near) return { ...nothing, note: 'the version has no vectors to take the mean of' };
  const { dim } = vectors;
  const mean = new Float32Array(dim);
  for (const [back, item] of items.entries())
    for (let d = 0; d < dim; d++) mean[d]! += weightOf(back) * vectors.items[item * dim + d]!;
  return base.ranking.near(mean, most, [...left], left.allowed);
}
