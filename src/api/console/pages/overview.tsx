/** How it is doing: what is served, how much it is asked and how fast it answers; for administrators also what the graph holds. */
import { useState } from 'preact/hooks';
import { compact, count, duration, moment, share } from '../format.ts';
import { type Metrics, parseMetrics, quantile, since, type Traffic, trafficOf } from '../metrics.ts';
import { Card } from '../parts/Card.tsx';
import { DataTable } from '../parts/DataTable.tsx';
import { Empty } from '../parts/Empty.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { LineChart } from '../parts/LineChart.tsx';
import { Meter } from '../parts/Meter.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { Stat } from '../parts/Stat.tsx';
import { useRequest } from '../parts/useRequest.ts';
import { ask, recordsOf } from '../queries.ts';
import { useApi, useMay } from '../session.ts';
import { Drift, Growth } from './overview/Growth.tsx';

const everyMs = 5000;
/** Ten minutes of readings. */
const mostReadings = 120;

export default function Overview() {
  const admin = useMay('admin');
  return (
    <>
      <Health />
      {admin && (
        <>
          <Holdings />
          <Growth />
          <Drift />
          <div class="grid">
            <Activity />
            <Coverage />
          </div>
          <Stale />
        </>
      )}
    </>
  );
}

/** What was read at one moment; of the traffic, what came since the reading before. */
interface Reading {
  readonly at: number;
  readonly seconds: number;
  readonly total: Traffic;
  readonly span: Traffic;
}

function Health() {
  const api = useApi();
  const ready = useRequest((signal) => api.get('/health/ready', { signal }), [], { every: everyMs });
  const [readings, setReadings] = useState<readonly Reading[]>([]);
  const metrics = useRequest(
    async (signal) => {
      const read = parseMetrics(await api.text('/metrics', { signal }));
      setReadings((before) => withReading(before, read));
      return read;
    },
    [],
    { every: everyMs },
  );
  const state = ready.data?.graph;
  return (
    <>
      <div class="head">
        <div>
          <h1>Overview</h1>
          <p>What this server serves, and how it is doing.</p>
        </div>
        {ready.error !== undefined ? (
          <span class="badge bad">Not ready</span>
        ) : (
          state && (
            <span class="badge ok">{state === 'reached' ? 'Ready · Neo4j answers' : 'Ready · without Neo4j'}</span>
          )
        )}
      </div>
      {ready.error !== undefined && <ErrorPanel error={ready.error} retry={ready.retry} />}
      {metrics.error !== undefined && <ErrorPanel error={metrics.error} retry={metrics.retry} />}
      {metrics.data ? <Figures metrics={metrics.data} readings={readings} /> : <Skeleton label="figures" lines={3} />}
    </>
  );
}

function withReading(before: readonly Reading[], metrics: Metrics): readonly Reading[] {
  const [at, total] = [Date.now(), trafficOf(metrics)];
  const last = before.at(-1);
  const reading = last
    ? { at, total, seconds: (at - last.at) / 1000, span: since(last.total, total) }
    : { at, total, seconds: 0, span: { requests: 0, failed: 0, buckets: [] } };
  return [...before, reading].slice(-mostReadings);
}

function Figures({ metrics, readings }: { readonly metrics: Metrics; readonly readings: readonly Reading[] }) {
  const served = metrics.get('tastegraph_version_info')?.[0]?.labels;
  const age = metrics.get('tastegraph_version_age_seconds')?.[0]?.value;
  const memory = metrics.get('process_resident_memory_bytes')?.[0]?.value;
  const { total } = readings.at(-1)!;
  const [middle, slow] = [quantile(total, 0.5), quantile(total, 0.95)];
  const spans = readings.slice(1);
  return (
    <>
      <div class="stats">
        <Stat name="Served version" value={served?.model ?? '–'} note={<code>{served?.version}</code>} />
        <Stat name="Age of the version" value={age === undefined ? '–' : duration(age)} />
        <Stat
          name="Requests since the start"
          value={compact(total.requests)}
          note={`${count(total.failed)} failed`}
          tone={total.failed > 0 ? 'warn' : undefined}
        />
        <Stat
          name="Time to answer"
          value={middle === undefined ? '–' : duration(middle)}
          note={slow === undefined ? 'nobody has asked yet' : `95% within ${duration(slow)}`}
        />
        <Stat name="Memory" value={memory === undefined ? '–' : `${count(memory / 2 ** 20)} MB`} />
      </div>
      <div class="card">
        {spans.length === 0 ? (
          <Skeleton label="the request rate" />
        ) : (
          <div class="grid">
            <LineChart
              title="Requests per second"
              x={{ name: 'Time', values: spans.map(({ at }) => at), isTime: true }}
              series={[
                { name: 'Answered', values: spans.map(({ span, seconds }) => span.requests / seconds) },
                { name: 'Failed', values: spans.map(({ span, seconds }) => span.failed / seconds) },
              ]}
            />
            <LineChart
              title="Time to answer"
              x={{ name: 'Time', values: spans.map(({ at }) => at), isTime: true }}
              series={[
                { name: 'Half within', values: spans.map(({ span }) => quantile(span, 0.5) ?? null) },
                { name: '95% within', values: spans.map(({ span }) => quantile(span, 0.95) ?? null) },
              ]}
              format={duration}
            />
          </div>
        )}
      </div>
    </>
  );
}

