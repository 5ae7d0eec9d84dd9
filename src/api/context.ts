/** What the endpoints stand on, and what a request carries through them. */
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { Access } from '../access/access.ts';
import type { AuditLog } from '../access/auditLog.ts';
import type { BucketState, Buckets } from '../access/bucket.ts';
import type { Caller } from '../access/caller.ts';
import type { ErrorCode } from '../errors.ts';
import type { Explainer } from '../explain/explainer.ts';
import type { GraphReach } from '../graph/reach.ts';
import type { SettingInForce } from '../options/sections.ts';
import type { AccessOptions, AdminOptions, IndexKind, ListenOptions } from '../options.ts';
import type {
  Job,
  KeyAdministration,
  RunAdministration,
  SignedReceipt,
  VersionAdministration,
  VersionMaps,
} from '../pipeline.ts';
import type { AnswerMemory, Change } from '../serving/answerMemory.ts';
import type { ImpressionRecorder } from '../serving/impressions/recorder.ts';
import type { Recommender } from '../serving/recommender.ts';
import type { Pipelines } from '../serving/stages/pipelines.ts';
import type { Colleagues } from './colleagues.ts';
import type { RequestQueue } from './queue.ts';
import type { Need } from './scope.ts';

/** Buckets that may be kept elsewhere. */
export interface SharedBuckets extends Pick<Buckets, 'rate' | 'burst'> {
  take(caller: string): BucketState | Promise<BucketState>;
}

/** What is one for a server, however many tenants it has. */
export interface SharedDependencies {
  readonly log: Logger;
  readonly options: Pick<ListenOptions, 'token' | 'maxBodyBytes' | 'requestTimeoutMs'> &
    Partial<AdminOptions & AccessOptions & Pick<ListenOptions, 'maxUploadMb'>>;
  /** Who may come in; where absent, whoever has the options' token. */
  readonly access?: Access | undefined;
  /** How often each caller may come; no limit where absent. */
  readonly buckets?: SharedBuckets | undefined;
  /** Where it is written down what administrators do; nowhere where absent. */
  readonly audits?: AuditLog | undefined;
  /** Makes and ends keys; absent where the server may not. */
  readonly keys?: KeyAdministration | undefined;
  /** What the server was started with; told to the server's own administrators alone. */
  readonly settings?: readonly SettingInForce[] | undefined;
  /** Names of all tenants. */
  readonly tenantNames?: readonly string[] | undefined;
  /** Holds back what would be too much at once; nothing where absent. */
  readonly queue?: RequestQueue | undefined;
  /** The other workers of this server, where there are any. */
  readonly colleagues?: Colleagues | undefined;
  /** True from the moment on that the server is to stop: it is not ready any more. */
  readonly stopping?: () => boolean;
}

export interface AppDependencies extends SharedDependencies {
  readonly recommender: Recommender;
  readonly explainer: Explainer;
  /** See `reachOf(graph)`. */
  readonly reach: GraphReach;
  /** What finds the best among vectors, as it was asked for. */
  readonly index?: IndexKind;
  readonly pipelines: Pipelines;
  /** What was answered before; absent where nothing is kept. */
  readonly memory?: AnswerMemory | undefined;
  /** Takes what was shown; absent where it is not to be remembered. */
  readonly impressions?: ImpressionRecorder | undefined;
  /** Makes the id under which an answer is noted, and by which it draws. No request chooses it: it is random where absent. */
  readonly answerId?: (() => string) | undefined;
  /** Forgets a user; absent where the server may not. */
  readonly forget?: (user: string, how: { readonly block: boolean }) => Promise<SignedReceipt>;
  /** The versions that there are; absent where they are not to be seen or switched. */
  readonly versions?: VersionAdministration | undefined;
  /** Long work that left a record; absent where the server has none. */
  readonly jobs?: (() => Promise<readonly Job[]>) | undefined;
  /** Maps of versions; absent where the server has no home to keep them in. */
  readonly maps?: VersionMaps | undefined;
  /** Training runs; absent where the server has none of. */
  readonly runs?: RunAdministration | undefined;
  /** Whose data this is; absent for the server's own home. */
  readonly tenant?: string | undefined;
}

/** What each tenant has of its own: all that is not said to be shared. */
export type TenantDependencies = Omit<AppDependencies, keyof SharedDependencies | 'tenant'>;

export interface AppEnv {
  Variables: {
    requestId: string;
    /** Who asks; absent on open paths. */
    caller?: Caller;
    need: Need;
    /** What a request has changed, where that is less than anything. */
    changed?: Change;
    /** There, where it took too long: it was answered so, and the work goes on. */
    late?: true;
    /** There while its body is still on its way. */
    arriving?: boolean;
    /** What it was refused for. */
    refusedFor?: ErrorCode;
    /** ms since 1970, where it came with an Idempotency-Key: when it came first. Whatever has no time of its own is of then. */
    since?: number;
    /** What the audit log says that it was about, where the path does not. */
    about?: string;
    /** Breaks when its time is over. Errors: api/timeout, api/slow. */
    overdue: Promise<never>;
    /** Frees the place that a stream of lines has: for who sends it, at its end. */
    freeStream?: (() => void) | undefined;
  };
}

export type AppContext = Context<AppEnv>;
