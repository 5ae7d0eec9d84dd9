/** What the endpoints stand on, and what a request carries through them. */
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { Explainer } from '../explain/explainer.ts';
import type { GraphReach } from '../graph/reach.ts';
import type { ListenOptions } from '../options.ts';
import type { Recommender } from '../serving/recommender.ts';

export interface AppDependencies {
  readonly recommender: Recommender;
  readonly explainer: Explainer;
  /** See `reachOf(graph)`. */
  readonly reach: GraphReach;
  readonly log: Logger;
  readonly options: Pick<ListenOptions, 'token' | 'maxBodyBytes' | 'requestTimeoutMs'>;
  /** True from the moment on that the server is to stop: it is not ready any more. */
  readonly stopping?: () => boolean;
}

export interface AppEnv {
  Variables: { requestId: string };
}

export type AppContext = Context<AppEnv>;