/** Hook: a question of the catalogue, as records. */
function useQuestion<T extends object>(name: string, limit = 100) {
  const api = useApi();
  const { data, ...rest } = useRequest(
    async (signal) => recordsOf<T>(await ask(api, name, { limit, signal })),
    [name, limit],
  );
  return { rows: data ?? [], ...rest };
}

function Holdings() {
  const { rows, error, retry, loading } = useQuestion<{ kind: string; name: string; count: number }>('schema');
  if (error !== undefined) return <ErrorPanel error={error} retry={retry} />;
  if (loading && rows.length === 0) return <Skeleton label="what the graph holds" lines={2} />;
  const of = (kind: string, name: string) =>
    count(rows.find((row) => row.kind === kind && row.name === name)?.count ?? 0);
  return (
    <div class="stats">
      <Stat name="Users" value={of('label', 'User')} />
      <Stat name="Items" value={of('label', 'Item')} />
      <Stat name="Interactions" value={of('relationship type', 'INTERACTED')} />
      <Stat name="Features" value={of('label', 'Feature')} />
      <Stat name="Trust ties" value={of('relationship type', 'TRUSTS')} />
    </div>
  );
}

function Activity() {
  const found = useQuestion<{ least: number; most: number; users: number; share: number }>('activity');
  return (
    <Card title="Activity" note="How many interactions users have">
      <DataTable
        {...found}
        caption="Users by their number of interactions"
        rowKey={({ least }) => least}
        columns={[
          {
            title: 'Interactions',
            value: ({ least }) => least,
            render: ({ least, most }) => (least === most ? count(least) : `${count(least)} – ${count(most)}`),
          },
          { title: 'Users', value: ({ users }) => users },
          {
            title: 'Share of all interactions',
            value: (row) => `${row.share}`,
            render: (row) => <Meter value={row.share} />,
          },
        ]}
        empty={<Empty title="No users yet">Bring data in with “tastegraph ingest”.</Empty>}
      />
    </Card>
  );
}

function Coverage() {
  const found = useQuestion<{ version: string; impressions: number; coverage: number; clicked: number }>(
    'recommendation-coverage',
    10,
  );
  return (
    <Card title="Coverage" note="How much of the catalogue was shown, by version">
      <DataTable
        {...found}
        caption="Coverage of the catalogue by version"
        rowKey={({ version }) => version}
        columns={[
          { title: 'Version', value: ({ version }) => version, render: ({ version }) => <code>{version}</code> },
          { title: 'Shown', value: ({ impressions }) => impressions },
          { title: 'Clicked', value: ({ clicked }) => clicked, render: ({ clicked }) => share(clicked) },
          {
            title: 'Coverage',
            value: (row) => `${row.coverage}`,
            render: ({ coverage }) => <Meter value={coverage} />,
          },
        ]}
        empty={<Empty title="Nothing was shown yet">What users see is remembered where impressions are kept.</Empty>}
      />
    </Card>
  );
}

function Stale() {
  const found = useQuestion<{ kind: string; id: string; changed: number; behind: number }>('stale-vectors', 20);
  return (
    <Card title="Waiting for the next training" note="What changed since the served version's snapshot, newest first">
      <DataTable
        {...found}
        caption="Users and items that changed since the snapshot"
        rowKey={({ kind, id }) => `${kind} ${id}`}
        columns={[
          { title: 'Kind', value: ({ kind }) => kind },
          { title: 'Id', value: ({ id }) => id },
          { title: 'Changed', value: ({ changed }) => changed, render: ({ changed }) => moment(changed) },
          { title: 'Behind', value: ({ behind }) => behind, render: ({ behind }) => duration(behind) },
        ]}
        empty={<Empty title="Nothing waits">The served version knows all that is in the graph.</Empty>}
      />
    </Card>
  );
}
