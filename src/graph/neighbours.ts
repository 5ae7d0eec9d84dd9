/** Neighbours drawn by the database itself, in pages, for graphs that are too large to be held beside it. */
import type { Part, Relation } from '../data/records.ts';
import { type Graph, graphError } from './driver.ts';
import type { GraphSchema } from './schema.ts';
import { statement } from './statements.ts';

/** Relations that neighbours can be drawn over: all there are. */
export { type Relation as LiveRelation, relations as liveRelations } from '../data/records.ts';

export interface NeighbourRequest {
  readonly relation: Relation;
  /** The server's numbers of nodes: valid as long as those nodes are not deleted. */
  readonly nodes: readonly number[]; // [n]
  /** ms since 1970, for each node: interactions after it do not count. Relations without times pass it over. */
  readonly untils?: readonly number[] | undefined; // [n]
  /** Parts of a given split whose interactions do not count: what a model is tested on must not be seen in training. */
  readonly without?: readonly Part[] | undefined;
  readonly fanout: number;
  /** At random, with or without repetition, or the latest by the first interaction of a pair; 'recent' is 'distinct' where there are no times. */
  readonly how: 'distinct' | 'repeated' | 'recent';
}

/** Neighbours of nodes[k] by the server's numbers; empty where it has none. */
export type NeighbourRows = readonly (readonly number[])[]; // [n]

/** Nodes of a kind as they are now: the server's numbers and outside ids, in no order. */
export interface LiveNodes {
  readonly nodes: readonly number[];
  readonly ids: readonly string[];
}

const none: readonly number[] = [];

/** Draws for one page of nodes, in a session of its own. Errors: neo4j/unreachable, neo4j/query-failed. */
export async function drawNeighbours(
  graph: Graph,
  { relation, nodes, untils, without, fanout, how }: NeighbourRequest,
): Promise<NeighbourRows> {
  if (nodes.length === 0) return [];
  const schema = namesFor(relation, graph.schema);
  if (!schema) return nodes.map(() => none);
  const isTimed = relation === 'user-item' || relation === 'item-user';
  const variant = !isTimed ? '' : how === 'recent' ? '-recent' : untils || without ? '-until' : '';
  // The plain statements answer by node: each is asked for once, and those that come again with another time share the answer.
  const asked = variant === '' ? [...new Set(nodes)] : nodes;
  const name = `read/neighbours-${relation}${variant}`;
  const session = graph.session({ mode: 'READ' });
  try {
    const parameters = {
      nodes: asked,
      untils: untils ?? null,
      without: without ?? null,
      fanout,
      replace: how === 'repeated',
    };
    const { records } = await session.executeRead((tx) => tx.run(statement(name, schema), parameters));
    const answer = records[0]!;
    const found = answer.get('neighbours') as number[][];
    if (variant === '') {
      const byNode = new Map((answer.get('nodes') as number[]).map((node, k) => [node, found[k]!]));
      return nodes.map((node) => byNode.get(node) ?? none);
    }
    const rows: (readonly number[])[] = nodes.map(() => none);
    for (const [k, place] of (answer.get('places') as number[]).entries()) rows[place] = found[k]!;
    return rows;
  } catch (cause) {
    throw graphError(cause, graph.connection, name);
  } finally {
    await session.close();
  }
}

/** By which names a relation is read; undefined where the graph has none. */
function namesFor(relation: Relation, schema: GraphSchema): GraphSchema | undefined {
  switch (relation) {
    case 'user-feature':
    case 'feature-user':
      return schema.featuresOf.users;
    case 'item-feature':
    case 'feature-item':
      return schema.featuresOf.items;
    case 'user-user':
      return schema.isSocial ? schema : undefined;
    default:
      return schema;
  }
}

/** All users, items and features, features by their key 'kind:value'. Errors: neo4j/unreachable, neo4j/query-failed. */
export async function readNodes(
  graph: Graph,
  signal?: AbortSignal,
): Promise<Readonly<Record<'user' | 'item' | 'feature', LiveNodes>>> {
  /** Nodes that have no id are passed over. */
  const read = async (
    name: string,
    schema: GraphSchema,
    idOf: (get: (column: string) => string | null) => string | null,
  ): Promise<{ readonly nodes: number[]; readonly ids: string[] }> => {
    const nodes: number[] = [];
    const ids: string[] = [];
    const session = graph.session({ fetchSize: 10_000, mode: 'READ' });
    try {
      await session.executeRead(async (tx) => {
        nodes.length = 0; // a retry begins anew
        ids.length = 0;
        for await (const row of tx.run(statement(name, schema), { lanes: 1, lane: 0 })) {
          const id = idOf((column) => row.get(column) as string | null);
          if (id === null) continue;
          nodes.push(row.get('node') as number);
          ids.push(id);
          if (nodes.length % 10_000 === 0) signal?.throwIfAborted();
        }
      });
      return { nodes, ids };
    } catch (cause) {
      throw graphError(cause, graph.connection, name);
    } finally {
      await session.close();
    }
  };
  const { schema } = graph;
  const user = await read('read/users', schema, (get) => get('id'));
  const item = await read('read/item-ids', schema, (get) => get('id'));
  const feature: { readonly nodes: number[]; readonly ids: string[] } = { nodes: [], ids: [] };
  for (const { schema: names } of schema.features) {
    const keyOf = (kind: string | null, value: string | null) => (value === null ? null : `${kind}:${value}`);
    const { nodes, ids } = await read('read/features', names, (get) => keyOf(get('kind'), get('value')));
    for (const [at, node] of nodes.entries()) {
      feature.nodes.push(node);
      feature.ids.push(ids[at]!);
    }
  }
  return { user, item, feature };
}
