import { meant, standings } from '../../../sampling/meanings.ts';
import { firstOfBoth, type Recent } from '../recent.ts';
import type { CandidateSource } from '../source.ts';
import { firstOf } from '../source.ts';
import { hasPair, type StageData } from '../stageData.ts';

const dayMs = 86_400_000;

/**
 * What has been liked lately, since the snapshot too as far as it is known. Score: Σ 2^(−age / halfLife) over an item's interactions,
 * ages being counted from the newest one: from another moment all scores would be multiplied by the same.
 */
export function trending(
  name: string,
  data: StageData,
  { halfLifeDays }: { readonly halfLifeDays: number },
): CandidateSource {
  const halfLifeMs = halfLifeDays * dayMs;
  const made = () =>
    data.once(`trending ${halfLifeDays}`, () => {
      const { scores, newest } = decayedCounts(data, halfLifeMs);
      return { scores, newest, order: data.orderBy(scores) };
    });
  /** Scores as of the newest moment of all, kept as long as nothing else is known. */
  let last: { readonly recent: Recent; readonly factor: number; readonly now: ReadonlyMap<number, number> } | undefined;
  const withRecent = (recent: Recent, scores: Float64Array, before: number) => {
    if (last?.recent === recent) return last;
    const newest = Math.max(before, recent.newest);
    const factor = 2 ** ((before - newest) / halfLifeMs);
    const now = new Map<number, number>();
    for (const [item, moments] of recent.moments) {
      const since = moments.reduce((sum, at) => sum + 2 ** ((at - newest) / halfLifeMs), 0);
      now.set(item, (Number.isNaN(scores[item]!) ? 0 : scores[item]! * factor) + since);
    }
    last = { recent, factor, now };
    return last;
  };
  return {
    name,
    find({ asker, recent: read }, most) {
      const { scores, order, newest } = made();
      const recent = read?.();
      if (!recent?.moments.size) return firstOf(order, (item) => scores[item]!, asker.left, most);
      const { factor, now } = withRecent(recent, scores, newest);
      return firstOfBoth(order, (item) => scores[item]! * factor, now, asker.left, most);
    },
  };
}

/** `scores`: NaN for items that nobody liked. [|I|] `newest`: ms since 1970. */
function decayedCounts(
  data: StageData,
  halfLifeMs: number,
): { readonly scores: Float64Array; readonly newest: number } {
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
  return { scores, newest };
}
