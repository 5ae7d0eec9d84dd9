/** The list as it would be without some interactions, asked of the server at once. */
import { useId } from 'preact/hooks';
import type { AnswerOf, Client } from '../../../client.ts';
import { aligned } from '../format.ts';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { useRequest } from '../parts/useRequest.ts';

export interface WhatIfProps {
  readonly api: Client;
  readonly user: string;
  readonly item: string;
  /** Items whose interactions are taken away, with their titles. */
  readonly removed: ReadonlyMap<string, string>;
  readonly toggle: (item: string, title: string) => void;
  readonly undo: () => void;
}

type Answer = AnswerOf<'post', '/v1/users/{id}/recommendations/what-if'>;

export function WhatIf({ api, user, item, removed, toggle, undo }: WhatIfProps) {
  const id = useId();
  const without = [...removed.keys()];
  const { data, error, loading, retry } = useRequest(
    (signal) =>
      api.post('/v1/users/{id}/recommendations/what-if', {
        params: { id: user },
        body: { without, item, limit: 10 },
        signal,
      }),
    [user, item, JSON.stringify(without)],
  );
  return (
    <section class="card what-if" aria-labelledby={id}>
      <header>
        <h2 id={id}>What if these had not been chosen</h2>
        <button type="button" class="button" onClick={undo}>
          Undo all
        </button>
      </header>
      <ul class="chips">
        {[...removed].map(([each, title]) => (
          <li key={each} class="chip">
            <span dir="auto">{title}</span>
            <button
              type="button"
              class="button quiet"
              aria-label={`Put ${title} back`}
              onClick={() => toggle(each, title)}
            >
              ↶
            </button>
          </li>
        ))}
      </ul>
      {error !== undefined && <ErrorPanel error={error} retry={retry} />}
      {error === undefined && !data && <Skeleton label="the list as it would be" />}
      {error === undefined && data && <Moved answer={data} loading={loading} />}
    </section>
  );
}

function Moved({ answer, loading }: { readonly answer: Answer; readonly loading: boolean }) {
  const { items, item, interactions, exact } = answer;
  const format = aligned(items.map(({ score }) => score));
  return (
    <div aria-busy={loading}>
      <p class="told" role="status">
        {item && <Told item={item} format={format} />}
      </p>
      <ol class="ranking">
        {items.map((each) => (
          <li key={each.item} class={each.item === item?.item ? 'this' : undefined}>
            <span class="number">{each.rank}</span>
            <span dir="auto" class="title">
              {each.title}
            </span>
            <Move rank={each.rank} was={each.was.rank} />
            <span class="number muted">{format(each.score)}</span>
          </li>
        ))}
      </ol>
      <p class="muted small">
        From {interactions.now} of {interactions.was} interactions. It holds with the weights of the version as they
        are; a training without them would find others.
        {!exact && ' The model has no exact way to leave them out: this is as near as its item vectors allow.'}
      </p>
    </div>
  );
}

function Told(props: { readonly item: NonNullable<Answer['item']>; readonly format: (value: number) => string }) {
  const { title, rank, was, score } = props.item;
  const from = `score ${props.format(was.score)} → ${props.format(score)}`;
  return (
    <>
      <strong dir="auto">{title}</strong>
      {rank === undefined || was.rank === undefined
        ? ' is no candidate for this list'
        : rank === was.rank
          ? ` would stay at place ${rank}`
          : ` would ${rank > was.rank ? 'fall' : 'rise'} from place ${was.rank} to ${rank}`}{' '}
      <span class="muted">({from})</span>
    </>
  );
}

function Move({ rank, was }: { readonly rank?: number | undefined; readonly was?: number | undefined }) {
  if (rank === undefined || was === undefined) return <span />;
  if (rank === was) return <span class="move muted">=</span>;
  return (
    <span class={`move ${rank < was ? 'up' : 'down'}`}>
      {rank < was ? '↑' : '↓'} {Math.abs(rank - was)}
      <span class="unseen"> places {rank < was ? 'up' : 'down'}</span>
    </span>
  );
}
