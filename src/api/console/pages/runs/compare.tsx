/** Runs over each other: their curves, what they came to, and the options in which they differ. */
import { count, duration, figure } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import { writtenOf } from '../../parts/Fields.tsx';
import { LineChart } from '../../parts/LineChart.tsx';
import { bestOf, mainMetric, StateBadge } from './detail.tsx';
import { type LiveRun, thinned } from './live.ts';

/** As many as a chart has colours. */
export const mostCompared = 6;

interface CurvesProps {
  readonly title: string;
  readonly lives: readonly LiveRun[];
  readonly names: readonly string[];
  readonly value: (point: LiveRun['points'][number]) => number | undefined;
}

/** A line a run over the epochs of which its figure is known, which differ from run to run. */
function Curves({ title, lives, names, value }: CurvesProps) {
  const curves = lives.map(({ points }) => {
    const known = points.flatMap((point) => {
      const found = value(point);
      return found === undefined ? [] : [[point.epoch, found] as const];
    });
    return new Map(thinned(known));
  });
  const epochs = [...new Set(curves.flatMap((curve) => [...curve.keys()]))].sort((a, b) => a - b);
  if (epochs.length === 0) return null;
  const series = curves.map((curve, place) => ({
    name: names[place]!,
    values: epochs.map((epoch) => curve.get(epoch) ?? null),
  }));
  return <LineChart joined title={title} x={{ name: 'Epoch', values: epochs }} series={series} />;
}

export function Compare({ lives }: { readonly lives: readonly LiveRun[] }) {
  const metric = lives.map(mainMetric).find((name) => name !== undefined);
  const names = lives.map(({ id, run }) => `${run?.model ?? '…'} ${id.slice(-6)}`);
  return (
    <Card title={`${lives.length} runs side by side`} note="Losses of different models are not of one scale">
      <div class="stack">
        <div class="grid">
          <Curves title="Loss" {...{ lives, names }} value={({ loss }) => loss} />
          {metric !== undefined && (
            <Curves
              title={`${metric} on the validation part`}
              {...{ lives, names }}
              value={({ valid }) => valid?.[metric]}
            />
          )}
        </div>
        <DataTable
          caption="What the runs came to"
          rows={lives.map((live, place) => ({ live, name: names[place]! }))}
          rowKey={({ live }) => live.id}
          columns={[
            { title: 'Run', value: ({ name }) => name },
            {
              title: 'State',
              value: ({ live }) => live.run?.state,
              render: ({ live }) => live.run && <StateBadge state={live.run.state} />,
            },
            { title: 'Epochs', value: ({ live }) => live.points.at(-1)?.epoch ?? 0 },
            {
              title: `Best ${metric ?? 'metric'}`,
              value: ({ live }) => bestOf(live, metric)?.value,
              render: ({ live }) => {
                const best = bestOf(live, metric);
                return best ? `${figure(best.value)} at ${count(best.epoch)}` : '–';
              },
            },
            {
              title: 'Test part',
              value: ({ live }) => (metric === undefined ? undefined : live.run?.test?.[metric]),
              render: ({ live }) => {
                const value = metric === undefined ? undefined : live.run?.test?.[metric];
                return value === undefined ? '–' : figure(value);
              },
            },
            {
              title: 'Training',
              value: ({ live }) => live.run?.seconds?.fit ?? live.points.at(-1)?.seconds ?? 0,
              render: ({ live }) => duration(live.run?.seconds?.fit ?? live.points.at(-1)?.seconds ?? 0),
            },
          ]}
        />
        <Differences lives={lives} names={names} />
      </div>
    </Card>
  );
}

function Differences({ lives, names }: { readonly lives: readonly LiveRun[]; readonly names: readonly string[] }) {
  const options = lives.map(({ run }) => ({
    model: run?.model,
    data: run?.data,
    snapshot: run?.snapshot?.slice(0, 12),
    ...run?.options,
    ...run?.modelOptions,
    seed: run?.seed,
  })) as readonly Readonly<Record<string, unknown>>[];
  const keys = [...new Set(options.flatMap(Object.keys))];
  const rows = keys
    .map((key) => ({ key, values: options.map((each) => writtenOf(each[key])) }))
    .filter(({ values }) => new Set(values).size > 1);
  return (
    <DataTable
      caption="Options that differ"
      rows={rows}
      rowKey={({ key }) => key}
      columns={[
        { title: 'Option that differs', value: ({ key }) => key, render: ({ key }) => <code>{key}</code> },
        ...names.map((title, place) => ({
          title,
          value: ({ values }: (typeof rows)[number]) => values[place] || '–',
        })),
      ]}
      empty={<p class="muted">They have the same options.</p>}
    />
  );
}
