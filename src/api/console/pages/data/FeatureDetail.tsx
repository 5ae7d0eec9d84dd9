/** One feature, and the items that have it. */
import { count } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { ErrorPanel } from '../../parts/ErrorPanel.tsx';
import { usePages, useRequest } from '../../parts/useRequest.ts';
import { useApi } from '../../session.ts';
import { itemColumns } from './links.tsx';
import { DetailHead } from './parts.tsx';

/** Text of the filters' language, whatever stands in it. */
const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

export function FeatureDetail({ name }: { readonly name: string }) {
  const api = useApi();
  const [kind = '', ...rest] = name.split(':');
  const value = rest.join(':');
  const { data, error, retry } = useRequest(
    (signal) => api.get('/v1/features/{kind}/{value}', { params: { kind, value }, signal }),
    [name],
  );
  const items = usePages(
    async (cursor, signal) => {
      const query = { filter: `${quoted(kind)}:${quoted(value)}`, limit: 50, cursor };
      const { items, next } = await api.get('/v1/items', { query, signal });
      return { rows: items, next };
    },
    [name],
  );
  return (
    <>
      <DetailHead kind={`Feature, ${kind}`} list="features" title={value}>
        {data && (
          <span class="muted">
            {count(data.items)} items, {count(data.users)} users
          </span>
        )}
      </DetailHead>
      {error !== undefined && <ErrorPanel error={error} retry={retry} />}
      {data && data.items > 0 && (
        <Card title="Items that have it">
          <DataTable {...items} caption="Items that have the feature" rowKey={({ id }) => id} columns={itemColumns} />
        </Card>
      )}
      {data?.items === 0 && <Empty title="No item has it">{count(data.users)} users do.</Empty>}
    </>
  );
}
