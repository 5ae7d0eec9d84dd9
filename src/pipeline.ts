/** The way of the data as named calls. The command line, the API and the jobs only call these. */
import type { Logger } from 'pino';
import type { Report } from './progress.ts';

/** What every call has beside its options. */
export interface Run {
  readonly report: Report;
  /** Aborted when the call shall stop as soon as it cleanly can. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}
