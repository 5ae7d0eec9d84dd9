/** Why an item suits a user: choose both, then read. */
import { useEffect, useId, useState } from 'preact/hooks';
import type { Client } from '../../../client.ts';
import { Explanation } from '../explain/Explanation.tsx';
import { aligned } from '../format.ts';
import { Empty } from '../parts/Empty.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { Suggest } from '../parts/Suggest.tsx';
import { useRequest } from '../parts/useRequest.ts';
import { go, hrefOf, Link, usePlace } from '../router.tsx';
import { useApi } from '../session.ts';
import { useTheme } from '../theme.ts';
import '../explain/explain.css';

const mostItems = 20;

export default function Explain() {
  const api = useApi();
  const { query } = usePlace();
  const theme = useTheme();
  const [user, item] = [query.get('user') ?? '', query.get('item') ?? ''];
  return (
    <>
      <div class="head">
        <div>
          <h1>Explain</h1>
          <p>Why an item is recommended to a user, and what would change it.</p>
        </div>
        <ChooseUser key={user} user={user} />
      </div>
      {user === '' ? (
        <Empty title="Whose recommendations?">
          Choose a user above by id. Those the graph knows are suggested as you type.
        </Empty>
      ) : (
        <div class="explain">
          <Recommended api={api} user={user} item={item} />
          {item === '' ? (
            <Empty title="Which item?">Choose one of the list, or ask for another by its id.</Empty>
          ) : (
            <Explanation {...{ api, user, item, theme }} />
          )}
        </div>
      )}
    </>
  );
}

function ChooseUser({ user }: { readonly user: string }) {
  const [typed, type] = useState(user);
  const submit = (event: Event) => {
    event.preventDefault();
    if (typed.trim() !== '') go(hrefOf('explain', { user: typed.trim() }));
  };
  return (
    <search>
      <form class="row choose" onSubmit={submit}>
        <Suggest label="User" kind="users" value={typed} onInput={type} placeholder="Id of a user" />
        <button type="submit" class="button primary" disabled={typed.trim() === ''}>
          Show
        </button>
      </form>
    </search>
  );
}

interface RecommendedProps {
  readonly api: Client;
  readonly user: string;
  readonly item: string;
}

function Recommended({ api, user, item }: RecommendedProps) {
  const id = useId();
  const { data, error, retry } = useRequest(
    (signal) =>
      api.get('/v1/users/{id}/recommendations', { params: { id: user }, query: { limit: mostItems }, signal }),
    [user],
  );
  const format = aligned(data?.items.map(({ score }) => score) ?? []);
  const [other, ask] = useState('');
  const first = data?.user === user ? data.items[0]?.item : undefined;
  // The best is as good a place to begin as any.
  useEffect(() => {
    if (item === '' && first !== undefined) go(hrefOf('explain', { user, item: first }), { replace: true });
  }, [item, user, first]);
  const submit = (event: Event) => {
    event.preventDefault();
    if (other.trim() !== '') go(hrefOf('explain', { user, item: other.trim() }));
  };
  return (
    <section class="card choice" aria-labelledby={id}>
      <header>
        <h2 id={id}>Recommended</h2>
      </header>
      {error !== undefined && <ErrorPanel error={error} retry={retry} />}
      {!data && error === undefined && <Skeleton label="the recommendations" lines={8} />}
      {data?.fallback && <p class="notice">Nothing is known of this user’s taste: these are what most people chose.</p>}
      {data?.items.length === 0 && <p class="notice">There is nothing to recommend.</p>}
      <ol class="picks">
        {data?.items.map((each, place) => (
          <li key={each.item}>
            <Link href={hrefOf('explain', { user, item: each.item })} current={each.item === item}>
              <span class="number muted">{place + 1}</span>
              <span class="title" dir="auto">
                {each.title}
              </span>
              <span class="number muted">{format(each.score)}</span>
            </Link>
          </li>
        ))}
      </ol>
      <form class="row other" onSubmit={submit}>
        <input
          aria-label="Id of another item"
          dir="auto"
          placeholder="Id of another item"
          value={other}
          onInput={(event) => ask(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={other.trim() === ''}>
          Why?
        </button>
      </form>
    </section>
  );
}
