/** What passes from stage to stage on the way to a list: sources find candidates, a ranker orders them, re-rankers shape the list. */
import type { GreedyKernels } from '../../compute/greedy.ts';
import type { Taste } from '../foldIn/taste.ts';
import type { ContentsNow } from '../liveContents.ts';
import type { Availability } from '../liveItems.ts';
import type { PublishedVersion } from '../published.ts';
import type { Recent } from './recent.ts';

/** An item on its way to a list. */
export interface Candidate {
  /** Dense index in the version that answers. */
  readonly item: number;
  /** What the list is ordered by, highest first; a stage that orders anew gives a new one. */
  readonly score: number;
  /** Who found it. */
  readonly from: readonly Finding[];
}

export interface Finding {
  readonly source: string;
  /** Among what the source found, from 0. */
  readonly place: number;
  /** On the source's own scale. */
  readonly score: number;
}

/** Something the asker did, with an item that the version knows. */
export interface Deed {
  readonly item: number;
  readonly type: string;
  readonly value: number;
  /** ms since 1970; absent where the data have no times. */
  readonly at?: number;
}

/** Whom a list is for, as far as is known: a user, somebody without a name, or several at once. */
export interface Asker {
  /** Outside id; absent for sessions and groups. */
  readonly user?: string;
  /** Dense index, where the version knows her. */
  readonly index?: number;
  /** By which vectors rank items for her: the version's own, or one that was folded in. [dim] */
  readonly vector?: Float32Array;
  /** There, where her taste was folded in. */
  readonly taste?: Taste;
  /** What she did, oldest first, up to this moment. */
  readonly deeds: readonly Deed[];
  /** There, where these are all: what a version knows of her beside them is past. */
  readonly isAll?: true;
  /** As taste, how much what she liked counts beside what she liked after it; as much where absent. */
  readonly decay?: number;
  /** Items never to be shown to her now, by dense index: done, hidden, unavailable, expired. */
  readonly left: LeftOut;
  /** What she was shown and has not taken since, by dense index; absent where the graph was not asked. */
  readonly shown?: ReadonlyMap<number, Showing>;
  /** ms since 1970. */
  readonly now: number;
}

/** Items that are left out. A set of them is one. */
export interface LeftOut {
  has(item: number): boolean;
  /** Those beside what is not `allowed`. */
  [Symbol.iterator](): Iterator<number>;
  /** As `SearchLimits.allowed`: what is not among these is left out too. */
  readonly allowed?: Int32Array | undefined;
}

/** How an item was shown to somebody who did not take it. */
export interface Showing {
  readonly times: number;
  /** ms since 1970 of the last time. */
  readonly last: number;
}

/** What every stage can read. */
export interface StageContext {
  readonly published: PublishedVersion;
  /** How many chose each item. [|I|] */
  readonly people: Int32Array;
  /** Which items may be shown now; as the snapshot says where absent. */
  readonly availability?: Availability;
  /** What filters judge items by now; what the snapshot says where absent. */
  readonly contents?: ContentsNow;
  readonly asker: Asker;
  /** How long the list is to be in the end. */
  readonly wanted: number;
  /** Draws of this request, in [0, 1): the same seed, the same list. */
  readonly random: () => number;
  /** What chooses among vectors several times as fast as plain loops do, with the same result; absent where there is none. */
  readonly kernels?: GreedyKernels;
  /** What was done since the snapshot, as far as it is known; absent where the list is of another moment, or goes by the snapshot alone. */
  readonly recent?: () => Recent | undefined;
}

/** Why a stage took a candidate out: `why not` and the trace say it. */
export interface Removal {
  readonly item: number;
  readonly stage: string;
  /** In plain words. */
  readonly because: string;
}

export interface Reranked {
  readonly candidates: readonly Candidate[];
  readonly removed: readonly Removal[];
  /** By item, with what probability it stands where it stands, given what stands above it; where the stage draws. */
  readonly propensities?: ReadonlyMap<number, number>;
}

/** Shapes an ordered list; never changes what it is given. */
export interface Reranker {
  readonly name: string;
  /** Outside ids of items that it can place only if they are among the candidates. */
  readonly items?: readonly string[];
  /** Whether it reads `Asker.shown`, which takes a question to the graph. */
  readonly readsShown?: true;
  apply(candidates: readonly Candidate[], context: StageContext): Reranked;
  /**
   * There, where it draws: with what probability each item would come next in a list that begins with some, by dense index. Items of
   * which it says nothing never would.
   */
  next?(candidates: readonly Candidate[], above: readonly number[]): ReadonlyMap<number, number>;
}
