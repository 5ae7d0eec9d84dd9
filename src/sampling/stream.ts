/**
 * Batches drawn ahead of whoever takes them, by other threads, into a fixed number of rooms in shared memory. A thread is asked
 * for a step only when its room is free, so it can never run further ahead than there are rooms.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { TastegraphError } from '../errors.ts';
import { packageRoot } from '../package.ts';
import type { BatchSource, Room, Sampler } from './source.ts';
import type { DrawAnswer, DrawRequest, StreamStart } from './worker.ts';

export interface StreamOptions {
  /** Threads that draw; with 0 batches are drawn when they are asked for, by the thread that asks. */
  readonly workers?: number;
  /** Batches that may be ready or under way beyond the one that was taken. */
  readonly ahead?: number;
}

/** Since the stream was opened. */
export interface StreamCounters {
  /** Batches taken. */
  batches: number;
  /** ms that the taker waited for a batch: high where sampling is the bottleneck. */
  takerWaited: number;
  /** ms that the drawing threads, all together, had nothing to draw, between epochs too: high where training is the bottleneck. */
  workersWaited: number;
  /** ms that drawing took, all threads together. */
  drew: number;
}

/** The counters of several streams together; zeros for none. */
export function totalOf(streams: Iterable<StreamCounters | undefined>): StreamCounters {
  const total: StreamCounters = { batches: 0, takerWaited: 0, workersWaited: 0, drew: 0 };
  for (const counters of streams) {
    for (const [name, value] of Object.entries(counters ?? {})) total[name as keyof StreamCounters] += value;
  }
  return total;
}

/** Results do not depend on the number of workers or of rooms. Errors: compute/not-built, compute/worker-failed. */
export class BatchStream<B> implements Sampler<B> {
  readonly batchesPerEpoch: number;
  readonly counters = totalOf([]);
  readonly #source: BatchSource<B>;
  readonly #rooms: readonly Room[];
  readonly #workers: Worker[] = [];
  readonly #wanted = new Int32Array(new SharedArrayBuffer(4));
  /** By step: answers of this run that wait to be taken. */
  readonly #answers = new Map<number, DrawAnswer>();
  #run = 0;
  #underWay = 0;
  #failure: TastegraphError | undefined;
  #isTaken = false;
  #wake: () => void = () => {};

  constructor(source: BatchSource<B>, { workers = 1, ahead = 2 * workers }: StreamOptions = {}) {
    this.#source = source;
    this.batchesPerEpoch = source.batchesPerEpoch;
    const rooms = workers === 0 ? 1 : 1 + Math.max(ahead, 1);
    this.#rooms = Array.from({ length: rooms }, () => source.room());
    const script = join(packageRoot, 'dist', 'sampling', 'worker.js');
    if (workers > 0 && !existsSync(script)) throw new TastegraphError('compute/not-built', { path: script });
    for (let thread = 0; thread < workers; thread++) {
      const workerData: StreamStart = { plan: source.plan(), rooms: this.#rooms, wanted: this.#wanted };
      const worker = new Worker(script, { workerData, name: `tastegraph-sampler-${thread}` });
      worker.unref();
      worker.on('message', (answer: DrawAnswer) => this.#take(answer));
      worker.on('error', (cause) => this.#fail(cause.message, cause));
      worker.on('exit', (code) => code !== 0 && this.#workers.length > 0 && this.#fail(`it ended with code ${code}`));
      this.#workers.push(worker);
    }
  }

  async *batches(epoch: number, signal: AbortSignal): AsyncGenerator<B> {
    if (this.#isTaken) throw new Error('an epoch of this stream is being taken: one at a time');
    this.#isTaken = true;
    const run = ++this.#run;
    Atomics.store(this.#wanted, 0, run);
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake);
    for (const worker of this.#workers) worker.ref();
    try {
      const rooms = this.#rooms.length;
      let asked = 0;
      const ask = (until: number): void => {
        for (; asked < Math.min(until, this.batchesPerEpoch); asked++)
          this.#ask({ run, epoch, step: asked, room: asked % rooms });
      };
      for (let step = 0; step < this.batchesPerEpoch; step++) {
        signal.throwIfAborted();
        // What was given before is free again from here on.
        const isAhead = this.#workers.length > 0;
        if (isAhead) ask(step + rooms);
        const sizes = isAhead ? await this.#answer(step, signal) : await this.#draw(epoch, step, signal);
        this.counters.batches++;
        yield this.#source.view(this.#rooms[isAhead ? step % rooms : 0]!, sizes);
      }
    } finally {
      Atomics.store(this.#wanted, 0, 0);
      signal.removeEventListener('abort', wake);
      // Rooms belong to the next run only when no thread writes in them any more.
      while (this.#underWay > 0 && !this.#failure) await this.#woken();
      this.#answers.clear();
      for (const worker of this.#workers) worker.unref();
      this.#isTaken = false;
    }
  }

  /** Ends the threads. A batch that was taken before stays as it is. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.terminate()));
    this.#underWay = 0;
    this.#fail('the stream was closed');
  }

  #ask(request: DrawRequest): void {
    this.#underWay++;
    this.#workers[request.step % this.#workers.length]!.postMessage(request);
  }

  #take(answer: DrawAnswer): void {
    this.#underWay--;
    this.counters.drew += answer.drew;
    this.counters.workersWaited += answer.waited;
    if (answer.problem !== undefined) this.#fail(answer.problem);
    this.#answers.set(answer.step, answer);
    this.#wake();
  }

  #fail(problem: string, cause?: unknown): void {
    this.#failure ??= new TastegraphError('compute/worker-failed', { problem }, cause);
    this.#wake();
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #answer(step: number, signal: AbortSignal): Promise<readonly number[]> {
    const begin = performance.now();
    for (;;) {
      signal.throwIfAborted();
      if (this.#failure) throw this.#failure;
      const answer = this.#answers.get(step);
      if (answer?.sizes) {
        this.#answers.delete(step);
        this.counters.takerWaited += performance.now() - begin;
        return answer.sizes;
      }
      await this.#woken();
    }
  }

  async #draw(epoch: number, step: number, signal: AbortSignal): Promise<readonly number[]> {
    await turn(); // lets an abort through
    signal.throwIfAborted();
    const begin = performance.now();
    const sizes = this.#source.fill(epoch, step, this.#rooms[0]!);
    const drew = performance.now() - begin;
    this.counters.drew += drew;
    this.counters.takerWaited += drew;
    return sizes;
  }
}
