/**
 * Cold users: a fifth of ml-100k's users is held out of training entirely; their first 1, 3, 5, 10 interactions are folded in, as a
 * request would, and what they did later is ranked among all items. Beside it popularity, and the same model trained with these
 * interactions. Cold items are in `cold.bench.ts`.
 *
 * Arguments: names of models (all of them where none is given), as lightgcn or lightgcn:bpr; `--validation` holds out other users and prints, in place of the
 * comparison with training, what options of the fold-in were chosen by.
 */
import { join } from 'node:path';
import type { Csr } from '../../src/compute/csr.ts';
import { optionGroups } from '../../src/options.ts';
import { snapshotFromFiles } from '../../src/sampling/fromFiles.ts';
import { type Split, splitSnapshot } from '../../src/sampling/split.ts';
import { evenHistory, fadingHistory } from '../../src/serving/foldIn/history.ts';
import { byLeastSquares } from '../../src/serving/foldIn/leastSquares.ts';
import { usualPrior, withPrior } from '../../src/serving/foldIn/prior.ts';
import type { Taste } from '../../src/serving/foldIn/taste.ts';
import { bestOf, type Ranking } from '../../src/serving/ranking.ts';
import { evaluate, popularity, type Ranker, vectorRanker } from '../../src/training/metrics.ts';
import { together } from './cold/protocol.ts';
import { coldUsers } from './coldstart/protocol.ts';
import type { Bench } from './table.ts';
import { openTrainer, type Trained } from './trainer.ts';

const seed = 2026;
const share = 0.2;
const counts = [1, 3, 5, 10] as const;
const most = counts.at(-1)!;
/** Models, and where it stands behind a colon another loss than their own. */
const models = [
  ...['ease', 'rp3beta', 'turbocf', 'gfcf', 'chebycf'],
  ...['simgcl', 'xsimgcl', 'lightgcl', 'lightgcn', 'lightgcn:bpr', 'ngcf', 'ultragcn', 'pinsage', 'sasrec'],
];

const bench: Bench = async ({ data, args, log }) => {
  if (!data) throw new Error('ml-100k is not on this machine');
  const isValidation = args.includes('--validation');
  const named = args.filter((arg) => !arg.startsWith('--'));
  const snapshot = await snapshotFromFiles(join(data, 'ml-100k'), optionGroups.files.parse({}));
  const whole = splitSnapshot(snapshot, optionGroups.splitting.parse({ seed }));
  const test = coldUsers(snapshot, whole, { share, seed, most });
  const cold = isValidation ? coldUsers(snapshot, whole, { share, seed: seed + 1, most, leave: test.users }) : test;
  const { kernels, train, close } = openTrainer(snapshot, seed);
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  const exclude = cold.first(most);

  const judge = async (name: string, ranker: (count: number) => Ranker): Promise<void> => {
    const cells: string[] = [];
    for (const count of counts) {
      const metrics = await evaluate(ranker(count), exclude, cold.relevant, [20]);
      cells.push(`${metrics['recall@20']!.toFixed(4)} / ${metrics['ndcg@20']!.toFixed(4)}`);
      for (const metric of ['recall@20', 'ndcg@20']) figures[`${name}, ${count}: ${metric}`] = metrics[metric]!;
    }
    rows.push([name, ...cells]);
    log([name, ...cells].join('  '));
  };
  const rankerOf = (tasteOf: (user: number) => Taste | undefined): Ranker => ({
    best(users, k, excluded) {
      const ids = new Int32Array(users.length * k).fill(-1);
      for (const [q, user] of users.entries()) {
        const left = excluded.indices.subarray(excluded.offsets[q], excluded.offsets[q + 1]);
        ids.set(tasteOf(user)?.best(k, [...left]).ids ?? [], q * k);
      }
      return ids;
    },
    dispose() {},
  });
  const people = Int32Array.from(popularity(cold.split.fit).itemBias!);
  const folded =
    (ranking: Ranking, { prior = usualPrior, decay = 1 } = {}) =>
    (count: number) =>
      rankerOf((user) => {
        const begins = cold.begins(user, count);
        const taste = ranking.fold!(fadingHistory(begins, decay, Int32Array.from(begins)));
        return taste && prior > 0 ? withPrior(taste, people, bestOf, prior) : taste;
      });
  /** What options of the fold-in are chosen by. */
  const compareOptions = async (name: string, { ranking, published }: Trained): Promise<void> => {
    for (const prior of [1, 3, 10, 30, 100]) await judge(`${name}, prior ${prior}`, folded(ranking, { prior }));
    for (const decay of [0.9, 0.8]) await judge(`${name}, decay ${decay}`, folded(ranking, { decay, prior: 0 }));
    const { vectors } = published;
    if (!vectors || ranking.fold!(evenHistory([0]))?.foldedIn.how !== 'least-squares') return;
    for (const unobserved of [0.01, 0.1, 1, 10]) {
      for (const ridge of [0.01, 0.1, 1, 10, 100]) {
        const fold = byLeastSquares(vectors, { unobserved, ridge });
        await judge(`${name}, unobserved ${unobserved}, ridge ${ridge}`, (count) => {
          const users = new Float32Array(vectors.users.length);
          for (const user of cold.users)
            users.set(fold(evenHistory(cold.begins(user, count)))!.vector, user * vectors.dim);
          return vectorRanker(kernels, { ...vectors, users });
        });
      }
    }
  };

  try {
    await judge('popularity', () => vectorRanker(kernels, popularity(cold.split.fit)));
    for (const name of named.length > 0 ? named : models) {
      const version = await train(name, cold.split);
      const { ranking, seconds } = version;
      log(`${name} trained in ${seconds.toFixed(1)} s`);
      await judge(`${name}, folded in, its own scores`, folded(ranking, { prior: 0 }));
      await judge(`${name}, folded in`, folded(ranking));
      if (isValidation) await compareOptions(name, version);
      ranking.dispose();
      if (isValidation) continue;
      const trained = new Map<number, Ranking>();
      for (const count of counts)
        trained.set(count, (await train(name, withFirst(cold.split, cold.first(count)))).ranking);
      await judge(`${name}, trained with them`, (count) =>
        rankerOf((user) => {
          const one = trained.get(count)!;
          return { best: (limit, left) => one.best(user, limit, left), scores: () => new Float64Array(0) };
        }),
      );
      for (const one of trained.values()) one.dispose();
    }
  } finally {
    await close();
  }
  return {
    title: `Cold users of ml-100k: ${cold.users.length} of ${snapshot.users.count} held out (${isValidation ? 'of validation, ' : ''}seed ${seed}), Recall@20 / NDCG@20 of what they did after their first ${most}`,
    columns: ['ranker', ...counts.map((count) => `first ${count}`)],
    rows,
    notes: [
      `the same items are to be found in every column: all that a user did after her first ${most}, which are left out`,
      'folded in: the version was trained without these users; their first interactions are given at the time of the request; its own scores: without the share that popularity has where little is known',
      'trained with them: the same model trained anew with their first interactions beside the others',
      'popularity: people in training, without these users',
    ],
    figures,
  };
};

export default bench;

/** The split with some more pairs in its training part. */
const withFirst = (split: Split, more: Csr): Split => ({
  ...split,
  train: together([split.train, more]),
  fit: together([split.fit, more]),
});
