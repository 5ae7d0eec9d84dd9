/** Questions to the graph: the catalogue with its forms, and where the server allows it, Cypher of one's own that only reads. */
import { useRef, useState } from 'preact/hooks';
import { type AnswerOf, ApiProblem } from '../../../client.ts';
import { Card } from '../parts/Card.tsx';
import { Empty } from '../parts/Empty.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { type Field, Fields, type Filled, valuesOf } from '../parts/Fields.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { toast } from '../parts/toast.tsx';
import { useRequest } from '../parts/useRequest.ts';
import { hrefOf, Link, usePlace } from '../router.tsx';
import { useApi } from '../session.ts';
import { type Answered, Results } from './queries/results.tsx';

type Query = AnswerOf<'get', '/v1/admin/queries'>['queries'][number];

/** The question of one's own, in the address. */
const free = '!cypher';
const costs = { cheap: 'ok', moderate: '', heavy: 'warn' } as const;

const limitField: Field = {
  key: 'limit',
  kind: 'number',
  integer: true,
  least: 1,
  most: 100_000,
  defaultValue: 100,
  description: 'Most rows',
};
const timeoutField: Field = {
  key: 'timeout',
  kind: 'number',
  least: 1,
  most: 3600,
  defaultValue: 30,
  description: 'Longest time',
  unit: 's',
};

export default function Queries() {
  const api = useApi();
  const { query } = usePlace();
  const [search, setSearch] = useState('');
  const { data, error, retry } = useRequest((signal) => api.get('/v1/admin/queries', { signal }), []);
  const named = query.get('name');
  const chosen = data?.queries.find(({ name }) => name === named);
  const words = search.toLowerCase().split(/\s+/);
  const found = data?.queries.filter(({ name, purpose }) =>
    words.every((word) => `${name} ${purpose}`.toLowerCase().includes(word)),
  );
  return (
    <>
      <div class="head">
        <div>
          <h1>Queries</h1>
          <p>Questions to the graph, with what each costs. They only read.</p>
        </div>
        <Link href={hrefOf('queries', { name: free })} class="button">
          Write Cypher
        </Link>
      </div>
      <div class="beside">
        <section class="card" aria-label="The catalogue">
          <label class="field">
            <span class="unseen">Search the catalogue</span>
            <input
              type="search"
              placeholder="Search the catalogue"
              value={search}
              onInput={({ currentTarget }) => setSearch(currentTarget.value)}
            />
          </label>
          {error !== undefined && <ErrorPanel error={error} retry={retry} />}
          {!data && error === undefined && <Skeleton label="the catalogue" lines={8} />}
          <ul class="choices">
            {found?.map(({ name, purpose, cost }) => (
              <li key={name}>
                <Link href={hrefOf('queries', { name })} current={name === named}>
                  <span class="row between">
                    <strong>{name}</strong>
                    <span class={`badge ${costs[cost.class]}`}>{cost.class}</span>
                  </span>
                  <span class="muted small">{purpose.split(/[.:] /, 1)[0]}</span>
                </Link>
              </li>
            ))}
          </ul>
          {found?.length === 0 && <p class="muted">None is about that.</p>}
        </section>
        <div class="stack">
          {named === free && <Ask key={free} />}
          {chosen && <Ask key={chosen.name} query={chosen} />}
          {data && !chosen && named !== free && (
            <Empty title="Choose a question">
              Each says what it answers, what it takes and what it costs. Its Cypher runs as it is in Neo4j Browser.
            </Empty>
          )}
        </div>
      </div>
    </>
  );
}

const kinds: Readonly<Record<string, Field['kind']>> = {
  STRING: 'string',
  INTEGER: 'number',
  FLOAT: 'number',
  NUMBER: 'number',
  BOOLEAN: 'boolean',
};

const fieldOf = ({ name, type, defaultValue, range, choices, about }: Query['parameters'][number]): Field => ({
  key: name,
  kind: /LIST/i.test(type) ? 'list' : (kinds[type.toUpperCase()] ?? 'string'),
  integer: /^INTEGER$/i.test(type),
  element: /INTEGER|FLOAT/i.test(type) ? 'number' : 'string',
  choices,
  least: range?.least,
  most: range?.most,
  defaultValue,
  description: about,
  required: defaultValue === undefined,
});

