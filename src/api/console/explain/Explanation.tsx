/** Why an item: in a sentence, in parts of its score, as a graph, and what would be otherwise. The page and the element show it. */
import { useEffect, useState } from 'preact/hooks';
import type { AnswerOf, Client } from '../../../client.ts';
import { duration, figure } from '../format.ts';
import { Card } from '../parts/Card.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { useRequest } from '../parts/useRequest.ts';
import { Contributions } from './Contributions.tsx';
import { Further } from './Further.tsx';
import { GraphCard } from './GraphCard.tsx';
import { amounts, type GraphAnswer, graphPath } from './graph.ts';
import { WhatIf } from './WhatIf.tsx';

export interface ExplanationProps {
  readonly api: Client;
  readonly user: string;
  readonly item: string;
  /** Colours are read anew where it changes. */
  readonly theme: string;
}

type Answer = AnswerOf<'get', '/v1/users/{id}/recommendations/{item}/explanation'>;

export function Explanation({ api, user, item, theme }: ExplanationProps) {
  const params = { id: user, item };
  const { data, error, retry } = useRequest(
    (signal) => api.get('/v1/users/{id}/recommendations/{item}/explanation', { params, signal }),
    [user, item],
  );
  const [limit, setLimit] = useState<number>(amounts[0]);
  const graph = useRequest((signal) => api.get(graphPath, { params, query: { limit }, signal }), [user, item, limit]);
  const [removed, setRemoved] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => setRemoved(new Map()), [user, item]);
  const toggle = (each: string, title: string) =>
    setRemoved((before) => {
      const after = new Map(before);
      if (!after.delete(each)) after.set(each, title);
      return after;
    });
  const taken = new Set(removed.keys());
  if (error !== undefined) return <ErrorPanel error={error} retry={retry} />;
  if (data?.item !== item || data.user !== user) return <Skeleton label="the explanation" lines={6} />;
  return (
    <div class="explanation">
      <Sentence answer={data} about={graph.data?.version} />
      <div class="columns">
        <Card title="What the score is made of" note={data.attribution && 'Parts for and against; they sum to it'}>
          {data.attribution ? (
            <Contributions
              attribution={data.attribution}
              unattributed={data.unattributed}
              removed={taken}
              toggle={toggle}
            />
          ) : (
            <p class="notice">{withoutParts(data)}</p>
          )}
        </Card>
        {removed.size > 0 && <WhatIf {...{ api, user, item, removed, toggle }} undo={() => setRemoved(new Map())} />}
      </div>
      <Card title="In the graph" note="What carries the score, and what else speaks for it">
        <GraphCard {...{ api, user, item, theme, toggle, limit, setLimit }} first={graph} removed={taken} />
      </Card>
      <Further
        {...{ api, user, item }}
        remove={(items) => setRemoved(new Map(items.map((each) => [each.item, each.title])))}
      />
    </div>
  );
}

function withoutParts({ fallback, unattributed }: Answer): string {
  if (fallback) return 'Nothing is known of this taste yet, so the score is how many people chose the item.';
  return `${unattributed ?? 'This score has no parts'}. The graph below still shows the ways that lead to it: evidence, not parts of the score.`;
}

function Sentence({ answer, about }: { readonly answer: Answer; readonly about: GraphAnswer['version'] | undefined }) {
  const [first, ...others] = answer.reasons;
  return (
    <section class="card sentence" aria-label="The reason">
      <p class="muted small">
        Why{' '}
        <strong dir="auto" class="title">
          {answer.title}
        </strong>
        {answer.title !== answer.item && (
          <>
            {' '}
            <code dir="auto">{answer.item}</code>
          </>
        )}
      </p>
      <p class="reason" dir="auto">
        {first ??
          (answer.attribution
            ? 'No single thing stands out: many small parts add up.'
            : 'The graph knows no way that could be told.')}
      </p>
      {others.length > 0 && (
        <ul>
          {others.map((reason) => (
            <li key={reason} dir="auto">
              {reason}
            </li>
          ))}
        </ul>
      )}
      <p class="about">
        {answer.fallback ? (
          <span class="badge warn">Popular: nothing is known of this taste yet</span>
        ) : (
          <span class="badge ok">Score {figure(answer.score)}</span>
        )}
        <Version version={answer.version} about={about} />
      </p>
    </section>
  );
}

/** Which version answered, and how old it is. */
function Version({ version, about }: { readonly version: string; readonly about: GraphAnswer['version'] | undefined }) {
  return (
    <span class="muted small">
      {about?.id === version && `${about.model}, trained ${duration((Date.now() - about.publishedAt) / 1000)} ago · `}
      version <code>{version}</code>
    </span>
  );
}
