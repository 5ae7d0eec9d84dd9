/**
 * Long work beside trainings leaves a record too, `<home>/jobs/<id>.json`, replaced whole while it goes on: that its process was ended
 * at any moment is seen by its id and start. No user and no secret stands in it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../durable.ts';
import { problemOf, TastegraphError } from '../errors.ts';
import { processStart } from '../processes.ts';
import type { Progress } from '../progress.ts';
import { asItStands, newRunId, type RunRecord } from '../training/runs.ts';
import type { GraphOptions, Run } from './run.ts';

export const recordedKinds = ['ingest', 'reconcile', 'export', 'backup', 'restore'] as const;

export interface JobStart {
  readonly kind: (typeof recordedKinds)[number];
  /** What it works on. */
  readonly about: string;
}

export interface JobRecord extends JobStart, Pick<RunRecord, 'id' | 'state' | 'process' | 'startedAt' | 'endedAt'> {
  readonly progress?: Progress;
  /** What came of it, or the code of the error that it failed by: an error's words may name somebody. */
  readonly outcome?: string;
}

/** Beyond these the oldest go. */
const mostKept = 500;
/** Least time between two writings of how far it is, ms. */
const leastMs = 1000;
const jobsFolder = (home: string): string => join(home, 'jobs');

/** Newest first. */
export function listJobRecords(home: string): JobRecord[] {
  return filesOf(home).map((name) =>
    asItStands(JSON.parse(readFileSync(join(jobsFolder(home), name), 'utf8')) as JobRecord),
  );
}

/** Newest first: ids begin with the time. */
function filesOf(home: string): string[] {
  if (!existsSync(jobsFolder(home))) return [];
  const files = readdirSync(jobsFolder(home)).filter((name) => name.endsWith('.json'));
  return files.sort().reverse();
}

/**
 * Does the work and keeps the record of it. What came of it `outcomeOf` says at its end, or `ended` before, where what follows is other
 * work. A record that cannot be written hinders nothing: a home may be read-only to whoever exports from it.
 */
export async function recordJob<T>(
  { home }: Pick<GraphOptions, 'home'>,
  start: JobStart,
  run: Run,
  work: (run: Run, ended: (outcome: string) => void) => Promise<T>,
  outcomeOf?: (done: T) => string,
): Promise<T> {
  const id = newRunId();
  const { pid } = process;
  let record: JobRecord = {
    ...start,
    id,
    state: 'running',
    process: { pid, start: processStart(pid) ?? '' },
    startedAt: Date.now(),
  };
  let written = Number.NEGATIVE_INFINITY;
  let isOver = false;
  const save = (change: Partial<JobRecord>): void => {
    record = { ...record, ...change };
    written = performance.now();
    try {
      mkdirSync(jobsFolder(home), { recursive: true });
      replaceFile(join(jobsFolder(home), `${id}.json`), `${JSON.stringify(record, null, 1)}\n`);
      if (!isOver) return;
      for (const name of filesOf(home).slice(mostKept)) rmSync(join(jobsFolder(home), name), { force: true });
    } catch (cause) {
      run.log.debug({ problem: problemOf(cause) }, 'no record of the job could be written');
    }
  };
  const end = (change: Pick<JobRecord, 'state'> & Partial<JobRecord>): void => {
    if (isOver) return;
    isOver = true;
    save({ ...change, endedAt: Date.now() });
  };
  save({});
  try {
    const report: Run['report'] = (progress) => {
      run.report(progress);
      if (!isOver && performance.now() - written >= leastMs) save({ progress });
    };
    const done = await work({ ...run, report }, (outcome) => end({ state: 'ended', outcome }));
    end({ state: 'ended', ...(outcomeOf && { outcome: outcomeOf(done) }) });
    return done;
  } catch (thrown) {
    const outcome = thrown instanceof TastegraphError ? thrown.code : 'internal';
    end(run.signal.aborted ? { state: 'stopped' } : { state: 'failed', outcome });
    throw thrown;
  }
}
