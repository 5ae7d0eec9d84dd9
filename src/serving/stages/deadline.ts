/** Ranking that is not waited for longer than it may take. */
import { toldOf } from '../../errors.ts';
import type { Candidate, StageContext } from './candidate.ts';
import type { RankedCandidates, Ranker } from './ranker.ts';

/** Time, so that a test can give it. */
export interface Clock {
  /** ms since some moment, never falling. */
  now(): number;
  /** Calls `late` once, after so many ms, unless it is cancelled before. */
  after(ms: number, late: () => void): { cancel(): void };
}

export const wallClock: Clock = {
  now: () => performance.now(),
  after(ms, late) {
    const timer = setTimeout(late, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

export interface RankedInTime extends RankedCandidates {
  /** There, where the order is still the one that came in. */
  readonly degraded?: 'ranking';
}

/**
 * Past the deadline, or where the ranker fails, the candidates come back as they came. A ranking that is there, but later than the deadline,
 * is late too: a ranker may hold the thread, and no timer tells the time meanwhile. Never throws.
 */
export async function rankWithin(
  ranker: Ranker,
  candidates: readonly Candidate[],
  context: StageContext,
  deadlineMs: number,
  clock: Clock,
): Promise<RankedInTime> {
  const began = clock.now();
  let isGiven = false;
  const isLate = () => clock.now() - began > deadlineMs;
  const time = { now: clock.now, isOver: () => isGiven || isLate() };
  const tooLate = `not ranked within ${deadlineMs} ms`;
  const kept = (note: string): RankedInTime => ({ candidates, degraded: 'ranking', note });
  let timer: { cancel(): void } | undefined;
  const late = new Promise<RankedInTime>((resolve) => {
    timer = clock.after(deadlineMs, () => resolve(kept(tooLate)));
  });
  const ranked = (async () => ranker.rank(candidates, context, time))().catch((thrown: unknown) =>
    kept(`not ranked: ${toldOf(thrown)}`),
  );
  try {
    const first: RankedInTime = await Promise.race([ranked, late]);
    return !first.degraded && isLate() ? kept(tooLate) : first;
  } finally {
    timer?.cancel();
    isGiven = true;
  }
}
