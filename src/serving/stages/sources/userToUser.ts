import type { CandidateSource } from '../source.ts';
import { nothing } from '../source.ts';
import type { StageData } from '../stageData.ts';

/** What the users liked whose vectors are nearest to the asker's. Score: Σ cosine over those who liked the item. */
export const userToUser = (
  name: string,
  data: StageData,
  { neighbours }: { readonly neighbours: number },
): CandidateSource => ({
  name,
  find({ asker }, most) {
    if (!data.published.vectors) return { ...nothing, note: 'the version has no vectors to find neighbours by' };
    const vector = data.vectorOf(asker);
    if (!vector) return nothing;
    const { offsets, indices } = data.liked;
    const { ids, scores } = data.nearestUsers(vector, neighbours, asker.index);
    for (const [n, user] of ids.entries())
      for (let e = offsets[user]!; e < offsets[user + 1]!; e++) data.sums.add(indices[e]!, scores[n]!);
    return data.sums.best(most, asker.left);
  },
});
