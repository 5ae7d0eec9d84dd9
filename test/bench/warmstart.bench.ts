/**
 * Known users who did one thing more: every user of ml-100k is trained with, her last fifth by time held out; the first of that is
 * folded in, as a request would, and the rest of it is ranked among all items. Beside it the vector that training gave her, and
 * where the model reads sequences the vector by least squares, as for versions that keep no weights.
 *
 * Arguments: names of models, lightgcn, ultragcn and sasrec where none is given.
 */
import { join } from 'node:path';
import type { Csr } from '../../src/compute/csr.ts';
import { optionGroups } from '../../src/options.ts';
import { snapshotFromFiles } from '../../src/sampling/fromFiles.ts';
import { meant } from '../../src/sampling/meanings.ts';
import { ownMemory } from '../../src/sampling/memory.ts';
import { relationOf } from '../../src/sampling/relations.ts';
import { userSequences } from '../../src/sampling/sequences.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { likedPairs, type Split } from '../../src/sampling/split.ts';
import { evenHistory } from '../../src/serving/foldIn/history.ts';
import { byLeastSquares, leastSquaresDefaults } from '../../src/serving/foldIn/leastSquares.ts';
import { evaluate, vectorRanker } from '../../src/training/metrics.ts';
import type { Bench } from './table.ts';
import { openTrainer } from './trainer.ts';

const seed = 2026;

const bench: Bench = async ({ data, args, log }) => {
  if (!data) throw new Error('ml-100k is not on this machine');
  const snapshot = await snapshotFromFiles(join(data, 'ml-100k'), optionGroups.files.parse({}));
  const cut = cutByTime(snapshot);
  const trainer = openTrainer(snapshot, seed);
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  try {
    for (const name of args.length > 0 ? args : ['lightgcn', 'ultragcn', 'sasrec']) {
      const { published, ranking } = await trainer.train(name, cut.split);
      const { vectors, train } = published;
      if (!vectors) throw new Error(`${name} ranks without vectors`);
      const { dim } = vectors;
      const judge = async (how: string, vectorOf?: (user: number) => Float32Array | undefined): Promise<void> => {
        const users = Float32Array.from(vectors.users);
        const start = performance.now();
        for (const user of cut.users) {
          const vector = vectorOf?.(user);
          if (vector) users.set(vector, user * dim);
        }
        const ms = (performance.now() - start) / cut.users.length;
        const metrics = await evaluate(
          vectorRanker(trainer.kernels, { ...vectors, users }),
          cut.known,
          cut.relevant,
          [20],
        );
        const [recall, ndcg] = [metrics['recall@20']!, metrics['ndcg@20']!];
        Object.assign(figures, { [`${name}, ${how}: recall@20`]: recall, [`${name}, ${how}: ndcg@20`]: ndcg });
        rows.push([name, how, recall.toFixed(4), ndcg.toFixed(4), vectorOf ? ms.toFixed(3) : '']);
        log(rows.at(-1)!.join('  '));
      };
      const fold = (user: number) => ranking.fold!(evenHistory(cut.with(user), cut.with(user)), user);
      const leastSquares = byLeastSquares(vectors);
      await judge('as trained');
      await judge(`with one more: ${fold(cut.users[0]!)!.foldedIn.how}`, (user) => fold(user)?.vector);
      await judge(
        'with one more: least squares from nothing',
        (user) => leastSquares(evenHistory(cut.with(user)))?.vector,
      );
      const moved = byLeastSquares(vectors, leastSquaresDefaults, train);
      await judge(
        'with one more: least squares from what was trained',
        (user) => moved(evenHistory(cut.with(user)), user)?.vector,
      );
      ranking.dispose();
    }
  } finally {
    await trainer.close();
  }
  return {
    title: `Known users of ml-100k who did one thing more: ${cut.users.length} users, seed ${seed}`,
    columns: ['model', 'vector of a user', 'Recall@20', 'NDCG@20', 'ms a user'],
    rows,
    notes: [
      'all users are trained with, without the last fifth of what each did, by time; the first item of that fifth is folded in, the others are to be found',
      'as trained: the published vectors, which know nothing of that item; it is left out of the lists as well',
    ],
    figures,
  };
};

export default bench;

/** Each user's pairs by time: seven tenths for training, a tenth for validation, one pair that comes later, the rest to be found. */
function cutByTime(snapshot: Snapshot) {
  const { offsets, items: indices } = likedPairs(snapshot, meant(snapshot, {}));
  const { users, items } = snapshot;
  const all: Csr = { rows: users.count, cols: items.count, offsets, indices };
  const sequences = userSequences(snapshot, all);
  const of = (user: number) => sequences.items.subarray(offsets[user], offsets[user + 1]);
  const chosen = Array.from({ length: users.count }, (_, user) => user).filter((user) => of(user).length >= 10);
  const part = (from: (n: number) => number, to: (n: number) => number): Csr => {
    const [left, right]: [number[], number[]] = [[], []];
    for (const user of chosen) {
      const sequence = of(user);
      for (const item of sequence.subarray(from(sequence.length), to(sequence.length))) {
        left.push(user);
        right.push(item);
      }
    }
    return relationOf(users.count, items.count, { from: left, to: right }, ownMemory);
  };
  const trained = (n: number) => Math.floor(0.7 * n);
  const fitted = (n: number) => Math.floor(0.8 * n);
  const whole = (n: number) => n;
  const split: Split = {
    kind: 'ratio',
    train: part(() => 0, trained),
    validation: part(trained, fitted),
    test: part(fitted, whole),
    fit: part(() => 0, fitted),
  };
  const more = (n: number) => fitted(n) + 1;
  return {
    users: chosen,
    split,
    known: part(() => 0, more),
    relevant: part(more, whole),
    with: (user: number) => of(user).slice(0, more(of(user).length)),
  };
}
