import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SamplerMemory } from '../../src/compute/sampler.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { liveRelations } from '../../src/graph/neighbours.ts';
import { silent } from '../../src/progress.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import { LiveGraph } from '../../src/sampling/liveGraph.ts';
import { type LiveNeighbourOptions, LiveNeighbours } from '../../src/sampling/liveNeighbours.ts';
import { NeighbourSource, type SubgraphBatch } from '../../src/sampling/neighbours.ts';
import { relations } from '../../src/sampling/snapshot.ts';
import type { Sampler } from '../../src/sampling/source.ts';
import { BatchStream } from '../../src/sampling/stream.ts';
import { openSubgraphs } from '../../src/sampling/subgraphs.ts';
import { typedGraph } from '../../src/sampling/typedGraph.ts';
import { epochOf, samplerContract } from '../contracts/sampler.ts';
import { emptyGraph, testGraph } from '../neo4j.ts';
import { checkerboard, sourceOf } from '../planted.ts';
import { chiSquaredBound } from './graphs.ts';

const home = mkdtempSync(join(tmpdir(), 'tastegraph-live-'));
let graph: Graph;
let live: LiveGraph;
const board = checkerboard({ users: 14, items: 16 });
// Some pairs meet again: a pair counts once, however often it met.
const again = board.records.flatMap((record, n) =>
  record.kind === 'interaction' && n % 3 === 0 ? [{ ...record, at: record.at + 12_345 }] : [],
);
const records = [...board.records, ...again];
const snapshot = snapshotFromRecords(records, 'generated');

beforeAll(async () => {
  graph = await testGraph();
  await emptyGraph(graph);
  await ingest(graph, sourceOf(records), { home, maxBadPercent: 0, restart: true }, silent);
  live = await LiveGraph.open(graph, { page: 7, sessions: 3 });
});
afterAll(async () => {
  await graph?.close();
  rmSync(home, { recursive: true, force: true });
});

samplerContract(
  'Neo4j',
  () => snapshot,
  async (_, { relations, fanouts, ...options }) => {
    const from = { source: 'neo4j', graph, live: { page: 7, sessions: 3 } } as const;
    const sampler = await openSubgraphs(from, relations, () => ({ ...options, hops: fanouts, seed: 5 }));
    return { sampler, close: () => sampler.close() };
  },
);

describe('the live graph', () => {
  it('numbers nodes as a snapshot does, and knows every relation', async () => {
    expect(live.numbers.count).toEqual({
      user: snapshot.users.count,
      item: snapshot.items.count,
      feature: snapshot.features.count,
    });
    expect(liveRelations).toEqual(relations);
    const seeds = Int32Array.from({ length: live.numbers.total }, (_, node) => node);
    const options = { seeds, relations, hops: [1000], batchSize: 50, seed: 1 };
    // With a fan-out over every degree both give all edges.
    const edges = async (sampler: Sampler<SubgraphBatch>): Promise<string[]> =>
      (await epochOf(sampler, 0))
        .flatMap(({ nodes, blocks: [block] }) =>
          Array.from({ length: block!.rows }, (_, row) =>
            [...block!.indices.subarray(block!.offsets[row], block!.offsets[row + 1])].map(
              (place) => `${nodes[row]} ${nodes[place]}`,
            ),
          ).flat(),
        )
        .sort();
    const fromSnapshot = new BatchStream(
      NeighbourSource.over(typedGraph(snapshot, { relations }), options, new SamplerMemory()),
      { workers: 0 },
    );
    expect(await edges(new LiveNeighbours(live, options))).toEqual(await edges(fromSnapshot));
  });

  it.each([false, true])('draws with the same distribution as the snapshot (repetition: %s)', async (replace) => {
    const seeds = Int32Array.of(0, 1, 2, 3);
    const relations = ['user-item', 'item-user'] as const;
    const options = { seeds, relations, hops: [2, 2], batchSize: 4, seed: 2, replace, ahead: 8 };
    const counts = async (sampler: Sampler<SubgraphBatch>, epochs: number): Promise<Map<string, number>> => {
      const found = new Map<string, number>();
      for (let epoch = 0; epoch < epochs; epoch++) {
        for await (const { nodes, blocks } of sampler.batches(epoch, new AbortController().signal)) {
          const [block] = blocks;
          for (let row = 0; row < block!.rows; row++) {
            for (let e = block!.offsets[row]!; e < block!.offsets[row + 1]!; e++) {
              const edge = `${nodes[row]} ${nodes[block!.indices[e]!]}`;
              found.set(edge, (found.get(edge) ?? 0) + 1);
            }
          }
        }
      }
      return found;
    };
    const source = NeighbourSource.over(typedGraph(snapshot, { relations }), options, new SamplerMemory());
    const epochs = 150;
    const ours = await counts(new BatchStream(source, { workers: 0 }), epochs);
    const theirs = await counts(new LiveNeighbours(live, options), epochs);
    // Two samples of one distribution (of equal size): Σ (a − b)² / (a + b) is χ².
    const edges = [...new Set([...ours.keys(), ...theirs.keys()])];
    const statistic = edges.reduce((sum, edge) => {
      const [a, b] = [ours.get(edge) ?? 0, theirs.get(edge) ?? 0];
      return sum + (a - b) ** 2 / (a + b);
    }, 0);
    // The database's numbers have no seed: one run in a thousand would be over the bound itself.
    expect(statistic).toBeLessThan(2 * chiSquaredBound(edges.length - seeds.length));
    const mean = (epochs * 2) / 8; // each user has eight items, all alike
    const alone = [...theirs.values()].reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    expect(alone).toBeLessThan(2 * chiSquaredBound(edges.length - seeds.length));
  });

  it.each(['uniform', 'recent'] as const)('leaves out the parts that are not to be seen: %s', async (pick) => {
    const training = await LiveGraph.open(graph, { without: ['test'] });
    const seeds = Int32Array.from({ length: board.users }, (_, user) => user);
    const options = { seeds, relations: ['user-item'] as const, hops: [1000], batchSize: 5, seed: 1, pick };
    for (const { seeds: own, nodes, blocks } of await epochOf(new LiveNeighbours(training, options), 0)) {
      for (const [row, user] of own.entries()) {
        const places = [...blocks[0]!.indices.subarray(blocks[0]!.offsets[row], blocks[0]!.offsets[row + 1])];
        const items = places.map((place) => nodes[place]! - board.users);
        expect(items).not.toContain(board.heldOut(user));
        expect(items).toHaveLength(board.items / 2 - 1);
      }
    }
  });

  it('refuses what it cannot draw', () => {
    const options: LiveNeighbourOptions = {
      seeds: Int32Array.of(0),
      relations: ['user-item'],
      hops: [2],
      batchSize: 1,
      seed: 1,
      pick: 'weighted',
    };
    expect(() => new LiveNeighbours(live, options)).toThrow('--source snapshot');
  });
});
