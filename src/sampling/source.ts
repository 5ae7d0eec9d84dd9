/**
 * What draws batches one at a time, each a function of seed, epoch and step alone: so any thread may draw any of them, and
 * `stream.ts` lets several do so ahead of whoever takes them.
 */
import type { SharedArray } from './memory.ts';

/** Arrays in shared memory that one batch is written into, again and again. */
export type Room = Readonly<Record<string, SharedArray>>;

export interface BatchSource<B> {
  readonly batchesPerEpoch: number;
  /** Room for the largest batch. */
  room(): Room;
  /** Writes batch `step` of `epoch` (both from 0) into `room`; returns the sizes that `view` needs. Throws RangeError outside the epoch. */
  fill(epoch: number, step: number, room: Room): readonly number[];
  /** The batch that lies in `room`, without a copy: valid until the room is filled again. */
  view(room: Room, sizes: readonly number[]): B;
  /** What another thread opens this source from, by `openSource`; taken once for each thread. */
  plan(): SourcePlan;
}

/** A source as it is posted to another thread: its name in `sources.ts`, and arrays, numbers and words. */
export interface SourcePlan {
  readonly kind: string;
}

/** One epoch after another of batches. The same seed, epoch and step give the same batch on any number of threads. */
export interface Sampler<B> {
  readonly batchesPerEpoch: number;
  /** The batches of an epoch, in order. A batch is valid until the next one is asked for. Rejects with the signal's reason. */
  batches(epoch: number, signal: AbortSignal): AsyncIterable<B>;
}

/** Throws RangeError where `step` is not in the epoch. */
export function checkStep(step: number, batchesPerEpoch: number): void {
  if (!(step >= 0 && step < batchesPerEpoch)) throw new RangeError(`step ${step} outside [0, ${batchesPerEpoch})`);
}

/** One batch in room of its own: for tests and single looks. */
export function drawOne<B>(source: BatchSource<B>, epoch: number, step: number): B {
  const room = source.room();
  return source.view(room, source.fill(epoch, step, room));
}
