/** One item: what is said of it, who chose it, and what is like it. */
import { figure, moment } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { ErrorPanel } from '../../parts/ErrorPanel.tsx';
import { Skeleton } from '../../parts/Skeleton.tsx';
import { useRequest } from '../../parts/useRequest.ts';
import { useApi } from '../../session.ts';
import { Availability, FeatureLinks, ItemLink } from './links.tsx';
import { AttributesCard, DetailHead, InteractionsCard } from './parts.tsx';

export function ItemDetail({ id }: { readonly id: string }) {
  const api = useApi();
  const { data, error, retry } = useRequest((signal) => api.get('/v1/items/{id}', { params: { id }, signal }), [id]);
  return (
    <>
      <DetailHead kind="Item" list="items" title={data?.title ?? id} id={id}>
        {data?.at !== undefined && <span class="muted">since {moment(data.at)}</span>}
        {data && <Availability available={data.available} />}
      </DetailHead>
      {error !== undefined && <ErrorPanel error={error} retry={retry} />}
      {!data && error === undefined && <Skeleton label="the item" />}
      {data && (
        <>
          {data.features.length > 0 && <FeatureLinks features={data.features} all />}
          <div class="grid">
            <Similar id={id} />
            <InteractionsCard item={id} />
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
    (signal) => api.get('/v1/items/{id}/similar', { params: { id }, query: { limit: 15 }, signal }),
    [id],
  );
  const unseen = data?.unseen;
  return (
    <Card
      title="Items like this one"
      note={
        unseen
          ? `came after the training: by ${unseen.features} features and ${unseen.neighbours} neighbours`
          : data && <code>{data.version}</code>
      }
    >
      <DataTable
        {...rest}
        caption="Items most like this one"
        rows={data?.items ?? []}
        rowKey={({ item }) => item}
        columns={[
          {
            title: 'Title',
            value: ({ title }) => title,
            render: ({ item, title }) => <ItemLink id={item} title={title} />,
          },
          { title: 'Score', value: ({ score }) => score, render: ({ score }) => figure(score) },
        ]}
        empty={<Empty title="Nothing is like this item">The served version knows too little of it.</Empty>}
      />
    </Card>
  );
}
