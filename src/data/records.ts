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

/** A number, a text, or a vector of numbers: what is no token and so no feature that nodes could share. */
export type AttributeValue = number | string | readonly number[];

/** By name. One name may have a value of each kind. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Where an attribute lies in the graph: in a property of its User or Item, of this prefix before its name. */
export const attributeKinds = [
  { prefix: 'num_', type: 'float' }, // FLOAT
  { prefix: 'text_', type: 'text' }, // STRING
  { prefix: 'vec_', type: 'floats' }, // LIST<FLOAT>
] as const;

/** The property that holds an attribute. */
export function attributeProperty(name: string, value: AttributeValue): string {
  const [number, text, vector] = attributeKinds;
  const { prefix } = typeof value === 'number' ? number : typeof value === 'string' ? text : vector;
  return prefix + name;
}

export interface UserRecord {
  readonly kind: 'user';
  readonly id: string;
  readonly features: readonly FeatureValue[];
  readonly attributes?: Attributes;
}

export interface ItemRecord {
  readonly kind: 'item';
  readonly id: string;
  readonly title?: string;
  /** Release or first availability, ms since 1970. */
  readonly at?: number;
  /** Whether it may be recommended; what is not said stays, and a new item is available. */
  readonly available?: boolean;
  readonly features: readonly FeatureValue[];
  readonly attributes?: Attributes;
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
