/** PinSage's walks drawn by a real Neo4j, and what they teach; vectors of items that came after the training. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kernels } from '../../src/compute/kernels.ts';
import { openKernels } from '../../src/compute/open.ts';
import { openWasm } from '../../src/compute/tensors/wasm.ts';
import type { Tensors } from '../../src/compute/tensors.ts';
import { createExplainer } from '../../src/explain/explainer.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { findModel } from '../../src/models/registry.ts';
import { optionGroups } from '../../src/options.ts';
import { similarItems, vectorOfItem } from '../../src/pipeline/items.ts';
import { silent } from '../../src/progress.ts';
import { BatchFeed } from '../../src/sampling/feed.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import { LiveGraph } from '../../src/sampling/liveGraph.ts';
import { splitSnapshot } from '../../src/sampling/split.ts';
import { writeSnapshot } from '../../src/sampling/store.ts';
import { openRecommender } from '../../src/serving/recommender.ts';
import { publish } from '../../src/serving/versions.ts';
import type { TrainingResult } from '../../src/training/result.ts';
import { runTraining } from '../../src/training/run.ts';
import { emptyGraph, testGraph } from '../neo4j.ts';
import { checkerboard, sourceOf } from '../planted.ts';

const home = mkdtempSync(join(tmpdir(), 'tastegraph-visits-'));
const board = checkerboard({ users: 24, items: 16 });
const snapshot = snapshotFromRecords(board.records, 'generated');
const split = splitSnapshot(snapshot, optionGroups.splitting.parse({ seed: 2, split: 'ratio' }));
let graph: Graph;
let live: LiveGraph;
let kernels: Kernels;
let tensors: Tensors;

beforeAll(async () => {
  graph = await testGraph();
  await emptyGraph(graph);
  await ingest(graph, sourceOf(board.records), { home, maxBadPercent: 0, restart: true }, silent);
  live = await LiveGraph.open(graph, { snapshot, page: 7, sessions: 3 });
  kernels = openKernels({ threads: 1 });
  tensors = await openWasm(kernels);
});
afterAll(async () => {
  await graph?.close();
  tensors?.close();
  await kernels?.close();
  rmSync(home, { recursive: true, force: true });
});

const walks = { steps: 64, restart: 0.5, top: 20, batchSize: 6, seed: 4 };

/** Visits of each item, by item. */
async function visitsOf(feed: BatchFeed, epochs: number): Promise<Map<string, number>> {
  const visits = feed.visits(walks);
  const counts = new Map<string, number>();
  for (let epoch = 0; epoch < epochs; epoch++) {
    const met: number[] = [];
    for (let step = 0; step < visits.perEpoch; step++) {
      const { seeds, neighbours, counts: times } = await visits.at(epoch, step);
      met.push(...seeds);
      for (const [row, seed] of seeds.entries()) {
        for (let n = row * walks.top; n < (row + 1) * walks.top; n++) {
          if (neighbours[n]! < 0) continue;
          expect(neighbours[n]).not.toBe(seed);
          const key = `${seed} ${neighbours[n]}`;
          counts.set(key, (counts.get(key) ?? 0) + times[n]!);
        }
      }
    }
    expect(met.sort((a, b) => a - b)).toEqual(Array.from({ length: split.train.cols }, (_, item) => item));
  }
  return counts;
}

function train(name: string, source?: LiveGraph): Promise<TrainingResult> {
  return runTraining({
    definition: findModel('pinsage'),
    modelOptions: { dim: 16, walkSteps: 40, batchSize: 64, learningRate: 0.02, newShare: 0.3, neighbours: 5 },
    snapshot,
    split,
    options: { ...optionGroups.training.parse({ epochs: 12, metricsAt: [3], refit: false }), seed: 3 },
    kernels,
    tensors,
    ...(source && { live: source }),
    checkpoints: join(home, name),
    report: silent,
    signal: new AbortController().signal,
  });
}

