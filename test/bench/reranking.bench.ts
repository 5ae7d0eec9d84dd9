/**
 * What each re-ranker does to lists of ten on ml-100k, at several values of its parameter: accuracy, coverage, diversity and calibration by
 * genre, novelty, exposure; and how long it takes to make a list of 100 out of 1,000 candidates. `npm run bench -- reranking [KIND …]`,
 * all of them where none is named. The model is a LightGCN of a few epochs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Csr } from '../../src/compute/csr.ts';
import type { Kernels } from '../../src/compute/kernels.ts';
import { openKernels } from '../../src/compute/open.ts';
import type { Vectors } from '../../src/models/model.ts';
import { findModel } from '../../src/models/registry.ts';
import { foldBias } from '../../src/models/vectors.ts';
import { optionGroups, rerankerSchema } from '../../src/options.ts';
import { silent } from '../../src/progress.ts';
import { RandomStream } from '../../src/random.ts';
import { featureKind } from '../../src/sampling/featureKinds.ts';
import { snapshotFromFiles } from '../../src/sampling/fromFiles.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { type Split, splitSnapshot } from '../../src/sampling/split.ts';
import { rerankerOf } from '../../src/serving/reranking/rerankers.ts';
import type { Asker, Candidate, StageContext } from '../../src/serving/stages/candidate.ts';
import { ListMetrics } from '../../src/training/listMetrics.ts';
import { RankingMetrics, vectorRanker } from '../../src/training/metrics.ts';
import { runTraining } from '../../src/training/run.ts';
import { medianTimes } from './reranking/speed.ts';
import { variants } from './reranking/variants.ts';
import type { Bench } from './table.ts';

const seed = 2026;
const epochs = 12;
const wanted = 10;
/** Candidates a user, which re-rankers choose from. */
const pool = 500;
/** How often the plain list was shown before, without effect. */
const showings = 3;

/** What stands in a row of the table: the name of a figure, and with how many digits. */
const shown = [
  ['recall@10', 4],
  ['ndcg@10', 4],
  ['coverage@10', 3],
  ['diversity@10', 3],
  ['novelty@10', 2],
  ['gini@10', 3],
  ['tail@10', 3],
  ['calibration@10', 3],
  ['kept', 2],
] as const;

const bench: Bench = async ({ data, args, log }) => {
  if (!data) throw new Error('ml-100k is not on this machine');
  const chosen = variants.filter(({ kind }) => args.length === 0 || args.includes(kind));
  const snapshot = await snapshotFromFiles(join(data, 'ml-100k'), optionGroups.files.parse({}));
  const split = splitSnapshot(snapshot, optionGroups.splitting.parse({ seed, split: 'ratio' }));
  // Parameters may be chosen by this table, so it never reads the test part.
  const parts: Parts = { known: split.train, liked: split.validation };
  const kernels = openKernels();
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  try {
    log('lightgcn');
    const vectors = await train(kernels, snapshot, split);
    const lists = listsOf(kernels, snapshot, parts, vectors);
    for (const { kind, config, label } of [{ kind: 'none', config: undefined, label: '' }, ...chosen]) {
      log(`${kind} ${label}`);
      const measured = measure(lists, snapshot, parts, config);
      rows.push([kind, label, ...shown.map(([name, digits]) => measured[name]!.toFixed(digits))]);
      for (const [name, value] of Object.entries(measured))
        figures[`${kind} ${label}: ${name}`.replace(' :', ':')] = value;
    }
  } finally {
    await kernels.close();
  }
  const times = await medianTimes();
  for (const [name, ms] of Object.entries(times)) figures[`ms: ${name}`] = ms;
  return {
    title: `Re-rankers on ml-100k: lists of ${wanted} from ${pool} candidates`,
    columns: [
      're-ranker',
      'parameters',
      'Recall',
      'NDCG',
      'coverage',
      'diversity',
      'novelty',
      'Gini',
      'tail',
      'KL',
      'kept',
    ],
    rows,
    notes: [
      `LightGCN of ${epochs} epochs, seed ${seed}; judged on the validation part, as parameters may be chosen by this table`,
      'coverage: share of items in any list; diversity: 1 − cosine of genres; novelty: bits; Gini of exposure; tail: share of places; KL: from the mix of genres of the history; kept: share of the plain list that is in the list',
      `impressions: the plain list was shown ${showings} times just now, without effect`,
      `a list of 100 from 1,000 candidates with vectors of 64, median ms: ${Object.entries(times)
        .map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
        .join(', ')}`,
    ],
    figures,
  };
};

