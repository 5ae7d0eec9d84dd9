/** What crosses from a reader of files to whatever takes it in: the graph, or a snapshot built without one. */

/** Part of a given split that an interaction belongs to. */
export type Part = 'train' | 'validation' | 'test';

export interface InteractionRecord {
  readonly kind: 'interaction';
  readonly user: string;
  readonly item: string;
  /** 'rating', 'check-in', 'listen', 'view' …; 'interaction' where the data does not say. */
  readonly type: string;
  /** ms since 1970; 0 where the data has no time; the position in the sequence (1, 2, …) where only the order is known. */
  readonly at: number;
  readonly value: number;
  readonly part?: Part;
  /** Circumstances: weather, hour, device …; at most one value a kind. */
  readonly context?: readonly FeatureValue[];
}

export interface FeatureValue {
  /** 'genre', 'age group', 'occupation', 'attribute' … */
  readonly kind: string;
  readonly value: string;
  readonly weight?: number;
}

export interface UserRecord {
  readonly kind: 'user';
  readonly id: string;
  readonly features: readonly FeatureValue[];
}

export interface ItemRecord {
  readonly kind: 'item';
  readonly id: string;
  readonly title?: string;
  /** Release or first availability, ms since 1970. */
  readonly at?: number;
  readonly features: readonly FeatureValue[];
}

export interface TrustRecord {
  readonly kind: 'trust';
  readonly user: string;
  readonly trusted: string;
  readonly weight?: number;
}

/** What ties nodes together: from the first kind of node to the second. */
export const relations = [
  'user-item',
  'item-user',
  'item-feature',
  'feature-item',
  'user-feature',
  'feature-user',
  'user-user',
] as const;
export type Relation = (typeof relations)[number];

export type DataRecord = InteractionRecord | UserRecord | ItemRecord | TrustRecord;

/** A line that could not be read: goes to the quarantine, never silently away. */
export interface BadLine {
  readonly kind: 'bad';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly field: string;
  readonly reason: string;
  readonly text: string;
}
