/** An explanation as a small graph: what to draw, and how to draw the same in Neo4j Browser. */
import type { ShownStatement } from '../graph/around.ts';
import type { Group } from './words.ts';

export type NodeKind = 'user' | 'item' | 'people' | 'feature';

/** Node ids say what they are of: 'user:ann', 'item:heat', 'feature:genre:Crime', 'people:heat' (who chose it), 'people:' (trusted). */
export interface GraphNode {
  readonly id: string;
  readonly kind: NodeKind;
  readonly title: string;
  readonly detail: NodeDetail;
}

export interface NodeDetail {
  /** Outside id of an item. */
  readonly item?: string;
  /** What an item is there as; absent for what is only near. */
  readonly role?: 'recommended' | 'interacted';
  /** Of a group of people; absent where they are too few to be counted. */
  readonly count?: number;
  /** Only a part was looked at: the count is the least it can be. */
  readonly capped?: boolean;
  /** The count is an estimate from a sample. */
  readonly estimated?: boolean;
  /** Whether the user trusts these people. */
  readonly trusted?: boolean;
  /** What a feature is of: genre, director. */
  readonly feature?: string;
  /** How many items have a feature. */
  readonly items?: number;
}

export interface GraphEdge {
  readonly source: string;
  readonly target: string;
  readonly kind: 'recommended' | 'interacted' | 'chose' | 'trusts' | 'has';
  /** Whether it is there for a part of the score, or as evidence in the graph: the two say different things. */
  readonly of: 'score' | 'attribution' | 'evidence';
  /** 0 to 1, for its width: the share of an attribution, the score of a path. */
  readonly weight: number;
  /** Summand of the score; of the edge to the recommended item the score itself. */
  readonly part?: number;
  /** In a sentence. */
  readonly evidence: string;
}

export interface Subgraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** More was found than is here. */
  readonly capped: boolean;
  readonly cypher: readonly ShownStatement[];
}

/** Nodes and edges to be put in together, or not at all. */
export interface Piece {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Collects pieces, the first ones first, as long as there is room for their nodes. Nodes and edges are there once. */
export class Drawing {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge>();
  readonly #most: number;
  #capped = false;

  constructor(most: number) {
    this.#most = most;
  }

  add({ nodes, edges }: Piece): void {
    const added = new Set(nodes.map(({ id }) => id).filter((id) => !this.#nodes.has(id)));
    if (this.#nodes.size + added.size > this.#most) {
      this.#capped = true;
      return;
    }
    for (const node of nodes) if (!this.#nodes.has(node.id)) this.#nodes.set(node.id, node);
    for (const edge of edges) {
      const key = JSON.stringify([edge.source, edge.kind, edge.target]);
      if (!this.#edges.has(key)) this.#edges.set(key, edge);
    }
  }

  has(id: string): boolean {
    return this.#nodes.has(id);
  }

  graph(cypher: readonly ShownStatement[], isCapped = false): Subgraph {
    return {
      nodes: [...this.#nodes.values()],
      edges: [...this.#edges.values()],
      capped: this.#capped || isCapped,
      cypher,
    };
  }
}

export const trustedNode = 'people:';
export const userNode = (user: string): GraphNode => ({ id: `user:${user}`, kind: 'user', title: user, detail: {} });
export const itemNode = (item: string, title: string, role?: NodeDetail['role']): GraphNode => ({
  id: `item:${item}`,
  kind: 'item',
  title,
  detail: { item, ...(role && { role }) },
});
export const featureNode = (
  { id, title, kind }: { readonly id: string; readonly title: string; readonly kind?: string | undefined },
  items?: number,
): GraphNode => ({
  id: `feature:${id}`,
  kind: 'feature',
  title,
  detail: { ...(kind !== undefined && { feature: kind }), ...(items !== undefined && { items }) },
});
/** A group, which has a number and never names. */
export const peopleNode = (
  through: string | undefined,
  title: string,
  { count, capped, estimated }: Group,
): GraphNode => ({
  id: through === undefined ? trustedNode : `people:${through}`,
  kind: 'people',
  title,
  detail: {
    ...(count !== undefined && { count }),
    capped,
    ...(estimated && { estimated }),
    ...(through === undefined && { trusted: true }),
  },
});
