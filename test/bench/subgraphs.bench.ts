/**
 * LightGCN trained on sampled subgraphs beside LightGCN trained on the whole graph: `npm run bench -- subgraphs [DATA…]`. The same
 * model, options and seed; only what a step propagates over differs. The epoch is chosen on validation, the test part read once.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf } from '../../src/models/figures.ts';
import { measure } from './accuracy/measure.ts';
import { dataSets, seed, tuned, writtenMetrics } from './accuracy/plan.ts';
import type { Bench } from './table.ts';

const ways = [
  { name: 'the whole graph', flags: [] },
  { name: 'subgraphs, 25 and 10 neighbours', flags: ['--fanouts 25,10'] },
  { name: 'subgraphs, 10 and 5 neighbours', flags: ['--fanouts 10,5'] },
];

const bench: Bench = async ({ folder, data, args, log }) => {
  const words = args.filter((arg) => !arg.startsWith('--'));
  const asked = words.length > 0 ? words : ['ml-100k'];
  const rows: string[][] = [];
  const numbers: Record<string, number> = {};
  for (const word of asked) {
    const set = dataSets.find(({ name }) => name === word);
    if (!set) throw new Error(`'${word}' is no data set: ${dataSets.map(({ name }) => name).join(', ')}`);
    const path = data && join(data, set.name);
    if (!path || !existsSync(path)) throw new Error(`${set.title} is not on this machine`);
    const given = tuned[set.name]?.lightgcn ?? [];
    for (const { name, flags } of ways) {
      log(`${set.name}: ${name}`);
      const what = { model: 'lightgcn', data: set.name, flags: [...set.flags, ...given, '--layers 2', ...flags], seed };
      const figure = await measure(join(folder, '..', '..'), path, what);
      const { valid, test, seconds, epochs, peakMb } = figure;
      for (const metric of set.metrics) numbers[`${set.name}, ${name}: ${metric}`] = test[metric]!;
      const told = [valid, test].map((found) => writtenMetrics(set, found));
      rows.push([set.name, name, ...told, String(epochs), seconds.fit.toFixed(0), String(peakMb), commandOf(figure)]);
    }
  }
  return {
    title: 'LightGCN of two layers, on the whole graph and on sampled subgraphs',
    columns: ['data', 'a step propagates over', 'valid', 'test', 'epochs', 'fit, s', 'peak MiB', 'command'],
    rows,
    notes: ['s: the search for the epoch and the training anew'],
    figures: numbers,
  };
};

export default bench;
