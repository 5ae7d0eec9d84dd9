/** What a worker asks of the other workers of its server, through the process that started them all. */
import type { MetricObject } from 'prom-client';
import type { Change } from '../serving/answerMemory.ts';

/** Figures of one worker's registry, as prom-client adds them up. */
export type Figures = readonly MetricObject[];

export interface Colleagues {
  /** Number of this worker, from 1; one that takes another's place has its number. */
  readonly worker: number;
  /** Tells all others what was changed. When this returns none of them gives what was made before. `tenant` is '' for the server's own home. */
  tell(tenant: string, change: Change): Promise<void>;
  /** Takes what others tell; one listener a tenant. */
  onTold(tenant: string, listener: (change: Change) => Promise<void>): void;
  /** The figures of all that answer, this one's among them. */
  figures(tenant: string): Promise<readonly Figures[]>;
  /** Gives this worker's figures when others ask. */
  onFigures(tenant: string, give: () => Promise<Figures>): void;
}
