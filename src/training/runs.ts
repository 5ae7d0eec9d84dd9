/**
 * Every training leaves a record, `<home>/runs/<id>/`: `run.json` says what it is and how it stands, and is replaced whole;
 * `curve.jsonl` grows by a line for each point. A process that was ended at any moment leaves both readable: that it is gone is
 * seen by its id and start. No user and no secret stands in them.
 */
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../durable.ts';
import { problemOf, TastegraphError } from '../errors.ts';
import { optionGroups } from '../options.ts';
import { isAlive, processStart } from '../processes.ts';
import type { Progress } from '../progress.ts';
import type { CurvePoint, LossPoint, Metrics, TrainingResult } from './result.ts';

/** 'cut off': its process is gone and never said why. */
export const runStates = ['running', 'ended', 'failed', 'stopped', 'cut off'] as const;
export type RunState = (typeof runStates)[number];

/** What a run is, fixed when it begins. */
export interface RunStart {
  readonly model: string;
  /** The model's own. */
  readonly modelOptions: Readonly<Record<string, unknown>>;
  /** How it is trained and judged; nothing of the database. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface RunRecord extends RunStart {
  readonly id: string;
  readonly seed: number;
  readonly state: RunState;
  readonly process: { readonly pid: number; readonly start: string };
  /** ms since 1970. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Times that it was resumed. */
  readonly resumed: number;
  /** The files it learns from, or 'neo4j', and the digest of their snapshot; absent until that is taken. */
  readonly data?: string;
  readonly snapshot?: string;
  /** What it published. */
  readonly version?: string;
  readonly epochs?: number;
  readonly seconds?: { readonly fit: number; readonly evaluate: number };
  readonly valid?: Metrics;
  readonly test?: Metrics;
  readonly popularity?: Metrics;
  /** Why it failed. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** A line of `curve.jsonl`. A resumed run repeats the epochs since its checkpoint: the later line of an epoch counts. */
export type RunLine =
  | ({ readonly kind: 'point'; readonly at: number } & CurvePoint)
  | ({ readonly kind: 'loss'; readonly at: number } & LossPoint)
  | ({ readonly kind: 'progress'; readonly at: number } & Progress);

/** What a record keeps of the options: how it is read, split and trained, and nothing of the database or who may enter it. */
export function keptOptions(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const shapes = [optionGroups.files, optionGroups.splitting, optionGroups.training].map(({ shape }) => shape);
  const keys = new Set(['data', 'full', 'asOf', ...shapes.flatMap(Object.keys)]);
  return Object.fromEntries(
    Object.entries(options).filter(([key, value]) => keys.has(key) && key !== 'resume' && value !== undefined),
  );
}

export const runsFolder = (home: string): string => join(home, 'runs');
const idPattern = /^\d{8}-\d{6}-[0-9a-f]{6}$/;
const recordFile = (home: string, id: string): string => join(runsFolder(home), id, 'run.json');
const curveFile = (home: string, id: string): string => join(runsFolder(home), id, 'curve.jsonl');

export function newRunId(): string {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${time}-${randomBytes(3).toString('hex')}`;
}

/** All runs, newest first. */
export function listRuns(home: string): RunRecord[] {
  if (!existsSync(runsFolder(home))) return [];
  return readdirSync(runsFolder(home))
    .filter((name) => idPattern.test(name) && existsSync(recordFile(home, name)))
    .map((id) => readRun(home, id))
    .sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1));
}

/** Errors: run/unknown. An id comes from outside: only what looks like one is ever made part of a path. */
export function readRun(home: string, id: string): RunRecord {
  if (!idPattern.test(id) || !existsSync(recordFile(home, id))) throw new TastegraphError('run/unknown', { run: id });
  return asItStands(JSON.parse(readFileSync(recordFile(home, id), 'utf8')) as RunRecord);
}

/** What a record says, by whether the process that writes it still lives. */
export function asItStands<R extends Pick<RunRecord, 'state' | 'process'>>(record: R): R {
  const { state, process } = record;
  return state === 'running' && !isAlive(process.pid, process.start) ? { ...record, state: 'cut off' } : record;
}

/** The lines from a place in the file on, each with the place after it. What is not whole yet, or was torn, is passed over. */
export function readCurve(home: string, id: string, from = 0): { readonly line: RunLine; readonly end: number }[] {
  const path = curveFile(home, id);
  if (!existsSync(path)) return [];
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - from));
    const got = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
    const found: { line: RunLine; end: number }[] = [];
    for (let start = 0, end = got.indexOf(10); end >= 0; start = end + 1, end = got.indexOf(10, start)) {
      const line = parsed(got.toString('utf8', start, end));
      if (line) found.push({ line, end: from + end + 1 });
    }
    return found;
  } finally {
    closeSync(file);
  }
}

function parsed(text: string): RunLine | undefined {
  try {
    return JSON.parse(text) as RunLine;
  } catch {
    return undefined;
  }
}

/** The points of all epochs, the later one of each. */
export function pointsOf(lines: readonly { readonly line: RunLine }[]): CurvePoint[] {
  const points = new Map<number, CurvePoint>();
  for (const { line } of lines) {
    if (line.kind !== 'point') continue;
    const { kind: _, at: __, ...point } = line;
    points.set(point.epoch, point);
  }
  return [...points.values()].sort((a, b) => a.epoch - b.epoch);
}

/** Whether a run can go on: it did not come to its end, and no other training of its model has taken its checkpoint's place. */
export function canResume(run: RunRecord, all: readonly RunRecord[]): boolean {
  if (run.state === 'running' || run.state === 'ended') return false;
  return all.find(({ model }) => model === run.model)?.id === run.id;
}

/** The run that `--resume` goes on with: the newest of the model, where it did not come to its end and was the same. */
export function runToResume(home: string, { model, modelOptions, seed }: RunStart & { readonly seed: number }) {
  const all = listRuns(home);
  const last = all.find((each) => each.model === model);
  const isSame = JSON.stringify([last?.modelOptions, last?.seed]) === JSON.stringify([modelOptions, seed]);
  return last && isSame && canResume(last, all) ? last.id : undefined;
}

/** Least time between two lines of one kind that say how far it is, and their number over which that time grows. */
const leastMs = 250;
const mostLines = 2000;

/** Writes the record of one run, from its beginning or from where it was cut off. */
export class RunLog {
  readonly id: string;
  readonly #home: string;
  readonly #began = performance.now();
  readonly #written = { loss: Number.NEGATIVE_INFINITY, progress: Number.NEGATIVE_INFINITY };
  #record: RunRecord;

  /** With an `id` of a run that is there, goes on with it. */
  constructor(home: string, start: RunStart & { readonly seed: number }, id = newRunId(), pid = process.pid) {
    this.#home = home;
    this.id = id;
    mkdirSync(join(runsFolder(home), id), { recursive: true });
    const before = existsSync(recordFile(home, id)) ? readRun(home, id) : undefined;
    const resumed = before && before.state !== 'running' ? before.resumed + 1 : (before?.resumed ?? 0);
    const { endedAt: _, error: __, ...kept } = before ?? { startedAt: Date.now() };
    this.#record = {
      ...kept,
      ...start,
      id,
      state: 'running',
      process: { pid, start: processStart(pid) ?? '' },
      resumed,
    };
    this.#save();
    // A line that a process did not live to end must not swallow the next.
    const path = curveFile(home, id);
    if (existsSync(path) && !readFileSync(path, 'utf8').endsWith('\n')) appendFileSync(path, '\n');
  }

  /** What it learns from. */
  reads(data: string, snapshot: string): void {
    this.#change({ data, snapshot });
  }

  point(point: CurvePoint): void {
    this.#append({ kind: 'point', at: Date.now(), ...point });
  }

  loss(point: LossPoint): void {
    if (this.#isDue('loss')) this.#append({ kind: 'loss', at: Date.now(), ...point });
  }

  progress(progress: Progress): void {
    if (this.#isDue('progress')) this.#append({ kind: 'progress', at: Date.now(), ...progress });
  }

  ended({ epochs, seconds, valid, test, popularity }: TrainingResult, version: string | undefined): void {
    const found = { epochs, seconds, valid, test, popularity, ...(version !== undefined && { version }) };
    this.#change({ state: 'ended', endedAt: Date.now(), ...found });
  }

  /** It broke off: because it was told to, or for a reason that is kept. */
  brokeOff(thrown: unknown, wasStopped: boolean): void {
    const { code, message } =
      thrown instanceof TastegraphError ? thrown : { code: 'internal', message: problemOf(thrown) };
    const state = wasStopped ? 'stopped' : 'failed';
    this.#change({ state, endedAt: Date.now(), ...(wasStopped ? {} : { error: { code, message } }) });
  }

  #isDue(kind: 'loss' | 'progress'): boolean {
    const now = performance.now();
    if (now - this.#written[kind] < Math.max(leastMs, (now - this.#began) / mostLines)) return false;
    this.#written[kind] = now;
    return true;
  }

  #append(line: RunLine): void {
    appendFileSync(curveFile(this.#home, this.id), `${JSON.stringify(line)}\n`);
  }

  #change(change: Partial<RunRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#save();
  }

  #save(): void {
    replaceFile(recordFile(this.#home, this.id), `${JSON.stringify(this.#record, null, 1)}\n`);
  }
}
