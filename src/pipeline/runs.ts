/** The training runs of a home: what was trained and how it went, and for a server also to start, stop and resume. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { problemOf, TastegraphError } from '../errors.ts';
import { commandOptions, optionGroups } from '../options.ts';
import { packageRoot } from '../package.ts';
import type { CurvePoint, LossPoint } from '../training/result.ts';
import type { RunLine, RunRecord } from '../training/runs.ts';
import type { GraphOptions } from './run.ts';
import type { TrainingTask } from './runs/process.ts';
import { hasGraph } from './service.ts';
import type { TrainOptions } from './training.ts';

export interface ShownRun extends RunRecord {
  readonly resumable: boolean;
}

export interface RunWithCurve extends ShownRun {
  readonly curve: readonly CurvePoint[];
  readonly losses: readonly LossPoint[];
}

/** What happens to a run: its record where that changed, a line of its curve, or nothing for a while. */
export type RunEvent =
  | { readonly kind: 'run'; readonly run: ShownRun }
  | { readonly kind: 'line'; readonly line: RunLine /** Where the next line begins. */; readonly end: number }
  | { readonly kind: 'silence' };

export interface RunDraft {
  readonly model: string;
  readonly modelOptions: Readonly<Record<string, unknown>>;
  /** How it is trained and split; what is not said is as by default. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The graph as it is now, or the snapshot that this version was trained on. */
  readonly data: 'graph' | { readonly version: string };
}

/** What a server's administrators may do with runs. */
export interface RunAdministration {
  readonly hasGraph: boolean;
  list(): Promise<readonly ShownRun[]>;
  show(id: string): Promise<RunWithCurve>;
  follow(id: string, from: number, signal: AbortSignal): AsyncGenerator<RunEvent, void, undefined>;
  /** Errors: model/unknown, run/busy, run/not-started. */
  start(draft: RunDraft, most: number): Promise<ShownRun>;
  /** Errors: run/unknown, run/not-running. */
  stop(id: string): Promise<ShownRun>;
  /** Errors: run/unknown, run/not-resumable, run/busy. */
  resume(id: string, most: number): Promise<ShownRun>;
}

type Home = Pick<GraphOptions, 'home'>;

/** All runs, newest first. */
export async function trainingRuns({ home }: Home): Promise<readonly ShownRun[]> {
  const { canResume, listRuns } = await import('../training/runs.ts');
  const all = listRuns(home);
  return all.map((run) => ({ ...run, resumable: canResume(run, all) }));
}

/** Errors: run/unknown. */
export async function trainingRun(id: string, { home }: Home): Promise<RunWithCurve> {
  const { canResume, listRuns, pointsOf, readCurve, readRun } = await import('../training/runs.ts');
  const run = readRun(home, id);
  const lines = readCurve(home, id);
  const losses = lines.flatMap(({ line }) => {
    if (line.kind !== 'loss') return [];
    const { phase, epoch, loss } = line;
    return [{ phase, epoch, loss }];
  });
  return { ...run, resumable: canResume(run, listRuns(home)), curve: pointsOf(lines), losses };
}

/** How often a run that is followed is looked at, and after how long of nothing that is said, ms. */
const lookMs = 250;
const silenceMs = 10_000;

/** Errors: run/unknown. */
async function* followRun(
  id: string,
  { home }: Home,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  const { canResume, listRuns, readCurve, readRun } = await import('../training/runs.ts');
  let seen = '';
  let said = performance.now();
  for (let place = from; !signal.aborted; ) {
    // First the record: all that was written before it ended is then there to be read.
    const run = readRun(home, id);
    for (const { line, end } of readCurve(home, id, place)) {
      yield { kind: 'line', line, end };
      place = end;
      said = performance.now();
    }
    const text = JSON.stringify(run);
    if (text !== seen) {
      yield { kind: 'run', run: { ...run, resumable: canResume(run, listRuns(home)) } };
      seen = text;
      said = performance.now();
    }
    if (run.state !== 'running') return;
    if (performance.now() - said > silenceMs) {
      yield { kind: 'silence' };
      said = performance.now();
    }
    await sleep(lookMs, undefined, { signal }).catch(() => {});
  }
}

