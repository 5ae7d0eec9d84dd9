/** Who may ask: the API keys, making one, giving it a new secret, and ending it. */
import { useState } from 'preact/hooks';
import type { AnswerOf } from '../../../client.ts';
import { count, moment } from '../format.ts';
import { Card } from '../parts/Card.tsx';
import { Confirm } from '../parts/Confirm.tsx';
import { DataTable } from '../parts/DataTable.tsx';
import { Empty } from '../parts/Empty.tsx';
import { toast } from '../parts/toast.tsx';
import { useRequest } from '../parts/useRequest.ts';
import { type Scope, useApi, useSession } from '../session.ts';

type Key = AnswerOf<'get', '/v1/admin/keys'>['keys'][number];
type NewKey = AnswerOf<'post', '/v1/admin/keys'>;

const scopeMeanings: Readonly<Record<Scope, string>> = {
  read: 'ask for recommendations, explanations and data',
  write: 'bring users, items and interactions',
  admin: 'everything, and this page',
};
const lifetimes = { '': 'for ever', '7d': '7 days', '90d': '90 days', '365d': 'a year' };
const graces = { '0s': 'not at all: it ends at once', '1h': 'an hour', '24h': 'a day', '7d': '7 days' };
const tones = { active: 'ok', expired: 'warn', revoked: 'bad' };

type Asked = { readonly kind: 'create' } | { readonly kind: 'rotate' | 'revoke'; readonly key: Key };

export default function Keys() {
  const api = useApi();
  const found = useRequest((signal) => api.get('/v1/admin/keys', { signal }), []);
  const [asked, ask] = useState<Asked>();
  const [made, setMade] = useState<NewKey>();
  const taken = (key: NewKey) => {
    setMade(key);
    found.retry();
  };
  const keys = found.data?.keys ?? [];
  const close = () => ask(undefined);
  return (
    <>
      <div class="head">
        <div>
          <h1>API keys</h1>
          <p>Each program and person has a key of its own, so that one can be ended without the others.</p>
        </div>
        <button type="button" class="button primary" onClick={() => ask({ kind: 'create' })}>
          Create a key
        </button>
      </div>
      {made && <Secret made={made} close={() => setMade(undefined)} />}
      <Card
        title="Keys"
        note={
          found.data &&
          `${count(keys.filter(({ state }) => state === 'active').length)} active of ${count(keys.length)}`
        }
      >
        <List keys={keys} found={found} ask={ask} />
      </Card>
      {asked?.kind === 'create' && <Create taken={taken} close={close} />}
      {asked?.kind === 'rotate' && <Rotate record={asked.key} taken={taken} close={close} />}
      {asked?.kind === 'revoke' && <Revoke record={asked.key} done={found.retry} close={close} />}
    </>
  );
}

interface ListProps {
  readonly keys: readonly Key[];
  readonly found: { readonly error: unknown; readonly loading: boolean; readonly retry: () => void };
  readonly ask: (asked: Asked) => void;
}

function List({ keys, found: { error, loading, retry }, ask }: ListProps) {
  const session = useSession();
  const own = session.state === 'in' ? session.caller.id : undefined;
  return (
    <DataTable
      caption="API keys"
      rows={keys}
      error={error}
      loading={loading}
      retry={retry}
      rowKey={({ id }) => id}
      columns={[
        { title: 'Name', value: ({ name }) => name, render: ({ id, name }) => (id === own ? `${name} (yours)` : name) },
        { title: 'Id', value: ({ id }) => id, render: ({ id }) => <code>{id}</code> },
        {
          title: 'May',
          value: ({ scopes }) => scopes.join(' '),
          render: ({ scopes, tenant }) => (
            <span class="row">
              {scopes.map((scope) => (
                <span key={scope} class="badge">
                  {scope}
                </span>
              ))}
              {tenant !== undefined && <span class="badge">of {tenant}</span>}
            </span>
          ),
        },
        {
          title: 'State',
          value: ({ state }) => state,
          render: ({ state }) => <span class={`badge ${tones[state]}`}>{state}</span>,
        },
        { title: 'Made', value: ({ at }) => -at, render: ({ at }) => moment(at) },
        { title: 'Secret of', value: ({ rotatedAt }) => -rotatedAt, render: ({ rotatedAt }) => moment(rotatedAt) },
        {
          title: 'Ends',
          value: ({ expiresAt }) => expiresAt ?? null,
          render: ({ expiresAt, revokedAt }) =>
            revokedAt ? `revoked ${moment(revokedAt)}` : expiresAt ? moment(expiresAt) : 'never',
        },
        {
          title: 'Actions',
          sortable: false,
          value: () => '',
          render: (key) =>
            key.state === 'active' && (
              <span class="row">
                <button
                  type="button"
                  class="button small"
                  aria-label={`Rotate ${key.name}`}
                  onClick={() => ask({ kind: 'rotate', key })}
                >
                  Rotate
                </button>
                <button
                  type="button"
                  class="button small danger"
                  aria-label={`Revoke ${key.name}`}
                  onClick={() => ask({ kind: 'revoke', key })}
                >
                  Revoke
                </button>
              </span>
            ),
        },
      ]}
      empty={<Empty title="No keys yet">With the first one, every request must say who asks.</Empty>}
    />
  );
}

