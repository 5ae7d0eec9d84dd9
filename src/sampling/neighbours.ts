/**
 * k-hop neighbour sampling: Hamilton, Ying & Leskovec, "Inductive Representation Learning on Large Graphs" (GraphSAGE),
 * NeurIPS 2017, algorithm 2, over typed relations; time-respecting as in Rossi et al., "Temporal Graph Networks", 2020.
 */
import type { Csr } from '../compute/csr.ts';
import { instantiate, type SamplerKernels, type SamplerMemory } from '../compute/sampler.ts';
import { RandomStream } from '../random.ts';
import { EpochOrder } from './epochOrder.ts';
import { type NeighbourOptions, type NeighbourPlan, planNeighbours } from './neighbourPlan.ts';
import { type BatchSource, checkStep, type Room } from './source.ts';
import type { TypedGraph } from './typedGraph.ts';

/**
 * From the nodes of hop h (rows) to those of hop h + 1 (columns), both by place in `SubgraphBatch.nodes`; entries in the order
 * in which they were picked, weights and times where the relations of the hop have them.
 */
export interface Block extends Csr {
  /** Which of the hop's relations each entry is of, by its place among `NeighbourOptions.hops`; absent where there is one. */
  readonly kinds?: Int32Array; // [nnz]
}

export interface SubgraphBatch {
  /** Nodes as in `NodeNumbers`. */
  readonly seeds: Int32Array; // [b]
  /** Place of each seed among the nodes. */
  readonly places: Int32Array; // [b]
  /** Every node of the subgraph, in order of first use: the first blocks[h].cols are the nodes up to hop h + 1. */
  readonly nodes: Int32Array; // [m], each once, or once for each seed where times are respected
  /** Seed (by its position) that a node belongs to; where times are respected. */
  readonly roots?: Int32Array; // [m]
  readonly blocks: readonly Block[]; // one a hop
}

/** Draws subgraphs around seeds, each seed once an epoch in random order. */
export class NeighbourSource implements BatchSource<SubgraphBatch> {
  readonly batchesPerEpoch: number;
  readonly #plan: NeighbourPlan;
  readonly #memory: SamplerMemory | undefined;
  readonly #kernels: SamplerKernels;
  readonly #order: EpochOrder;

  /** Over a graph. Errors: options/invalid; compute/memory. */
  static over(graph: TypedGraph, options: NeighbourOptions, memory: SamplerMemory): NeighbourSource {
    return new NeighbourSource(planNeighbours(graph, options, memory), memory);
  }

  /** From a plan; without the memory, as on another thread, it can fill rooms and no more. */
  constructor(plan: NeighbourPlan, memory?: SamplerMemory) {
    this.#plan = plan;
    this.#memory = memory;
    this.#kernels = instantiate(plan.share);
    this.#order = new EpochOrder(plan.seeds.length, plan.seed, 'seeds');
    this.batchesPerEpoch = Math.ceil(plan.seeds.length / plan.batchSize);
  }

