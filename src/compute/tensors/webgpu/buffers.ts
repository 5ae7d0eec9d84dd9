import type { KernelBackend } from '@tensorflow/tfjs-core';

/** What of the backend is touched here; it has more. */
interface HoldsBuffers extends KernelBackend {
  submitQueue(): void;
  readonly bufferManager: {
    /** By size and use. */
    readonly freeBuffers: ReadonlyMap<string, { readonly size: number; destroy(): void }[]>;
    numFreeBuffers: number;
    readonly numBytesUsed: number;
    numBytesAllocated: number;
  };
}

/**
 * Bounds what the backend keeps for later: it has a list of free buffers for each size that there ever was, and so, where a step's
 * distinct rows are as many as chance has it, grows without end. Above `least` bytes, and above what was ever used at once, all free
 * ones go; those of sizes that come again are made again.
 */
export function limitFreeBuffers(backend: KernelBackend, least = 256 * 2 ** 20): void {
  const held = backend as HoldsBuffers;
  const { bufferManager: buffers } = held;
  const submit = held.submitQueue.bind(held);
  let mostUsed = 0;
  held.submitQueue = () => {
    mostUsed = Math.max(mostUsed, buffers.numBytesUsed);
    submit();
    // Now nothing that was recorded waits for a buffer.
    if (buffers.numBytesAllocated - buffers.numBytesUsed <= Math.max(least, mostUsed)) return;
    for (const free of buffers.freeBuffers.values()) {
      for (const { size } of free) buffers.numBytesAllocated -= size;
      for (const buffer of free) buffer.destroy();
      buffers.numFreeBuffers -= free.length;
      free.length = 0;
    }
  };
}
