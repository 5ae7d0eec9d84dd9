/** Asks the API for what a component shows. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Requested<T> {
  /** The newest answer; it stays while the next one is on its way or fails. */
  readonly data: T | undefined;
  readonly error: unknown;
  readonly loading: boolean;
  readonly retry: () => void;
}

export interface Asking {
  /** Ask again this long after each answer, in ms, while the page is seen. */
  readonly every?: number;
}

/**
 * Asks whenever one of `over` changes, and drops what is still on its way then or when the component goes.
 *
 *   const users = useRequest((signal) => api.get('/v1/users', { query: { limit }, signal }), [limit]);
 */
export function useRequest<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  over: readonly unknown[],
  { every }: Asking = {},
): Requested<T> {
  const [shown, show] = useState<Omit<Requested<T>, 'retry'>>({ data: undefined, error: undefined, loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = () => {
      if (every === undefined || gone.signal.aborted) return;
      timer = setTimeout(() => (document.hidden ? again() : void once()), every);
    };
    const once = async () => {
      show(({ data, error }) => ({ data, error, loading: true }));
      try {
        const data = await latest.current(gone.signal);
        if (!gone.signal.aborted) show({ data, error: undefined, loading: false });
      } catch (error) {
        if (!gone.signal.aborted) show(({ data }) => ({ data, error, loading: false }));
      }
      again();
    };
    void once();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [...over, turn, every]);
  const retry = useCallback(() => setTurn((before) => before + 1), []);
  return { ...shown, retry };
}

export interface Page<R> {
  readonly rows: readonly R[];
  /** Cursor of the page after it; absent at the end. */
  readonly next?: string | undefined;
}

export interface Paged<R> {
  readonly rows: readonly R[];
  readonly error: unknown;
  readonly loading: boolean;
  /** Brings the next page; absent at the end. */
  readonly more: (() => void) | undefined;
  readonly retry: () => void;
}

/**
 * The pages of a list, one below the other.
 *
 *   const users = usePages(async (cursor, signal) => {
 *     const { users: rows, next } = await api.get('/v1/users', { query: { cursor, limit: 50 }, signal });
 *     return { rows, next };
 *   }, []);
 *   <DataTable {...users} … />
 */
export function usePages<R>(
  ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<R>>,
  over: readonly unknown[],
): Paged<R> {
  const key = JSON.stringify(over);
  const [taken, take] = useState<{ readonly key: string; readonly rows: readonly R[]; readonly cursor?: string }>({
    key,
    rows: [],
  });
  // What was taken of another list is not of this one.
  const before = taken.key === key ? taken : { key, rows: [] };
  const page = useRequest(
    (signal) => ask(before.cursor, signal).then((data) => ({ data, key, at: before.cursor })),
    [key, before.cursor],
  );
  const current = page.data?.key === key && page.data.at === before.cursor ? page.data.data : undefined;
  const rows = current ? [...before.rows, ...current.rows] : before.rows;
  const next = current?.next;
  return {
    rows,
    error: page.error,
    loading: page.loading,
    retry: page.retry,
    more: next === undefined ? undefined : () => take({ key, rows, cursor: next }),
  };
}