  plan(): NeighbourPlan {
    const { mask, tableLength, batchSize } = this.#plan;
    const memory = this.#own();
    const table = memory.array('i32', mask ? mask + 1 : tableLength);
    return { ...this.#plan, table, count: memory.array('i32', 1), untils: memory.array('f64', batchSize) };
  }

  room(): Room {
    const memory = this.#own();
    const { batchSize, capacity, hops, mask } = this.#plan;
    const room: Record<string, Int32Array | Float32Array | Float64Array> = {
      seeds: memory.array('i32', batchSize),
      places: memory.array('i32', batchSize),
      nodes: memory.array('i32', capacity.nodes),
    };
    if (mask) room.roots = memory.array('i32', capacity.nodes);
    for (const [h, { edges, rows }] of capacity.hops.entries()) {
      const hop = hops[h]!;
      room[`offsets${h}`] = memory.array('i32', rows + 1);
      room[`columns${h}`] = memory.array('i32', edges);
      if (hop.hasKinds) room[`kinds${h}`] = memory.array('i32', edges);
      if (hop.hasWeights) room[`weights${h}`] = memory.array('f32', edges);
      if (hop.hasTimes) room[`times${h}`] = memory.array('f64', edges);
    }
    return room;
  }

  /** Sizes: seeds, then the nodes up to each hop. */
  fill(epoch: number, step: number, room: Room): readonly number[] {
    checkStep(step, this.batchesPerEpoch);
    const { seeds, times, batchSize, untils } = this.#plan;
    const order = this.#order.at(epoch);
    const start = step * batchSize;
    const size = Math.min(batchSize, order.length - start);
    const wanted = room.seeds as Int32Array;
    for (let p = 0; p < size; p++) {
      wanted[p] = seeds[order[start + p]!]!;
      if (times) untils[p] = times[order[start + p]!]!;
    }
    return this.around(size, epoch, step, room);
  }

  /**
   * Around seeds of the caller's choice, repeated ones allowed, `untils` where times are respected; for batches that another
   * sampler has drawn, such as the nodes of a batch of pairs.
   */
  sample(seeds: Int32Array, epoch: number, step: number, room: Room, untils?: Float64Array): SubgraphBatch {
    if (seeds.length > this.#plan.batchSize)
      throw new RangeError(`${seeds.length} seeds, room for ${this.#plan.batchSize}`);
    (room.seeds as Int32Array).set(seeds);
    if (untils) this.#plan.untils.set(untils);
    return this.view(room, this.around(seeds.length, epoch, step, room));
  }

  /** Around the first `size` seeds that lie in the room already; returns the sizes that `view` needs. */
  around(size: number, epoch: number, step: number, room: Room): readonly number[] {
    const { hops, table, count, untils, times, mask, seed, isNewOnly } = this.#plan;
    const { placeSeeds, sampleHop, clearPlaces } = this.#kernels;
    const at = (name: string): number => room[name]?.byteOffset ?? 0;
    const where = [count.byteOffset, at('nodes'), table.byteOffset, mask, at('roots')] as const;
    count[0] = 0;
    placeSeeds(0, 0, size, at('seeds'), at('places'), ...where);
    const sizes = [size, count[0]!];
    for (const [h, hop] of hops.entries()) {
      const offsets = room[`offsets${h}`]!;
      const rows = sizes[h + 1]!;
      // Nodes that an earlier hop has expanded keep the neighbours they got there.
      const from = isNewOnly && h > 0 ? sizes[h]! : 0;
      offsets.fill(0, 0, from + 1);
      const [first, second] = new RandomStream(seed, 'neighbours', epoch, step, h).keys;
      sampleHop(
        0,
        from,
        rows,
        hop.relations.byteOffset,
        hop.count,
        hop.stride,
        first,
        second,
        times ? untils.byteOffset : 0,
        ...where,
        offsets.byteOffset,
        at(`columns${h}`),
        at(`kinds${h}`),
        at(`weights${h}`),
        at(`times${h}`),
      );
      sizes.push(count[0]!);
    }
    clearPlaces(0, 0, count[0]!, at('nodes'), table.byteOffset, mask);
    return sizes;
  }

  view(room: Room, [size = 0, ...reached]: readonly number[]): SubgraphBatch {
    const part = (name: string, length: number) => (room[name] as Int32Array).subarray(0, length);
    const total = reached.at(-1) ?? 0;
    const blocks = this.#plan.hops.map((hop, h): Block => {
      const rows = reached[h]!;
      const offsets = part(`offsets${h}`, rows + 1);
      const nnz = offsets[rows]!;
      return {
        rows,
        cols: reached[h + 1]!,
        offsets,
        indices: part(`columns${h}`, nnz),
        ...(hop.hasKinds && { kinds: part(`kinds${h}`, nnz) }),
        ...(hop.hasWeights && { weights: (room[`weights${h}`] as Float32Array).subarray(0, nnz) }),
        ...(hop.hasTimes && { times: (room[`times${h}`] as Float64Array).subarray(0, nnz) }),
      };
    });
    return {
      seeds: part('seeds', size),
      places: part('places', size),
      nodes: part('nodes', total),
      ...(room.roots && { roots: part('roots', total) }),
      blocks,
    };
  }

  #own(): SamplerMemory {
    if (!this.#memory)
      throw new Error('this source was opened from a plan: only the thread that made it has the memory');
    return this.#memory;
  }
}
