/** The subgraphs of `neighbours.ts`, drawn by Cypher from the live database instead of from a snapshot. */
import { TastegraphError } from '../errors.ts';
import { EpochOrder } from './epochOrder.ts';
import { kindOfNode, type LiveGraph } from './liveGraph.ts';
import { hopsOf, type NeighbourOptions } from './neighbourPlan.ts';
import type { Block, SubgraphBatch } from './neighbours.ts';
import type { Relation } from './snapshot.ts';
import type { Sampler } from './source.ts';
import { type StreamCounters, totalOf } from './stream.ts';
import { kindsOf } from './typedGraph.ts';

export interface LiveNeighbourOptions extends NeighbourOptions {
  readonly relations: readonly Relation[];
  /** Batches under way beyond the one that was taken. */
  readonly ahead?: number;
  /** Which of the edges are seen; all where not given. Nodes as in `NodeNumbers`. */
  readonly keeps?: (relation: Relation, from: number, to: number) => boolean;
}

/** Draws `count` batches in order, a few of them at once. */
export async function* drawnAhead<B>(
  {
    count,
    ahead = 2,
    draw,
    counters,
  }: {
    readonly count: number;
    /** Batches under way beyond the one that was taken. */
    readonly ahead?: number | undefined;
    readonly draw: (step: number, signal: AbortSignal) => Promise<B>;
    readonly counters: StreamCounters;
  },
  signal: AbortSignal,
): AsyncGenerator<B> {
  const underWay: Promise<B>[] = [];
  const stop = new AbortController(); // ends what is under way where the taker leaves early
  const either = AbortSignal.any([signal, stop.signal]);
  const timed = async (step: number): Promise<B> => {
    const begin = performance.now();
    const batch = await draw(step, either);
    counters.drew += performance.now() - begin;
    return batch;
  };
  try {
    for (let step = 0, asked = 0; step < count; step++) {
      signal.throwIfAborted();
      for (; asked < Math.min(step + 1 + ahead, count); asked++) {
        const drawing = timed(asked);
        drawing.catch(() => {}); // whoever takes it learns of it
        underWay.push(drawing);
      }
      const begin = performance.now();
      const batch = await underWay.shift()!;
      counters.takerWaited += performance.now() - begin;
      counters.batches++;
      yield batch;
    }
  } finally {
    stop.abort();
    await Promise.allSettled(underWay);
  }
}

/** Nodes and entries of a subgraph while it grows. */
interface Growing {
  readonly nodes: number[];
  readonly roots: number[] | undefined;
  /** Place of a node, or of (root, node) as root · nodes + node. */
  readonly places: Map<number, number>;
}

/**
 * Draws as the database is at that moment, by the database's own random numbers: the order of the seeds is a function of seed and
 * epoch, what is drawn around them is not. Errors: options/invalid for weighted picks; neo4j/unreachable, neo4j/query-failed.
 */
export class LiveNeighbours implements Sampler<SubgraphBatch> {
  readonly batchesPerEpoch: number;
  readonly counters = totalOf([]);
  readonly #graph: LiveGraph;
  readonly #options: LiveNeighbourOptions;
  readonly #hops: ReturnType<typeof hopsOf>;
  readonly #order: EpochOrder;

  constructor(graph: LiveGraph, options: LiveNeighbourOptions) {
    const { seeds, batchSize, seed, relations, pick, times } = options;
    if (pick === 'weighted') {
      const problem = 'the live graph draws uniformly or the latest; weighted picks need --source snapshot';
      throw new TastegraphError('options/invalid', { name: 'pick', where: 'the options', problem, given: pick });
    }
    if (times && times.length !== seeds.length)
      throw new RangeError(`${times.length} times for ${seeds.length} seeds: there must be one for each`);
    this.#graph = graph;
    this.#options = options;
    this.#hops = hopsOf(options.hops, relations);
    this.#order = new EpochOrder(seeds.length, seed, 'seeds');
    this.batchesPerEpoch = Math.ceil(seeds.length / batchSize);
  }

