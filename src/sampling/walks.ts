/** Random walks: PinSage's neighbours by visits, and node2vec's walks. The kernels and their papers: `compute/kernels/walks.ts`. */
import type { Csr } from '../compute/csr.ts';
import { instantiate, type SamplerKernels, type SamplerMemory, type SamplerShare } from '../compute/sampler.ts';
import { RandomStream } from '../random.ts';
import { EpochOrder } from './epochOrder.ts';
import { type BatchSource, checkStep, type Room, type SourcePlan } from './source.ts';
import type { TypedGraph } from './typedGraph.ts';

export interface VisitOptions {
  readonly seeds: Int32Array;
  /** Steps from each seed; one leads out over the relation and back over its reverse. */
  readonly steps: number;
  /** Probability, after a step, of going on from the seed again. */
  readonly restart: number;
  /** Neighbours that are kept. */
  readonly top: number;
  readonly batchSize: number;
  readonly seed: number;
}

export interface VisitBatch {
  readonly seeds: Int32Array; // [b]
  readonly neighbours: Int32Array; // [b, top], most visited first, −1 where fewer were visited
  readonly counts: Int32Array; // [b, top], visits: their shares are PinSage's weights of importance
}

export interface WalkOptions {
  readonly starts: Int32Array;
  /** Nodes of a walk, its start among them. */
  readonly length: number;
  /** Return parameter: over 1 makes going straight back less likely. */
  readonly p: number;
  /** In-out parameter: over 1 keeps a walk near where it comes from. */
  readonly q: number;
  readonly batchSize: number;
  readonly seed: number;
}

export interface WalkBatch {
  readonly walks: Int32Array; // [b, length], −1 after a node without neighbours
}

interface Walking {
  readonly share: SamplerShare;
  readonly seeds: Int32Array;
  readonly batchSize: number;
  readonly seed: number;
}

interface Topology {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
}

export interface VisitPlan extends SourcePlan, Walking {
  readonly kind: 'visits';
  readonly out: Topology;
  readonly back: Topology;
  readonly steps: number;
  readonly restart: number;
  readonly top: number;
  readonly scratch: Int32Array; // [size, 2], a thread's own
  readonly size: number;
}

export interface WalkPlan extends SourcePlan, Walking {
  readonly kind: 'walks';
  readonly graph: Topology;
  readonly length: number;
  readonly p: number;
  readonly q: number;
}

const placed = ({ offsets, indices }: Csr, memory: SamplerMemory): Topology => ({
  offsets: memory.copy(offsets),
  indices: memory.copy(indices),
});

/** What the two have in common: seeds, each once an epoch in random order, and the kernels. */
abstract class WalkSource<P extends Walking> {
  readonly batchesPerEpoch: number;
  protected readonly walking: P;
  protected readonly kernels: SamplerKernels;
  readonly #memory: SamplerMemory | undefined;
  readonly #order: EpochOrder;

  constructor(walking: P, memory?: SamplerMemory) {
    this.walking = walking;
    this.kernels = instantiate(walking.share);
    this.#memory = memory;
    this.#order = new EpochOrder(walking.seeds.length, walking.seed, 'walks');
    this.batchesPerEpoch = Math.ceil(walking.seeds.length / walking.batchSize);
  }

  protected get memory(): SamplerMemory {
    if (!this.#memory)
      throw new Error('this source was opened from a plan: only the thread that made it has the memory');
    return this.#memory;
  }

  /** Puts a batch's seeds into the room; returns their number and the keys of the batch's draws. */
  protected begin(epoch: number, step: number, room: Room): readonly [number, number, number] {
    checkStep(step, this.batchesPerEpoch);
    const { seeds, batchSize, seed } = this.walking;
    const order = this.#order.at(epoch);
    const start = step * batchSize;
    const size = Math.min(batchSize, order.length - start);
    for (let p = 0; p < size; p++) room.seeds![p] = seeds[order[start + p]!]!;
    return [size, ...new RandomStream(seed, 'walks', epoch, step).keys];
  }
}

/** PinSage's neighbours of the rows of a relation (items of 'item-user'): other rows, by how often walks visit them. */
export class VisitSource extends WalkSource<VisitPlan> implements BatchSource<VisitBatch> {
  /** `out` leads from the seeds' kind to another, `back` from that to the seeds' kind; rows by dense index. */
  static over(out: Csr, back: Csr, options: VisitOptions, memory: SamplerMemory): VisitSource {
    const { steps, restart, top } = options;
    if (!(steps >= 1 && top >= 1 && restart >= 0 && restart <= 1))
      throw new RangeError(`walks of ${steps} steps, restart ${restart}, best ${top}`);
    const size = 2 ** Math.ceil(Math.log2(2 * steps));
    const plan = {
      ...options,
      kind: 'visits' as const,
      share: memory.share,
      out: placed(out, memory),
      back: placed(back, memory),
      scratch: memory.array('i32', 2 * size),
      size,
    };
    return new VisitSource(plan, memory);
  }

