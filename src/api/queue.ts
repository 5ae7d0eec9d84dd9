/** How much a process takes on at once: some requests are at work, some wait, and what comes beyond is refused. */
import { TastegraphError } from '../errors.ts';

export interface RequestQueue {
  /** Requests that are at work. */
  readonly working: number;
  /** Requests that wait for a place. */
  readonly waiting: number;
  /** How many were refused. */
  readonly refused: number;
  /** Does the work when there is a place for it, first come, first served. Errors: api/overloaded. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function openQueue({ mostWorking, mostWaiting }: Record<'mostWorking' | 'mostWaiting', number>): RequestQueue {
  const line: (() => void)[] = [];
  let working = 0;
  let refused = 0;
  return {
    get working() {
      return working;
    },
    get waiting() {
      return line.length;
    },
    get refused() {
      return refused;
    },
    async run(work) {
      if (working < mostWorking) working++;
      else if (line.length < mostWaiting) await new Promise<void>((resolve) => line.push(resolve));
      else {
        refused++;
        throw new TastegraphError('api/overloaded', { working, waiting: line.length });
      }
      try {
        return await work();
      } finally {
        // Whoever waited longest has the place at once: nobody who comes now can take it.
        const next = line.shift();
        if (next) next();
        else working--;
      }
    },
  };
}
