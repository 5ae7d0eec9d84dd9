import { TastegraphError } from '../../errors.ts';
import { type FeatureKind, featureKind, featureKinds } from '../../sampling/featureKinds.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';

/** A kind of feature that a re-ranker cannot do without. Errors: reranking/no-feature. */
export function requiredKind(snapshot: Snapshot, kind: string, reranker: string): FeatureKind {
  const found = featureKind(snapshot, kind);
  if (found) return found;
  throw new TastegraphError('reranking/no-feature', {
    reranker,
    kind,
    known: featureKinds(snapshot).join(', ') || 'none',
  });
}
