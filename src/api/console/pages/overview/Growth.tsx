/** How the graph grew, and how much what people do changes. */
import { useState } from 'preact/hooks';
import { compact, figure, moment } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { ErrorPanel } from '../../parts/ErrorPanel.tsx';
import { LineChart } from '../../parts/LineChart.tsx';
import { Skeleton } from '../../parts/Skeleton.tsx';
import { Stat } from '../../parts/Stat.tsx';
import { useRequest } from '../../parts/useRequest.ts';
import { ask, recordsOf } from '../../queries.ts';
import { useApi } from '../../session.ts';

interface Span {
  readonly at: number;
  readonly span: number;
  readonly interactions: number;
  readonly users: number;
  readonly newcomers: number;
}

export function Growth() {
  const api = useApi();
  const { data, error, retry } = useRequest(
    async (signal) => everySpan(recordsOf<Span>(await ask(api, 'growth', { limit: 1000, signal }))),
    [],
  );
  return (
    <Card
      title="Growth"
      note={data && data.length > 1 && `${dayOf(data[0]!.at)} to ${dayOf(data.at(-1)!.at + data.at(-1)!.span)}`}
    >
      {error !== undefined && <ErrorPanel error={error} retry={retry} />}
      {!data && error === undefined && <Skeleton label="growth" />}
      {data?.length === 0 && (
        <Empty title="No interaction has a time">Bring times with the data to see how it grows.</Empty>
      )}
      {data && data.length > 0 && (
        <div class="grid">
          <LineChart
            title="Interactions, all until then"
            x={{ name: 'Until', values: data.map(({ at, span }) => at + span), isTime: true }}
            series={[{ name: 'Interactions', values: sums(data.map(({ interactions }) => interactions)) }]}
            format={compact}
          />
          <LineChart
            title="Users"
            x={{ name: 'Until', values: data.map(({ at, span }) => at + span), isTime: true }}
            series={[
              { name: 'All until then', values: sums(data.map(({ newcomers }) => newcomers)) },
              { name: 'Active', values: data.map(({ users }) => users) },
              { name: 'New', values: data.map(({ newcomers }) => newcomers) },
            ]}
            format={compact}
          />
        </div>
      )}
    </Card>
  );
}

const dayOf = (ms: number): string => new Date(ms).toLocaleDateString('en', { dateStyle: 'medium' });

const sums = (values: readonly number[]): number[] => {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum;
  });
};

/** With those in which nothing happened, which the question leaves out. */
function everySpan(found: readonly Span[]): readonly Span[] {
  const [first, last] = [found[0], found.at(-1)];
  if (!first || !last) return [];
  const known = new Map(found.map((each) => [each.at, each]));
  return Array.from({ length: Math.round((last.at - first.at) / first.span) + 1 }, (_, place) => {
    const at = first.at + place * first.span;
    return known.get(at) ?? { at, span: first.span, interactions: 0, users: 0, newcomers: 0 };
  });
}

interface Window {
  /** Its end, ms since 1970. */
  readonly at: number;
  readonly divergence: number;
}

const windows = { 1: 'a day', 7: 'a week', 30: '30 days', 90: '90 days' };

/** Bits from which on a change is worth a look: about what a tenth of all interactions elsewhere makes. */
const notable = 0.1;

export function Drift() {
  const api = useApi();
  const [days, setDays] = useState(30);
  const question = (name: string) =>
    useRequest(
      async (signal) => {
        const parameters = { days, windows: 12 };
        return recordsOf<Window>(await ask(api, name, { parameters, limit: 12, signal })).toReversed();
      },
      [name, days],
    );
  const popularity = question('popularity-drift');
  const activity = question('activity-drift');
  const error = popularity.error ?? activity.error;
  const [items, users] = [popularity.data ?? [], activity.data ?? []];
  const moments = [...new Set([...items, ...users].map(({ at }) => at))].sort((a, b) => a - b);
  const seriesOf = (found: readonly Window[]) => {
    const known = new Map(found.map(({ at, divergence }) => [at, divergence]));
    return moments.map((at) => known.get(at) ?? null);
  };
  const choice = (
    <label class="row">
      Windows of
      <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
        {Object.entries(windows).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Card title="Drift" note={choice}>
      {error !== undefined && (
        <ErrorPanel error={error} retry={popularity.error !== undefined ? popularity.retry : activity.retry} />
      )}
      {error === undefined && !(popularity.data && activity.data) && <Skeleton label="drift" />}
      {error === undefined && popularity.data && activity.data && moments.length === 0 && (
        <Empty title="There are not two windows to compare">Choose shorter ones, or wait until there is more.</Empty>
      )}
      {error === undefined && moments.length > 0 && (
        <div class="drift">
          <div class="stats">
            <Latest name="What people choose" found={items} />
            <Latest name="How much they do" found={users} />
          </div>
          <LineChart
            title="Jensen–Shannon divergence from the window before, in bits"
            x={{ name: 'Until', values: moments, isTime: true }}
            series={[
              { name: 'Popularity of items', values: seriesOf(items) },
              { name: 'Activity of users', values: seriesOf(users) },
            ]}
          />
        </div>
      )}
    </Card>
  );
}

function Latest({ name, found }: { readonly name: string; readonly found: readonly Window[] }) {
  const last = found.at(-1);
  return (
    <Stat
      name={name}
      value={last ? `${figure(last.divergence)} bits` : '–'}
      note={last ? `until ${moment(last.at)}; 0 is no change, 1 is all` : 'no two windows'}
      tone={last && last.divergence > notable ? 'warn' : undefined}
    />
  );
}
