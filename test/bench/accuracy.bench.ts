/**
 * How well every model ranks, on public data: `npm run bench -- accuracy [MODEL…] [DATA…] [--again] [--only-recorded]`.
 *
 * Each figure is one `tastegraph train` in a process of its own: the epoch is chosen on a part of the training part, the test part
 * is read once at the end. What was measured with the present defaults stands in `src/models/measured.ts` and is not measured
 * again unless `--again` is given; the whole table takes some hours. Stopped in the middle, it goes on where it was.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, type Figure, isOf, listFigures, published } from '../../src/models/figures.ts';
import type { ModelDefinition } from '../../src/models/model.ts';
import { listModels } from '../../src/models/registry.ts';
import { measure } from './accuracy/measure.ts';
import { dataSets, seed, tuned, writtenMetrics } from './accuracy/plan.ts';
import type { Bench } from './table.ts';

const bench: Bench = async ({ folder, data, args, log }) => {
  const root = join(folder, '..', '..');
  const words = args.filter((arg) => !arg.startsWith('--'));
  const models = listModels().filter(({ learns, family }) => learns === 'pairs' && family !== 'sequence');
  const known = [...models, ...dataSets].map(({ name }) => name);
  for (const word of words) {
    if (!known.includes(word)) throw new Error(`'${word}' is neither a model nor a data set: ${known.join(', ')}`);
  }
  const asked = <T extends { readonly name: string }>(all: readonly T[]): readonly T[] => {
    const named = all.filter(({ name }) => words.includes(name));
    return named.length > 0 ? named : all;
  };
  const figures = new Map(listFigures().map((figure) => [keyOf(figure), figure]));
  const notes: string[] = [];
  const rows: string[][] = [];
  const numbers: Record<string, number> = {};
  for (const set of asked(dataSets)) {
    const path = data && join(data, set.name);
    const found = path !== undefined && existsSync(path);
    if (!found) notes.push(`${set.title}: the data is not on this machine, figures are those that were recorded`);
    const list: Figure[] = [];
    for (const model of asked(models)) {
      const key = keyOf({ model: model.name, data: set.name });
      const recorded = figures.get(key);
      const flags = [...set.flags, ...(tuned[set.name]?.[model.name] ?? [])];
      const isCurrent = recorded && isMeasuredSo(model, recorded, flags);
      const measures = found && !args.includes('--only-recorded') && (args.includes('--again') || !isCurrent);
      if (measures) {
        log(`${model.name} on ${set.name}`);
        const figure = await measure(root, path, { model: model.name, data: set.name, flags, seed });
        figures.set(key, figure);
        write(root, [...figures.values()]);
      } else if (recorded && !isCurrent) notes.push(`${key} was measured with other options than its present defaults`);
      const figure = figures.get(key);
      if (figure) list.push(figure);
      else notes.push(`${key} is not measured yet`);
    }
    const [first] = set.metrics;
    list.sort((a, b) => b.test[first!]! - a.test[first!]!);
    for (const figure of list) {
      const { model, test, seconds, peakMb, epochs } = figure;
      const theirs = published[set.name]?.[model];
      for (const metric of set.metrics) numbers[`${keyOf(figure)} ${metric}`] = test[metric]!;
      rows.push([
        model,
        set.name,
        writtenMetrics(set, test),
        theirs ? set.metrics.map((metric) => theirs[metric]?.toFixed(4) ?? '–').join(', ') : '',
        commandOf(figure),
        (seconds.fit + seconds.evaluate).toFixed(0),
        String(epochs),
        String(peakMb),
        String(figure.seed),
      ]);
    }
    if (list[0]) rows.push(['(popularity)', set.name, writtenMetrics(set, list[0].popularity), '', '', '', '', '', '']);
  }
  return {
    title: 'Accuracy over full ranking, test part',
    columns: ['model', 'data', 'measured', 'published', 'command', 's', 'epochs', 'peak MiB', 'seed'],
    rows,
    notes: [
      'the epoch is chosen on a validation part cut from the training part, then trained anew on both, or trained for the given epochs with --validation-ratio 0',
      'the test part is read once a run',
      's: fitting, with the search for the epoch, and all evaluations',
      ...notes,
    ],
    figures: numbers,
  };
};

export default bench;

const keyOf = ({ model, data }: Pick<Figure, 'model' | 'data'>): string => `${model} ${data}`;

/** Whether a figure was measured as the plan and the model's defaults are now. */
function isMeasuredSo({ options }: ModelDefinition, figure: Figure, flags: readonly string[]): boolean {
  const defaults = Object.entries(options.parse({})).filter(([key]) => !flags.some((flag) => isOf(flag, key)));
  const isDefault = ([key, value]: [string, unknown]) => JSON.stringify(value) === JSON.stringify(figure.options[key]);
  return figure.flags.join() === flags.join() && defaults.every(isDefault);
}

/** Five digits of every number, which is more than seeds leave alike. */
function write(root: string, all: readonly Figure[]): void {
  const path = join(root, 'src', 'models', 'measured.ts');
  const head = readFileSync(path, 'utf8').split('export const')[0];
  const sorted = [...all].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value);
  writeFileSync(path, `${head}export const measured: readonly Figure[] = ${JSON.stringify(sorted, rounded, 2)};\n`);
  execFileSync(join(root, 'node_modules', '.bin', 'biome'), ['format', '--write', path], {
    cwd: root,
    stdio: 'ignore',
  });
}