describe('walks drawn by Neo4j', () => {
  it('go over training pairs alone, as those over the snapshot do', async () => {
    const { train: pairs } = split;
    const ours = await visitsOf(new BatchFeed({ snapshot, train: pairs }), 30);
    const theirs = await visitsOf(new BatchFeed({ snapshot, train: pairs, live }), 6);
    const total = (counts: Map<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0);
    // Items of the other colour are never reached: nobody has both.
    for (const key of [...ours.keys(), ...theirs.keys()]) {
      const [from, to] = key.split(' ').map(Number);
      expect(from! % 2).toBe(to! % 2);
    }
    // Half the sum of all differences of shares: 0.1 by chance alone, from which it hardly strays, being a sum of 112 terms.
    const share = (counts: Map<string, number>, key: string) => (counts.get(key) ?? 0) / total(counts);
    const difference = [...ours.keys()].reduce(
      (sum, key) => sum + Math.abs(share(theirs, key) - share(ours, key)) / 2,
      0,
    );
    expect(difference).toBeLessThan(0.2);
  });

  it('teach PinSage what the snapshot teaches it', async () => {
    const [fromSnapshot, fromNeo4j] = [await train('snapshot'), await train('neo4j', live)];
    for (const { test, popularity, sampling } of [fromSnapshot, fromNeo4j]) {
      expect(popularity['recall@3']!).toBeLessThan(0.7);
      expect(test['recall@3']!).toBeGreaterThan(0.95); // what is left of a user's colour
      expect(sampling.drew).toBeGreaterThan(0);
    }
  }, 60_000);
});

describe('an item that came after the training', () => {
  it('has a vector, and items like it, by its features and by who chose it', async () => {
    writeSnapshot(home, snapshot);
    const result = await train('served');
    const { id } = await publish(home, result);
    await graph.write((tx) =>
      tx.run(
        `MATCH (odd:Feature {key: 'colour:odd'})
         CREATE (:Item {id: 'new odd', title: 'New and odd', available: true})-[:HAS {weight: 1.0}]->(odd),
                (chosen:Item {id: 'chosen'}), (:Item {id: 'bare'})
         WITH chosen MATCH (user:User) WHERE user.id IN ['user-001', 'user-003']
         CREATE (user)-[:INTERACTED {type: 'like', at: 9, value: 1.0}]->(chosen)`,
      ),
    );
    const recommender = openRecommender(home, kernels, { tensors, pollMs: 0 });
    const service = { recommender, reach: reachOf(graph, { timeoutMs: 20_000 }) };
    try {
      const isOdd = (item: string) => Number(item.slice(-1)) % 2 === 1;
      const odd = await similarItems(service, 'new odd', { limit: 5 });
      expect(odd).toMatchObject({ item: 'new odd', title: 'New and odd', version: id });
      expect(odd.unseen).toEqual({ features: 1, neighbours: 0, how: 'model' });
      expect(odd.items.map(({ id: item }) => isOdd(item))).toEqual(Array(5).fill(true));
      const { vector, unseen } = await vectorOfItem(service, 'new odd');
      expect(unseen).toEqual({ features: 1, neighbours: 0, how: 'model' });
      expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
      const chosen = await similarItems(service, 'chosen', { limit: 5 });
      expect(chosen.unseen!.features).toBe(0);
      expect(chosen.unseen!.neighbours).toBeGreaterThan(0);
      expect(chosen.items.filter(({ id: item }) => isOdd(item)).length).toBeGreaterThanOrEqual(4);
      // Of the training itself, by the published vectors.
      const known = await vectorOfItem(service, snapshot.items.id(3));
      expect(known.unseen).toBeUndefined();
      expect([...known.vector]).toEqual([...result.vectors!.items.subarray(3 * 16, 4 * 16)]);
      // A user likes the new item of her colour better than one of the other colour would be.
      const { served, release } = recommender.acquire();
      expect(served.scoreVector('user-001', vector)!).toBeGreaterThan(served.scoreVector('user-000', vector)!);
      expect(served.scoreVector('nobody', vector)).toBeUndefined();
      const { explain } = createExplainer(service.reach);
      const told = await explain(served, 'user-001', 'new odd');
      expect(told).toMatchObject({
        title: 'New and odd',
        version: id,
        unattributed: expect.stringMatching(/^PinSage/),
        graph: 'reached',
      });
      expect(told.score).toBeCloseTo(served.scoreVector('user-001', vector)!, 5);
      expect(told.attribution).toBeUndefined();
      expect(told.paths.map(({ kind, through }) => [kind, through?.title])).toEqual([['feature', 'odd']]);
      expect((await explain(served, 'nobody', 'new odd')).fallback).toBe('popular');
      release();
      await expect(similarItems(service, 'bare', { limit: 5 })).rejects.toMatchObject({ code: 'item/unseen' });
      await expect(vectorOfItem(service, 'nowhere')).rejects.toMatchObject({ code: 'item/unknown' });
    } finally {
      recommender.close();
    }
  }, 60_000);
});
