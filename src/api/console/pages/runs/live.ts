/** Runs as they go: what each has written up to now, then every line as it comes. */
import { useEffect, useState } from 'preact/hooks';
import type { AnswerOf, Client, ServerEvent } from '../../../../client.ts';
import { useApi } from '../../session.ts';

export type Run = AnswerOf<'get', '/v1/admin/runs'>['runs'][number];
export interface Point {
  readonly epoch: number;
  readonly loss?: number;
  readonly seconds: number;
  readonly valid?: Readonly<Record<string, number>>;
}
export interface Loss {
  readonly phase: 'search' | 'refit';
  readonly epoch: number;
  readonly loss: number;
}
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: string;
}
export interface LiveRun {
  readonly id: string;
  readonly run: Run | undefined;
  /** By epoch. */
  readonly points: Point[];
  readonly losses: Loss[];
  readonly progress: Progress | undefined;
  readonly error: unknown;
}

/** Between two renderings of what came, ms; and before a connection that broke off is tried again. */
const renderMs = 250;
const againMs = 1500;

/** Hook: the runs of these ids, in their order. A change of `turn` begins anew: a run that was resumed speaks again. */
export function useRuns(ids: readonly string[], turn: number): readonly LiveRun[] {
  const api = useApi();
  const [shown, show] = useState<ReadonlyMap<string, LiveRun>>(new Map());
  const wanted = ids.join(',');
  useEffect(() => {
    const gone = new AbortController();
    const now = new Map<string, LiveRun>();
    let waits: ReturnType<typeof setTimeout> | undefined;
    for (const id of wanted.split(',').filter(Boolean))
      void follow(api, id, gone.signal, (change) => {
        const before = now.get(id) ?? empty(id);
        now.set(id, { ...before, ...change(before) });
        waits ??= setTimeout(() => {
          waits = undefined;
          show(new Map(now));
        }, renderMs);
      });
    return () => {
      gone.abort();
      clearTimeout(waits);
    };
  }, [api, wanted, turn]);
  return ids.map((id) => shown.get(id) ?? empty(id));
}

const empty = (id: string): LiveRun => ({
  id,
  run: undefined,
  points: [],
  losses: [],
  progress: undefined,
  error: undefined,
});

async function follow(
  api: Client,
  id: string,
  signal: AbortSignal,
  tell: (change: (before: LiveRun) => Partial<LiveRun>) => void,
): Promise<void> {
  let after: string | undefined;
  let ended = false;
  while (!ended && !signal.aborted) {
    try {
      for await (const event of api.events(`/v1/admin/runs/${encodeURIComponent(id)}/events`, { after, signal })) {
        after = event.id ?? after;
        if (event.event === 'run') ended = (event.data as Run).state !== 'running';
        tell((before) => ({ ...taken(before, event), error: undefined }));
      }
    } catch (error) {
      if (signal.aborted) return;
      tell(() => ({ error }));
    }
    if (!ended) await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

/** The lists are the run's own and grow in place: a run may have very many points. */
function taken({ points, losses }: LiveRun, { event, data }: ServerEvent): Partial<LiveRun> {
  if (event === 'run') return { run: data as Run };
  if (event === 'progress') return { progress: data as Progress };
  // A run that was resumed repeats what came after its checkpoint.
  if (event === 'point') {
    while (points.length > 0 && points.at(-1)!.epoch >= (data as Point).epoch) points.pop();
    points.push(data as Point);
  }
  if (event === 'loss') {
    const { phase, epoch } = data as Loss;
    while (losses.at(-1)?.phase === phase && losses.at(-1)!.epoch >= epoch) losses.pop();
    losses.push(data as Loss);
  }
  return {};
}

/** Most points of a line that a chart is drawn with: more than it has pixels for say nothing. */
const mostPoints = 400;

/** Each so many of many, the last among them. */
export function thinned<T>(all: readonly T[]): readonly T[] {
  const step = Math.ceil(all.length / mostPoints);
  return step <= 1 ? all : all.filter((_, place) => (all.length - 1 - place) % step === 0);
}
