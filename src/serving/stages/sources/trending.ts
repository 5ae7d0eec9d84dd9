import { meant, standings } from '../../../sampling/meanings.ts';
import type { CandidateSource } from '../source.ts';
import { firstOf } from '../source.ts';
import { hasPair, type StageData } from '../stageData.ts';

const dayMs = 86_400_000;

/**
 * What has been liked lately. Score: Σ 2^(−age / halfLife) over an item's interactions, ages being counted from the snapshot's
 * newest one: from another moment all scores would be multiplied by the same.
 */
export function trending(
  name: string,
  data: StageData,
  { halfLifeDays }: { readonly halfLifeDays: number },
): CandidateSource {
  const made = () =>
    data.once(`trending ${halfLifeDays}`, () => {
      const scores = decayedCounts(data, halfLifeDays * dayMs);
      return { scores, order: data.orderBy(scores) };
    });
  return {
    name,
    find({ asker }, most) {
      const { scores, order } = made();
      return firstOf(order, (item) => scores[item]!, asker.left, most);
    },
  };
}

/** NaN for items that nobody liked. [|I|] */
function decayedCounts(data: StageData, halfLifeMs: number): Float64Array {
  const { snapshot, manifest } = data.published;
  const { users, items, at, count } = snapshot.interactions;
  const { standing } = meant(snapshot, manifest, Date.now());
  const scores = new Float64Array(snapshot.items.count).fill(Number.NaN);
  const newest = count > 0 ? at[count - 1]! : 0; // in time order
  for (let entry = 0; entry < count; entry++) {
    const item = items[entry]!;
    if (standing[entry] !== standings.liked || !hasPair(data.liked, users[entry]!, item)) continue;
    const score = scores[item]!;
    scores[item] = (Number.isNaN(score) ? 0 : score) + 2 ** ((at[entry]! - newest) / halfLifeMs);
  }
  return scores;
}
