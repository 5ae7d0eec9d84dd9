/** Options of neighbour sampling, checked and laid out in memory for the kernels. */
import type { SamplerMemory, SamplerShare } from '../compute/sampler.ts';
import { TastegraphError } from '../errors.ts';
import type { Relation } from './snapshot.ts';
import type { SourcePlan } from './source.ts';
import type { TypedGraph, TypedRelation } from './typedGraph.ts';

/**
 * How neighbours are picked: all alike, by the weights of the relation, or the latest ones. Relations without weights, or
 * without times, are sampled uniformly.
 */
export const picks = ['uniform', 'weighted', 'recent'] as const;
export type Pick = (typeof picks)[number];

/** Fan-out of each relation that a hop goes over; one number stands for all relations of the graph. */
export type Hop = number | Partial<Readonly<Record<Relation, number>>>;

export interface NeighbourOptions {
  /** Nodes to begin from, each once an epoch. */
  readonly seeds: Int32Array;
  /** ms since 1970, for each seed: nothing later is seen from it, and it has nodes of its own. */
  readonly times?: Float64Array;
  readonly hops: readonly Hop[];
  readonly batchSize: number;
  readonly seed: number;
  readonly pick?: Pick;
  /** Whether a neighbour may come more than once; otherwise a node with no more than the fan-out has all of them. */
  readonly replace?: boolean;
  /** Nodes that a hop expands: all so far, as GraphSAGE has it, or only those that the hop before has found. */
  readonly expand?: 'all' | 'new';
}

export interface HopPlan {
  readonly relations: Int32Array; // [count, 10], as the kernel reads them
  readonly count: number;
  /** Sum of the fan-outs. */
  readonly stride: number;
  readonly hasKinds: boolean;
  readonly hasWeights: boolean;
  readonly hasTimes: boolean;
}

export interface NeighbourPlan extends SourcePlan {
  readonly kind: 'neighbours';
  readonly share: SamplerShare;
  readonly seeds: Int32Array;
  readonly times: Float64Array | undefined;
  readonly hops: readonly HopPlan[];
  readonly batchSize: number;
  readonly seed: number;
  readonly isNewOnly: boolean;
  /** Most rows and entries of each hop, and most nodes. */
  readonly capacity: {
    readonly nodes: number;
    readonly hops: readonly { readonly rows: number; readonly edges: number }[];
  };
  /** Size of the hash table less one where each seed has nodes of its own, else 0. */
  readonly mask: number;
  readonly tableLength: number;
  // A thread's own: see `kernels/neighbours.ts`.
  readonly table: Int32Array;
  readonly count: Int32Array; // [1]
  readonly untils: Float64Array; // [batchSize]
}

const pickCodes = { uniform: 0, weighted: 2, recent: 4 } as const;

