import type { Logger } from 'pino';
import type { EverywhereOptions, Neo4jOptions } from '../options.ts';
import type { Report } from '../progress.ts';

/** What every call has beside its options. */
export interface Run {
  readonly report: Report;
  /** Aborted when the call shall stop as soon as it cleanly can. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export type GraphOptions = Pick<EverywhereOptions, 'home'> & Neo4jOptions;
