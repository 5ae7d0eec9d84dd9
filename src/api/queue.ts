/** How much a process takes on at once: some requests are at work, some wait, and what comes beyond is refused. */
import { TastegraphError } from '../errors.ts';

export interface RequestQueue {
  /** Requests that are at work. */
  readonly working: number;
  /** Requests that wait for a place. */
  readonly waiting: number;
  /** Uploads and answers of lines that are under way. */
  readonly streaming: number;
  /** How many were refused. */
  readonly refused: number;
  /**
   * Does the work when there is a place for it, first come, first served. `patience` is asked where it has to wait: what is aborted
   * meanwhile leaves the line and is not done. Errors: api/overloaded; the signal's reason.
   */
  run<T>(work: () => Promise<T>, patience?: () => AbortSignal): Promise<T>;
  /** Takes a place for lines that go on after the request has been answered; what it gives frees the place. Errors: api/too-many-streams. */
  stream(): () => void;
  /**
   * Takes room for a body before it is read; what it gives frees the room. Errors: api/overloaded, where its request would have no place
   * now; api/too-many-bodies.
   */
  hold(bytes: number): () => void;
}

export interface QueueLimits {
  readonly mostWorking: number;
  readonly mostWaiting: number;
  readonly mostStreaming?: number;
  /** Of all bodies that are on their way, or of requests that wait or are at work. */
  readonly mostBodyBytes?: number;
}

/** A body of up to so many bytes costs little more than the connection that it comes over. */
const smallBody = 1 << 16;

export function openQueue({
  mostWorking,
  mostWaiting,
  mostStreaming = Infinity,
  mostBodyBytes = 1 << 28,
}: QueueLimits): RequestQueue {
  const line = new Set<() => void>(); // in the order in which they came
  let working = 0;
  let streaming = 0;
  let held = 0;
  let refused = 0;
  const refuse = (error: TastegraphError): never => {
    refused++;
    throw error;
  };
  const refuseBeyondLine = () => {
    if (working < mostWorking || line.size < mostWaiting) return;
    refuse(new TastegraphError('api/overloaded', { working, waiting: line.size }));
  };
  const turn = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = () => {
        line.delete(come);
        reject(signal?.reason);
      };
      const come = () => {
        line.delete(come);
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      line.add(come);
      signal?.addEventListener('abort', leave, { once: true });
    });
  return {
    get working() {
      return working;
    },
    get waiting() {
      return line.size;
    },
    get streaming() {
      return streaming;
    },
    get refused() {
      return refused;
    },
    async run(work, patience) {
      refuseBeyondLine();
      if (working < mostWorking) working++;
      else await turn(patience?.());
      try {
        return await work();
      } finally {
        // Whoever waited longest has the place at once: nobody who comes now can take it.
        const [next] = line;
        if (next) next();
        else working--;
      }
    },
    stream() {
      if (streaming >= mostStreaming) refuse(new TastegraphError('api/too-many-streams', { streaming }));
      streaming++;
      return once(() => streaming--);
    },
    hold(bytes) {
      refuseBeyondLine();
      // Half of the room is for small ones alone: many that are large and never end do not keep those out.
      const room = bytes > smallBody ? mostBodyBytes / 2 : mostBodyBytes;
      if (held > 0 && held + bytes > room)
        refuse(new TastegraphError('api/too-many-bodies', { mib: Math.ceil(held / 2 ** 20) }));
      held += bytes;
      return once(() => {
        held -= bytes;
      });
    },
  };
}

function once(what: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) what();
    isDone = true;
  };
}