/** Asks a question of the catalogue, or one's own where none is given. */
function Ask({ query }: { readonly query?: Query }) {
  const api = useApi();
  const [filled, setFilled] = useState<Filled>({});
  const [bounds, setBounds] = useState<Filled>({});
  const [cypher, setCypher] = useState('');
  const [answer, setAnswer] = useState<Answered>();
  const [error, setError] = useState<unknown>();
  const running = useRef<AbortController>(undefined);
  const fields = query?.parameters.map(fieldOf) ?? [];
  // Most questions have a limit of their own.
  const boundFields = fields.some(({ key }) => key === 'limit') ? [timeoutField] : [limitField, timeoutField];

  const ask = async (event: Event) => {
    event.preventDefault();
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    setError(undefined);
    const started = performance.now();
    const name = query?.name ?? 'cypher';
    let columns: readonly string[] = [];
    const rows: (readonly unknown[])[] = [];
    let drawn = 0;
    const show = (running: boolean, more?: boolean) =>
      setAnswer({ columns, rows: [...rows], running, more, seconds: (performance.now() - started) / 1000, name });
    show(true);
    try {
      const path = query ? `/v1/admin/queries/${encodeURIComponent(query.name)}` : '/v1/admin/cypher';
      const parameters = valuesOf(fields, filled);
      const limit = parameters.limit ?? fields.find(({ key }) => key === 'limit')?.defaultValue;
      const own = typeof limit === 'number' && { limit };
      const body = { parameters, ...own, ...valuesOf(boundFields, bounds), ...(!query && { cypher }) };
      for await (const line of api.lines(path, { body, signal: mine.signal })) {
        const { columns: heads, row, end, problem } = line as Line;
        if (heads) columns = heads;
        if (row) rows.push(row);
        if (problem) throw new ApiProblem(500, { ...problem, detail: problem.message });
        if (end) return show(false, end.more);
        if (performance.now() - drawn > 150) {
          show(true);
          drawn = performance.now();
        }
      }
    } catch (thrown) {
      if (running.current !== mine) return;
      show(false, true);
      if (!mine.signal.aborted) {
        setError(thrown);
        if (rows.length === 0) setAnswer(undefined);
      }
    }
  };
  const copy = async () => {
    await navigator.clipboard.writeText(query?.cypher ?? cypher);
    toast('Cypher copied');
  };
  return (
    <>
      <Card
        title={query?.name ?? 'Cypher of your own'}
        note={query ? query.cost.about : 'It is planned first, and refused where it could do anything but read'}
      >
        <form class="stack" onSubmit={ask}>
          {query ? (
            <p>{query.purpose}</p>
          ) : (
            <label class="field">
              <span>Cypher</span>
              <textarea
                class="code"
                rows={6}
                spellcheck={false}
                required
                placeholder="As in: MATCH (u:User)-[:INTERACTED]->(i:Item) RETURN u.id AS user, i.id AS item"
                value={cypher}
                onInput={({ currentTarget }) => setCypher(currentTarget.value)}
              />
            </label>
          )}
          {fields.length > 0 && <Fields fields={fields} filled={filled} change={setFilled} />}
          <Fields fields={boundFields} filled={bounds} change={setBounds} />
          <div class="row">
            <button type="submit" class="button primary" disabled={answer?.running}>
              {answer?.running ? 'Running …' : 'Run'}
            </button>
            {answer?.running && (
              <button type="button" class="button" onClick={() => running.current?.abort()}>
                Cancel
              </button>
            )}
            <button type="button" class="button" onClick={() => void copy()}>
              Copy Cypher
            </button>
          </div>
          {query && (
            <details>
              <summary>Its Cypher</summary>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
              <pre tabIndex={0}>{query.cypher}</pre>
            </details>
          )}
        </form>
      </Card>
      {error !== undefined && <ErrorPanel error={error} />}
      {answer && (
        <section class="card" aria-label="The answer">
          <Results answer={answer} />
        </section>
      )}
    </>
  );
}

interface Line {
  readonly columns?: string[];
  readonly row?: unknown[];
  readonly end?: { readonly more: boolean };
  readonly problem?: { readonly code: string; readonly message: string; readonly retryable: boolean };
}
