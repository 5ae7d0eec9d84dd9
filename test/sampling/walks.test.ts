import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { biasedWalks, visitNeighbours } from '../../src/compute/referenceSampling.ts';
import { SamplerMemory } from '../../src/compute/sampler.ts';
import { RandomStream } from '../../src/random.ts';
import { ownMemory } from '../../src/sampling/memory.ts';
import { relationOf, transpose } from '../../src/sampling/relations.ts';
import { BiasedWalkSource, homogeneous, VisitSource } from '../../src/sampling/walks.ts';
import { chiSquared, chiSquaredBound, randomGraph } from './graphs.ts';

const seeds32 = fc.integer({ min: 0, max: 2 ** 31 });
const density = fc.constantFrom(0, 0.1, 0.4, 1);

describe('most visited neighbours', () => {
  it('are those that the plain twin visits', () => {
    fc.assert(
      fc.property(
        seeds32,
        density,
        fc.integer({ min: 1, max: 70 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 12 }),
        (seed, density, steps, restart, top) => {
          const graph = randomGraph(seed, { density, relations: ['item-user'] });
          const out = graph.relations[0]!.csr;
          const back = transpose(out, ownMemory);
          const seeds = Int32Array.from({ length: out.rows }, (_, row) => row);
          const options = { seeds, steps, restart, top, batchSize: 8, seed };
          const source = VisitSource.over(out, back, options, new SamplerMemory());
          const room = source.room();
          for (let step = 0; step < source.batchesPerEpoch; step++) {
            const batch = source.view(room, source.fill(1, step, room));
            const stream = new RandomStream(seed, 'walks', 1, step);
            const expected = visitNeighbours([...batch.seeds], out, back, options, stream);
            for (const [s, visited] of expected.entries()) {
              const none = Array.from({ length: top - visited.length }, () => [-1, 0] as const);
              const found = Array.from({ length: top }, (_, t) => [
                batch.neighbours[s * top + t]!,
                batch.counts[s * top + t]!,
              ]);
              expect(found).toEqual([...visited, ...none]);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are the nearest in a chain, and the more so with restarts', () => {
    // Items 0 … 9 in a chain: user u has items u and u + 1.
    const pairs = Array.from({ length: 9 }, (_, user) => [
      [user, user],
      [user, user + 1],
    ]).flat();
    const back = relationOf(9, 10, { from: pairs.map(([u]) => u!), to: pairs.map(([, i]) => i!) }, ownMemory);
    const out = transpose(back, ownMemory);
    const options = { seeds: Int32Array.of(5), steps: 2000, top: 9, batchSize: 1, seed: 1 };
    const counts = [0.3, 0.9].map((restart) => {
      const source = VisitSource.over(out, back, { ...options, restart }, new SamplerMemory());
      const room = source.room();
      const { neighbours, counts } = source.view(room, source.fill(0, 0, room));
      expect(neighbours.slice(0, 2).toSorted()).toEqual(Int32Array.of(4, 6));
      return counts[0]! / counts.reduce((a, b) => a + b, 0);
    });
    expect(counts[1]).toBeGreaterThan(counts[0]!);
  });
});

describe('biased walks', () => {
  it('are those of the plain twin', () => {
    fc.assert(
      fc.property(
        seeds32,
        density,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0.25, 1, 4),
        fc.constantFrom(0.25, 1, 4),
        (seed, density, length, p, q) => {
          const graph = homogeneous(randomGraph(seed, { density }));
          const starts = Int32Array.from({ length: graph.rows }, (_, node) => node);
          const source = BiasedWalkSource.over(
            graph,
            { starts, length, p, q, batchSize: 10, seed },
            new SamplerMemory(),
          );
          const room = source.room();
          for (let step = 0; step < source.batchesPerEpoch; step++) {
            const { walks } = source.view(room, source.fill(0, step, room));
            const begun = Array.from({ length: walks.length / length }, (_, w) => walks[w * length]!);
            const stream = new RandomStream(seed, 'walks', 0, step);
            const expected = biasedWalks(begun, graph, length, { back: 1 / p, away: 1 / q }, stream);
            expect([...walks]).toEqual(expected.flat());
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('go back, stay near and go away as p and q say', () => {
    // From 0 the walk can only go to 1; from there back to 0, on to 2, which 0 knows too, or away to 3.
    const edges = [
      [0, 1],
      [1, 0],
      [1, 2],
      [1, 3],
      [0, 2],
    ] as const;
    const graph = relationOf(4, 4, { from: edges.map(([a]) => a), to: edges.map(([, b]) => b) }, ownMemory);
    const [p, q] = [2, 0.25];
    const options = { starts: Int32Array.of(0), length: 3, p, q, batchSize: 1, seed: 3 };
    const source = BiasedWalkSource.over(graph, options, new SamplerMemory());
    const room = source.room();
    const counts = [0, 0, 0, 0];
    for (let epoch = 0; epoch < 6000; epoch++) {
      const { walks } = source.view(room, source.fill(epoch, 0, room));
      if (walks[1] === 1) counts[walks[2]!]!++;
    }
    const total = 1 / p + 1 + 1 / q;
    expect(chiSquared(counts, [1 / p / total, 0, 1 / total, 1 / q / total])).toBeLessThan(chiSquaredBound(2));
  });
});