export default bench;

async function train(kernels: Kernels, snapshot: Snapshot, split: Split): Promise<Vectors> {
  const checkpoints = mkdtempSync(join(tmpdir(), 'tastegraph-bench-'));
  try {
    const { vectors } = await runTraining({
      definition: findModel('lightgcn'),
      modelOptions: { score: 'cosine' },
      snapshot,
      split,
      options: { ...optionGroups.training.parse({ epochs, evaluateEvery: epochs, resume: false, refit: false }), seed },
      kernels,
      checkpoints,
      report: silent,
      signal: new AbortController().signal,
    });
    return vectors!;
  } finally {
    rmSync(checkpoints, { recursive: true, force: true });
  }
}

/** What the model was trained on, and what its lists are held against: users × items. */
interface Parts {
  readonly known: Csr;
  readonly liked: Csr;
}

interface List {
  readonly user: number;
  readonly candidates: readonly Candidate[];
  readonly context: Omit<StageContext, 'random'>;
}

/** The candidates of everybody with something to be found, and what re-rankers may know of them. */
function listsOf(kernels: Kernels, snapshot: Snapshot, { known, liked }: Parts, vectors: Vectors): List[] {
  const people = new Int32Array(known.cols);
  for (const item of known.indices) people[item]!++;
  const folded = foldBias(vectors);
  const score = (user: number, item: number): number => {
    let sum = 0;
    for (let d = 0; d < folded.dim; d++)
      sum += folded.users[user * folded.dim + d]! * folded.items[item * folded.dim + d]!;
    return sum;
  };
  const now = snapshot.interactions.at.reduce((latest, at) => Math.max(latest, at), 0);
  const manifest = { id: 'bench', model: 'lightgcn' } as StageContext['published']['manifest'];
  const published = { manifest, snapshot, vectors, train: known };
  const ranker = vectorRanker(kernels, vectors);
  const users = Array.from({ length: liked.rows }, (_, user) => user).filter(
    (u) => liked.offsets[u + 1]! > liked.offsets[u]!,
  );
  const lists = users.map((user): List => {
    const done = known.indices.subarray(known.offsets[user], known.offsets[user + 1]);
    const exclude = { rows: 1, cols: known.cols, offsets: Int32Array.of(0, done.length), indices: done };
    const ids = ranker.best([user], pool, exclude).filter((item) => item >= 0);
    const candidates = Array.from(ids, (item, place): Candidate => {
      const value = score(user, item);
      return { item, score: value, from: [{ source: 'vectors', place, score: value }] };
    });
    const asker: Asker = {
      index: user,
      deeds: Array.from(done, (item) => ({ item, type: 'rating', value: 5 })),
      left: new Set(done),
      shown: new Map(candidates.slice(0, wanted).map(({ item }) => [item, { times: showings, last: now }])),
      now,
    };
    return { user, candidates, context: { published, people, asker, wanted } };
  });
  ranker.dispose();
  return lists;
}

function measure(
  lists: readonly List[],
  snapshot: Snapshot,
  { known, liked }: Parts,
  config: object | undefined,
): Readonly<Record<string, number>> {
  const reranker = config && rerankerOf(rerankerSchema.parse(config));
  const accuracy = new RankingMetrics([wanted]);
  const { people } = lists[0]!.context;
  const beside = new ListMetrics(wanted, { people, users: known.rows, kind: featureKind(snapshot, 'genre')! });
  let kept = 0;
  for (const { user, candidates, context } of lists) {
    const draws = new RandomStream(seed, 'reranking', user);
    const result = reranker?.apply(candidates, { ...context, random: () => draws.uniform() }).candidates ?? candidates;
    const list = Int32Array.from(result.slice(0, wanted), ({ item }) => item);
    accuracy.add(list, liked.indices.subarray(liked.offsets[user], liked.offsets[user + 1]));
    beside.add(list, known.indices.subarray(known.offsets[user], known.offsets[user + 1]));
    kept += candidates.slice(0, wanted).filter(({ item }) => list.includes(item)).length / wanted;
  }
  return { ...accuracy.result(), ...beside.result(), kept: kept / lists.length };
}
