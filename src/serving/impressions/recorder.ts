/**
 * Brings what was shown into the graph, off the request's path. `record` only puts an answer into a queue in memory. One loop writes
 * the queue to the journal on disk, as much at once as has gathered while the disk was busy; another writes the journal to the graph.
 * Where the graph is away the journal grows, and where that is full too answers are dropped and counted: a request never waits.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { problemOf } from '../../errors.ts';
import type { Graph } from '../../graph/driver.ts';
import { expireImpressions, type Shown, writeImpressions } from '../../graph/impressions.ts';
import { ImpressionJournal } from './journal.ts';

/** Impressions since the recorder was opened. */
export interface ImpressionCounts {
  /** They lie on the disk: nothing loses them any more. */
  journaled: number;
  /** They are in the graph. */
  written: number;
  /** They were in the graph already, from before a crash. */
  repeated: number;
  /** Their user or item is not in the graph: passed over. */
  unknown: number;
  /** There was no room for them. */
  dropped: number;
  /** Older than they are kept for: removed from the graph. */
  expired: number;
}

export interface ImpressionRecorder {
  /** Takes an answer, at once; false where there is no room for it. */
  record(shown: Shown): boolean;
  readonly counts: Readonly<ImpressionCounts>;
  /** Impressions that wait in memory. */
  readonly waiting: number;
  /** Bytes that wait on the disk. */
  readonly journalBytes: number;
  /** Writes what waits to the disk, and as much of it to the graph as goes within `patienceMs`; the rest is left to the next start. */
  close(patienceMs?: number): Promise<void>;
}

export interface RecorderOptions {
  readonly home: string;
  readonly log: Logger;
  /** Impressions are removed so many days after they were shown; 0 keeps them. */
  readonly keepDays: number;
  /** Most bytes of the journal. */
  readonly journalBytes: number;
}

/** Most impressions in memory: some 10 MB. */
const mostWaiting = 100_000;
/** Impressions of one transaction. */
const batch = 5000;
/** After so long without anything shown the journal's file is removed, ms. */
const quietMs = 2000;
/** Between two looks for what is too old, and for what dead servers have left, ms. */
const sweepMs = 3_600_000;
const [shortestPause, longestPause] = [500, 15_000];

/** Opens the recorder; what an earlier server left on the disk is written first. */
export async function openRecorder(
  graph: Graph,
  { home, log, keepDays, journalBytes }: RecorderOptions,
): Promise<ImpressionRecorder> {
  const journal = await ImpressionJournal.open(home);
  const counts = { journaled: 0, written: 0, repeated: 0, unknown: 0, dropped: 0, expired: 0 };
  const closing = new AbortController(); // Nothing more is taken.
  let isJournaled = false; // Everything lies on the disk, and nothing more will come.
  let isEnding = false; // Nothing more is tried.
  const [shownBell, journaledBell, retryBell, sweepBell] = [bell(), bell(), bell(), bell()];
  let queue: Shown[] = [];
  let waiting = 0;

  const journalAll = async (): Promise<void> => {
    for (let hasFailed = false; ; ) {
      if (queue.length === 0) {
        if (closing.signal.aborted) return;
        await shownBell.wait(60_000);
        continue;
      }
      const taken = queue;
      queue = [];
      try {
        await journal.append(taken);
      } catch (cause) {
        queue = [...taken, ...queue];
        if (!hasFailed) log.error({ problem: problemOf(cause) }, 'impressions cannot be written to the disk');
        hasFailed = true;
        if (closing.signal.aborted) return drop(waiting);
        await sleep(1000, undefined, { ref: false });
        continue;
      }
      const impressions = countOf(taken);
      waiting -= impressions;
      counts.journaled += impressions;
      hasFailed = false;
      journaledBell.ring();
    }
  };

  const writeAll = async (): Promise<void> => {
    for (let pause = 0; !isEnding; ) {
      try {
        const next = await journal.read(batch);
        if (!next) {
          if (isJournaled) return;
          const before = counts.journaled;
          await journaledBell.wait(quietMs);
          if (counts.journaled === before) await journal.retire();
          continue;
        }
        const { written, known } = await writeImpressions(graph, next.shown);
        await journal.commit(next);
        counts.written += written;
        counts.repeated += known;
        counts.unknown += countOf(next.shown) - written - known;
        if (pause > 0) log.info('impressions are written to the graph again');
        pause = 0;
      } catch (cause) {
        if (closing.signal.aborted) return;
        if (pause === 0) log.warn({ problem: problemOf(cause) }, 'impressions wait on the disk for the graph');
        pause = Math.min(longestPause, Math.max(shortestPause, pause * 2));
        await retryBell.wait(pause);
      }
    }
  };

  const sweep = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await journal.adopt();
        if (keepDays > 0)
          counts.expired += await expireImpressions(graph, Date.now() - keepDays * 86_400_000, closing.signal);
      } catch (cause) {
        if (!closing.signal.aborted) log.warn({ problem: problemOf(cause) }, 'old impressions could not be removed');
      }
      await sweepBell.wait(sweepMs);
    }
  };

  const drop = (impressions: number): void => {
    if (counts.dropped === 0) log.error('there is no room for impressions: they are dropped, and counted in /metrics');
    counts.dropped += impressions;
  };

  const journaling = journalAll().then(() => {
    isJournaled = true;
    journaledBell.ring();
  });
  const working = Promise.all([journaling, writeAll(), sweep()]);
  let closed: Promise<void> | undefined;
  const close = async (patienceMs: number): Promise<void> => {
    closing.abort();
    for (const each of [shownBell, retryBell, sweepBell]) each.ring();
    await journaling;
    // A transaction that the server does not answer cannot be waited for: what it holds is on the disk.
    const patience = new AbortController();
    await Promise.race([working, sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    isEnding = true;
    await journal.close();
  };
  return {
    counts,
    get waiting() {
      return waiting;
    },
    get journalBytes() {
      return journal.bytes;
    },
    record(shown) {
      const impressions = shown.items.length;
      if (impressions === 0) return true;
      if (closing.signal.aborted || waiting + impressions > mostWaiting || journal.bytes > journalBytes) {
        drop(impressions);
        return false;
      }
      queue.push(shown);
      waiting += impressions;
      shownBell.ring();
      return true;
    },
    close: (patienceMs = 5000) => {
      closed ??= close(patienceMs);
      return closed;
    },
  };
}

const countOf = (shown: readonly Shown[]): number => shown.reduce((sum, { items }) => sum + items.length, 0);

/** Ends one wait before its time. */
function bell() {
  let wakeUp = (): void => {};
  return {
    ring: (): void => wakeUp(),
    wait: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms).unref();
        wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}
