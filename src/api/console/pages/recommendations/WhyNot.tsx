/** Where an item that one has in mind was lost, in either list. */
import { useState } from 'preact/hooks';
import { Card } from '../../parts/Card.tsx';
import { ErrorPanel } from '../../parts/ErrorPanel.tsx';
import { Skeleton } from '../../parts/Skeleton.tsx';
import { Suggest } from '../../parts/Suggest.tsx';
import { useRequest } from '../../parts/useRequest.ts';
import { useApi } from '../../session.ts';

/** What makes one of the lists. */
export interface Asked {
  /** The served one where absent. */
  readonly version: string | undefined;
  readonly pipeline: string;
}
export interface WhyNotProps {
  readonly user: string;
  readonly limit: number;
  readonly sides: readonly Asked[];
}

export function WhyNot({ user, limit, sides }: WhyNotProps) {
  const [typed, type] = useState('');
  const [item, ask] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    ask(typed.trim());
  };
  return (
    <Card title="Why not this one?" note="Follows an item through both pipelines to where it was lost">
      <form class="row bottom" onSubmit={submit}>
        <Suggest label="Item" kind="items" value={typed} onInput={type} placeholder="Id or title of an item" />
        <button type="submit" class="button" disabled={typed.trim() === ''}>
          Ask
        </button>
      </form>
      {item !== '' && (
        <div class="grid answers">
          {sides.map((side, place) => (
            <Answer
              key={place}
              title={place === 0 ? 'Left' : 'Right'}
              user={user}
              item={item}
              limit={limit}
              asked={side}
            />
          ))}
        </div>
      )}
    </Card>
  );
}

interface AnswerProps {
  readonly title: string;
  readonly user: string;
  readonly item: string;
  readonly limit: number;
  readonly asked: Asked;
}

function Answer({ title, user, item, limit, asked: { version, pipeline } }: AnswerProps) {
  const api = useApi();
  const { data, error, retry } = useRequest(
    (signal) =>
      api.get('/v1/users/{id}/recommendations/{item}/why-not', {
        params: { id: user, item },
        query: { limit, version, pipeline },
        signal,
      }),
    [user, item, limit, version, pipeline],
  );
  if (error !== undefined) return <ErrorPanel error={error} retry={retry} />;
  if (!data) return <Skeleton label={title} />;
  const { because, lost, place, sources } = data;
  return (
    <div class="answer">
      <h3>
        {title}: {data.title ?? item}
      </h3>
      <p>
        <span class={`badge ${lost === 'recommended' ? 'ok' : 'warn'}`}>{lost.replace('-', ' ')}</span>{' '}
        {place !== undefined && <span class="muted">place {place}</span>}
      </p>
      <p>{because}</p>
      {sources.map((source) => (
        <p key={source.source} class="small muted">
          {source.source} has it at place {source.place} of the {source.quota} that it may bring
        </p>
      ))}
    </div>
  );
}
