/** Long work that left a record: what is going on, and what was done when. */
import { useState } from 'preact/hooks';
import { duration, moment } from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Meter } from '../parts/Meter.tsx';
import { useRequest } from '../parts/useRequest.ts';
import { hrefOf, Link } from '../router.tsx';
import { useApi } from '../session.ts';

const tones: Readonly<Record<string, string>> = {
  running: 'busy',
  ended: 'ok',
  failed: 'bad',
  stopped: 'warn',
  'cut off': 'warn',
  unfinished: 'warn',
};
const names = {
  train: 'Training',
  snapshot: 'Snapshot',
  publish: 'Version',
  forget: 'Forgotten',
  ingest: 'Ingest',
  reconcile: 'Reconcile',
  export: 'Export',
  backup: 'Backup',
  restore: 'Restore',
} as const;

export default function Jobs() {
  const api = useApi();
  const [kind, setKind] = useState('');
  const { data, ...listed } = useRequest((signal) => api.get('/v1/admin/jobs', { signal }), [], { every: 3000 });
  const jobs = data?.jobs.filter((job) => kind === '' || job.kind === kind) ?? [];
  return (
    <>
      <div class="head">
        <div>
          <h1>Jobs</h1>
          <p>What is at work, and what was done when.</p>
        </div>
        <label class="field inline">
          <span>Show</span>
          <select name="kind" value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value)}>
            <option value="">everything</option>
            {Object.entries(names).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <section class="card" aria-label="Jobs">
        <DataTable
          {...listed}
          rows={jobs}
          caption="Jobs, newest first"
          rowKey={({ kind, id }) => `${kind} ${id}`}
          columns={[
            { title: 'Kind', value: ({ kind }) => names[kind] },
            {
              title: 'State',
              value: ({ state }) => state,
              render: ({ state }) => <span class={`badge ${tones[state] ?? ''}`}>{state}</span>,
            },
            {
              title: 'Id',
              value: ({ id }) => id,
              render: ({ kind, id }) =>
                kind === 'train' ? (
                  <Link href={hrefOf('runs', { run: id })}>
                    <code>{id}</code>
                  </Link>
                ) : (
                  <code>{id}</code>
                ),
            },
            { title: 'About', value: ({ about }) => about },
            { title: 'Outcome', value: ({ outcome }) => outcome ?? '' },
            { title: 'When', value: ({ at }) => at, render: ({ at }) => moment(at) },
            {
              title: 'Took',
              value: ({ at, endedAt }) => (endedAt === undefined ? undefined : endedAt - at),
              render: ({ at, endedAt, progress }) => {
                if (endedAt !== undefined) return duration((endedAt - at) / 1000);
                if (progress?.total) return <Meter value={progress.done / progress.total} />;
                return progress?.phase ?? '–';
              },
            },
          ]}
          empty={<Empty title="No record yet">Take a snapshot or train a model, and it stands here.</Empty>}
        />
      </section>
    </>
  );
}
