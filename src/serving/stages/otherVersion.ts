/** A published version beside the one that answers: its ranking as a source, its model as a ranker. Both go by the same outside ids. */
import type { Kernels } from '../../compute/kernels.ts';
import type { Tensors } from '../../compute/tensors.ts';
import type { NodeTable } from '../../sampling/snapshot.ts';
import { type Counting, countingOf } from '../counting.ts';
import { changedHistory, sessionHistory } from '../foldIn/history.ts';
import type { History, Taste } from '../foldIn/taste.ts';
import { bitmapOf, isAllowed } from '../index/vectorIndex.ts';
import { loadVersion, type PublishedVersion } from '../published.ts';
import { foldedBy, type Ranking, rankingOf } from '../ranking.ts';
import type { Asker } from './candidate.ts';
import { openPairScorer, type PairScorer } from './pairScorer.ts';

export interface OtherVersion {
  readonly published: PublishedVersion;
  /** There, where its model scores pairs. */
  readonly pairs: PairScorer | undefined;
  /** Its item of each of the answering version's, −1 where it lacks it. */
  readonly fromOwn: Int32Array; // [|I own|]
  /** The answering version's item of each of its own. */
  readonly toOwn: Int32Array; // [|I|]
  /** Its items that the answering version has; of those only that are allowed of that one's, where that is given. */
  allowedBy(own?: Int32Array): Int32Array;
  /** What it knows of somebody, found once a request: a source and a ranker ask the same. */
  knows(asker: Asker): KnownThere;
  dispose(): void;
}

/** What another version knows of somebody. */
export interface KnownThere {
  /** What it ranks by for her, by its own dense indices: its user, or what it makes of all that she has done up to now. */
  readonly taste?: Taste;
  /** Its index of her, where it answers her as it was trained. */
  readonly user?: number;
  /** There, where its model cannot go by what she has done since. */
  readonly caveat?: string;
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
  const { manifest, snapshot, train } = published;
  const fromOwn = placesIn(own.snapshot.items, snapshot.items);
  const toOwn = placesIn(snapshot.items, own.snapshot.items);
  const shared = bitmapOf(
    [...toOwn.keys()].filter((item) => toOwn[item]! >= 0),
    toOwn.length,
  );
  const allowed = new WeakMap<Int32Array, Int32Array>();
  // Each is made when it is first asked for: a source asks for no pairs, a ranker by pairs for no ranking.
  const made: { ranking?: Ranking; pairs?: PairScorer | undefined; counting?: Counting } = {};
  const ranking = () => {
    made.ranking ??= rankingOf(published, kernels, tensors, { kind: 'auto', home });
    return made.ranking;
  };
  const counting = () => {
    made.counting ??= countingOf(snapshot, manifest);
    return made.counting;
  };

  /** Where she took part in the training. */
  const trainedIndex = ({ user }: Asker): number | undefined => {
    const index = user === undefined ? undefined : snapshot.users.index(user);
    return index !== undefined && train.offsets[index + 1]! > train.offsets[index]! ? index : undefined;
  };
  /** What she likes now; undefined where that is what the version knows of its user, or nothing. */
  const newHistory = ({ user, deeds, isAll, decay = 1 }: Asker, index: number | undefined): History | undefined => {
    const theirs = deeds.flatMap((deed) => (fromOwn[deed.item]! < 0 ? [] : { ...deed, item: fromOwn[deed.item]! }));
    if (user === undefined) {
      const history = sessionHistory(theirs, snapshot, manifest, decay);
      return history.items.length > 0 ? history : undefined;
    }
    const { offsets, indices } = counting().liked;
    const known = index === undefined ? new Int32Array(0) : indices.subarray(offsets[index], offsets[index + 1]);
    // Deeds are told by what the answering version knows: of other items they say nothing.
    const stands = (item: number) => !isAll || toOwn[item]! < 0;
    return changedHistory(theirs, known, stands, snapshot, manifest);
  };
  const find = (asker: Asker): KnownThere => {
    const user = trainedIndex(asker);
    const trained = user === undefined ? {} : { user, taste: tasteOf(ranking, user) };
    const history = newHistory(asker, user);
    if (!history) return trained;
    // A model of pairs folds nobody in: where it is there already, no ranking is made to find that out.
    if (made.pairs || !ranking().fold) {
      const stand = user === undefined ? 'was not trained with her' : 'goes by what it was trained with';
      const caveat = `version ${id} ${stand}: its model, ${manifest.model}, makes no taste of what was done since`;
      return { ...trained, caveat };
    }
    const taste = foldedBy(ranking(), counting().people, history, user);
    return taste ? { taste } : trained;
  };
  const askers = new WeakMap<Asker, KnownThere>();
  return {
    published,
    get pairs() {
      if (!('pairs' in made)) made.pairs = openPairScorer(published, kernels, tensors);
      return made.pairs;
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
    knows(asker) {
      const found = askers.get(asker) ?? find(asker);
      askers.set(asker, found);
      return found;
    },
    dispose() {
      made.ranking?.dispose();
      made.pairs?.dispose();
    },
  };
}

/** By the version's own user. */
const tasteOf = (ranking: () => Ranking, user: number): Taste => ({
  best: (limit, exclude, allowed) => ranking().best(user, limit, exclude, allowed),
  scores: (items) => ranking().scores(user, items),
});

/** Where each of some nodes stands among others; −1 where it does not. */
function placesIn(nodes: NodeTable, others: NodeTable): Int32Array {
  return Int32Array.from({ length: nodes.count }, (_, index) => others.index(nodes.id(index)) ?? -1);
}
