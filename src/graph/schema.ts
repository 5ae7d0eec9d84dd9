/**
 * What the graph's labels, relationship types and properties are called. The statements in `cypher/` speak of the names that an
 * ingest gives; for a graph that somebody else modelled, `statements.ts` puts that one's names in their place.
 */
import type { Integer } from 'neo4j-driver';
import { TastegraphError } from '../errors.ts';

/** The names that statements speak of. */
export const nodeNames = ['User', 'Item', 'Feature'] as const;
export const edgeNames = ['INTERACTED', 'HAS', 'TRUSTS'] as const;
export type NodeName = (typeof nodeNames)[number];
export type EdgeName = (typeof edgeNames)[number];

/** A property of a variable as a Cypher expression. */
export type Expression = (variable: string) => string;

export interface NamedNode {
  /** As it stands after a colon. */
  readonly label: string;
  /** The property that the node is looked up by, as it stands in a map. */
  readonly key: string;
  readonly properties: Readonly<Record<string, Expression>>;
}

export interface NamedEdge {
  /** As they stand after a colon. */
  readonly types: string;
  /** Against the direction that statements are written in. */
  readonly direction: 'out' | 'in' | 'both';
  readonly properties: Readonly<Record<string, Expression>>;
}

/** What to put in the place of the names that statements speak of. */
export interface Names extends Readonly<Record<NodeName, NamedNode>>, Readonly<Record<EdgeName, NamedEdge>> {}

/** How keys of nodes are stored: outside ids are text everywhere else. */
export type KeyType = 'text' | 'integer';

/** A property of users or items that is a feature, of this kind. */
export interface PropertyFeature {
  readonly of: 'users' | 'items';
  readonly kind: string;
  /** With the property as `property` of User or Item. */
  readonly schema: GraphSchema;
}

/**
 * A graph's names. Absent `names` are those of an ingest. Some statements cannot speak of several relationship types at once,
 * since each has properties of its own: they are run once for each of `interactions` or `features`.
 */
export interface GraphSchema {
  readonly names?: Names;
  /** One for each type of interaction. */
  readonly interactions: readonly GraphSchema[];
  /** One for each kind of feature edge of users or items; 'both' where one statement reads all. */
  readonly features: readonly { readonly of: 'users' | 'items' | 'both'; readonly schema: GraphSchema }[];
  readonly properties: readonly PropertyFeature[];
  /** All feature edges of users, or of items, as if they were of one type. */
  readonly featuresOf: Readonly<Record<'users' | 'items', GraphSchema | undefined>>;
  readonly isSocial: boolean;
  /** A node's outside id as the database holds it, for parameters. */
  readonly userKey: (id: string) => string | Integer;
  readonly itemKey: (id: string) => string | Integer;
}

/** The graph as an ingest makes it. */
export const ownSchema: GraphSchema = {
  get interactions() {
    return [ownSchema];
  },
  get features() {
    return [{ of: 'both' as const, schema: ownSchema }];
  },
  properties: [],
  get featuresOf() {
    return { users: ownSchema, items: ownSchema };
  },
  isSocial: true,
  userKey: (id) => id,
  itemKey: (id) => id,
};

/** For what writes users, items and interactions of ours, which no mapping leads to. Errors: mapping/read-only. */
export function refuseMapped({ schema }: { readonly schema: GraphSchema }, what: string): void {
  if (!schema.names) return;
  const todo = 'Write it with the program that the graph is of';
  throw new TastegraphError('mapping/read-only', { what, todo });
}
