/** An index that is still being made: a scan answers until it is there, and for good where it cannot be made. */
import type { IndexListener } from './open.ts';
import type { VectorIndex } from './vectorIndex.ts';

export interface GrowingOptions extends IndexListener {
  /** Makes the index; the scan stays ours. `signal` says that nobody waits any more. */
  readonly make: (signal: AbortSignal) => Promise<VectorIndex>;
}

export function growingIndex(scan: VectorIndex, { make, onReady, onFailure }: GrowingOptions): VectorIndex {
  const unwanted = new AbortController();
  let current = scan;
  make(unwanted.signal).then(
    (made) => {
      if (unwanted.signal.aborted) return made.dispose();
      current = made;
      onReady?.(made);
    },
    (cause: unknown) => {
      if (!unwanted.signal.aborted) onFailure?.(cause);
    },
  );
  return {
    get kind() {
      return current.kind;
    },
    count: scan.count,
    get bytes() {
      return current.bytes;
    },
    search: (queries, k, limits) => current.search(queries, k, limits),
    dispose() {
      unwanted.abort();
      if (current !== scan) current.dispose();
      scan.dispose();
    },
  };
}
