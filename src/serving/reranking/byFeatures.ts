/** Leaves out by features as they are now: items without a wanted value, and items with an unwanted one. */
import type { ContentFeature, ItemContent } from '../../graph/itemContents.ts';
import type { ConfigOf } from '../../options.ts';
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
    apply(candidates, { published: { snapshot }, contents }) {
      const { features } = snapshot;
      const { offsets, indices } = snapshot.relation('item-feature');
      const known = (one: FeatureValues) => new Set(one.values.map((value) => features.index(`${one.kind}:${value}`)));
      const [wanted, unwanted] = [include.map(known), exclude.map(known)];
      /** The first of `include` that the item lacks, and what it has of `exclude`; by numbers, for there are many candidates. */
      const judged = (item: number): Judged => {
        const own = indices.subarray(offsets[item], offsets[item + 1]);
        const bad = own.find((feature) => unwanted.some((of) => of.has(feature)));
        return {
          lacking: include[wanted.findIndex((of) => !own.some((feature) => of.has(feature)))],
          bad: bad === undefined ? undefined : { kind: features.kind(bad), value: features.value(bad) },
        };
      };
      const judgedNow = ({ features: own }: ItemContent): Judged => ({
        lacking: include.find((one) => !own.some((feature) => isOf(one, feature))),
        bad: own.find((feature) => exclude.some((one) => isOf(one, feature))),
      });
      const removed: Removal[] = [];
      const kept = candidates.filter(({ item }) => {
        const content = contents?.changed.get(item);
        const { lacking, bad } = content ? judgedNow(content) : judged(item);
        if (!lacking && !bad) return true;
        const because = lacking
          ? `its ${lacking.kind} is none of ${lacking.values.join(', ')}`
          : `its ${bad!.kind} is ${bad!.value}`;
        removed.push({ item, stage: name, because });
        return false;
      });
      return { candidates: kept, removed };
    },
  };
}

interface Judged {
  readonly lacking: FeatureValues | undefined;
  readonly bad: ContentFeature | undefined;
}

const isOf = ({ kind, values }: FeatureValues, feature: ContentFeature): boolean =>
  kind === feature.kind && values.includes(feature.value);