/** Lays a graph and options out. Errors: options/invalid; compute/memory. */
export function planNeighbours(graph: TypedGraph, options: NeighbourOptions, memory: SamplerMemory): NeighbourPlan {
  const { seeds, times, batchSize, seed, pick = 'uniform', replace = false, expand = 'all' } = options;
  const { numbers, relations } = graph;
  if (times && times.length !== seeds.length)
    throw new RangeError(`${times.length} times for ${seeds.length} seeds: there must be one for each`);
  if (seeds.some((node) => node < 0 || node >= numbers.total))
    throw new RangeError(`a seed is outside the ${numbers.total} nodes`);
  const hops = hopsOf(
    options.hops,
    relations.map(({ name }) => name),
  );
  const inMemory = relations.map((relation) => placed(relation, pick, memory));
  const isNewOnly = expand === 'new';

  let nodes = batchSize;
  let fresh = batchSize;
  const capacities: { rows: number; edges: number }[] = [];
  const plans = hops.map((fanouts): HopPlan => {
    const used = relations.flatMap(({ name }, r) => (fanouts[name] ? [{ r, fanout: fanouts[name] }] : []));
    const descriptors = memory.array('i32', Math.max(1, used.length) * 10);
    for (const [place, { r, fanout }] of used.entries()) {
      const { from, to, csr } = relations[r]!;
      const { offsets, indices, sums, weights, timesOf } = inMemory[r]!;
      const how = pick === 'weighted' && sums ? pick : pick === 'recent' && timesOf ? pick : 'uniform';
      const first = numbers.first[from];
      const address = (array: { readonly byteOffset: number } | undefined): number => array?.byteOffset ?? 0;
      const fields = [first, first + csr.rows, numbers.first[to], fanout, address(offsets), address(indices)];
      const code = pickCodes[how] + (replace && how !== 'recent' ? 1 : 0);
      descriptors.set([...fields, address(sums), address(weights), address(timesOf), code], place * 10);
    }
    // A node expands over the relations of its own kind: the most that one kind has bounds all.
    const most = Math.max(
      0,
      ...(['user', 'item', 'feature'] as const).map((kind) =>
        used.reduce((sum, { r, fanout }) => sum + (relations[r]!.from === kind ? fanout : 0), 0),
      ),
    );
    const rows = nodes;
    let edges = (isNewOnly ? fresh : nodes) * most;
    if (!times && !replace) {
      const all = used.reduce((sum, { r }) => sum + relations[r]!.csr.indices.length, 0);
      edges = Math.min(edges, all);
    }
    fresh = times ? edges : Math.min(edges, numbers.total);
    nodes = times ? nodes + edges : Math.min(nodes + edges, Math.max(numbers.total, batchSize));
    capacities.push({ rows, edges });
    return {
      relations: descriptors,
      count: used.length,
      stride: used.reduce((sum, { fanout }) => sum + fanout, 0),
      hasKinds: used.length > 1,
      hasWeights: used.some(({ r }) => relations[r]!.csr.weights !== undefined),
      hasTimes: used.some(({ r }) => relations[r]!.csr.times !== undefined && times !== undefined),
    };
  });
  if (nodes > mostPlaces) {
    const problem = `a batch may reach ${nodes} nodes, more than ${mostPlaces}`;
    throw new TastegraphError('options/invalid', {
      name: 'fanouts',
      where: 'the options',
      problem,
      given: JSON.stringify(options.hops),
    });
  }
  const mask = times ? 2 ** Math.ceil(Math.log2(2 * nodes)) - 1 : 0;
  const tableLength = numbers.total;
  return {
    kind: 'neighbours',
    share: memory.share,
    seeds: memory.copy(seeds),
    times: times && memory.copy(times),
    hops: plans,
    batchSize,
    seed,
    isNewOnly,
    capacity: { nodes, hops: capacities },
    mask,
    tableLength,
    table: memory.array('i32', mask ? mask + 1 : tableLength),
    count: memory.array('i32', 1),
    untils: memory.array('f64', batchSize),
  };
}

/** Over this a batch would not fit into the memory that 32-bit addresses reach. */
const mostPlaces = 1 << 28;

/** Fan-outs of each hop by relation. Errors: options/invalid. */
export function hopsOf(
  hops: readonly Hop[],
  names: readonly Relation[],
): readonly Partial<Readonly<Record<Relation, number>>>[] {
  const invalid = (problem: string): never => {
    throw new TastegraphError('options/invalid', {
      name: 'fanouts',
      where: 'the options',
      problem,
      given: JSON.stringify(hops),
    });
  };
  if (hops.length === 0) invalid('there must be at least one hop');
  return hops.map((hop) => {
    const fanouts = typeof hop === 'number' ? Object.fromEntries(names.map((name) => [name, hop])) : hop;
    for (const [name, fanout] of Object.entries(fanouts)) {
      if (!names.includes(name as Relation)) invalid(`the graph has no relation '${name}', it has ${names.join(', ')}`);
      if (!Number.isInteger(fanout) || fanout < 1) invalid(`a fan-out is a whole number from 1 on, not ${fanout}`);
    }
    return fanouts;
  });
}

/** A relation's arrays in the kernels' memory; sums are of the weights along each row, from the row's beginning. */
function placed({ csr }: TypedRelation, pick: Pick, memory: SamplerMemory) {
  const { offsets, indices, weights, times } = csr;
  const sums = pick === 'weighted' && weights ? memory.array('f64', weights.length) : undefined;
  if (sums && weights) {
    for (let row = 0; row < csr.rows; row++) {
      let sum = 0;
      for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
        sum += Math.max(0, weights[entry]!);
        sums[entry] = sum;
      }
    }
  }
  return {
    offsets: memory.copy(offsets),
    indices: memory.copy(indices),
    sums,
    weights: weights && memory.copy(weights),
    timesOf: times && memory.copy(times),
  };
}
