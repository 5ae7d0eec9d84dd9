/** Leaves out by features: items without a wanted value, and items with an unwanted one. */
import type { ConfigOf } from '../../options.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';
import type { Removal, Reranker } from '../stages/candidate.ts';

interface FeatureValues {
  /** Kind of feature: 'genre'. */
  readonly kind: string;
  readonly values: readonly string[];
}

/** Keeps the order and the scores of what it keeps. */
export function byFeatures({ include, exclude }: ConfigOf<'features'>): Reranker {
  const name = 'features';
  return {
    name,
    apply(candidates, { published }) {
      const { snapshot } = published;
      const wanted = include.map((one) => ({ ...one, features: indicesOf(snapshot, one) }));
      const unwanted = exclude.map((one) => ({ ...one, features: indicesOf(snapshot, one) }));
      const { offsets, indices } = snapshot.relation('item-feature');
      const removed: Removal[] = [];
      const kept = candidates.filter(({ item }) => {
        const own = indices.subarray(offsets[item], offsets[item + 1]);
        const lacking = wanted.find(({ features }) => !own.some((feature) => features.has(feature)));
        const bad = own.find((feature) => unwanted.some(({ features }) => features.has(feature)));
        if (!lacking && bad === undefined) return true;
        const because = lacking
          ? `its ${lacking.kind} is none of ${lacking.values.join(', ')}`
          : `its ${snapshot.features.kind(bad!)} is ${snapshot.features.value(bad!)}`;
        removed.push({ item, stage: name, because });
        return false;
      });
      return { candidates: kept, removed };
    },
  };
}

const indicesOf = ({ features }: Snapshot, { kind, values }: FeatureValues): ReadonlySet<number | undefined> =>
  new Set(values.map((value) => features.index(`${kind}:${value}`)));
