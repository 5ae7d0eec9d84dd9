/** The batches of `links.ts` with their subgraphs drawn by the live database: the pairs are the snapshot's, their order the seed's. */
import type { Csr } from '../compute/csr.ts';
import { type LinkBatch, type LinkOptions, linkBatch, nodesOfPairs } from './links.ts';
import type { LiveGraph } from './liveGraph.ts';
import { drawnAhead, LiveNeighbours } from './liveNeighbours.ts';
import { entryOf } from './meetings.ts';
import { PairSource } from './pairSource.ts';
import type { Relation } from './snapshot.ts';
import { drawOne, type Sampler } from './source.ts';
import { totalOf } from './stream.ts';

/**
 * Of the edges between users and items only training pairs are seen, whatever else the database holds: what a model is tested on
 * must not teach it. Errors: options/invalid for weighted picks; neo4j/unreachable, neo4j/query-failed.
 */
export class LiveLinks implements Sampler<LinkBatch> {
  readonly batchesPerEpoch: number;
  readonly counters = totalOf([]);
  readonly #firstItem: number;
  readonly #pairs: PairSource;
  readonly #perBatch: number;
  readonly #neighbours: LiveNeighbours;

  /** `graph` must number its nodes as `train` does. */
  constructor(graph: LiveGraph, train: Csr, { relations, pairs, neighbours }: LinkOptions) {
    this.#firstItem = graph.numbers.first.item;
    this.#pairs = new PairSource(train, pairs);
    this.#perBatch = pairs.batchSize * (2 + pairs.perPair);
    this.batchesPerEpoch = this.#pairs.batchesPerEpoch;
    const keeps = (relation: Relation, from: number, to: number): boolean => {
      if (relation === 'user-item') return entryOf(train, from, to - this.#firstItem) >= 0;
      return relation !== 'item-user' || entryOf(train, to, from - this.#firstItem) >= 0;
    };
    const around = { ...neighbours, seeds: new Int32Array(0), batchSize: this.#perBatch, relations, keeps };
    this.#neighbours = new LiveNeighbours(graph, around);
  }

  batches(epoch: number, signal: AbortSignal): AsyncGenerator<LinkBatch> {
    const draw = async (step: number, either: AbortSignal): Promise<LinkBatch> => {
      const pairs = drawOne(this.#pairs, epoch, step);
      const seeds = nodesOfPairs(pairs, this.#firstItem, new Int32Array(this.#perBatch));
      return linkBatch(pairs, await this.#neighbours.around(seeds, either));
    };
    return drawnAhead({ count: this.batchesPerEpoch, draw, counters: this.counters }, signal);
  }
}
