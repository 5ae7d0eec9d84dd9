import type { Csr } from '../../../compute/csr.ts';
import type { CandidateSource } from '../source.ts';
import type { StageData } from '../stageData.ts';

interface ContentOptions {
  /** How many of the last liked items make the profile. */
  readonly last: number;
  /** Most features of the profile that are looked up, those that weigh most. */
  readonly features: number;
}

/**
 * Items that share features with the last ones liked. A feature f weighs idf_f = ln(|I| / |I_f|) times its weight with the item
 * (Salton & Buckley, "Term-weighting approaches in automatic text retrieval", 1988). Score: ⟨profile, item⟩ / ‖item‖, the profile
 * being the sum of the items' weights, cut to its `features` largest.
 */
export const contentSimilar = (name: string, data: StageData, { last, features }: ContentOptions): CandidateSource => ({
  name,
  find({ asker }, most) {
    const { snapshot } = data.published;
    const ofItem = snapshot.relation('item-feature');
    const ofFeature = snapshot.relation('feature-item');
    const { idf, lengths } = data.once('content', () => weighed(ofItem, ofFeature));
    const profile = new Map<number, number>();
    for (const item of data.lastLiked(asker, last))
      for (let e = ofItem.offsets[item]!; e < ofItem.offsets[item + 1]!; e++) {
        const feature = ofItem.indices[e]!;
        profile.set(feature, (profile.get(feature) ?? 0) + (ofItem.weights?.[e] ?? 1) * idf[feature]!);
      }
    const strongest = [...profile].sort(([a, x], [b, y]) => y - x || a - b).slice(0, features);
    for (const [feature, weight] of strongest)
      for (let e = ofFeature.offsets[feature]!; e < ofFeature.offsets[feature + 1]!; e++)
        data.sums.add(ofFeature.indices[e]!, weight * (ofFeature.weights?.[e] ?? 1) * idf[feature]!);
    return data.sums.best(most, asker.left, (item) => 1 / lengths[item]!);
  },
});

/** idf of each feature, and the length of each item's row of weights. */
function weighed(ofItem: Csr, ofFeature: Csr): { readonly idf: Float64Array; readonly lengths: Float64Array } {
  const degree = (feature: number) => ofFeature.offsets[feature + 1]! - ofFeature.offsets[feature]!;
  const idf = Float64Array.from({ length: ofFeature.rows }, (_, feature) =>
    Math.log(ofItem.rows / Math.max(1, degree(feature))),
  );
  const lengths = Float64Array.from({ length: ofItem.rows }, (_, item) => {
    let squares = 0;
    for (let e = ofItem.offsets[item]!; e < ofItem.offsets[item + 1]!; e++)
      squares += ((ofItem.weights?.[e] ?? 1) * idf[ofItem.indices[e]!]!) ** 2;
    return Math.sqrt(squares) || 1;
  });
  return { idf, lengths };
}
