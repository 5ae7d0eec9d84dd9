/** What the server was started with: every option, its value, and where that comes from. */
import { useState } from 'preact/hooks';
import type { AnswerOf } from '../../../client.ts';
import { Card } from '../parts/Card.tsx';
import { DataTable } from '../parts/DataTable.tsx';
import { Empty } from '../parts/Empty.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { useRequest } from '../parts/useRequest.ts';
import { useApi } from '../session.ts';

type Setting = AnswerOf<'get', '/v1/admin/settings'>['settings'][number];

const sourceNames = { flag: 'command line', environment: 'environment', config: 'config file', default: 'default' };

export default function Settings() {
  const api = useApi();
  const { data, error, retry } = useRequest((signal) => api.get('/v1/admin/settings', { signal }), []);
  const [sought, seek] = useState('');
  const [changed, setChanged] = useState(false);
  const [everything, setEverything] = useState(false);
  const words = sought.toLowerCase().split(/\s+/);
  const shown = data?.settings.filter(
    (setting) =>
      (everything || setting.here) &&
      (!changed || setting.source !== 'default') &&
      words.every((word) =>
        `${setting.key} ${setting.env} ${setting.flag} ${setting.description}`.toLowerCase().includes(word),
      ),
  );
  const sections = [...new Set(shown?.map(({ section }) => section))];
  return (
    <>
      <div class="head">
        <div>
          <h1>Settings</h1>
          <p>As this server was started. They are changed there: by flags, the environment or the config file.</p>
        </div>
      </div>
      <form class="card row" onSubmit={(event) => event.preventDefault()}>
        <input
          type="search"
          aria-label="Find a setting"
          placeholder="Find a setting"
          value={sought}
          onInput={(event) => seek(event.currentTarget.value)}
        />
        <label class="row">
          <input type="checkbox" checked={changed} onChange={(event) => setChanged(event.currentTarget.checked)} />
          Only what was set
        </label>
        <label class="row">
          <input
            type="checkbox"
            checked={everything}
            onChange={(event) => setEverything(event.currentTarget.checked)}
          />
          Those of other commands too
        </label>
        {shown && <span class="muted">{shown.length} options</span>}
      </form>
      {error !== undefined && <ErrorPanel error={error} retry={retry} />}
      {!shown && error === undefined && <Skeleton label="settings" lines={8} />}
      {shown?.length === 0 && <Empty title="No option is like that" />}
      <div class="settings">
        {sections.map((section) => (
          <Card key={section} title={section}>
            <Section name={section} rows={shown!.filter((setting) => setting.section === section)} />
          </Card>
        ))}
      </div>
    </>
  );
}

function Section({ name, rows }: { readonly name: string; readonly rows: readonly Setting[] }) {
  return (
    <DataTable
      caption={`Settings: ${name}`}
      rows={rows}
      rowKey={({ key }) => key}
      columns={[
        {
          title: 'Option',
          value: ({ key }) => key,
          render: ({ key, flag, env }) => (
            <>
              <strong>{key}</strong>
              <small class="names muted">
                {flag !== undefined && <code>--{flag}</code>}
                <code>{env}</code>
              </small>
            </>
          ),
        },
        {
          title: 'Value',
          value: (setting) => written(setting),
          render: (setting) => <code class="value">{written(setting)}</code>,
        },
        {
          title: 'From',
          value: ({ source }) => source,
          render: ({ source }) => (
            <span class={source === 'default' ? 'muted' : 'badge ok'}>{sourceNames[source]}</span>
          ),
        },
        {
          title: 'Default',
          value: ({ defaultValue }) => textOf(defaultValue),
          render: ({ defaultValue }) => <code class="muted">{textOf(defaultValue)}</code>,
        },
        {
          title: 'What it does',
          sortable: false,
          value: ({ description }) => description,
          render: ({ description, reason, choices }) => (
            <>
              {description}
              {choices.length > 0 && <span class="muted"> ({choices.join(', ')})</span>}
              {reason !== undefined && <small class="names muted">{reason}</small>}
            </>
          ),
        },
      ]}
    />
  );
}

const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return '–';
  if (Array.isArray(value)) return value.map(String).join(', ') || 'none';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'none' : JSON.stringify(value);
  // A port is no amount.
  return typeof value === 'number' && value >= 100_000 ? value.toLocaleString('en') : String(value);
};

const written = ({ secret, value, unit }: Setting): string =>
  secret ?? `${textOf(value)}${unit !== undefined && value !== undefined ? ` ${unit}` : ''}`;
