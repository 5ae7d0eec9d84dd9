import { trainingRun, trainingRuns } from '../pipeline.ts';
import type { RunRecord } from '../training/runs.ts';
import { command } from './command.ts';
import { formatCount, formatSeconds, formatTable, type Paint } from './terminal.ts';

const bars = [...'▁▂▃▄▅▆▇█'];
const width = 60;

/** Values as bars of one character, at most 60: of more, the last of each span. */
export function sparkline(values: readonly number[]): string {
  const shown = Array.from({ length: Math.min(width, values.length) }, (_, place) => {
    const last = Math.ceil(((place + 1) * values.length) / Math.min(width, values.length)) - 1;
    return values[last]!;
  });
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const span = most - least || 1;
  return shown.map((value) => bars[Math.round(((value - least) / span) * (bars.length - 1))]).join('');
}

const moment = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
const lastOf = (metrics: Readonly<Record<string, number>> | undefined): string => {
  const [name, value] = Object.entries(metrics ?? {}).findLast(([key]) => /^(recall|ndcg|auc)/.test(key)) ?? [];
  return name === undefined ? '–' : `${name} ${value!.toFixed(4)}`;
};

function stateOf({ state, error }: RunRecord, paint: Paint): string {
  const colour = {
    running: paint.cyan,
    ended: paint.green,
    failed: paint.red,
    stopped: paint.dim,
    'cut off': paint.red,
  };
  return colour[state](error ? `${state}: ${error.code}` : state);
}

export default command('runs', async (options, { words: [id], print, paint }) => {
  if (id === undefined) {
    const runs = await trainingRuns(options);
    if (runs.length === 0)
      print(`Nothing was trained in ${options.home} yet: ${paint.cyan('tastegraph train lightgcn')}`);
    else
      print(
        formatTable(
          ['run', 'model', 'begun (UTC)', 'state', 'test part', 'version'],
          runs.map((run) => [
            run.id,
            run.model,
            moment(run.startedAt),
            stateOf(run, paint),
            lastOf(run.test),
            run.version ?? '–',
          ]),
          paint,
        ),
      );
    return { runs };
  }
  const run = await trainingRun(id, options);
  const { curve, seconds, resumed, resumable, modelOptions, options: how, test = {}, data, snapshot } = run;
  const list = (values: Readonly<Record<string, unknown>>) =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(', ');
  const series: (readonly [string, readonly number[]])[] = [
    ['loss', curve.flatMap(({ loss }) => loss ?? [])],
    ...Object.keys(curve.find(({ valid }) => valid)?.valid ?? {})
      .filter((name) => /^(recall|ndcg|auc)/.test(name))
      .map((name) => [name, curve.flatMap(({ valid }) => valid?.[name] ?? [])] as const),
  ];
  const rows = [
    ['state', stateOf(run, paint)],
    ...(run.error ? [['why', run.error.message]] : []),
    ['begun (UTC)', `${moment(run.startedAt)}${resumed > 0 ? `, resumed ${resumed} times` : ''}`],
    ['learns from', data ? `${data}, snapshot ${snapshot?.slice(0, 12)}` : 'nothing yet'],
    ['options', list(modelOptions)],
    ['training', list(how)],
    ['epochs', formatCount(curve.at(-1)?.epoch ?? 0)],
    ...(seconds
      ? [['time', `${formatSeconds(seconds.fit)} of training, ${formatSeconds(seconds.evaluate)} of evaluation`]]
      : []),
    ...series
      .filter(([, values]) => values.length > 0)
      .map(([name, values]) => [name, `${sparkline(values)}  ${values[0]!.toFixed(4)} → ${values.at(-1)!.toFixed(4)}`]),
    ['test part', list(Object.fromEntries(Object.entries(test).map(([key, value]) => [key, value.toFixed(4)]))) || '–'],
    ['version', run.version ?? '–'],
    ...(resumable ? [['', 'it can go on: tastegraph train with the same options and --resume']] : []),
  ];
  print(`${paint.bold(`${run.model} ${run.id}`)}\n\n${formatTable(['', ''], rows, paint, 2)}`);
  return { run };
});
