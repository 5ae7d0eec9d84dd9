/** Subgraphs from wherever the graph lies: `--source snapshot` draws from memory, `--source neo4j` from the live database. */

import type { Csr } from '../compute/csr.ts';
import { SamplerMemory } from '../compute/sampler.ts';
import type { Graph } from '../graph/driver.ts';
import { LiveGraph, type LiveOptions } from './liveGraph.ts';
import { LiveNeighbours } from './liveNeighbours.ts';
import type { NeighbourOptions } from './neighbourPlan.ts';
import { NeighbourSource, type SubgraphBatch } from './neighbours.ts';
import type { Relation, Snapshot } from './snapshot.ts';
import type { Sampler } from './source.ts';
import { BatchStream, type StreamCounters, type StreamOptions } from './stream.ts';
import { type NodeNumbers, nodeNumbers, typedGraph } from './typedGraph.ts';

export const subgraphSources = ['snapshot', 'neo4j'] as const;
export type SubgraphSourceName = (typeof subgraphSources)[number];

export interface Subgraphs extends Sampler<SubgraphBatch> {
  /** What the nodes of a batch are. The two sources number the same graph alike. */
  readonly numbers: NodeNumbers;
  readonly counters: StreamCounters;
  /** Ends the threads; an open database stays open. */
  close(): Promise<void>;
}

type From =
  | {
      readonly source: 'snapshot';
      readonly snapshot: Snapshot;
      /** Training pairs, in place of all interactions. */
      readonly train?: Csr;
      readonly minValue?: number | undefined;
      readonly stream?: StreamOptions;
    }
  | { readonly source: 'neo4j'; readonly graph: Graph; readonly live?: LiveOptions; readonly signal?: AbortSignal };

/** Errors: options/invalid; compute/memory, compute/not-built; neo4j/unreachable, neo4j/query-failed. */
export async function openSubgraphs(
  from: From,
  relations: readonly Relation[],
  options: (numbers: NodeNumbers) => NeighbourOptions,
): Promise<Subgraphs> {
  if (from.source === 'neo4j') {
    const live = await LiveGraph.open(from.graph, from.live, from.signal);
    const sampler = new LiveNeighbours(live, { ...options(live.numbers), relations });
    return opened(sampler, live.numbers, async () => {});
  }
  const { snapshot, train, minValue, stream } = from;
  const numbers = nodeNumbers(snapshot);
  const graph = typedGraph(snapshot, { relations, minValue, ...(train && { train }) });
  const sampler = new BatchStream(NeighbourSource.over(graph, options(numbers), new SamplerMemory()), stream);
  return opened(sampler, numbers, () => sampler.close());
}

function opened(
  sampler: Sampler<SubgraphBatch> & { readonly counters: StreamCounters },
  numbers: NodeNumbers,
  close: () => Promise<void>,
): Subgraphs {
  const { batchesPerEpoch, counters } = sampler;
  return { numbers, batchesPerEpoch, counters, close, batches: (epoch, signal) => sampler.batches(epoch, signal) };
}
