import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestVariant, type KernelVariant } from '../../src/compute/pool.ts';
import { type ReferenceHop, sampleSubgraph } from '../../src/compute/referenceSampling.ts';
import { SamplerMemory } from '../../src/compute/sampler.ts';
import { RandomStream } from '../../src/random.ts';
import type { Hop, NeighbourOptions } from '../../src/sampling/neighbourPlan.ts';
import { picks } from '../../src/sampling/neighbourPlan.ts';
import { NeighbourSource, type SubgraphBatch } from '../../src/sampling/neighbours.ts';
import { drawOne } from '../../src/sampling/source.ts';
import { type TypedGraph, typedGraph } from '../../src/sampling/typedGraph.ts';
import { checkerboardSnapshot } from '../planted.ts';
import { chiSquared, chiSquaredBound, randomGraph } from './graphs.ts';

const variants: KernelVariant[] = bestVariant() === 'relaxed' ? ['baseline', 'relaxed'] : ['baseline'];

const hopsOf = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 9 }),
    fc.record({ 'user-item': fc.integer({ min: 1, max: 4 }), 'item-user': fc.integer({ min: 1, max: 30 }) }),
  ),
  { minLength: 1, maxLength: 3 },
);
const cases = fc.record({
  graph: fc
    .record({
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
      density: fc.constantFrom(0, 0.1, 0.5, 1),
      items: fc.constantFrom(0, 20, 90),
    })
    .map(({ seed, ...options }) => randomGraph(seed, options)),
  hops: hopsOf as fc.Arbitrary<Hop[]>,
  pick: fc.constantFrom(...picks),
  replace: fc.boolean(),
  expand: fc.constantFrom('all' as const, 'new' as const),
  timed: fc.boolean(),
  batchSize: fc.integer({ min: 1, max: 15 }),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
});
type Case = typeof cases extends fc.Arbitrary<infer C> ? C : never;

function optionsOf({ graph, timed, ...options }: Case): NeighbourOptions {
  const seeds = Int32Array.from({ length: graph.numbers.total }, (_, node) => node);
  const times = Float64Array.from(seeds, (node) => (node * 37) % 110);
  return { seeds, ...options, ...(timed && { times }) };
}

const relationsOf = (graph: TypedGraph, hop: Hop) =>
  graph.relations.flatMap((relation) => {
    const fanout = typeof hop === 'number' ? hop : (hop[relation.name] ?? 0);
    return fanout > 0 ? [{ ...relation, fanout }] : [];
  });

function twinOf(graph: TypedGraph, options: NeighbourOptions, batch: SubgraphBatch, epoch: number, step: number) {
  const { hops, pick = 'uniform', replace = false, expand = 'all', seed, times } = options;
  const referenceHops = hops.map((hop, h): ReferenceHop => {
    const relations = relationsOf(graph, hop).map(({ from, to, csr, fanout }) => {
      const how = pick === 'weighted' && !csr.weights ? 'uniform' : pick === 'recent' && !csr.times ? 'uniform' : pick;
      return { first: graph.numbers.first[from], base: graph.numbers.first[to], fanout, csr, how, replace };
    });
    return { relations, stream: new RandomStream(seed, 'neighbours', epoch, step, h) };
  });
  // Seeds are all nodes, so a seed's number is its place among the times.
  const untils = times && Array.from(batch.seeds, (node) => times[node]!);
  return sampleSubgraph([...batch.seeds], referenceHops, { isNewOnly: expand === 'new', untils });
}

