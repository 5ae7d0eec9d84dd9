/** Pairs with the subgraph around all their nodes: what a graph model needs to learn which edges there are. */
import type { Csr } from '../compute/csr.ts';
import type { SamplerMemory } from '../compute/sampler.ts';
import type { NeighbourOptions, NeighbourPlan } from './neighbourPlan.ts';
import { NeighbourSource, type SubgraphBatch } from './neighbours.ts';
import { type PairPlan, PairSource, type PairSourceOptions, type Pairs } from './pairSource.ts';
import type { Relation } from './snapshot.ts';
import type { BatchSource, Room, SourcePlan } from './source.ts';
import type { TypedGraph } from './typedGraph.ts';

export interface LinkBatch {
  readonly pairs: Pairs;
  /** Its seeds are the users, the positives and the negatives of the pairs, in that order. */
  readonly subgraph: SubgraphBatch;
  /** Places in the subgraph's nodes. */
  readonly users: Int32Array; // [b]
  readonly positives: Int32Array; // [b]
  readonly negatives: Int32Array; // [b, perPair]
}

export interface LinkPlan extends SourcePlan {
  readonly kind: 'links';
  readonly firstItem: number;
  readonly pairs: PairPlan;
  readonly neighbours: NeighbourPlan;
}

/** How the subgraph is drawn: its seeds are those of the pairs. */
export type LinkNeighbourOptions = Omit<NeighbourOptions, 'seeds' | 'times' | 'batchSize'>;

export interface LinkOptions {
  readonly relations: readonly Relation[];
  readonly pairs: PairSourceOptions;
  readonly neighbours: LinkNeighbourOptions;
}

/** The nodes of pairs: users, positives, negatives. [b · (2 + perPair)] */
export function nodesOfPairs({ users, positives, negatives }: Pairs, firstItem: number, nodes: Int32Array): Int32Array {
  let count = 0;
  for (const user of users) nodes[count++] = user;
  for (const item of positives) nodes[count++] = firstItem + item;
  for (const item of negatives) nodes[count++] = firstItem + item;
  return nodes.subarray(0, count);
}

/** Pairs and the subgraph around their nodes. */
export function linkBatch(pairs: Pairs, subgraph: SubgraphBatch): LinkBatch {
  const size = pairs.users.length;
  return {
    pairs,
    subgraph,
    users: subgraph.places.subarray(0, size),
    positives: subgraph.places.subarray(size, 2 * size),
    negatives: subgraph.places.subarray(2 * size),
  };
}

/** The batches of `PairSource`, each with its subgraph. */
export class LinkSource implements BatchSource<LinkBatch> {
  readonly batchesPerEpoch: number;
  readonly #firstItem: number;
  readonly #pairs: PairSource;
  readonly #neighbours: NeighbourSource;

  /** Pairs of `train` (users × items) around which `graph` is sampled. Errors: options/invalid; compute/memory. */
  static over(
    graph: TypedGraph,
    train: Csr,
    pairs: PairSourceOptions,
    neighbours: LinkNeighbourOptions,
    memory: SamplerMemory,
  ): LinkSource {
    const batchSize = pairs.batchSize * (2 + pairs.perPair);
    const around = { ...neighbours, seeds: new Int32Array(0), batchSize };
    const source = NeighbourSource.over(graph, around, memory);
    return new LinkSource(graph.numbers.first.item, new PairSource(train, pairs), source);
  }

  constructor(firstItem: number, pairs: PairSource, neighbours: NeighbourSource) {
    this.#firstItem = firstItem;
    this.#pairs = pairs;
    this.#neighbours = neighbours;
    this.batchesPerEpoch = pairs.batchesPerEpoch;
  }

  plan(): LinkPlan {
    const [pairs, neighbours] = [this.#pairs.plan(), this.#neighbours.plan()];
    return { kind: 'links', firstItem: this.#firstItem, pairs, neighbours };
  }

  room(): Room {
    return { ...this.#neighbours.room(), ...this.#pairs.room() };
  }

  fill(epoch: number, step: number, room: Room): readonly number[] {
    const sizes = this.#pairs.fill(epoch, step, room);
    const seeds = nodesOfPairs(this.#pairs.view(room, sizes), this.#firstItem, room.seeds as Int32Array);
    return [...sizes, ...this.#neighbours.around(seeds.length, epoch, step, room)];
  }

  view(room: Room, [size = 0, ...reached]: readonly number[]): LinkBatch {
    return linkBatch(this.#pairs.view(room, [size]), this.#neighbours.view(room, reached));
  }
}
