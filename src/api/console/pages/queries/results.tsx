/** What a question answers: a table that fills as rows come, and where rows tie nodes together, a graph. */
import { useMemo, useState } from 'preact/hooks';
import { count, figure, moment } from '../../format.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { placesOf, type Shape, shapeOf } from './graph.ts';

export interface Answered {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly running: boolean;
  /** Whether there is more than was asked for; undefined until the end. */
  readonly more: boolean | undefined;
  readonly seconds: number;
  readonly name: string;
}

/** Most rows that are shown at once; all of them are in what is downloaded. */
const shownRows = 500;

export function Results({ answer }: { readonly answer: Answered }) {
  const { columns, rows, running, more, seconds, name } = answer;
  const [view, setView] = useState<'table' | 'graph'>('table');
  const shape = useMemo(() => (running ? undefined : shapeOf(columns, rows)), [columns, rows, running]);
  const shown = rows.slice(0, shownRows);
  const said = running
    ? `${count(rows.length)} rows so far …`
    : `${count(rows.length)} rows in ${figure(seconds)} s${more ? '; there are more' : ''}`;
  return (
    <div class="stack">
      <div class="row between">
        <p class="muted" role="status">
          {said}
          {rows.length > shownRows && `, the first ${shownRows} are shown`}
        </p>
        <div class="row">
          {shape && (
            <fieldset class="switch">
              <legend class="unseen">How the answer is shown</legend>
              {(['table', 'graph'] as const).map((each) => (
                <button
                  key={each}
                  type="button"
                  class="button"
                  aria-pressed={view === each}
                  onClick={() => setView(each)}
                >
                  {each === 'table' ? 'Table' : 'Graph'}
                </button>
              ))}
            </fieldset>
          )}
          <button
            type="button"
            class="button"
            disabled={running || rows.length === 0}
            onClick={() => save(`${name}.csv`, 'text/csv', csvOf(columns, rows))}
          >
            CSV
          </button>
          <button
            type="button"
            class="button"
            disabled={running || rows.length === 0}
            onClick={() => save(`${name}.json`, 'application/json', jsonOf(columns, rows))}
          >
            JSON
          </button>
        </div>
      </div>
      {view === 'graph' && shape ? (
        <Graph shape={shape} columns={columns} />
      ) : (
        <DataTable
          caption={`Answer of ${name}`}
          rows={shown}
          loading={running}
          rowKey={(_, place) => place}
          columns={columns.map((title, place) => ({
            title,
            value: (row: readonly unknown[]) => plain(row[place]),
            render: (row: readonly unknown[]) => cell(title, row[place]),
          }))}
          empty={<Empty title="No rows">The question was answered: nothing in the graph is so.</Empty>}
        />
      )}
    </div>
  );
}

const plain = (value: unknown): string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)
    ? (value as string | number | boolean | null)
    : JSON.stringify(value);

/** A number of ms since 1970 under a name that says so is a moment. */
function cell(title: string, value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value !== 'number') return typeof value === 'string' ? value : JSON.stringify(value);
  if (/^(at|changed|first|last|asOf|.*At)$/.test(title) && value > 1e11) return moment(value);
  return Number.isInteger(value) ? count(value) : figure(value);
}

function csvOf(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const quote = (value: unknown) => {
    const text = value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    // A spreadsheet takes what begins so for a formula.
    const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns, ...rows].map((row) => row.map(quote).join(',')).join('\r\n');
}

const jsonOf = (columns: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  JSON.stringify(
    rows.map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place]]))),
    null,
    1,
  );

function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

const [width, height] = [900, 520];

function Graph({ shape, columns }: { readonly shape: Shape; readonly columns: readonly string[] }) {
  const at = useMemo(() => placesOf(shape), [shape]);
  const [left, right] = [Math.min(...at.map(({ x }) => x)), Math.max(...at.map(({ x }) => x))];
  const [top, bottom] = [Math.min(...at.map(({ y }) => y)), Math.max(...at.map(({ y }) => y))];
  const place = (index: number) => ({
    x: 40 + ((at[index]!.x - left) / (right - left || 1)) * (width - 140),
    y: 24 + ((at[index]!.y - top) / (bottom - top || 1)) * (height - 48),
  });
  const kinds = [...new Set(shape.nodes.map(({ column }) => column))];
  const labelled = shape.nodes.length <= 60;
  return (
    <figure class="chart">
      <ul class="legend">
        {kinds.map((column, index) => (
          <li key={column}>
            <i class={`dot chart-${index + 1}`} /> {columns[column]}
          </li>
        ))}
      </ul>
      <svg
        class="net"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`A graph of ${shape.nodes.length} nodes and ${shape.links.length} ties; the table has the same`}
      >
        {shape.links.map(({ from, to }) => {
          const [a, b] = [place(from), place(to)];
          return <line key={`${from} ${to}`} x1={a.x} y1={a.y} x2={b.x} y2={b.y} />;
        })}
        {shape.nodes.map(({ id, column, degree }, index) => {
          const { x, y } = place(index);
          return (
            <g key={`${column} ${id}`} class={`chart-${kinds.indexOf(column) + 1}`}>
              <circle cx={x} cy={y} r={Math.min(14, 5 + Math.sqrt(degree))}>
                <title>
                  {columns[column]}: {id}
                </title>
              </circle>
              {(labelled || degree > 3) && (
                <text x={x + 9 + Math.sqrt(degree)} y={y + 4}>
                  {id.length > 28 ? `${id.slice(0, 27)}…` : id}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      {shape.left > 0 && <p class="muted small">{count(shape.left)} more rows have no room here.</p>}
    </figure>
  );
}
