/** A table that is sorted by its heads and continued page by page. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Empty } from './Empty.tsx';
import { ErrorPanel } from './ErrorPanel.tsx';
import { Skeleton } from './Skeleton.tsx';

export interface Column<R> {
  readonly title: string;
  /** What it is sorted by, and shown as where there is no `render`. Numbers stand at the end of their cell. */
  readonly value: (row: R) => string | number | boolean | null | undefined;
  readonly render?: (row: R) => ComponentChildren;
  /** For a list whose order says something: false takes the button out of the head. */
  readonly sortable?: boolean;
}

export interface DataTableProps<R> {
  /** Names the table; readers of the screen hear it first. */
  readonly caption: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly rowKey: (row: R, place: number) => string | number;
  readonly loading?: boolean;
  readonly error?: unknown;
  readonly retry?: () => void;
  /** Brings the next rows; absent at the end. */
  readonly more?: (() => void) | undefined;
  /** What stands there where there are no rows. */
  readonly empty?: ComponentChildren;
}

export function DataTable<R>({
  caption,
  columns,
  rows,
  rowKey,
  loading,
  error,
  retry,
  more,
  empty,
}: DataTableProps<R>) {
  const [order, setOrder] = useState<{ readonly column: number; readonly down: boolean }>();
  if (rows.length === 0) {
    if (error !== undefined) return <ErrorPanel error={error} retry={retry} />;
    if (loading) return <Skeleton label={caption} />;
    return <>{empty ?? <Empty title="Nothing here yet" />}</>;
  }
  const by = order && columns[order.column];
  const sorted = by ? rows.toSorted((a, b) => compare(by.value(a), by.value(b)) * (order.down ? -1 : 1)) : rows;
  const sort = (column: number) =>
    setOrder(order?.column === column ? (order.down ? undefined : { column, down: true }) : { column, down: false });
  // What is not known of a row stands where its number would.
  const classes = columns.map(({ value }) =>
    rows.some((row) => typeof value(row) === 'number') ? 'number' : undefined,
  );
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="scroll" aria-label={caption} tabIndex={0}>
        <table aria-busy={loading}>
          <caption class="unseen">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column, place) => {
                const direction = order?.column === place ? (order.down ? 'descending' : 'ascending') : undefined;
                return (
                  <th key={column.title} scope="col" aria-sort={direction} class={classes[place]}>
                    {column.sortable === false ? (
                      column.title
                    ) : (
                      <button type="button" onClick={() => sort(place)}>
                        {column.title}
                        <span aria-hidden="true">{direction ? (direction === 'ascending' ? ' ↑' : ' ↓') : ''}</span>
                      </button>
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {sorted.map((row, place) => (
              <tr key={rowKey(row, place)}>
                {columns.map((column, at) => (
                  <td key={column.title} class={classes[at]}>
                    {column.render ? column.render(row) : textOf(column.value(row))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {error !== undefined && <ErrorPanel error={error} retry={retry} />}
      {more && (
        <button type="button" class="button more" disabled={loading} onClick={more}>
          {loading ? 'Loading …' : 'Show more'}
        </button>
      )}
    </>
  );
}

type Value = string | number | boolean | null | undefined;

const textOf = (value: Value): string => {
  if (value === null || value === undefined) return '–';
  return typeof value === 'number' ? value.toLocaleString('en') : String(value);
};

/** What is not known comes last. */
function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, 'en', { numeric: true });
  return a < b ? -1 : 1;
}
