/** A published version beside the one that answers: its ranking as a source, its model as a ranker. Both go by the same outside ids. */
import type { Kernels } from '../../compute/kernels.ts';
import type { Tensors } from '../../compute/tensors.ts';
import type { NodeTable } from '../../sampling/snapshot.ts';
import { bitmapOf, isAllowed } from '../index/vectorIndex.ts';
import { loadVersion, type PublishedVersion } from '../published.ts';
import { type Ranking, rankingOf } from '../ranking.ts';
import type { Asker } from './candidate.ts';
import { openPairScorer, type PairScorer } from './pairScorer.ts';

export interface OtherVersion {
  readonly published: PublishedVersion;
  readonly ranking: Ranking;
  readonly scorer: PairScorer;
  /** Its item of each of the answering version's, −1 where it lacks it. */
  readonly fromOwn: Int32Array; // [|I own|]
  /** The answering version's item of each of its own. */
  readonly toOwn: Int32Array; // [|I|]
  /** Its items that the answering version has; of those only that are allowed of that one's, where that is given. */
  allowedBy(own?: Int32Array): Int32Array;
  /** Its index of somebody, where she took part in its training. */
  userOf(asker: Asker, own: PublishedVersion): number | undefined;
  dispose(): void;
}

export interface OtherVersionContext {
  readonly home: string;
  readonly own: PublishedVersion;
  readonly kernels: Kernels;
  readonly tensors?: Tensors | undefined;
}

/** Errors: version/*, snapshot/*, model/unknown. */
export function openOtherVersion(id: string, { home, own, kernels, tensors }: OtherVersionContext): OtherVersion {
  const published = loadVersion(home, id);
  const { snapshot, train } = published;
  const fromOwn = placesIn(own.snapshot.items, snapshot.items);
  const toOwn = placesIn(snapshot.items, own.snapshot.items);
  const shared = bitmapOf(
    [...toOwn.keys()].filter((item) => toOwn[item]! >= 0),
    toOwn.length,
  );
  const allowed = new WeakMap<Int32Array, Int32Array>();
  let ranking: Ranking | undefined;
  let scorer: PairScorer | undefined;
  return {
    published,
    // Either is made when it is first asked for: a source needs no scorer, and a ranker often no ranking.
    get ranking() {
      ranking ??= rankingOf(published, kernels, tensors, { kind: 'auto', home });
      return ranking;
    },
    get scorer() {
      scorer ??= openPairScorer(published, kernels, tensors, () => this.ranking);
      return scorer;
    },
    fromOwn,
    toOwn,
    allowedBy(own) {
      if (!own) return shared;
      const known = allowed.get(own);
      if (known) return known;
      const both = bitmapOf(
        [...toOwn.keys()].filter((item) => toOwn[item]! >= 0 && isAllowed(own, toOwn[item]!)),
        toOwn.length,
      );
      allowed.set(own, both);
      return both;
    },
    userOf({ user }) {
      const index = user === undefined ? undefined : snapshot.users.index(user);
      return index !== undefined && train.offsets[index + 1]! > train.offsets[index]! ? index : undefined;
    },
    dispose() {
      ranking?.dispose();
      scorer?.dispose();
    },
  };
}

/** Where each of some nodes stands among others; −1 where it does not. */
function placesIn(nodes: NodeTable, others: NodeTable): Int32Array {
  return Int32Array.from({ length: nodes.count }, (_, index) => others.index(nodes.id(index)) ?? -1);
}
