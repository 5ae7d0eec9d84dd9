/** Training runs: all of them, one live, several side by side; a new one, stop and resume. */
import { useState } from 'preact/hooks';
import { figure, moment } from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import { Empty } from '../parts/Empty.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { toast } from '../parts/toast.tsx';
import { useRequest } from '../parts/useRequest.ts';
import { go, hrefOf, Link, usePlace } from '../router.tsx';
import { useApi } from '../session.ts';
import { Compare, mostCompared } from './runs/compare.tsx';
import { Detail, StateBadge } from './runs/detail.tsx';
import { StartForm } from './runs/form.tsx';
import { type Run, useRuns } from './runs/live.ts';

const everyMs = 5000;

const addressOf = (ids: readonly string[], more: { readonly new?: string } = {}) =>
  hrefOf('runs', { run: ids.join(',') || undefined, ...more });

export default function Runs() {
  const api = useApi();
  const { query } = usePlace();
  const [turn, setTurn] = useState(0);
  const [refused, setRefused] = useState<unknown>();
  const listed = useRequest((signal) => api.get('/v1/admin/runs', { signal }), [turn], { every: everyMs });
  const runs = listed.data?.runs ?? [];
  const chosen = query.get('run')?.split(',').filter(Boolean).slice(0, mostCompared) ?? [];
  const lives = useRuns(chosen, turn);
  const isNew = query.get('new') !== null;

  const act = async (what: 'stop' | 'resume', id: string) => {
    setRefused(undefined);
    try {
      await (what === 'stop'
        ? api.post('/v1/admin/runs/{id}/stop', { params: { id } })
        : api.post('/v1/admin/runs/{id}/resume', { params: { id } }));
      toast(what === 'stop' ? 'Asked to stop; its last checkpoint stays' : 'It goes on from its last checkpoint');
      setTurn((before) => before + 1);
    } catch (problem) {
      setRefused(problem);
    }
  };
  const toggle = (id: string) => {
    const ids = chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id].slice(-mostCompared);
    go(addressOf(ids), { replace: true });
  };
  const actions = (run: Run | undefined) => (
    <>
      {run?.state === 'running' && (
        <button type="button" class="button danger" onClick={() => void act('stop', run.id)}>
          Stop
        </button>
      )}
      {run?.resumable && (
        <button type="button" class="button" onClick={() => void act('resume', run.id)}>
          Resume
        </button>
      )}
    </>
  );
  return (
    <>
      <div class="head">
        <div>
          <h1>Training runs</h1>
          <p>Every training of this home, from the command line and from here.</p>
        </div>
        {!isNew && (
          <button type="button" class="button primary" onClick={() => go(addressOf(chosen, { new: '1' }))}>
            New training
          </button>
        )}
      </div>
      {isNew && (
        <StartForm
          close={() => go(addressOf(chosen))}
          started={(id) => {
            setTurn((before) => before + 1);
            go(addressOf([id]));
          }}
        />
      )}
      {refused !== undefined && <ErrorPanel error={refused} />}
      {lives.length === 1 && <Detail live={lives[0]!} actions={actions(lives[0]!.run)} />}
      {lives.length > 1 && <Compare lives={lives} />}
      <section class="card" aria-label="All runs">
        <p class="muted small">Choose one to see it live, or up to {mostCompared} to compare.</p>
        <DataTable
          {...listed}
          rows={runs}
          caption="Training runs"
          rowKey={({ id }) => id}
          columns={[
            {
              title: 'Show',
              value: ({ id }) => chosen.includes(id),
              sortable: false,
              render: ({ id, model }) => (
                <input
                  type="checkbox"
                  checked={chosen.includes(id)}
                  aria-label={`Show ${model} ${id}`}
                  onChange={() => toggle(id)}
                />
              ),
            },
            {
              title: 'Run',
              value: ({ id }) => id,
              render: ({ id }) => (
                <Link href={addressOf([id])}>
                  <code>{id}</code>
                </Link>
              ),
            },
            { title: 'Model', value: ({ model }) => model },
            { title: 'State', value: ({ state }) => state, render: ({ state }) => <StateBadge state={state} /> },
            { title: 'Begun', value: ({ startedAt }) => startedAt, render: ({ startedAt }) => moment(startedAt) },
            {
              title: 'Test part',
              value: ({ test }) => testedBy(test)?.[1],
              render: ({ test }) => <Tested test={test} />,
            },
            {
              title: 'Version',
              value: ({ version }) => version ?? '',
              render: ({ version }) => (version === undefined ? '–' : <code>{version}</code>),
            },
          ]}
          empty={
            <Empty title="Nothing was trained yet">Start a training here, or with “tastegraph train lightgcn”.</Empty>
          }
        />
      </section>
    </>
  );
}

const testedBy = (test: Run['test']) =>
  Object.entries(test ?? {}).findLast(([name]) => name.startsWith('recall@')) ?? Object.entries(test ?? {})[0];

function Tested({ test }: { readonly test: Run['test'] }) {
  const [name, value] = testedBy(test) ?? [];
  if (name === undefined || value === undefined) return <>–</>;
  return (
    <>
      {figure(value)} <span class="muted small">{name}</span>
    </>
  );
}
