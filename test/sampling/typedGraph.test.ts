import { describe, expect, it } from 'vitest';
import { SamplerMemory } from '../../src/compute/sampler.ts';
import { optionGroups } from '../../src/options.ts';
import { LinkSource } from '../../src/sampling/links.ts';
import { firstMeetings } from '../../src/sampling/meetings.ts';
import { NeighbourSource } from '../../src/sampling/neighbours.ts';
import { relations } from '../../src/sampling/snapshot.ts';
import { drawOne } from '../../src/sampling/source.ts';
import { splitSnapshot } from '../../src/sampling/split.ts';
import { typedGraph } from '../../src/sampling/typedGraph.ts';
import { checkerboard, checkerboardSnapshot } from '../planted.ts';

const board = checkerboard({ users: 10, items: 12 });
const snapshot = checkerboardSnapshot({ users: 10, items: 12 });
const { train, fit } = splitSnapshot(snapshot, optionGroups.splitting.parse({ split: 'given' }));
const userItem = ['user-item', 'item-user'] as const;

describe('typed graph', () => {
  it('has the edges of the snapshot, those of users and items in time order', () => {
    const graph = typedGraph(snapshot, { relations });
    expect(graph.numbers.total).toBe(snapshot.users.count + snapshot.items.count + snapshot.features.count);
    for (const { name, csr } of graph.relations) {
      const { offsets, indices } = snapshot.relation(name);
      expect(csr.offsets).toEqual(offsets);
      for (let row = 0; row < csr.rows; row++) {
        const [from, to] = [offsets[row]!, offsets[row + 1]!];
        expect(csr.indices.slice(from, to).sort()).toEqual(indices.slice(from, to));
        const times = csr.times && [...csr.times.subarray(from, to)];
        if (times) expect(times).toEqual(times.toSorted((a, b) => a - b));
      }
    }
  });

  it('keeps to the training pairs where they are given', () => {
    const graph = typedGraph(snapshot, { relations: userItem, train: fit });
    const users = Int32Array.from({ length: 10 }, (_, user) => user);
    const options = { seeds: users, hops: [100, 100], batchSize: 10, seed: 1 };
    const { nodes, blocks } = drawOne(NeighbourSource.over(graph, options, new SamplerMemory()), 0, 0);
    for (const block of blocks) {
      for (let row = 0; row < block.rows; row++) {
        for (const place of block.indices.subarray(block.offsets[row], block.offsets[row + 1])) {
          const [user, item] = [nodes[row]!, nodes[place]!].sort((a, b) => a - b) as [number, number];
          expect(item - 10).not.toBe(board.heldOut(user));
        }
      }
    }
  });

  it('puts pairs that never met before all others', () => {
    const interactions = { ...snapshot.interactions, count: 0 };
    const { users, at } = firstMeetings({ interactions }, train);
    expect(users).toHaveLength(train.indices.length);
    expect(at.every((moment) => moment === Number.NEGATIVE_INFINITY)).toBe(true);
  });
});

describe('subgraphs around pairs', () => {
  it('have the nodes of every pair as seeds', () => {
    const graph = typedGraph(snapshot, { relations: userItem, train });
    const pairs = { batchSize: 8, seed: 4, kind: 'uniform', perPair: 3 } as const;
    const source = LinkSource.over(graph, train, pairs, { hops: [3, 2], seed: 4 }, new SamplerMemory());
    for (let step = 0; step < source.batchesPerEpoch; step++) {
      const { pairs: drawn, subgraph, ...places } = drawOne(source, 2, step);
      const nodesAt = (found: Int32Array) => Array.from(found, (place) => subgraph.nodes[place]);
      expect(nodesAt(places.users)).toEqual([...drawn.users]);
      expect(nodesAt(places.positives)).toEqual(Array.from(drawn.positives, (item) => item + 10));
      expect(nodesAt(places.negatives)).toEqual(Array.from(drawn.negatives, (item) => item + 10));
      expect(new Set(subgraph.nodes).size).toBe(subgraph.nodes.length);
      expect(subgraph.blocks).toHaveLength(2);
    }
  });
});
