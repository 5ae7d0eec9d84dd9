/** One user: what is said of them, what they did, and who is like them. */
import { figure } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { ErrorPanel } from '../../parts/ErrorPanel.tsx';
import { Skeleton } from '../../parts/Skeleton.tsx';
import { useRequest } from '../../parts/useRequest.ts';
import { hrefOf, Link } from '../../router.tsx';
import { useApi } from '../../session.ts';
import { FeatureLinks } from './links.tsx';
import { AttributesCard, DetailHead, InteractionsCard } from './parts.tsx';

export function UserDetail({ id }: { readonly id: string }) {
  const api = useApi();
  const { data, error, retry } = useRequest((signal) => api.get('/v1/users/{id}', { params: { id }, signal }), [id]);
  return (
    <>
      <DetailHead kind="User" list="users" title={id}>
        <Link class="button primary" href={hrefOf('recommendations', { user: id })}>
          Recommendations
        </Link>
      </DetailHead>
      {error !== undefined && <ErrorPanel error={error} retry={retry} />}
      {!data && error === undefined && <Skeleton label="the user" />}
      {data && (
        <>
          {data.features.length > 0 && <FeatureLinks features={data.features} all />}
          <div class="grid">
            <InteractionsCard user={id} />
            <Similar id={id} />
          </div>
          <AttributesCard attributes={data.attributes} />
        </>
      )}
    </>
  );
}

function Similar({ id }: { readonly id: string }) {
  const api = useApi();
  const { data, ...rest } = useRequest(
    (signal) => api.get('/v1/users/{id}/similar', { params: { id }, query: { limit: 15 }, signal }),
    [id],
  );
  return (
    <Card title="Users like this one" note={data && <code>{data.version}</code>}>
      <DataTable
        {...rest}
        caption="Users most like this one"
        rows={data?.users ?? []}
        rowKey={({ id }) => id}
        columns={[
          {
            title: 'User',
            value: ({ id }) => id,
            render: ({ id }) => <Link href={hrefOf('data', { user: id })}>{id}</Link>,
          },
          { title: 'Cosine', value: ({ score }) => score, render: ({ score }) => figure(score) },
        ]}
        empty={<Empty title="Nobody is like this user">The served version knows nothing of this user's taste.</Empty>}
      />
    </Card>
  );
}