  batches(epoch: number, signal: AbortSignal): AsyncGenerator<SubgraphBatch> {
    const { seeds, times, batchSize, ahead } = this.#options;
    const order = this.#order.at(epoch).slice();
    const draw = (step: number, either: AbortSignal): Promise<SubgraphBatch> => {
      const chosen = order.subarray(step * batchSize, (step + 1) * batchSize);
      const own = Int32Array.from(chosen, (place) => seeds[place]!);
      return this.around(own, either, times && Float64Array.from(chosen, (place) => times[place]!));
    };
    return drawnAhead({ count: this.batchesPerEpoch, ahead, draw, counters: this.counters }, signal);
  }

  /** Around seeds of the caller's choice, repeated ones allowed; `untils`, ms since 1970, where times are respected. */
  async around(seeds: Int32Array, signal: AbortSignal, untils?: Float64Array): Promise<SubgraphBatch> {
    const { expand = 'all' } = this.#options;
    const growing: Growing = { nodes: [], roots: untils && [], places: new Map() };
    const places = Int32Array.from(seeds, (node, root) => this.#placeOf(growing, node, root));
    const blocks: Block[] = [];
    let expanded = 0;
    for (const hop of this.#hops) {
      const rows = growing.nodes.length;
      blocks.push(await this.#hop(growing, hop, expand === 'new' ? expanded : 0, rows, untils, signal));
      expanded = rows;
    }
    return {
      seeds,
      places,
      nodes: Int32Array.from(growing.nodes),
      ...(growing.roots && { roots: Int32Array.from(growing.roots) }),
      blocks,
    };
  }

  /** One relation after another for the nodes of places [from, rows), then the entries row by row. */
  async #hop(
    growing: Growing,
    hop: ReturnType<typeof hopsOf>[number],
    from: number,
    rows: number,
    untils: Float64Array | undefined,
    signal: AbortSignal,
  ): Promise<Block> {
    const { replace = false, pick = 'uniform', relations, keeps } = this.#options;
    const used = relations.flatMap((relation) => (hop[relation] ? [{ relation, fanout: hop[relation] }] : []));
    const how = pick === 'recent' ? 'recent' : replace ? 'repeated' : 'distinct';
    const found = await Promise.all(
      used.map(async ({ relation, fanout }) => {
        const [kind] = kindsOf(relation);
        const places: number[] = [];
        for (let place = from; place < rows; place++) {
          if (kindOfNode(this.#graph.numbers, growing.nodes[place]!) === kind) places.push(place);
        }
        const nodes = places.map((place) => growing.nodes[place]!);
        const limits = untils && places.map((place) => untils[growing.roots![place]!]!);
        const drawn = await this.#graph.draw({ relation, nodes, untils: limits, fanout, how }, signal);
        return { relation, places, drawn };
      }),
    );
    const offsets = new Int32Array(rows + 1);
    const columns: number[] = [];
    const kinds: number[] = [];
    const next = found.map(() => 0);
    for (let row = 0; row < rows; row++) {
      for (const [kind, { relation, places, drawn }] of found.entries()) {
        if (places[next[kind]!] !== row) continue;
        for (const node of drawn[next[kind]!]!) {
          if (keeps && !keeps(relation, growing.nodes[row]!, node)) continue;
          columns.push(this.#placeOf(growing, node, growing.roots?.[row] ?? 0));
          kinds.push(kind);
        }
        next[kind]!++;
      }
      offsets[row + 1] = columns.length;
    }
    return {
      rows,
      cols: growing.nodes.length,
      offsets,
      indices: Int32Array.from(columns),
      ...(used.length > 1 && { kinds: Int32Array.from(kinds) }),
    };
  }

  #placeOf({ nodes, roots, places }: Growing, node: number, root: number): number {
    const key = roots ? root * this.#graph.numbers.total + node : node;
    let place = places.get(key);
    if (place === undefined) {
      place = nodes.length;
      places.set(key, place);
      nodes.push(node);
      roots?.push(root);
    }
    return place;
  }
}
