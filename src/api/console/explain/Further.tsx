/** Questions that cost the server more: each is asked when it is opened. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Client } from '../../../client.ts';
import { aligned } from '../format.ts';
import { Card } from '../parts/Card.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { type Requested, useRequest } from '../parts/useRequest.ts';

export interface FurtherProps {
  readonly api: Client;
  readonly user: string;
  readonly item: string;
  /** Takes these interactions away in the view, to see the list without them. */
  readonly remove: (items: readonly { readonly item: string; readonly title: string }[]) => void;
}

const base = '/v1/users/{id}/recommendations';
/** How many first ones an item is taken out of, and how many of them are asked for what connects them. */
const [first, connected] = [10, 5];

export function Further(props: FurtherProps) {
  return (
    <Card title="Ask further" note="What holds with the weights of the version as they are">
      <Question title="What does it hang on?">
        <Counterfactual {...props} />
      </Question>
      <Question title="What would lift it?">
        <Lift {...props} />
      </Question>
      <Question title="Why above another?">
        <Contrast {...props} />
      </Question>
      <Question title="What connects the first ones?">
        <Connection {...props} />
      </Question>
    </Card>
  );
}

function Question({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="question" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {isOpen && children}
    </details>
  );
}

function Answered<T>(props: { readonly request: Requested<T>; readonly children: (data: T) => ComponentChildren }) {
  const { data, error, retry } = props.request;
  if (error !== undefined) return <ErrorPanel error={error} retry={retry} />;
  return data === undefined ? (
    <Skeleton label="the answer" lines={2} />
  ) : (
    <div class="reply">{props.children(data)}</div>
  );
}

function Sentences({ of }: { readonly of: readonly string[] }) {
  return (
    <>
      {of.map((sentence) => (
        <p key={sentence} dir="auto">
          {sentence}
        </p>
      ))}
    </>
  );
}

function Counterfactual({ api, user, item, remove }: FurtherProps) {
  const path = `${base}/{item}/explanation/counterfactual` as const;
  const request = useRequest(
    (signal) => api.get(path, { params: { id: user, item }, query: { limit: first }, signal }),
    [user, item],
  );
  return (
    <Answered request={request}>
      {({ sentences, without, found }) => (
        <>
          <Sentences of={sentences} />
          {found && without.length > 0 && (
            <button type="button" class="button" onClick={() => remove(without)}>
              See the list without {without.length === 1 ? 'it' : `these ${without.length}`}
            </button>
          )}
        </>
      )}
    </Answered>
  );
}

function Lift({ api, user, item }: FurtherProps) {
  const path = `${base}/{item}/explanation/what-would-change` as const;
  const request = useRequest(
    (signal) => api.get(path, { params: { id: user, item }, query: { limit: 5 }, signal }),
    [user, item],
  );
  return (
    <Answered request={request}>
      {({ sentences, likes, rank }) => (
        <>
          <Sentences of={sentences} />
          {likes.length > 0 && (
            <ol class="ranking">
              {likes.map((like) => (
                <li key={like.item}>
                  <span class="number">+</span>
                  <span class="title" dir="auto">
                    {like.title}
                  </span>
                  <span class="move up">
                    {rank} → {like.rank}
                  </span>
                  <span />
                </li>
              ))}
            </ol>
          )}
        </>
      )}
    </Answered>
  );
}

function Contrast({ api, user, item }: FurtherProps) {
  const list = useRequest((signal) => api.get(base, { params: { id: user }, query: { limit: first }, signal }), [user]);
  const [other, choose] = useState<string>();
  const others = (list.data?.items ?? []).filter((each) => each.item !== item);
  const chosen = other !== undefined && other !== item ? other : others[0]?.item;
  return (
    <Answered request={list}>
      {() => (
        <>
          <label class="row">
            <span class="muted">Beside</span>
            <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
              {others.map((each) => (
                <option key={each.item} value={each.item}>
                  {each.title}
                </option>
              ))}
            </select>
          </label>
          {chosen !== undefined && <Difference {...{ api, user, item }} other={chosen} />}
        </>
      )}
    </Answered>
  );
}

function Difference(props: Omit<FurtherProps, 'remove'> & { readonly other: string }) {
  const { api, user, item, other } = props;
  const path = `${base}/{item}/explanation/contrast` as const;
  const request = useRequest(
    (signal) => api.get(path, { params: { id: user, item }, query: { with: other }, signal }),
    [user, item, other],
  );
  return (
    <Answered request={request}>
      {({ sentence, parts, difference }) => {
        const format = aligned([difference, ...parts.map((part) => part.difference)]);
        return (
          <>
            <Sentences of={[sentence]} />
            <ol class="ranking">
              {parts.slice(0, 5).map((part) => (
                <li key={part.item}>
                  <span />
                  <span class="title" dir="auto">
                    {part.title}
                  </span>
                  <span />
                  <span class="number">{format(part.difference)}</span>
                </li>
              ))}
            </ol>
            <p class="muted small">
              What the interactions bring to the one more than to the other, the greatest first; in all{' '}
              {format(difference)}.
            </p>
          </>
        );
      }}
    </Answered>
  );
}

function Connection({ api, user }: FurtherProps) {
  const request = useRequest(
    async (signal) => {
      const list = await api.get(base, { params: { id: user }, query: { limit: connected }, signal });
      const items = list.items.map(({ item }) => item);
      return await api.post(`${base}/connection`, { params: { id: user }, body: { items }, signal });
    },
    [user],
  );
  return (
    <Answered request={request}>
      {({ common }) =>
        common.length > 0 ? (
          <Sentences of={common.map(({ sentence }) => sentence)} />
        ) : (
          <p>Nothing that the graph knows is common to two of them.</p>
        )
      }
    </Answered>
  );
}
