/** What the pages of one user, item or feature have in common. */
import type { ComponentChildren } from 'preact';
import type { AnswerOf } from '../../../../client.ts';
import { figure, moment } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { usePages } from '../../parts/useRequest.ts';
import { hrefOf, Link } from '../../router.tsx';
import { useApi } from '../../session.ts';
import { ItemLink } from './links.tsx';

type Attributes = AnswerOf<'get', '/v1/users/{id}'>['attributes'];
type Interaction = AnswerOf<'get', '/v1/interactions'>['interactions'][number];

export interface DetailHeadProps {
  readonly kind: string;
  readonly list: string;
  readonly title: ComponentChildren;
  readonly id?: string | undefined;
  readonly children?: ComponentChildren;
}

export function DetailHead({ kind, list, title, id, children }: DetailHeadProps) {
  return (
    <div class="head">
      <div>
        <p class="small">
          <Link href={hrefOf('data', { list })}>Data</Link> / {kind}
        </p>
        <h1>{title}</h1>
        {id !== undefined && (
          <p>
            <code>{id}</code>
          </p>
        )}
      </div>
      <div class="row">{children}</div>
    </div>
  );
}

export function AttributesCard({ attributes }: { readonly attributes: Attributes }) {
  const names = Object.keys(attributes);
  if (names.length === 0) return null;
  return (
    <Card title="Attributes" note="What nodes do not share: numbers, texts, vectors">
      <dl class="facts">
        {names.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{said(attributes[name]!)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

const said = (value: Attributes[string]): string =>
  typeof value === 'object'
    ? `${value.length} numbers: ${value.slice(0, 4).map(figure).join(', ')}${value.length > 4 ? ' …' : ''}`
    : typeof value === 'number'
      ? figure(value)
      : value;

type Row = Interaction & { readonly title?: string | undefined };

/** The interactions of a user or with an item, newest first. */
export function InteractionsCard({ user, item }: { readonly user?: string; readonly item?: string }) {
  const api = useApi();
  const found = usePages<Row>(
    async (cursor, signal) => {
      const query = { user, item, order: 'newest' as const, limit: 25, cursor };
      const { interactions, next } = await api.get('/v1/interactions', { query, signal });
      if (user === undefined || interactions.length === 0) return { rows: interactions, next };
      const ids = [...new Set(interactions.map((each) => each.item))];
      const { items } = await api.get('/v1/items', { query: { id: ids }, signal });
      const titles = new Map(items.map(({ id, title }) => [id, title]));
      return { rows: interactions.map((each) => ({ ...each, title: titles.get(each.item) })), next };
    },
    [user, item],
  );
  return (
    <Card title="Interactions" note="Newest first">
      <DataTable
        {...found}
        caption="Interactions, newest first"
        rowKey={({ user, item, type, at }) => `${user} ${item} ${type} ${at}`}
        columns={[
          user === undefined
            ? {
                title: 'User',
                value: ({ user }) => user,
                render: ({ user }) => <Link href={hrefOf('data', { user })}>{user}</Link>,
              }
            : {
                title: 'Item',
                value: ({ title, item }) => title ?? item,
                render: ({ title, item }) => <ItemLink id={item} title={title} />,
              },
          { title: 'Type', value: ({ type }) => type },
          { title: 'Value', value: ({ value }) => value },
          {
            title: 'At',
            value: ({ at }) => at,
            render: ({ at }) => <span class="nowrap">{at > 0 ? moment(at) : 'not known'}</span>,
          },
        ]}
        empty={<Empty title="No interactions">Nothing was done here yet.</Empty>}
      />
    </Card>
  );
}
