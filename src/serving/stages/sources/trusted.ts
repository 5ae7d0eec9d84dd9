import type { CandidateSource } from '../source.ts';
import { nothing } from '../source.ts';
import type { StageData } from '../stageData.ts';

/** What those liked whom the asker trusts. Score: Σ weight of trust over those who liked the item. */
export const trusted = (name: string, data: StageData): CandidateSource => ({
  name,
  find({ asker }, most) {
    if (asker.index === undefined) return nothing;
    const { offsets, indices, weights } = data.published.snapshot.relation('user-user');
    const { liked } = data;
    for (let t = offsets[asker.index]!; t < offsets[asker.index + 1]!; t++) {
      const friend = indices[t]!;
      for (let e = liked.offsets[friend]!; e < liked.offsets[friend + 1]!; e++)
        data.sums.add(liked.indices[e]!, weights?.[t] ?? 1);
    }
    return data.sums.best(most, asker.left);
  },
});
