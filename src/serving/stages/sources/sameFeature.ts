import type { CandidateSource } from '../source.ts';
import { nothing } from '../source.ts';
import type { StageData } from '../stageData.ts';

interface SameFeatureOptions {
  /** Kind of feature: 'genre', 'brand'. */
  readonly feature: string;
  /** How many of the values that she liked most often are followed. */
  readonly values: number;
}

/** Most items that are looked at for one value: its most popular ones. */
const mostOfValue = 2000;

/**
 * Items with the values of one kind of feature that the asker liked most often. Score: Σ share of her liked items that have the
 * value; popularity adds less than the least difference of two such sums, and so decides between equals only.
 */
export const sameFeature = (
  name: string,
  data: StageData,
  { feature: kind, values }: SameFeatureOptions,
): CandidateSource => ({
  name,
  find({ asker }, most) {
    const { snapshot } = data.published;
    const { features } = snapshot;
    const { offsets, indices } = snapshot.relation('item-feature');
    const liked = data.lastLiked(asker, Number.POSITIVE_INFINITY);
    const counts = new Map<number, number>();
    for (const item of liked)
      for (let e = offsets[item]!; e < offsets[item + 1]!; e++)
        if (features.kind(indices[e]!) === kind) counts.set(indices[e]!, (counts.get(indices[e]!) ?? 0) + 1);
    if (counts.size === 0) return nothing;
    const favourites = [...counts].sort(([a, x], [b, y]) => y - x || a - b).slice(0, values);
    for (const [feature, count] of favourites)
      for (const item of popularOf(data, feature)) data.sums.add(item, count / liked.length);
    const { people } = data.base;
    const { isAvailable } = data.base.availability();
    const mostPeople = people[data.byPeople.find(isAvailable) ?? -1] ?? 0;
    const least = 1 / ((1 + mostPeople) * (1 + values * liked.length));
    return data.sums.best(most, asker.left, (item) => 1 + people[item]! * least);
  },
});

/** The items of a feature that most people chose. */
function popularOf(data: StageData, feature: number): Int32Array {
  return data.once(`of feature ${feature}`, () => {
    const { offsets, indices } = data.published.snapshot.relation('feature-item');
    const { people } = data.base;
    const items = indices.slice(offsets[feature], offsets[feature + 1]);
    return items.sort((a, b) => people[b]! - people[a]! || a - b).slice(0, mostOfValue);
  });
}
