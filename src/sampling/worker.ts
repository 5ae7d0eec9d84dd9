/** A thread that draws batches for `stream.ts`: opens the source from its plan, then fills the rooms it is told to, in order. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Room, SourcePlan } from './source.ts';
import { openSource } from './sources.ts';

export interface StreamStart {
  readonly plan: SourcePlan;
  readonly rooms: readonly Room[];
  /** The run that is wanted: requests of others are answered without being drawn. */
  readonly wanted: Int32Array; // [1]
}

export interface DrawRequest {
  readonly run: number;
  readonly epoch: number;
  readonly step: number;
  readonly room: number;
}

export interface DrawAnswer {
  readonly run: number;
  readonly step: number;
  /** What `view` needs; undefined where the run was no longer wanted, or drawing failed. */
  readonly sizes?: readonly number[];
  readonly problem?: string;
  /** ms that drawing took, and ms without anything to draw before it. */
  readonly drew: number;
  readonly waited: number;
}

const { plan, rooms, wanted } = workerData as StreamStart;
const source = openSource(plan);
const port = parentPort!;
let free = performance.now();

port.on('message', ({ run, epoch, step, room }: DrawRequest) => {
  const begin = performance.now();
  const waited = begin - free;
  let answer: DrawAnswer = { run, step, drew: 0, waited };
  if (Atomics.load(wanted, 0) === run) {
    try {
      const sizes = source.fill(epoch, step, rooms[room]!);
      answer = { run, step, sizes, drew: performance.now() - begin, waited };
    } catch (thrown) {
      answer = { ...answer, problem: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  }
  port.postMessage(answer);
  free = performance.now();
});
