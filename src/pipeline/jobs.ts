/** What long work left a record below a home. */
import type { Progress } from '../progress.ts';
import type { RunRecord } from '../training/runs.ts';
import { recordedKinds } from './jobRecords.ts';
import type { GraphOptions } from './run.ts';

export const jobKinds = ['train', 'snapshot', 'publish', 'forget', ...recordedKinds] as const;

export interface Job {
  readonly kind: (typeof jobKinds)[number];
  /** Of the run, the snapshot or the version; of a user who was forgotten the key of the receipt, which names nobody. */
  readonly id: string;
  readonly state: RunRecord['state'] | 'unfinished';
  readonly about: string;
  /** What came of it; of a failed one the code of the error. */
  readonly outcome?: string | undefined;
  /** ms since 1970. */
  readonly at: number;
  readonly endedAt?: number | undefined;
  /** Of what is at work. */
  readonly progress?: Progress | undefined;
}

/** Newest first. */
export async function jobsOf({ home }: Pick<GraphOptions, 'home'>): Promise<readonly Job[]> {
  const [{ listRuns, readCurve }, { listSnapshots }, { listVersions }, { recordsOf }, { listJobRecords }] =
    await Promise.all([
      import('../training/runs.ts'),
      import('../sampling/store.ts'),
      import('../serving/versions.ts'),
      import('./forget/ledger.ts'),
      import('./jobRecords.ts'),
    ]);
  const trainings = listRuns(home).map((run): Job => {
    const { id, state, model, startedAt: at, endedAt, error } = run;
    const last = state === 'running' ? readCurve(home, id).findLast(({ line }) => line.kind === 'progress') : undefined;
    const progress = last?.line.kind === 'progress' ? last.line : undefined;
    return { kind: 'train', id, state, about: model, outcome: error?.code, at, endedAt, progress };
  });
  const snapshots = listSnapshots(home).map(
    ({ digest, asOf, source, counts }): Job => ({
      kind: 'snapshot',
      id: digest.slice(0, 12),
      state: 'ended',
      about: `${counts.interactions.toLocaleString('en')} interactions of ${source}`,
      at: asOf,
    }),
  );
  const versions = listVersions(home).map(
    ({ manifest: { id, model, at }, current }): Job => ({
      kind: 'publish',
      id,
      state: 'ended',
      about: current ? `${model}, current` : model,
      at,
    }),
  );
  const forgotten = recordsOf(home).map(
    ({ key, at, finishedAt, blocked }): Job => ({
      kind: 'forget',
      id: key.slice(0, 12),
      state: finishedAt === undefined ? 'unfinished' : 'ended',
      about: blocked ? 'a user, never to be taken in again' : 'a user',
      at,
      endedAt: finishedAt,
    }),
  );
  const recorded = listJobRecords(home).map(
    ({ startedAt: at, process: _, progress, ...record }): Job => ({
      ...record,
      at,
      progress: record.state === 'running' ? progress : undefined,
    }),
  );
  return [...recorded, ...trainings, ...snapshots, ...versions, ...forgotten].sort((a, b) => b.at - a.at);
}
