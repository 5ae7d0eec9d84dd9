/**
 * The control block that the threads share, at the start of the kernels' memory, and how a job is shared out.
 *
 * The main thread writes a job while OPEN is 0 and no worker is inside, then sets OPEN to the job's number. Whoever finds it
 * open takes chunks until none is left. The main thread then closes it and waits until the workers have left. A worker counts
 * itself in before it looks at OPEN, so it can never read one job's range with another job's arguments.
 */
export const OPEN = 0;
export const INSIDE = 1;
export const NEXT = 2;
export const TOTAL = 3;
export const GRAIN = 4;
export const KERNEL = 5;
export const ARGUMENTS = 6;
export const FAILED = 7;
/** Where the arguments lie, as float64: exact for addresses and 32-bit integers. */
export const ARGUMENTS_AT = 64;
export const MAX_ARGUMENTS = 32;
export const CONTROL_BYTES = ARGUMENTS_AT + MAX_ARGUMENTS * 8;

export type KernelFunction = (thread: number, begin: number, end: number, ...args: number[]) => void;

/** Takes chunks of the open job until none is left. */
export function takeChunks(control: Int32Array, kernel: KernelFunction, args: readonly number[], thread: number): void {
  const total = control[TOTAL]!;
  const grain = control[GRAIN]!;
  for (;;) {
    const begin = Atomics.add(control, NEXT, grain);
    if (begin >= total) return;
    kernel(thread, begin, Math.min(begin + grain, total), ...args);
  }
}
