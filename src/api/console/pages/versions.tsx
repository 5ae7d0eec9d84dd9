/** What was published: how good each version is, where it comes from, and which one is served. */
import { useState } from 'preact/hooks';
import type { AnswerOf } from '../../../client.ts';
import { count, duration, figure, moment } from '../format.ts';
import { Card } from '../parts/Card.tsx';
import { Confirm } from '../parts/Confirm.tsx';
import { DataTable } from '../parts/DataTable.tsx';
import { Empty } from '../parts/Empty.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { toast } from '../parts/toast.tsx';
import { useRequest } from '../parts/useRequest.ts';
import { hrefOf, Link } from '../router.tsx';
import { useApi, useMay } from '../session.ts';
import { Compared } from './versions/Compared.tsx';
import { Lineage } from './versions/Lineage.tsx';

export type Versions = AnswerOf<'get', '/v1/versions'>;
export type Version = Versions['versions'][number];

type Change =
  | { readonly kind: 'promote'; readonly version: Version }
  | { readonly kind: 'rollback'; readonly to: string };

export default function VersionsPage() {
  const api = useApi();
  const mayChange = useMay('admin');
  const found = useRequest((signal) => api.get('/v1/versions', { signal }), []);
  const [change, setChange] = useState<Change>();
  const versions = found.data?.versions ?? [];
  const before = versionBefore(found.data);
  const confirm = async () => {
    const { current } =
      change?.kind === 'promote'
        ? await api.post('/v1/admin/versions/{id}/promote', { params: { id: change.version.id } })
        : await api.post('/v1/admin/versions/rollback');
    toast(`Version ${current} is served`);
    found.retry();
  };
  return (
    <>
      <div class="head">
        <div>
          <h1>Versions</h1>
          <p>What training published. One of them answers requests; going over to another cuts nobody off.</p>
        </div>
        {mayChange && before !== undefined && (
          <button type="button" class="button" onClick={() => setChange({ kind: 'rollback', to: before })}>
            Roll back
          </button>
        )}
      </div>
      {found.error !== undefined && <ErrorPanel error={found.error} retry={found.retry} />}
      {!found.data && found.loading && <Skeleton label="versions" lines={6} />}
      {found.data && versions.length === 0 && (
        <Empty title="Nothing is published yet">Train a model: “tastegraph train lightgcn”.</Empty>
      )}
      {found.data && versions.length > 0 && (
        <>
          <Card title="Published" note={`${count(versions.length)} versions, newest first`}>
            <List
              versions={versions}
              promote={mayChange ? (version) => setChange({ kind: 'promote', version }) : undefined}
            />
          </Card>
          <Compared versions={versions} />
          <Lineage data={found.data} />
        </>
      )}
      {change && (
        <Confirm
          title={change.kind === 'promote' ? 'Serve this version?' : 'Roll back?'}
          action={change.kind === 'promote' ? 'Serve it' : 'Roll back'}
          danger={change.kind === 'rollback'}
          onConfirm={confirm}
          onClose={() => setChange(undefined)}
        >
          <p>
            All requests from now on are answered by{' '}
            <code>{change.kind === 'promote' ? change.version.id : change.to}</code>
            {change.kind === 'promote' ? ` (${change.version.model})` : ', which was served before'}. Its vectors go
            into the graph too. You can go back at any time.
          </p>
        </Confirm>
      )}
    </>
  );
}

/** Where a rollback leads: what was served last before what is, of what there still is. */
function versionBefore(data: Versions | undefined): string | undefined {
  const current = data?.versions.find((each) => each.current)?.id;
  const known = new Set(data?.versions.map(({ id }) => id));
  return data?.history.findLast(({ id }) => id !== current && known.has(id))?.id;
}

function List(props: {
  readonly versions: readonly Version[];
  readonly promote: ((version: Version) => void) | undefined;
}) {
  const { versions, promote } = props;
  const [now] = useState(Date.now);
  const main = ['ndcg@10', 'recall@20'].filter((name) => versions.some(({ test }) => name in test));
  const served = versions.find(({ current }) => current);
  return (
    <DataTable
      caption="Published versions"
      rows={versions}
      rowKey={({ id }) => id}
      columns={[
        {
          title: 'Version',
          value: ({ id }) => id,
          render: ({ id, current, forgotten }) => (
            <span class="row">
              <code>{id}</code>
              {current && <span class="badge ok">Served</span>}
              {forgotten > 0 && <span class="badge warn">{count(forgotten)} forgotten since</span>}
            </span>
          ),
        },
        { title: 'Model', value: ({ model }) => model },
        {
          title: 'Published',
          value: ({ at }) => at,
          render: ({ at }) => (
            <span class="nowrap" title={moment(at)}>
              {duration((now - at) / 1000)} ago
            </span>
          ),
        },
        ...main.map((name) => ({
          title: name,
          value: ({ test }: Version) => test[name],
          render: ({ test, popularity }: Version) => <Gain value={test[name]} baseline={popularity[name]} />,
        })),
        { title: 'Pairs', value: ({ pairs }) => pairs },
        { title: 'Trained in', value: ({ seconds }) => seconds, render: ({ seconds }) => duration(seconds) },
        {
          title: 'Data',
          value: ({ snapshot }) => snapshot,
          render: ({ snapshot }) => <code class="nowrap">{snapshot.slice(0, 8)}</code>,
        },
        {
          title: 'Actions',
          sortable: false,
          value: () => '',
          render: (version) => (
            <span class="row">
              {!version.current && <Link href={hrefOf('recommendations', { b: `${version.id}:` })}>Compare</Link>}
              {promote && version !== served && (
                <button type="button" class="button small" onClick={() => promote(version)}>
                  Serve
                </button>
              )}
            </span>
          ),
        },
      ]}
    />
  );
}

/** A metric, and how it stands to recommending what is popular. */
function Gain({ value, baseline }: { readonly value: number | undefined; readonly baseline: number | undefined }) {
  if (value === undefined) return <>–</>;
  if (!baseline) return <>{figure(value)}</>;
  const gain = Math.round((value / baseline - 1) * 100);
  return (
    <span class="nowrap" title={`${figure(baseline)} by popularity alone`}>
      {figure(value)}{' '}
      <small class={gain >= 0 ? 'gain' : 'loss'}>
        {gain >= 0 ? '+' : '−'}
        {Math.abs(gain)} %
      </small>
    </span>
  );
}
