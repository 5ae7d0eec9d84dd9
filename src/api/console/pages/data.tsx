/** What is in the graph: found by words, listed, and one by one with all that is around it. */
import { useEffect, useState } from 'preact/hooks';
import { count } from '../format.ts';
import { Card } from '../parts/Card.tsx';
import { DataTable } from '../parts/DataTable.tsx';
import { Empty } from '../parts/Empty.tsx';
import { usePages, useRequest } from '../parts/useRequest.ts';
import { go, hrefOf, Link, usePlace } from '../router.tsx';
import { useApi } from '../session.ts';
import { FeatureDetail } from './data/FeatureDetail.tsx';
import { ItemDetail } from './data/ItemDetail.tsx';
import { Availability, FeatureLinks, itemColumns } from './data/links.tsx';
import { UserDetail } from './data/UserDetail.tsx';

const lists = ['items', 'users', 'features'] as const;
type List = (typeof lists)[number];

/** How long one must not have typed before it is searched, in ms. */
const pauseMs = 200;
const pageSize = 50;

export default function Data() {
  const { query } = usePlace();
  const [user, item, feature] = ['user', 'item', 'feature'].map((name) => query.get(name));
  if (user) return <UserDetail key={user} id={user} />;
  if (item) return <ItemDetail key={item} id={item} />;
  if (feature) return <FeatureDetail key={feature} name={feature} />;
  return <Browse />;
}

function Browse() {
  const { query } = usePlace();
  const q = query.get('q') ?? '';
  const list = lists.find((each) => each === query.get('list')) ?? 'items';
  const [typed, type] = useState(q);
  useEffect(() => {
    if (typed === q) return;
    const timer = setTimeout(() => go(hrefOf('data', { list, q: typed }), { replace: true }), pauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <>
      <div class="head">
        <div>
          <h1>Data</h1>
          <p>Users, items and features as the graph holds them at this moment.</p>
        </div>
      </div>
      <div class="card row">
        <input
          type="search"
          class="wide"
          aria-label="Search"
          placeholder="An id, or words of a title or feature"
          value={typed}
          onInput={(event) => type(event.currentTarget.value)}
        />
        {q === '' && (
          <nav class="tabs" aria-label="Lists">
            {lists.map((each) => (
              <Link key={each} href={hrefOf('data', { list: each })} current={each === list}>
                {each[0]!.toUpperCase() + each.slice(1)}
              </Link>
            ))}
          </nav>
        )}
      </div>
      {q === '' ? <Listed key={list} list={list} /> : <Found q={q} />}
    </>
  );
}

function Found({ q }: { readonly q: string }) {
  const api = useApi();
  const { data, ...rest } = useRequest((signal) => api.get('/v1/search', { query: { q, limit: 20 }, signal }), [q]);
  if (data && data.users.length + data.items.length + data.features.length === 0)
    return (
      <Empty title="Nothing is like that">
        Ids must begin with it; of titles and features every word must begin like yours.
      </Empty>
    );
  return (
    <div class="grid">
      {(!data || data.items.length > 0) && (
        <Card title="Items">
          <DataTable
            {...rest}
            caption="Items that were found"
            rows={data?.items ?? []}
            rowKey={({ id }) => id}
            columns={itemColumns}
          />
        </Card>
      )}
      {data && data.users.length > 0 && (
        <Card title="Users">
          <DataTable
            caption="Users that were found"
            rows={data.users}
            rowKey={({ id }) => id}
            columns={[
              {
                title: 'Id',
                value: ({ id }) => id,
                render: ({ id }) => <Link href={hrefOf('data', { user: id })}>{id}</Link>,
              },
            ]}
          />
        </Card>
      )}
      {data && data.features.length > 0 && (
        <Card title="Features">
          <Features rows={data.features} caption="Features that were found" />
        </Card>
      )}
    </div>
  );
}

function Listed({ list }: { readonly list: List }) {
  const api = useApi();
  switch (list) {
    case 'users':
      return (
        <Pages
          ask={async (cursor, signal) => {
            const { users, next } = await api.get('/v1/users', { query: { cursor, limit: pageSize }, signal });
            return { rows: users, next };
          }}
        >
          {(found) => (
            <DataTable
              {...found}
              caption="Users by id"
              rowKey={({ id }) => id}
              columns={[
                {
                  title: 'Id',
                  value: ({ id }) => id,
                  render: ({ id }) => <Link href={hrefOf('data', { user: id })}>{id}</Link>,
                },
                {
                  title: 'Features',
                  sortable: false,
                  value: () => '',
                  render: ({ features }) => <FeatureLinks features={features} />,
                },
                { title: 'Attributes', value: ({ attributes }) => Object.keys(attributes).length },
              ]}
            />
          )}
        </Pages>
      );
    case 'items':
      return (
        <Pages
          ask={async (cursor, signal) => {
            const { items, next } = await api.get('/v1/items', { query: { cursor, limit: pageSize }, signal });
            return { rows: items, next };
          }}
        >
          {(found) => (
            <DataTable
              {...found}
              caption="Items by id"
              rowKey={({ id }) => id}
              columns={[
                ...itemColumns,
                {
                  title: 'Features',
                  sortable: false,
                  value: () => '',
                  render: ({ features }) => <FeatureLinks features={features} />,
                },
                {
                  title: 'State',
                  value: ({ available }) => available,
                  render: ({ available }) => <Availability available={available} />,
                },
              ]}
            />
          )}
        </Pages>
      );
    case 'features':
      return (
        <Pages
          ask={async (cursor, signal) => {
            const { features, next } = await api.get('/v1/features', { query: { cursor, limit: pageSize }, signal });
            return { rows: features, next };
          }}
        >
          {(found) => <Features {...found} caption="Features by kind and value" />}
        </Pages>
      );
  }
}

interface PagesProps<R> {
  readonly ask: Parameters<typeof usePages<R>>[0];
  readonly children: (found: ReturnType<typeof usePages<R>>) => preact.ComponentChildren;
}

function Pages<R>({ ask, children }: PagesProps<R>) {
  return <section class="card">{children(usePages(ask, []))}</section>;
}

interface FeaturesProps extends Partial<Omit<ReturnType<typeof usePages>, 'rows'>> {
  readonly caption: string;
  readonly rows: readonly {
    readonly kind: string;
    readonly value: string;
    readonly items: number;
    readonly users: number;
  }[];
}

function Features(props: FeaturesProps) {
  return (
    <DataTable
      {...props}
      rowKey={({ kind, value }) => `${kind}:${value}`}
      columns={[
        {
          title: 'Feature',
          value: ({ value }) => value,
          render: ({ kind, value }) => <Link href={hrefOf('data', { feature: `${kind}:${value}` })}>{value}</Link>,
        },
        { title: 'Kind', value: ({ kind }) => kind },
        { title: 'Items', value: ({ items }) => items, render: ({ items }) => count(items) },
        { title: 'Users', value: ({ users }) => users, render: ({ users }) => count(users) },
      ]}
    />
  );
}
