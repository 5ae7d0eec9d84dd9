/**
 * Cold items: a tenth of ml-100k's items is held out of training entirely; PinSage gives them vectors from their features alone, and
 * they are ranked for users among themselves and among all items. Beside it: popularity, the cosine of features, and LightGCN with
 * vectors between those of items with their features.
 *
 * `--validation` holds out another tenth of what is left and reads that instead: what options are chosen by.
 * Further arguments are options of the model as JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKernels } from '../../src/compute/open.ts';
import { openTensors } from '../../src/compute/tensors/open.ts';
import { lightgcn } from '../../src/models/graph/lightgcn.ts';
import { pinsage } from '../../src/models/graph/pinsage.ts';
import type { Vectors } from '../../src/models/model.ts';
import { optionGroups } from '../../src/options.ts';
import { RandomStream } from '../../src/random.ts';
import { snapshotFromFiles } from '../../src/sampling/fromFiles.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { splitSnapshot } from '../../src/sampling/split.ts';
import { itemFolderOf } from '../../src/serving/foldIn/items.ts';
import { evaluate, popularity, type Ranker, vectorRanker } from '../../src/training/metrics.ts';
import { runTraining } from '../../src/training/run.ts';
import { allButCold, type ColdSplit, coldSplit, contentScore, rankerBy, together } from './cold/protocol.ts';
import type { Bench } from './table.ts';

const seed = 2026;
const share = 0.1;

const bench: Bench = async ({ data, args, log }) => {
  if (!data) throw new Error('ml-100k is not on this machine');
  const snapshot = await snapshotFromFiles(join(data, 'ml-100k'), optionGroups.files.parse({}));
  const isValidation = args.includes('--validation');
  const given = args.filter((arg) => arg !== '--validation');
  const whole = splitSnapshot(snapshot, optionGroups.splitting.parse({ seed }));
  const test = coldSplit(whole, { share, seed });
  const split = isValidation ? coldSplit(test, { share, seed: seed + 1, leave: test.cold }) : test;
  const kernels = openKernels();
  const tensors = await openTensors({ device: 'auto', kernels });
  const folder = mkdtempSync(join(tmpdir(), 'tastegraph-bench-'));
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  const judge = async (name: string, ranker: () => Ranker): Promise<void> => {
    log(name);
    const among = {
      cold: await evaluate(ranker(), allButCold(split), split.relevant, [20]),
      all: await evaluate(ranker(), split.fit, split.relevant, [20]),
      'all, warm ones too': await evaluate(ranker(), split.fit, together([split.relevant, split.test]), [20]),
    };
    const cells = Object.values(among).flatMap((metrics) => [metrics['recall@20']!, metrics['ndcg@20']!]);
    rows.push([name, ...cells.map((value) => value.toFixed(4))]);
    for (const [where, metrics] of Object.entries(among))
      for (const metric of ['recall@20', 'ndcg@20']) figures[`${name}, ${metric} among ${where}`] = metrics[metric]!;
  };
  try {
    const items = snapshot.items.count;
    const people = popularity(split.fit).itemBias!;
    // Ids of this data tell how popular films are: ties in their order would know what nobody may.
    const ties = new RandomStream(seed, 'ties');
    await judge('popularity', () => rankerBy(items, (_, item) => people[item]! + ties.at(item) / 2 ** 33));
    const content = contentScore(snapshot, split.fit);
    await judge('cosine of features', () => rankerBy(items, content));
    for (const options of given.length > 0 ? given.map((text) => JSON.parse(text) as object) : [{}]) {
      const result = await runTraining({
        definition: pinsage,
        modelOptions: { ...options },
        snapshot,
        split,
        options: { ...optionGroups.training.parse({ metricsAt: [20], patience: 3 }), seed },
        kernels,
        tensors,
        checkpoints: join(folder, String(rows.length)),
        report: () => {},
        signal: new AbortController().signal,
      });
      const vectors = result.vectors!;
      const name = ['pinsage', ...Object.entries(options).map(([key, value]) => `${key} ${value}`)].join(' ');
      log(
        `${result.epochs} epochs, ${result.seconds.fit.toFixed(0)} s, warm validation ${result.valid['recall@20']?.toFixed(4)}`,
      );
      await judge(name, () => vectorRanker(kernels, vectors));
    }
    // A model that gives new items no vectors: theirs lie between those of items with their features.
    const { vectors } = await runTraining({
      definition: lightgcn,
      modelOptions: {},
      snapshot,
      split,
      options: { ...optionGroups.training.parse({ metricsAt: [20], patience: 3 }), seed },
      kernels,
      checkpoints: join(folder, 'lightgcn'),
      report: () => {},
      signal: new AbortController().signal,
    });
    const between = vectorsOfCold(vectors!, snapshot, split);
    await judge('lightgcn, between items of their features', () => vectorRanker(kernels, between));
  } finally {
    tensors.close();
    await kernels.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    title: `Cold items of ml-100k: ${split.cold.length} of ${items(snapshot)} held out (${isValidation ? 'of validation, ' : ''}seed ${seed}), ${usersOf(split)} users with any of them`,
    columns: [
      'ranker',
      'cold among cold: Recall@20',
      'NDCG@20',
      'cold among all: Recall@20',
      'NDCG@20',
      'cold and warm among all: Recall@20',
      'NDCG@20',
    ],
    rows,
    notes: [
      'relevant are the held-out items that a user chose, and in the last columns the test part of the others too; among all: every item that she has not chosen in training',
      'popularity: people in training, which is 0 for all held-out items, so that they come in an order drawn by the seed, behind all others',
      'cosine of features: of an item with the mean of the items that the user chose; features are genres',
      'lightgcn: held-out items between the vectors of items with their features, as serving does it for models without vectors for new items',
      'pinsage: no neighbours and no own row for held-out items; options as given, epochs by warm validation',
    ],
    figures,
  };
};

export default bench;

/** With the vectors that serving gives to items that came after the training, by their features alone; biases of them are 0. */
function vectorsOfCold(vectors: Vectors, snapshot: Snapshot, { cold, fit }: ColdSplit): Vectors {
  const fold = itemFolderOf(vectors, snapshot, fit);
  const [all, itemBias] = [vectors.items.slice(), vectors.itemBias?.slice()];
  const { offsets, indices, weights } = snapshot.relation('item-feature');
  for (const item of cold) {
    const [from, to] = [offsets[item]!, offsets[item + 1]!];
    const features = indices.slice(from, to);
    const known = weights?.slice(from, to) ?? new Float32Array(to - from).fill(1);
    const vector = fold({ features, weights: known, neighbours: new Int32Array(0), visits: new Float32Array(0) });
    all.set(vector ?? new Float32Array(vectors.dim), item * vectors.dim);
    if (itemBias) itemBias[item] = 0;
  }
  return { ...vectors, items: all, ...(itemBias && { itemBias }) };
}

const items = (snapshot: Snapshot): number => snapshot.items.count;

const usersOf = ({ relevant }: ColdSplit): number =>
  Array.from({ length: relevant.rows }, (_, user) => relevant.offsets[user + 1]! - relevant.offsets[user]!).filter(
    (n) => n > 0,
  ).length;