/** The one moment at which a key can be read. */
function Secret({ made: { key, name }, close }: { readonly made: NewKey; readonly close: () => void }) {
  const copy = async () => {
    await navigator.clipboard.writeText(key);
    toast('Copied');
  };
  return (
    <section class="card secret" aria-label="The new key">
      <header>
        <h2>The key “{name}”</h2>
        <p>It is shown this once: only its hash is kept.</p>
      </header>
      <div class="row">
        <code class="key">{key}</code>
        <button
          type="button"
          class="button primary"
          onClick={() => void copy().catch(() => toast('Mark it and copy it by hand', 'bad'))}
        >
          Copy
        </button>
        <button type="button" class="button" onClick={close}>
          I have it
        </button>
      </div>
    </section>
  );
}

interface Taking {
  readonly taken: (key: NewKey) => void;
  readonly close: () => void;
}

function Create({ taken, close }: Taking) {
  const api = useApi();
  const [name, setName] = useState('');
  const [chosen, choose] = useState<readonly Scope[]>(['read']);
  const [expires, setExpires] = useState('90d');
  const toggle = (scope: Scope) =>
    choose(chosen.includes(scope) ? chosen.filter((each) => each !== scope) : [...chosen, scope]);
  return (
    <Confirm
      title="Create a key"
      action="Create"
      onClose={close}
      onConfirm={async () =>
        taken(
          await api.post('/v1/admin/keys', {
            body: { name: name.trim(), scopes: [...chosen], ...(expires !== '' && { expires }) },
          }),
        )
      }
    >
      <label class="field">
        <span>What it is for</span>
        <input
          required
          maxLength={100}
          value={name}
          placeholder="web shop"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <fieldset class="field">
        <legend>What it may</legend>
        {(Object.keys(scopeMeanings) as Scope[]).map((scope) => (
          <label key={scope} class="row">
            <input
              type="checkbox"
              checked={chosen.includes(scope)}
              required={chosen.length === 0}
              onChange={() => toggle(scope)}
            />
            <span>
              <strong>{scope}</strong> <span class="muted">{scopeMeanings[scope]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Choose label="How long it is good" choices={lifetimes} value={expires} onChange={setExpires} />
    </Confirm>
  );
}

function Rotate({ record, taken, close }: Taking & { readonly record: Key }) {
  const api = useApi();
  const [grace, setGrace] = useState('24h');
  return (
    <Confirm
      title={`A new secret for “${record.name}”`}
      action="Rotate"
      onClose={close}
      onConfirm={async () =>
        taken(await api.post('/v1/admin/keys/{id}/rotate', { params: { id: record.id }, body: { grace } }))
      }
    >
      <p>
        Whoever uses the key gets a new secret from you; the one before stays good for a while, so that they can change
        over.
      </p>
      <Choose label="How long the one before stays good" choices={graces} value={grace} onChange={setGrace} />
    </Confirm>
  );
}

function Revoke({
  record,
  done,
  close,
}: {
  readonly record: Key;
  readonly done: () => void;
  readonly close: () => void;
}) {
  const api = useApi();
  return (
    <Confirm
      title={`Revoke “${record.name}”?`}
      action="Revoke"
      danger
      onClose={close}
      onConfirm={async () => {
        await api.delete('/v1/admin/keys/{id}', { params: { id: record.id } });
        toast(`The key “${record.name}” is revoked`);
        done();
      }}
    >
      <p>Whoever uses it is refused from the next request on. It cannot be taken back; the key stays in the list.</p>
    </Confirm>
  );
}

interface ChooseProps {
  readonly label: string;
  readonly choices: Readonly<Record<string, string>>;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Choose({ label, choices, value, onChange }: ChooseProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {Object.entries(choices).map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
