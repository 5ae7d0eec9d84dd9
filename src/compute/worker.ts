import { workerData } from 'node:worker_threads';
import {
  ARGUMENTS,
  ARGUMENTS_AT,
  CONTROL_BYTES,
  FAILED,
  INSIDE,
  KERNEL,
  type KernelFunction,
  MAX_ARGUMENTS,
  OPEN,
  takeChunks,
} from './job.ts';

export interface WorkerStart {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly thread: number;
  readonly kernels: readonly string[];
}

/** Looks at OPEN this many times before sleeping: about 20 µs, the usual gap between two jobs of a training step. */
const SPINS = 2000;

const { memory, module, thread, kernels } = workerData as WorkerStart;
const instance = new WebAssembly.Instance(module, { env: { memory } });
const functions = kernels.map((name) => instance.exports[name] as KernelFunction);
const buffer = memory.buffer;
const control = new Int32Array(buffer, 0, CONTROL_BYTES / 4);
const slots = new Float64Array(buffer, ARGUMENTS_AT, MAX_ARGUMENTS);

let last = 0;
for (;;) {
  for (
    let spin = 0;
    spin < SPINS && (Atomics.load(control, OPEN) === last || Atomics.load(control, OPEN) === 0);
    spin++
  );
  const seen = Atomics.load(control, OPEN);
  if (seen === last || seen === 0) Atomics.wait(control, OPEN, seen);
  Atomics.add(control, INSIDE, 1);
  const job = Atomics.load(control, OPEN);
  if (job !== 0 && job !== last) {
    last = job;
    try {
      takeChunks(control, functions[control[KERNEL]!]!, [...slots.subarray(0, control[ARGUMENTS]!)], thread);
    } catch {
      Atomics.store(control, FAILED, 1);
    }
  }
  if (Atomics.sub(control, INSIDE, 1) === 1) Atomics.notify(control, INSIDE);
}
