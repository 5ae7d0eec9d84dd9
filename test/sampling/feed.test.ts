import { afterAll, describe, expect, it } from 'vitest';
import { BatchFeed, type FeedOptions } from '../../src/sampling/feed.ts';
import { PairSource } from '../../src/sampling/pairSource.ts';
import { drawOne } from '../../src/sampling/source.ts';
import { checkerboardSnapshot } from '../planted.ts';

const snapshot = checkerboardSnapshot({ users: 30, items: 24 });
const train = snapshot.relation('user-item');
const pairs = { kind: 'uniform', perPair: 1, batchSize: 50, seed: 4 } as const;
const open: BatchFeed[] = [];
afterAll(() => Promise.all(open.map((feed) => feed.close())));

function feedOf(options: Partial<FeedOptions> = {}): BatchFeed {
  const feed = new BatchFeed({ snapshot, train, ...options });
  open.push(feed);
  return feed;
}

describe.each([0, 1, 2])('a feed on %i threads', (workers) => {
  it('gives each step its batch, from wherever it goes on', async () => {
    const source = new PairSource(train, pairs);
    const batches = feedOf({ workers }).batches(source);
    expect(batches.perEpoch).toBe(source.batchesPerEpoch);
    // Straight on, on from the middle of another epoch, back, and again.
    for (const [epoch, step] of [
      [0, 0],
      [0, 1],
      [0, 2],
      [2, 1],
      [2, 2],
      [1, 0],
      [1, 0],
    ] as const)
      expect(await batches.at(epoch, step)).toEqual(drawOne(source, epoch, step));
    await expect(batches.at(0, batches.perEpoch)).rejects.toThrow(RangeError);
  });

  it('counts what it gave', async () => {
    const feed = feedOf({ workers });
    const batches = feed.batches(new PairSource(train, pairs));
    expect(feed.counters().batches).toBe(0);
    for (let step = 0; step < 3; step++) await batches.at(0, step);
    expect(feed.counters().batches).toBe(3);
    expect(feed.counters().drew).toBeGreaterThan(0);
  });

  it('stops with the reason of the signal', async () => {
    const stop = new AbortController();
    const batches = feedOf({ workers, signal: stop.signal }).batches(new PairSource(train, pairs));
    await batches.at(0, 0);
    const reason = new Error('stopped');
    stop.abort(reason);
    await expect(batches.at(0, 1)).rejects.toBe(reason);
  });

  it('puts pairs where the subgraph has them', async () => {
    const links = feedOf({ workers }).links({
      relations: ['user-item', 'item-user'],
      pairs,
      neighbours: { hops: [3, 2], seed: 4 },
    });
    const { pairs: drawn, subgraph, users, positives, negatives } = await links.at(0, 0);
    const firstItem = snapshot.users.count;
    const nodes = (places: Int32Array) => [...places].map((place) => subgraph.nodes[place]!);
    expect(nodes(users)).toEqual([...drawn.users]);
    expect(nodes(positives)).toEqual([...drawn.positives].map((item) => firstItem + item));
    expect(nodes(negatives)).toEqual([...drawn.negatives].map((item) => firstItem + item));
    expect(Math.max(...users, ...positives, ...negatives)).toBe(subgraph.blocks[0]!.rows - 1);
  });
});

describe('a feed', () => {
  it('draws nothing, and starts no thread, before it is asked', async () => {
    const feed = feedOf({ workers: 1 });
    feed.batches(new PairSource(train, pairs));
    expect(feed.counters()).toEqual({ batches: 0, takerWaited: 0, workersWaited: 0, drew: 0 });
    await feed.close();
  });
});
