import { momentOf } from '../../options/current.ts';
import type { ConfigOf } from '../../options.ts';
import { featureKind } from '../../sampling/featureKinds.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';
import type { ContentsNow } from '../liveContents.ts';
import type { Candidate, Removal, Reranker } from '../stages/candidate.ts';

const dayMs = 86_400_000;

/** Takes out what cannot be shown: left out for the asker, hidden, marked unavailable, expired by age or by a date of its own. */
export function available({ kind: name, maxAgeDays, expiryFeature, hidden }: ConfigOf<'available'>): Reranker {
  const oldest = maxAgeDays === undefined ? Infinity : maxAgeDays * dayMs;
  return {
    name,
    apply(candidates, { published: { snapshot }, asker, availability, contents }) {
      const { items } = snapshot;
      const isHidden = new Set(hidden.map((id) => items.index(id)));
      const endOf = expiryFeature === undefined ? () => Infinity : expiryOf(snapshot, expiryFeature, contents);
      const isAvailable = availability?.isAvailable ?? ((item: number) => items.available[item] === 1);
      const reason = (item: number): string | undefined => {
        if (availability?.isRemoved(item)) return 'it was removed from the graph';
        if (!isAvailable(item)) return 'it is marked unavailable';
        if (asker.left.has(item)) return 'it is left out for this asker';
        if (isHidden.has(item)) return 'it is hidden from everybody';
        const content = contents?.changed.get(item);
        if (asker.now - (content ? (content.at ?? Number.NaN) : items.at[item]!) > oldest)
          return `it came out more than ${maxAgeDays} days ago`;
        return asker.now >= endOf(item) ? `its ${expiryFeature} is past` : undefined;
      };
      const kept: Candidate[] = [];
      const removed: Removal[] = [];
      for (const candidate of candidates) {
        const because = reason(candidate.item);
        if (because === undefined) kept.push(candidate);
        else removed.push({ item: candidate.item, stage: name, because });
      }
      return { candidates: kept, removed };
    },
  };
}

/** When an item expires, ms since 1970: the earliest moment that its features of this kind name; never where they name none. */
function expiryOf(snapshot: Snapshot, kind: string, contents: ContentsNow | undefined): (item: number) => number {
  const found = featureKind(snapshot, kind);
  const earliest = (values: readonly string[]): number =>
    values.reduce((end, value) => {
      const moment = momentOf(value);
      return moment < end ? moment : end;
    }, Infinity);
  return (item) => {
    const content = contents?.changed.get(item);
    if (content) return earliest(content.features.flatMap((feature) => (feature.kind === kind ? feature.value : [])));
    if (!found) return Infinity; // nothing expires at present
    const { offsets, indices } = found.shares;
    return earliest(Array.from(indices.subarray(offsets[item], offsets[item + 1]), (value) => found.values[value]!));
  };
}
