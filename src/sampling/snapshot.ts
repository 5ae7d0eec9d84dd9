/**
 * An immutable, columnar copy of the graph as of one moment: what every sampler and model reads.
 * Dense indices count from 0 in the code-unit order of the outside ids, so the same graph gives the same snapshot whatever
 * it was built from. Every array lies in shared memory.
 */
import type { Csr } from '../compute/csr.ts';
import { type Part, type Relation, relations } from '../data/records.ts';
import type { Moment } from '../graph/changes.ts';
import type { ElementType, SharedArray } from './memory.ts';

/** Dense index ↔ outside id. */
export interface NodeTable {
  readonly count: number;
  /** Outside id of a dense index. Throws RangeError outside [0, count). */
  id(index: number): string;
  /** Dense index of an outside id, by binary search; undefined where there is none. */
  index(id: string): number | undefined;
}

export interface ItemTable extends NodeTable {
  /** Title, or the id where the item has none. */
  title(index: number): string;
  hasTitle(index: number): boolean;
  readonly available: Uint8Array; // [count], 1 or 0
  readonly at: Float64Array; // [count], ms since 1970, NaN where unknown
}

export interface FeatureTable extends NodeTable {
  kind(index: number): string;
  value(index: number): string;
}

/** Parts of a given split, as stored in `Interactions.parts`. */
export const partCodes = { none: 0, train: 1, validation: 2, test: 3 } as const;

/** The part of each code; undefined for none. */
export const partNames = Object.keys(partCodes).map((name) => (name === 'none' ? undefined : (name as Part)));

/** Columns in the order (at, user, item, type). */
export interface Interactions {
  readonly count: number;
  readonly users: Int32Array; // [n]
  readonly items: Int32Array; // [n]
  readonly types: Uint8Array; // [n], index into typeNames
  readonly values: Float32Array; // [n]
  readonly at: Float64Array; // [n], ms since 1970
  readonly parts: Uint8Array; // [n], of partCodes
  readonly typeNames: readonly string[]; // ascending
  /** Features of each interaction's circumstances, ascending; absent where none has any. */
  readonly contexts?: Csr; // [n, |features|]
}

/** User-item relations are of all interactions, whatever type, value or part; those of features and users carry weights. */
export { type Relation, relations };

/** One array of a snapshot, as it lies in memory and on disk. */
export interface SnapshotArray {
  readonly name: string;
  readonly type: ElementType;
  readonly values: SharedArray;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Where a snapshot stands among its graph's changes, so that a later one can begin from it. */
export interface GraphMark extends Moment {
  /**
   * How many more the graph counts than the snapshot holds: repeated relationships, those to other nodes, nodes without an id; less
   * than none of features that are no nodes, named by interactions alone.
   */
  readonly excess: Readonly<Record<'users' | 'items' | 'features' | 'interactions' | 'featureEdges' | 'trust', number>>;
}

export interface Snapshot {
  /** SHA-256 over the names and checksums of all arrays: equal for equal content, wherever it was built. Versions name it. */
  readonly digest: string;
  /** ms since 1970 of the moment it was taken; not part of the digest. */
  readonly asOf: number;
  /** What it was built from: 'neo4j', 'files', 'generated'. Not part of the digest. */
  readonly source: string;
  /** There for the whole of a graph. Not part of the digest. */
  readonly mark?: GraphMark;
  readonly users: NodeTable;
  readonly items: ItemTable;
  readonly features: FeatureTable;
  readonly interactions: Interactions;
  /** All edges of a kind, repeated pairs once. */
  relation(name: Relation): Csr;
  /** Every array, by ascending name: what is written to disk, and all that another thread needs to see the same snapshot. */
  readonly arrays: readonly SnapshotArray[];
}