describe('neighbour sampling', () => {
  it('draws what its plain twin draws, whatever the graph and the options', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 3 }), fc.constantFrom(...variants), (drawn, epoch, variant) => {
        const options = optionsOf(drawn);
        const source = NeighbourSource.over(drawn.graph, options, new SamplerMemory(variant));
        const room = source.room();
        for (let step = 0; step < source.batchesPerEpoch; step++) {
          const batch = source.view(room, source.fill(epoch, step, room));
          const twin = twinOf(drawn.graph, options, batch, epoch, step);
          expect([...batch.nodes]).toEqual(twin.nodes);
          if (batch.roots) expect([...batch.roots]).toEqual(twin.roots);
          for (const [h, { offsets, columns, kinds }] of twin.blocks.entries()) {
            const block = batch.blocks[h]!;
            expect([...block.offsets]).toEqual(offsets);
            expect([...block.indices]).toEqual(columns);
            if (block.kinds) expect([...block.kinds]).toEqual(kinds);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('picks only edges of the graph, no more than the fan-out, none twice, none after the seed', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { graph, replace } = drawn;
        const options = optionsOf(drawn);
        const source = NeighbourSource.over(graph, options, new SamplerMemory());
        const seen: number[] = [];
        const room = source.room();
        for (let step = 0; step < source.batchesPerEpoch; step++) {
          const batch = source.view(room, source.fill(0, step, room));
          seen.push(...batch.seeds);
          expect(Array.from(batch.places, (place) => batch.nodes[place])).toEqual([...batch.seeds]);
          const keys = Array.from(batch.nodes, (node, place) => `${node} ${batch.roots?.[place]}`);
          expect(new Set(keys).size).toBe(keys.length);
          for (const [h, block] of batch.blocks.entries()) {
            const relations = relationsOf(graph, options.hops[h]!);
            expect(block.cols).toBe(batch.blocks[h + 1]?.rows ?? batch.nodes.length);
            for (let row = 0; row < block.rows; row++) {
              const picked = new Map<number, number[]>();
              for (let e = block.offsets[row]!; e < block.offsets[row + 1]!; e++) {
                const kind = block.kinds?.[e] ?? 0;
                const { csr, from, to } = relations[kind]!;
                const [source, target] = [batch.nodes[row]!, batch.nodes[block.indices[e]!]!];
                const local = source - graph.numbers.first[from];
                const entry = csr.indices
                  .subarray(csr.offsets[local], csr.offsets[local + 1])
                  .indexOf(target - graph.numbers.first[to]);
                expect(entry).toBeGreaterThanOrEqual(0);
                const root = batch.roots?.[row];
                if (root !== undefined) {
                  expect(batch.roots![block.indices[e]!]).toBe(root);
                  const until = options.times![batch.seeds[root]!]!;
                  if (csr.times) expect(csr.times[csr.offsets[local]! + entry]!).toBeLessThanOrEqual(until);
                  if (csr.times) expect(block.times![e]).toBe(csr.times[csr.offsets[local]! + entry]);
                }
                if (csr.weights) expect(block.weights![e]).toBe(csr.weights[csr.offsets[local]! + entry]);
                picked.set(kind, [...(picked.get(kind) ?? []), target]);
              }
              for (const [kind, targets] of picked) {
                expect(targets.length).toBeLessThanOrEqual(relations[kind]!.fanout);
                if (!replace) expect(new Set(targets).size).toBe(targets.length);
              }
            }
          }
        }
        expect(seen.sort((a, b) => a - b)).toEqual([...options.seeds]); // each seed once an epoch
      }),
      { numRuns: 40 },
    );
  });

  /** How often each of a star's leaves is picked from its centre. */
  function leafCounts(weights: readonly number[], draws: number, options: Partial<NeighbourOptions>): number[] {
    const leaves = weights.length;
    const csr = {
      rows: 1,
      cols: leaves,
      offsets: Int32Array.of(0, leaves),
      indices: Int32Array.from({ length: leaves }, (_, leaf) => leaf),
      weights: Float32Array.from(weights),
    };
    const graph: TypedGraph = {
      numbers: {
        count: { user: 1, item: leaves, feature: 0 },
        first: { user: 0, item: 1, feature: 1 + leaves },
        total: 1 + leaves,
      },
      relations: [{ name: 'user-item', from: 'user', to: 'item', csr }],
    };
    const seeds = Int32Array.of(0);
    const source = NeighbourSource.over(
      graph,
      { seeds, hops: [2], batchSize: 1, seed: 3, ...options },
      new SamplerMemory(),
    );
    const room = source.room();
    const counts = weights.map(() => 0);
    for (let epoch = 0; epoch < draws; epoch++) {
      const { nodes, blocks } = source.view(room, source.fill(epoch, 0, room));
      for (const place of blocks[0]!.indices) counts[nodes[place]! - 1]!++;
    }
    return counts;
  }

  it('picks all neighbours alike, or in proportion to their weights', () => {
    const weights = [1, 2, 3, 4, 0];
    const even = weights.map(() => 0.2);
    for (const replace of [true, false]) {
      expect(chiSquared(leafCounts(weights, 4000, { replace }), even)).toBeLessThan(chiSquaredBound(4));
    }
    const shares = weights.map((weight) => weight / 10);
    expect(chiSquared(leafCounts(weights, 4000, { replace: true, pick: 'weighted' }), shares)).toBeLessThan(
      chiSquaredBound(3),
    );
    // Of two picks without repetition, each leaf's share: first by weight, then by weight among what is left.
    const second = (leaf: number): number =>
      shares.reduce((sum, share, first) => sum + (first === leaf ? 0 : (share * shares[leaf]!) / (1 - share)), 0);
    const both = shares.map((share, leaf) => (share + second(leaf)) / 2);
    expect(chiSquared(leafCounts(weights, 4000, { pick: 'weighted' }), both)).toBeLessThan(chiSquaredBound(3));
  });

  it('takes the latest that a seed may see', () => {
    const snapshot = checkerboardSnapshot({ users: 8, items: 12 });
    const graph = typedGraph(snapshot, { relations: ['user-item'] });
    const { at, users, items } = snapshot.interactions;
    const moments = Float64Array.from({ length: 8 }, (_, user) => at[0]! + 86_400_000 * (user + 2));
    const source = NeighbourSource.over(
      graph,
      {
        seeds: Int32Array.from({ length: 8 }, (_, user) => user),
        times: moments,
        hops: [2],
        pick: 'recent',
        batchSize: 8,
        seed: 1,
      },
      new SamplerMemory(),
    );
    const { seeds, nodes, blocks } = drawOne(source, 0, 0);
    const [block] = blocks;
    for (const [row, user] of seeds.entries()) {
      const seen = [...at.keys()].filter((n) => users[n] === user && at[n]! <= moments[user]!);
      const wanted = seen
        .slice(-2)
        .map((n) => items[n]!)
        .reverse();
      const found = [...block!.indices.subarray(block!.offsets[row], block!.offsets[row + 1])];
      expect(found.map((place) => nodes[place]! - graph.numbers.first.item)).toEqual(wanted);
    }
  });

  it('says what is wrong with options', () => {
    const graph = randomGraph(1);
    const over = (options: Partial<NeighbourOptions>) => () =>
      NeighbourSource.over(
        graph,
        { seeds: Int32Array.of(0), hops: [2], batchSize: 1, seed: 1, ...options },
        new SamplerMemory(),
      );
    expect(over({ hops: [] })).toThrow('at least one hop');
    expect(over({ hops: [0] })).toThrow('a fan-out is a whole number');
    expect(over({ hops: [{ 'feature-item': 3 }] })).toThrow("no relation 'feature-item'");
    expect(over({ seeds: Int32Array.of(999) })).toThrow(RangeError);
  });
});