/** What a server lets its administrators do; trainings are with its own database. */
export function runsOf(options: GraphOptions): RunAdministration {
  const { home } = options;
  const show = async (id: string): Promise<ShownRun> => {
    const { curve: _, losses: __, ...run } = await trainingRun(id, options);
    return run;
  };
  return {
    hasGraph: hasGraph(options),
    list: () => trainingRuns(options),
    show: (id) => trainingRun(id, options),
    follow: (id, from, signal) => followRun(id, options, from, signal),

    async start({ model, modelOptions, options: given, data }, most) {
      await requireRoom(options, most);
      const { newRunId } = await import('../training/runs.ts');
      const stored = data === 'graph' ? undefined : await snapshotOf(home, data.version);
      const task = { run: newRunId(), model, modelOptions, options: taskOptions(options, given, false) };
      await launch({ ...task, ...(stored && { stored }) });
      return await show(task.run);
    },

    async stop(id) {
      const run = await show(id);
      if (run.state !== 'running') throw new TastegraphError('run/not-running', { run: id, state: run.state });
      process.kill(run.process.pid, 'SIGTERM');
      return run;
    },

    async resume(id, most) {
      const { model, modelOptions, options: given, state, resumable, snapshot, data } = await show(id);
      if (!resumable) {
        const isOver = state === 'running' || state === 'ended';
        const problem = isOver
          ? `it is ${state}`
          : 'a later training of its model has taken the place of its checkpoint';
        throw new TastegraphError('run/not-resumable', { run: id, problem });
      }
      await requireRoom(options, most);
      const task = { run: id, model, modelOptions, options: taskOptions(options, given, true) };
      const stored = snapshot !== undefined && data !== undefined && { digest: snapshot, data };
      await launch({ ...task, ...(stored && { stored }) });
      return await show(id);
    },
  };
}

/** All options of a training: those that are given, the server's database, and else as by default. */
function taskOptions(of: GraphOptions, given: Readonly<Record<string, unknown>>, resume: boolean): TrainOptions {
  const database = { home: of.home, ...optionGroups.neo4j.strip().parse(of) };
  return commandOptions.train.parse({ ...given, ...database, resume });
}

async function snapshotOf(home: string, version: string): Promise<NonNullable<TrainingTask['stored']>> {
  const [{ manifestById }, { loadStored }] = await Promise.all([import('../serving/versions.ts'), import('./data.ts')]);
  const { snapshot } = manifestById(home, version);
  return { digest: snapshot, data: (await loadStored(snapshot, { home })).source };
}

/** Errors: run/busy. */
async function requireRoom({ home }: Home, most: number): Promise<void> {
  const { listRuns } = await import('../training/runs.ts');
  const running = listRuns(home).filter(({ state }) => state === 'running');
  if (running.length < most) return;
  throw new TastegraphError('run/busy', { running: running.map(({ id }) => id).join(', ') || 'of others', most });
}

/**
 * Starts the process and writes the run's record in its name, so that it is known from the first moment on. It outlives the server
 * that started it: the next one finds it by its record. Errors: compute/not-built, run/not-started.
 */
async function launch(task: TrainingTask): Promise<void> {
  const { keptOptions, RunLog } = await import('../training/runs.ts');
  const script = join(packageRoot, 'dist', 'pipeline', 'runs', 'process.js');
  if (!existsSync(script)) throw new TastegraphError('compute/not-built', { path: script });
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const { pid } = child;
  if (pid === undefined) {
    const problem = await new Promise<unknown>((resolve) => child.once('error', resolve));
    throw new TastegraphError('run/not-started', { problem: problemOf(problem) });
  }
  child.on('error', () => {});
  child.stdin.on('error', () => {}); // It ended at once: its record says that it was cut off.
  const { run, model, modelOptions, options } = task;
  new RunLog(options.home, { model, modelOptions, options: keptOptions(options), seed: options.seed }, run, pid);
  child.stdin.end(JSON.stringify(task));
  child.unref();
}
