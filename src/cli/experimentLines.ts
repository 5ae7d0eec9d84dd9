/** What commands say of experiments to a person. */

import type { PipelineEstimate, ShownAbout } from '../pipeline.ts';
import type { ExperimentReport } from '../serving/experiments/report.ts';
import type { Experiment } from '../serving/experiments/split.ts';
import type { Estimate } from '../serving/experiments/statistics.ts';
import { formatCount, formatTable, type Paint } from './terminal.ts';

/** Columns of a terminal that bars take. */
const barWidth = 40;

export const experimentRows = (experiments: readonly Experiment[], paint: Paint): string[][] =>
  experiments.flatMap(({ name, control, arms }) =>
    arms.map(({ name: arm, pipeline, share }, n) => [
      n === 0 ? paint.cyan(name) : '',
      arm,
      pipeline,
      percent(share, 0),
      arm === control ? 'control' : '',
    ]),
  );

/** Arms beside each other, their intervals as bars on one scale. */
export function reportLines(report: ExperimentReport & ShownAbout, paint: Paint): string {
  const { experiment, arms, sampleRatio, usersInSeveralArms, caveats } = report;
  const most = Math.max(...arms.map(({ rate }) => rate.high));
  const rows = arms.map(({ arm, pipeline, users, impressions, taken, rate, isControl }) => [
    paint.cyan(arm),
    pipeline,
    formatCount(users),
    formatCount(impressions),
    formatCount(taken),
    percent(rate.value),
    bar(rate, most),
    isControl ? 'control' : '',
  ]);
  const heads = ['arm', 'pipeline', 'users', 'shown', 'taken', 'rate', `0 to ${percent(most)}, 95 %`, ''];
  const beside = arms.flatMap(({ arm, beside: own }) =>
    own
      ? [
          [arm, 'taken of shown', signed(own.rate.difference), own.rate.lift ? signed(own.rate.lift, 1) : '–', ''],
          [
            arm,
            'users who took',
            signed(own.conversion.difference),
            own.conversion.lift ? signed(own.conversion.lift, 1) : '–',
            own.conversion.p.toFixed(4),
          ],
        ]
      : [],
  );
  const ratio = sampleRatio.isMismatch ? paint.red('NOT as the shares say') : 'as the shares say';
  const several = usersInSeveralArms > 0 ? `; ${formatCount(usersInSeveralArms)} users of several arms left out` : '';
  return [
    `Experiment ${paint.bold(experiment)}, ${whenLine(report)}\n`,
    formatTable(heads, rows, paint, 2),
    '',
    formatTable(['arm', 'beside control', 'difference', 'lift', 'p'], beside, paint, 2),
    `\nUsers are split ${ratio} (χ² ${sampleRatio.chiSquare.toFixed(2)}, p ${sampleRatio.p.toFixed(4)})${several}`,
    ...caveats.map((caveat) => paint.dim(caveat)),
  ].join('\n');
}

/** Estimates beside each other. */
export function estimateLines(estimate: PipelineEstimate, paint: Paint): string {
  const { pipeline, lists, users, places, logged, replay, snips, doublyRobust, gain, weights, leftOut } = estimate;
  const named: [string, Estimate][] = [
    ['as shown', logged],
    ['replay', replay],
    ['SNIPS', snips],
    ['doubly robust', doublyRobust],
  ];
  const most = Math.max(...named.map(([, { high }]) => high), 1e-9);
  const rows = named.map(([name, each]) => [
    name,
    each.value.toFixed(4),
    `${each.low.toFixed(4)} … ${each.high.toFixed(4)}`,
    bar(each, most),
  ]);
  const what = places === 1 ? 'the first item of a list is taken' : `items taken of the first ${places} of a list`;
  return [
    `Pipeline ${paint.bold(pipeline)} by ${formatCount(lists)} lists of ${formatCount(users)} users, ${whenLine(estimate)}`,
    `How often ${what}:\n`,
    formatTable(['', 'value', '95 %', `0 to ${most.toFixed(4)}`], rows, paint, 2),
    `\nDoubly robust less as shown: ${gain.value.toFixed(4)} (${gain.low.toFixed(4)} … ${gain.high.toFixed(4)})`,
    `The lists tell as much as ${weights.effectiveLists.toFixed(1)} of its own; ${replay.matched.toFixed(1)} match; mean weight ${weights.support.toFixed(2)}; left out ${formatCount(leftOut.certain)} that nothing drew and ${formatCount(leftOut.short)} that are too short`,
    ...estimate.caveats.map((caveat) => paint.dim(caveat)),
  ].join('\n');
}

const whenLine = ({ window, types, since, until }: ShownAbout): string => {
  const day = (at: number) => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  const from = since > 0 ? `from ${day(since)} ` : '';
  return `shown ${from}until ${day(until)} (UTC), taken within ${window}${types.length > 0 ? ` by ${types.join(', ')}` : ''}`;
};

/** '···├──●──┤···': an interval and its value, from 0 to `most`. */
function bar({ low, value, high }: Estimate, most: number): string {
  const at = (x: number): number => Math.min(barWidth - 1, Math.max(0, Math.round((x / most) * (barWidth - 1))));
  const cells = Array.from<unknown, string>({ length: barWidth }, (_, n) =>
    n >= at(low) && n <= at(high) ? '─' : '·',
  );
  cells[at(low)] = '├';
  cells[at(high)] = '┤';
  cells[at(value)] = '●';
  return cells.join('');
}

const percent = (value: number, digits = 2): string => `${(100 * value).toFixed(digits)} %`;
const signed = ({ value, low, high }: Estimate, digits = 2): string => {
  const one = (x: number) => `${x < 0 ? '−' : '+'}${percent(Math.abs(x), digits)}`;
  return `${one(value)} (${one(low)} … ${one(high)})`;
};
