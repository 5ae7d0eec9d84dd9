/**
 * Whether explanations are true: each of some users' first recommendation is explained by the version itself, and beside it by chance
 * and by what most people chose; then what was named is taken away, or put in alone, and the list made anew.
 *
 *   npm run bench -- faithfulness [MODEL …] [--data ml-100k|gowalla] [--users N] [--retrained N] [--epochs N]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKernels } from '../../src/compute/open.ts';
import { openTensors } from '../../src/compute/tensors/open.ts';
import type { Tensors } from '../../src/compute/tensors.ts';
import { tasteByHistory } from '../../src/explain/changedTaste.ts';
import { counterfactual } from '../../src/explain/counterfactual.ts';
import { createExplainer } from '../../src/explain/explainer.ts';
import { retrainWithout } from '../../src/explain/retrained.ts';
import { sentenceOfAttribution, speechOf } from '../../src/explain/sentences.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { findModel } from '../../src/models/registry.ts';
import { optionGroups } from '../../src/options.ts';
import { silent } from '../../src/progress.ts';
import { RandomStream } from '../../src/random.ts';
import { snapshotFromFiles } from '../../src/sampling/fromFiles.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { type Split, splitSnapshot } from '../../src/sampling/split.ts';
import { evenHistory } from '../../src/serving/foldIn/history.ts';
import { type ServedVersion, serveVersion } from '../../src/serving/served.ts';
import { runTraining } from '../../src/training/run.ts';
import {
  type Case,
  deletion,
  insertion,
  mean,
  quantile,
  rankCorrelation,
  sparsity,
  thinned,
} from './faithfulness/measures.ts';
import type { Bench } from './table.ts';

const seed = 2026;
/** k of the counterfactuals. */
const listed = 10;
const usual = ['lightgcn', 'gfcf', 'ease', 'rp3beta', 'ultragcn'];
const explainers = ['own', 'popularity', 'random'] as const;
const columns = [
  'model',
  'explained by',
  'deletion ↓',
  'insertion ↑',
  'sparsity',
  'stability',
  'out of 10',
  'after training',
  'size',
  'attribution ms',
  'counterfactual ms',
];

const bench: Bench = async ({ data, args, log }) => {
  if (!data) throw new Error('the data sets are not on this machine');
  const { named, values } = parse(args);
  const set = values.get('data') ?? 'ml-100k';
  const count = Number(values.get('users') ?? 40);
  const retrained = Number(values.get('retrained') ?? 0);
  const snapshot = await snapshotFromFiles(join(data, set), optionGroups.files.parse({}));
  const split = splitSnapshot(snapshot, optionGroups.splitting.parse({ seed }));
  const kernels = openKernels();
  const checkpoints = mkdtempSync(join(tmpdir(), 'tastegraph-bench-'));
  let tensors: Tensors | undefined;
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  try {
    for (const model of named.length > 0 ? named : usual) {
      log(`${set}, ${model}: training`);
      if (findModel(model).tensors === true) tensors ??= await openTensors({ device: 'auto', kernels });
      const epochs = Number(values.get('epochs') ?? 30);
      const served = await trained(model, snapshot, split, { kernels, tensors, checkpoints, epochs });
      log(`${set}, ${model}: explaining`);
      const retrain = async (user: string, without: readonly string[], item: string) =>
        (
          await retrainWithout(served, user, without, item, {
            limit: listed,
            kernels,
            tensors,
            signal: new AbortController().signal,
          })
        ).holds;
      for (const row of await measure(served, { count, retrained, retrain })) {
        rows.push([model, row.by, ...row.cells]);
        for (const [name, value] of Object.entries(row.figures)) figures[`${model}, ${row.by}: ${name}`] = value;
      }
      served.dispose();
    }
  } finally {
    tensors?.close();
    await kernels.close();
    rmSync(checkpoints, { recursive: true, force: true });
  }
  return {
    title: `Explanations of the first recommendation of ${count} users of ${set} (seed ${seed})`,
    columns,
    rows,
    notes: [
      'own: exact parts, or what leaving each out does; popularity: what most people chose first; random: by chance',
      'deletion, insertion: mean of 1 / log2(1 + place) while interactions go, or come, a tenth at a time in the order of the explanation',
      'sparsity: share of interactions that carry 80 % of what speaks for the item; stability: rank correlation of parts with and without a tenth of the history',
      `out of 10: share of items that leave the first ${listed} without the counterfactual's interactions, or as many by popularity or chance, weights fixed; after training: of ${retrained} users, the same with the model trained anew, where that is in closed form`,
      'ms: median / 95th percentile; attribution is with its sentence',
    ],
    figures,
  };
};

