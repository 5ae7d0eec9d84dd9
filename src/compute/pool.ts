import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { TastegraphError } from '../errors.ts';
import { packageRoot } from '../package.ts';
import {
  ARGUMENTS,
  ARGUMENTS_AT,
  CONTROL_BYTES,
  FAILED,
  GRAIN,
  INSIDE,
  KERNEL,
  type KernelFunction,
  MAX_ARGUMENTS,
  NEXT,
  OPEN,
  TOTAL,
  takeChunks,
} from './job.ts';
import { KernelMemory } from './memory.ts';
import type { WorkerStart } from './worker.ts';

export type KernelVariant = 'baseline' | 'relaxed';

/** A module of one function that multiplies and adds in one instruction: valid only where relaxed SIMD is there. */
const relaxedProbe = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2,
  253, 133, 2, 11,
]);

/** The fastest build of the kernels that this runtime can run: fused multiply-add from Node 22 on. */
export function bestVariant(): KernelVariant {
  return WebAssembly.validate(relaxedProbe) ? 'relaxed' : 'baseline';
}

/** Threads over one memory that run kernels; the calling thread is one of them and waits for the end. */
export class KernelPool {
  readonly memory = new KernelMemory(CONTROL_BYTES);
  readonly threads: number;
  readonly variant: KernelVariant;
  readonly #names: string[];
  readonly #functions: KernelFunction[];
  readonly #workers: Worker[] = [];
  readonly #control: Int32Array;
  readonly #arguments: Float64Array;
  #job = 0;
  #failure: unknown;

  /** Errors: compute/not-built. */
  constructor(threads = availableParallelism(), variant = bestVariant()) {
    const path = join(packageRoot, 'dist', 'kernels', `${variant}.wasm`);
    const script = join(packageRoot, 'dist', 'compute', 'worker.js');
    for (const file of [path, script])
      if (!existsSync(file)) throw new TastegraphError('compute/not-built', { path: file });
    this.threads = threads;
    this.variant = variant;
    const memory = this.memory.memory;
    const module = new WebAssembly.Module(readFileSync(path));
    const exports = new WebAssembly.Instance(module, { env: { memory } }).exports;
    this.#names = Object.keys(exports).filter((name) => typeof exports[name] === 'function');
    this.#functions = this.#names.map((name) => exports[name] as KernelFunction);
    const buffer = memory.buffer;
    this.#control = new Int32Array(buffer, 0, CONTROL_BYTES / 4);
    this.#arguments = new Float64Array(buffer, ARGUMENTS_AT, MAX_ARGUMENTS);
    for (let thread = 1; thread < threads; thread++) {
      const workerData: WorkerStart = { memory, module, thread, kernels: this.#names };
      const worker = new Worker(script, { workerData, name: `tastegraph-kernels-${thread}` });
      worker.unref();
      worker.on('error', (failure) => {
        this.#failure = failure;
      });
      this.#workers.push(worker);
    }
  }

  /**
   * Runs a kernel over [0, total) in chunks of `grain` and returns when all is done. What is in a chunk depends on `grain`
   * alone, never on the number of threads. Errors: compute/worker-failed.
   */
  run(name: string, total: number, grain: number, ...args: number[]): void {
    if (total <= 0) return;
    const index = this.#names.indexOf(name);
    const kernel = this.#functions[index];
    if (!kernel) throw new TastegraphError('compute/worker-failed', { problem: `there is no kernel '${name}'` });
    if (this.#failure !== undefined)
      throw new TastegraphError('compute/worker-failed', { problem: String(this.#failure) });
    if (this.threads === 1 || total <= grain) {
      for (let begin = 0; begin < total; begin += grain) kernel(0, begin, Math.min(begin + grain, total), ...args);
      return;
    }
    const control = this.#control;
    this.#arguments.set(args);
    control[NEXT] = 0;
    control[TOTAL] = total;
    control[GRAIN] = grain;
    control[KERNEL] = index;
    control[ARGUMENTS] = args.length;
    this.#job = this.#job === 0x7fffffff ? 1 : this.#job + 1;
    Atomics.store(control, OPEN, this.#job);
    Atomics.notify(control, OPEN);
    takeChunks(control, kernel, args, 0);
    Atomics.store(control, OPEN, 0);
    for (let spin = 0; ; spin++) {
      const inside = Atomics.load(control, INSIDE);
      if (inside === 0) break;
      if (spin > 10_000) Atomics.wait(control, INSIDE, inside, 1);
    }
    if (Atomics.exchange(control, FAILED, 0) !== 0) {
      throw new TastegraphError('compute/worker-failed', { problem: `kernel '${name}' trapped` });
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    this.#workers.length = 0;
  }
}
