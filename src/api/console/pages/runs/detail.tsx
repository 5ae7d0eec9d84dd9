/** One run: how it stands, its curves as they grow, what it was told. */
import type { ComponentChildren } from 'preact';
import { count, duration, figure, moment } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import { ErrorPanel } from '../../parts/ErrorPanel.tsx';
import { writtenOf } from '../../parts/Fields.tsx';
import { LineChart } from '../../parts/LineChart.tsx';
import { Meter } from '../../parts/Meter.tsx';
import { Skeleton } from '../../parts/Skeleton.tsx';
import { Stat } from '../../parts/Stat.tsx';
import { type LiveRun, type Run, thinned } from './live.ts';

const tones = { running: 'busy', ended: 'ok', failed: 'bad', stopped: '', 'cut off': 'warn' } as const;

export function StateBadge({ state }: Pick<Run, 'state'>) {
  return <span class={`badge ${tones[state]}`}>{state}</span>;
}

/** The metric that a run is judged by: recall at its largest cut-off, or else the first. */
export function mainMetric(run: LiveRun): string | undefined {
  const names = Object.keys(run.points.find(({ valid }) => valid)?.valid ?? {});
  return names.findLast((name) => name.startsWith('recall@')) ?? names[0];
}

export function bestOf(run: LiveRun, metric: string | undefined) {
  if (metric === undefined) return undefined;
  return run.points.reduce<{ epoch: number; value: number } | undefined>((best, { epoch, valid }) => {
    const value = valid?.[metric];
    return value !== undefined && (best === undefined || value > best.value) ? { epoch, value } : best;
  }, undefined);
}

export function Detail({ live, actions }: { readonly live: LiveRun; readonly actions: ComponentChildren }) {
  const { run, error } = live;
  if (!run) return error === undefined ? <Skeleton label="the run" /> : <ErrorPanel error={error} />;
  const metric = mainMetric(live);
  const best = bestOf(live, metric);
  const last = live.points.at(-1);
  const tested = metric === undefined ? undefined : run.test?.[metric];
  const popular = metric === undefined ? undefined : run.popularity?.[metric];
  return (
    <Card
      title={`${run.model} · ${run.id}`}
      note={`begun ${moment(run.startedAt)}${run.resumed > 0 ? `, resumed ${run.resumed === 1 ? 'once' : `${run.resumed} times`}` : ''}`}
    >
      <div class="stack">
        <div class="row between">
          <div class="row">
            <StateBadge state={run.state} />
            {run.state === 'running' && live.progress && <Going progress={live.progress} />}
            {run.version !== undefined && (
              <span class="muted">
                published as <code>{run.version}</code>
              </span>
            )}
          </div>
          <div class="row">{actions}</div>
        </div>
        {error !== undefined && <ErrorPanel error={error} />}
        {run.error && (
          <p class="refused" role="alert">
            {run.error.message} <code>{run.error.code}</code>
          </p>
        )}
        <div class="stats">
          <Stat
            name="Epochs"
            value={count(last?.epoch ?? 0)}
            note={`of at most ${writtenOf(run.options.epochs) || '–'}`}
          />
          <Stat name="Loss" value={last?.loss === undefined ? '–' : figure(last.loss)} />
          <Stat
            name={`Best ${metric ?? 'metric'} on validation`}
            value={best ? figure(best.value) : '–'}
            note={best && `at epoch ${count(best.epoch)}`}
          />
          <Stat
            name={`${metric ?? 'Metric'} on the test part`}
            value={tested === undefined ? '–' : figure(tested)}
            note={popular === undefined ? 'read once, at the end' : `popularity alone: ${figure(popular)}`}
          />
          <Stat name="Time of training" value={duration(run.seconds?.fit ?? last?.seconds ?? 0)} />
        </div>
        <Curves live={live} />
        <details>
          <summary>Options</summary>
          <Options run={run} />
        </details>
      </div>
    </Card>
  );
}

function Going({ progress: { phase, done, total } }: { readonly progress: NonNullable<LiveRun['progress']> }) {
  return (
    <span class="row">
      <span class="muted">{phase}</span>
      {total !== undefined && total > 0 && <Meter value={done / total} />}
    </span>
  );
}

function Curves({ live }: { readonly live: LiveRun }) {
  const points = thinned(live.points);
  const epochs = points.map(({ epoch }) => epoch);
  const judged = thinned(live.points.filter(({ valid }) => valid));
  const within = thinned(live.losses.filter(({ phase }) => phase === 'search'));
  // Within epochs where there is more than one figure an epoch.
  const fine = live.points.length < 100 && within.length > points.length;
  const names = Object.keys(judged[0]?.valid ?? {}).filter((name) => /^(recall|ndcg|auc)/.test(name));
  if (points.length === 0 && within.length === 0)
    return <p class="muted">No figures yet: the first come with the first steps.</p>;
  return (
    <div class="grid">
      {within.length > 0 || points.some(({ loss }) => loss !== undefined) ? (
        <LineChart
          title="Loss"
          x={{ name: 'Epoch', values: fine ? within.map(({ epoch }) => epoch) : epochs }}
          series={[
            { name: 'Loss', values: fine ? within.map(({ loss }) => loss) : points.map(({ loss }) => loss ?? null) },
          ]}
        />
      ) : (
        <p class="muted">In closed form there is no loss.</p>
      )}
      {names.length > 0 && (
        <LineChart
          title="On the validation part"
          x={{ name: 'Epoch', values: judged.map(({ epoch }) => epoch) }}
          series={names.slice(0, 6).map((name) => ({ name, values: judged.map(({ valid }) => valid?.[name] ?? null) }))}
        />
      )}
    </div>
  );
}

function Options({ run }: { readonly run: Run }) {
  const rows = [
    ...Object.entries(run.modelOptions).map(([name, value]) => ({ of: 'model', name, value: writtenOf(value) })),
    ...Object.entries(run.options).map(([name, value]) => ({ of: 'training', name, value: writtenOf(value) })),
  ];
  return (
    <DataTable
      caption="Options of the run"
      rows={rows}
      rowKey={({ of, name }) => `${of} ${name}`}
      columns={[
        { title: 'Option', value: ({ name }) => name, render: ({ name }) => <code>{name}</code> },
        { title: 'Value', value: ({ value }) => value || 'none' },
        { title: 'Of', value: ({ of }) => of },
      ]}
    />
  );
}