export default bench;

interface Row {
  readonly by: (typeof explainers)[number];
  readonly cells: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

interface MeasureOptions {
  readonly count: number;
  readonly retrained: number;
  readonly retrain: (user: string, without: readonly string[], item: string) => Promise<boolean>;
}

async function measure(served: ServedVersion, { count, retrained, retrain }: MeasureOptions): Promise<Row[]> {
  const { snapshot, train } = served.published;
  const { items, users } = snapshot;
  const explainer = createExplainer(reachOf(undefined));
  const speech = speechOf(served.manifest);
  const isClosed = served.manifest.curve.every(({ loss }) => loss === undefined);
  const enough = Array.from({ length: train.rows }, (_, user) => user).filter((user) => {
    const degree = train.offsets[user + 1]! - train.offsets[user]!;
    return degree >= 10 && degree <= 200;
  });
  const chosen = new RandomStream(seed, 'explained users').shuffle(enough).slice(0, count);
  const found = Object.fromEntries(
    explainers.map((by) => [by, { deletion: [], insertion: [], out: [], after: [] }]),
  ) as unknown as Record<
    (typeof explainers)[number],
    { deletion: number[]; insertion: number[]; out: number[]; after: number[] }
  >;
  const own = { sparsity: [], stability: [], size: [], attributionMs: [], counterfactualMs: [] } as Record<
    string,
    number[]
  >;
  for (const [n, index] of chosen.entries()) {
    const user = users.id(index);
    const random = new RandomStream(seed, 'explained', index);
    const taste = tasteByHistory(served, user);
    if (!taste) continue;
    const left = served.leftOut(user, []);
    const [item] = taste.by(taste.history).best(1, left).ids;
    const one: Case = { taste, item: item!, left: new Set(left), items: items.count };
    const id = items.id(item!);
    const begin = performance.now();
    const attribution = explainer.attribute(served, user, [id])(id)!;
    sentenceOfAttribution(speech, attribution);
    own.attributionMs!.push(performance.now() - begin);
    const byPart = attribution.parts.map((part) => items.index(part.item)!);
    const rest = [...taste.history].filter((each) => !byPart.includes(each));
    const orders = {
      own: [...byPart, ...rest],
      popularity: [...taste.history].sort((a, b) => served.base.people[b]! - served.base.people[a]!),
      random: random.shuffle([...taste.history]),
    };
    for (const by of explainers) {
      found[by].deletion.push(deletion(one, orders[by]));
      found[by].insertion.push(insertion(one, orders[by]));
    }
    own.sparsity!.push(sparsity(attribution.parts.map(({ part }) => part)));
    own.stability!.push(stability(served, user, id, orders.own, thinned([...taste.history], random)));
    const start = performance.now();
    const { without, found: isFound } = await counterfactual(served, user, id, {
      limit: listed,
      deadlineMs: 60_000,
    });
    own.counterfactualMs!.push(performance.now() - start);
    const size = Math.max(1, without.length);
    if (isFound) own.size!.push(without.length);
    for (const by of explainers) {
      const taken = by === 'own' ? without.map((each) => items.index(each.item)!) : orders[by].slice(0, size);
      const kept = [...taste.history].filter((each) => !taken.includes(each));
      found[by].out.push(taken.length > 0 && !taste.by(kept).best(listed, left).ids.includes(item!) ? 1 : 0);
      if (n < retrained && isFound && isClosed) {
        const holds = await retrain(
          user,
          taken.map((each) => items.id(each)),
          id,
        );
        found[by].after.push(holds ? 1 : 0);
      }
    }
  }
  const times = (name: string) => `${quantile(own[name]!, 0.5).toFixed(1)} / ${quantile(own[name]!, 0.95).toFixed(1)}`;
  return explainers.map((by): Row => {
    const of = found[by];
    const isOwn = by === 'own';
    const after = of.after.length > 0 ? `${sum(of.after)} of ${of.after.length}` : '';
    return {
      by,
      cells: [
        mean(of.deletion).toFixed(3),
        mean(of.insertion).toFixed(3),
        isOwn ? mean(own.sparsity!).toFixed(2) : '',
        isOwn ? mean(own.stability!).toFixed(2) : '',
        mean(of.out).toFixed(2),
        after,
        isOwn ? mean(own.size!).toFixed(1) : '',
        isOwn ? times('attributionMs') : '',
        isOwn ? times('counterfactualMs') : '',
      ],
      figures: {
        deletion: mean(of.deletion),
        insertion: mean(of.insertion),
        out: mean(of.out),
        ...(of.after.length > 0 && { after: mean(of.after) }),
        ...(isOwn && {
          sparsity: mean(own.sparsity!),
          stability: mean(own.stability!),
          size: mean(own.size!),
          'attribution p95 ms': quantile(own.attributionMs!, 0.95),
          'counterfactual p95 ms': quantile(own.counterfactualMs!, 0.95),
        }),
      },
    };
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** How alike the order of parts stays where a tenth of the history is not there. */
function stability(
  served: ServedVersion,
  user: string,
  id: string,
  order: readonly number[],
  kept: readonly number[],
): number {
  const history = evenHistory(kept);
  const folded = served.fold(history, user);
  if (!folded) return 0;
  const { items } = served.published.snapshot;
  const other = createExplainer(reachOf(undefined)).attribute(served.withTaste(user, folded, history), user, [id])(id);
  const then = other!.parts.map(({ item }) => items.index(item)!);
  const both = new Set(then);
  const now = order.filter((item) => both.has(item));
  return rankCorrelation(
    now,
    then.filter((item) => now.includes(item)),
  );
}

interface Ground {
  readonly kernels: ReturnType<typeof openKernels>;
  readonly tensors: Tensors | undefined;
  readonly checkpoints: string;
  readonly epochs: number;
}

async function trained(
  model: string,
  snapshot: Snapshot,
  split: Split,
  { kernels, tensors, checkpoints, epochs }: Ground,
): Promise<ServedVersion> {
  const definition = findModel(model);
  const result = await runTraining({
    definition,
    modelOptions: {},
    snapshot,
    split,
    options: { ...optionGroups.training.parse({ epochs, patience: 3, resume: false, metricsAt: [20] }), seed },
    kernels,
    ...(definition.tensors === true && { tensors: tensors! }),
    checkpoints,
    report: silent,
    signal: new AbortController().signal,
  });
  const { vectors, itemWeights, parameters, contributions, train } = result;
  const manifest = { ...result, id: 'bench', format: 1, at: 0, arrays: [] } as unknown as ServedVersion['manifest'];
  const published = {
    manifest,
    snapshot,
    train,
    ...(vectors && { vectors }),
    ...(itemWeights && { itemWeights }),
    ...(parameters && { parameters }),
    ...(contributions && { contributions }),
  };
  return serveVersion(published, kernels, tensors);
}

/** Words, and values of flags. */
function parse(args: readonly string[]) {
  const named: string[] = [];
  const values = new Map<string, string>();
  for (let n = 0; n < args.length; n++) {
    if (args[n]!.startsWith('--')) values.set(args[n]!.slice(2), args[++n] ?? '');
    else named.push(args[n]!);
  }
  return { named, values };
}
