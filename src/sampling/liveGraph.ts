/** The graph in the database as samplers see it: its nodes numbered as a snapshot numbers them, its edges left where they are. */
import type { Part } from '../data/records.ts';
import type { Graph } from '../graph/driver.ts';
import {
  drawNeighbours,
  type LiveNodes,
  type NeighbourRequest,
  type NeighbourRows,
  readNodes,
} from '../graph/neighbours.ts';
import { ServerNumbers } from './serverNumbers.ts';
import type { NodeTable, Snapshot } from './snapshot.ts';
import type { NodeKind, NodeNumbers } from './typedGraph.ts';

export interface LiveOptions {
  /** Nodes of one request: large enough that its cost is that of its edges. */
  readonly page?: number;
  /** Requests under way at once, each in a session of its own; the driver has 16 connections. */
  readonly sessions?: number;
  /** Parts of a given split whose interactions are not seen. */
  readonly without?: readonly Part[];
  /** Numbers nodes as this snapshot does: those that are not in it are not seen, those that are deleted since have no neighbours. */
  readonly snapshot?: Pick<Snapshot, 'users' | 'items' | 'features'>;
}

const kinds = ['user', 'item', 'feature'] as const satisfies readonly NodeKind[];

/** In place of the server's number of a node that it has no more: no node has it. */
const gone = -1;

/** The server's numbers in the order of ids by code units, as in a snapshot. */
function byId({ ids, nodes }: LiveNodes): Float64Array {
  const order = Array.from(ids.keys()).sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1));
  return Float64Array.from(order, (place) => nodes[place]!);
}

/** The server's numbers in the order of a table's ids. */
function inTable({ ids, nodes }: LiveNodes, table: NodeTable): Float64Array {
  const numbers = new Float64Array(table.count).fill(gone);
  for (const [place, id] of ids.entries()) {
    const index = table.index(id);
    if (index !== undefined) numbers[index] = nodes[place]!;
  }
  return numbers;
}

/** Holds 12 bytes a node, and no edge. */
export class LiveGraph {
  readonly numbers: NodeNumbers;
  readonly #graph: Graph;
  readonly #serverNodes: Float64Array; // [nodes], the server's number of each
  readonly #ours: ServerNumbers;
  readonly #page: number;
  readonly #without: readonly Part[] | undefined;
  /** Requests that wait for a session. */
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /**
   * Reads the nodes as they are now: later ones are not seen, and a deleted one has no neighbours.
   * Errors: neo4j/unreachable, neo4j/query-failed; the signal's reason.
   */
  static async open(graph: Graph, options: LiveOptions = {}, signal?: AbortSignal): Promise<LiveGraph> {
    const nodes = await readNodes(graph, signal);
    const { snapshot } = options;
    const known = snapshot && { user: snapshot.users, item: snapshot.items, feature: snapshot.features };
    const ordered = kinds.map((kind) => (known ? inTable(nodes[kind], known[kind]) : byId(nodes[kind])));
    const [user = 0, item = 0, feature = 0] = ordered.map(({ length }) => length);
    const first = { user: 0, item: user, feature: user + item };
    const numbers = { count: { user, item, feature }, first, total: user + item + feature };
    const all = new Float64Array(numbers.total);
    for (const [k, kind] of kinds.entries()) all.set(ordered[k]!, first[kind]);
    return new LiveGraph(graph, numbers, all, options);
  }

  private constructor(
    graph: Graph,
    numbers: NodeNumbers,
    serverNodes: Float64Array,
    { page = 2000, sessions = 4, without }: LiveOptions,
  ) {
    this.#graph = graph;
    this.numbers = numbers;
    this.#serverNodes = serverNodes;
    this.#ours = new ServerNumbers();
    for (const [node, server] of serverNodes.entries()) if (server !== gone) this.#ours.set(server, node);
    this.#page = page;
    this.#without = without?.length ? without : undefined;
    this.#free = sessions;
  }

  /** Neighbours of our nodes, by our numbers, in pages with several under way. Those that came in later are left out. */
  async draw(request: Omit<NeighbourRequest, 'without'>, signal: AbortSignal): Promise<NeighbourRows> {
    const { nodes, untils } = request;
    const pages: Promise<NeighbourRows>[] = [];
    for (let from = 0; from < nodes.length; from += this.#page) {
      const to = Math.min(from + this.#page, nodes.length);
      const page: NeighbourRequest = {
        ...request,
        nodes: nodes.slice(from, to).map((node) => this.#serverNodes[node]!),
        untils: untils?.slice(from, to),
        without: this.#without,
      };
      pages.push(this.#inTurn(page, signal));
    }
    // All must have ended before one's failure is told: none may go on unseen.
    const ended = await Promise.allSettled(pages);
    return ended.flatMap((end) => {
      if (end.status === 'rejected') throw end.reason;
      return end.value.map((found) => this.#known(found));
    });
  }

  #known(found: readonly number[]): readonly number[] {
    const nodes: number[] = [];
    for (const server of found) {
      const node = this.#ours.get(server);
      if (node !== undefined) nodes.push(node);
    }
    return nodes;
  }

  async #inTurn(request: NeighbourRequest, signal: AbortSignal): Promise<NeighbourRows> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      signal.throwIfAborted();
      return await drawNeighbours(this.#graph, request);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/** The kind of a numbered node. */
export function kindOfNode({ first }: NodeNumbers, node: number): NodeKind {
  return node < first.item ? 'user' : node < first.feature ? 'item' : 'feature';
}