  plan(): VisitPlan {
    return { ...this.walking, scratch: this.memory.array('i32', 2 * this.walking.size) };
  }

  room(): Room {
    const { batchSize, top } = this.walking;
    return {
      seeds: this.memory.array('i32', batchSize),
      neighbours: this.memory.array('i32', batchSize * top),
      counts: this.memory.array('i32', batchSize * top),
    };
  }

  fill(epoch: number, step: number, room: Room): readonly number[] {
    const [size, first, second] = this.begin(epoch, step, room);
    const { out, back, steps, restart, top, scratch, size: slots } = this.walking;
    const topologies = [out.offsets, out.indices, back.offsets, back.indices].map(({ byteOffset }) => byteOffset);
    this.kernels.visitNeighbours(
      0,
      0,
      size,
      room.seeds!.byteOffset,
      ...topologies,
      steps,
      restart,
      top,
      first,
      second,
      room.neighbours!.byteOffset,
      room.counts!.byteOffset,
      scratch.byteOffset,
      slots,
    );
    return [size];
  }

  view(room: Room, [size = 0]: readonly number[]): VisitBatch {
    const { top } = this.walking;
    const ints = (name: string, length: number) => (room[name] as Int32Array).subarray(0, length);
    return {
      seeds: ints('seeds', size),
      neighbours: ints('neighbours', size * top),
      counts: ints('counts', size * top),
    };
  }
}

/** node2vec's walks over a graph whose rows and columns are the same nodes, rows ascending. */
export class BiasedWalkSource extends WalkSource<WalkPlan> implements BatchSource<WalkBatch> {
  static over(graph: Csr, { starts, ...options }: WalkOptions, memory: SamplerMemory): BiasedWalkSource {
    const { length, p, q } = options;
    if (!(length >= 1 && p > 0 && q > 0)) throw new RangeError(`walks of ${length} nodes with p ${p} and q ${q}`);
    const plan = {
      ...options,
      kind: 'walks' as const,
      share: memory.share,
      seeds: starts,
      graph: placed(graph, memory),
    };
    return new BiasedWalkSource(plan, memory);
  }

  plan(): WalkPlan {
    return this.walking;
  }

  room(): Room {
    const { batchSize, length } = this.walking;
    return { seeds: this.memory.array('i32', batchSize), walks: this.memory.array('i32', batchSize * length) };
  }

  fill(epoch: number, step: number, room: Room): readonly number[] {
    const [size, first, second] = this.begin(epoch, step, room);
    const { graph, length, p, q } = this.walking;
    const topology = [graph.offsets.byteOffset, graph.indices.byteOffset] as const;
    const where = [room.seeds!.byteOffset, ...topology, length] as const;
    this.kernels.biasedWalks(0, 0, size, ...where, 1 / p, 1 / q, first, second, room.walks!.byteOffset);
    return [size];
  }

  view(room: Room, [size = 0]: readonly number[]): WalkBatch {
    return { walks: (room.walks as Int32Array).subarray(0, size * this.walking.length) };
  }
}

/** All relations of a typed graph as one matrix over its numbered nodes, both directions where both are among them. */
export function homogeneous({ numbers, relations }: TypedGraph): Csr {
  const { total, first } = numbers;
  const offsets = new Int32Array(total + 1);
  const rows = Array.from({ length: total }, (): number[] => []);
  for (const { from, to, csr } of relations) {
    for (let row = 0; row < csr.rows; row++) {
      const targets = rows[first[from] + row]!;
      for (let entry = csr.offsets[row]!; entry < csr.offsets[row + 1]!; entry++) {
        targets.push(first[to] + csr.indices[entry]!);
      }
    }
  }
  for (const [row, targets] of rows.entries()) offsets[row + 1] = offsets[row]! + targets.length;
  const indices = new Int32Array(offsets[total]!);
  for (const [row, targets] of rows.entries()) indices.set(Int32Array.from(targets).sort(), offsets[row]);
  return { rows: total, cols: total, offsets, indices };
}
