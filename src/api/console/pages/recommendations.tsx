/** One user, two lists: by two versions or two pipelines, with what moved, why, and what each stage did. */
import { useState } from 'preact/hooks';
import type { AnswerOf } from '../../../client.ts';
import { Card } from '../parts/Card.tsx';
import { Empty } from '../parts/Empty.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { Suggest } from '../parts/Suggest.tsx';
import { Trace } from '../parts/Trace.tsx';
import { type Requested, useRequest } from '../parts/useRequest.ts';
import { go, hrefOf, usePlace } from '../router.tsx';
import { useApi } from '../session.ts';
import { type Side, Versus } from './recommendations/Versus.tsx';
import { type Asked, WhyNot } from './recommendations/WhyNot.tsx';

type Versions = AnswerOf<'get', '/v1/versions'>['versions'];

const limits = [5, 10, 20, 50];
const names = ['a', 'b'] as const;

/** What a column of the address asks: `version:pipeline`, either of which may be empty. */
const askedOf = (text: string | null): Asked => {
  const [version, pipeline] = (text ?? '').split(':');
  return { version: version || undefined, pipeline: pipeline || 'default' };
};

export default function Recommendations() {
  const api = useApi();
  const { query } = usePlace();
  const user = query.get('user') ?? '';
  const limit = Number(query.get('limit') ?? 10);
  const asked = { a: askedOf(query.get('a')), b: askedOf(query.get('b')) };
  const [typed, type] = useState(user);
  const versions = useRequest((signal) => api.get('/v1/versions', { signal }), []);
  const pipelines = useRequest((signal) => api.get('/v1/pipelines', { signal }), []);
  const change = (changed: Readonly<Record<string, string>>) =>
    go(hrefOf('recommendations', { ...Object.fromEntries(query), ...changed }), { replace: user !== '' });
  const choose = (side: (typeof names)[number], chosen: Asked) =>
    change({ [side]: `${chosen.version ?? ''}:${chosen.pipeline}` });
  const submit = (event: Event) => {
    event.preventDefault();
    change({ user: typed.trim() });
  };
  return (
    <>
      <div class="head">
        <div>
          <h1>Recommendations side by side</h1>
          <p>What one user gets from two versions or pipelines. Nothing here counts as shown.</p>
        </div>
      </div>
      <form class="card row bottom" onSubmit={submit}>
        <Suggest label="User" kind="users" value={typed} onInput={type} placeholder="Id of a user" />
        <label class="field">
          <span>Items</span>
          <select value={limit} onChange={(event) => change({ limit: event.currentTarget.value })}>
            {limits.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="button primary" disabled={typed.trim() === ''}>
          Compare
        </button>
        <div class="grid sides">
          {names.map((side) => (
            <Choice
              key={side}
              side={side}
              asked={asked[side]}
              versions={versions.data?.versions ?? []}
              pipelines={pipelines.data?.pipelines.map(({ name }) => name) ?? ['default']}
              choose={(chosen) => choose(side, chosen)}
            />
          ))}
        </div>
      </form>
      {versions.error !== undefined && <ErrorPanel error={versions.error} retry={versions.retry} />}
      {user === '' ? (
        <Empty title="Whose recommendations?">
          Type the id of a user above. The left list comes from the served version; choose another version or pipeline
          for the right one.
        </Empty>
      ) : (
        <Compared user={user} limit={limit} asked={asked} versions={versions.data?.versions ?? []} />
      )}
    </>
  );
}

interface ChoiceProps {
  readonly side: (typeof names)[number];
  readonly asked: Asked;
  readonly versions: Versions;
  readonly pipelines: readonly string[];
  readonly choose: (asked: Asked) => void;
}

function Choice({ side, asked, versions, pipelines, choose }: ChoiceProps) {
  const of = side === 'a' ? 'Left' : 'Right';
  return (
    <fieldset class="row">
      <legend>{of}</legend>
      <select
        aria-label={`${of}: version`}
        value={asked.version ?? ''}
        onChange={(event) => choose({ ...asked, version: event.currentTarget.value })}
      >
        <option value="">Served version</option>
        {versions.map(({ id, model, current }) => (
          <option key={id} value={id}>
            {model} · {id.slice(0, 15)}
            {current ? ' (served)' : ''}
          </option>
        ))}
      </select>
      <select
        aria-label={`${of}: pipeline`}
        value={asked.pipeline}
        onChange={(event) => choose({ ...asked, pipeline: event.currentTarget.value })}
      >
        {pipelines.map((name) => (
          <option key={name} value={name}>
            {name === 'default' ? 'Default pipeline' : name}
          </option>
        ))}
      </select>
    </fieldset>
  );
}

interface ComparedProps {
  readonly user: string;
  readonly limit: number;
  readonly asked: Readonly<Record<(typeof names)[number], Asked>>;
  readonly versions: Versions;
}

function Compared({ user, limit, asked, versions }: ComparedProps) {
  const lists = { a: useList(user, limit, asked.a), b: useList(user, limit, asked.b) };
  const failed = names.filter((side) => lists[side].error !== undefined);
  const sides = names.flatMap((side): Side[] => {
    const { data } = lists[side];
    const model = versions.find(({ id }) => id === data?.version)?.model ?? data?.version ?? '';
    return data ? [{ list: data, name: `${model}${data.pipeline === 'default' ? '' : ` · ${data.pipeline}`}` }] : [];
  });
  const [left, right] = sides;
  return (
    <>
      {failed.map((side) => (
        <ErrorPanel key={side} error={lists[side].error} retry={lists[side].retry} />
      ))}
      {failed.length === 0 && !(left && right) && <Skeleton label="both lists" lines={8} />}
      {failed.length === 0 && left && right && (
        <>
          <Versus user={user} left={left} right={right} />
          <div class="grid">
            {[left, right].map(({ list, name }, place) => (
              <Card
                key={place}
                title={`${place === 0 ? 'Left' : 'Right'}: what each stage did`}
                note={
                  list.degraded ? <span class="badge warn">Ranking was not ready: order of the retrieval</span> : name
                }
              >
                {list.trace && (
                  <Trace trace={list.trace} name={`Stages of the ${place === 0 ? 'left' : 'right'} list`} />
                )}
              </Card>
            ))}
          </div>
        </>
      )}
      <WhyNot user={user} limit={limit} sides={names.map((side) => asked[side])} />
    </>
  );
}

function useList(user: string, limit: number, { version, pipeline }: Asked): Requested<Side['list']> {
  const api = useApi();
  return useRequest(
    (signal) =>
      api.get('/v1/users/{id}/recommendations', {
        params: { id: user },
        query: { limit, version, pipeline, trace: true, explain: true, preview: true },
        signal,
      }),
    [user, limit, version, pipeline],
  );
}
