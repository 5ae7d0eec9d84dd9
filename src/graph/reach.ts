/** The graph as far as it answers: asked for a short time only, and left alone for a while after it did not answer at all. */
import type { Graph } from './driver.ts';
import { gathering } from './gathering.ts';
import { interactionsOfUsers, type UserInteraction } from './interactions.ts';
import { expires, type Liking } from './liking.ts';
import { type GraphCopy, openUntouched } from './untouched.ts';

export interface GraphReach {
  /** 'none' where the program runs without a database. */
  readonly state: 'none' | 'reached' | 'unreachable';
  /**
   * The answer to one question, asked once; undefined where there is no graph, it does not answer in time or the question fails.
   * `question` gets the time it may take, in ms: `patienceMs`, where it is not in the way of a request. `always` asks also in the pause
   * after a failure.
   */
  ask<T>(
    question: (graph: Graph, timeoutMs: number) => Promise<T>,
    always?: boolean,
    patienceMs?: number,
  ): Promise<T | undefined>;
  /** All that a user has done up to now, as far as it counts; undefined where nobody can say. */
  interactionsOf(user: string, liking: Liking): Promise<KnownInteractions | undefined>;
  /** Whether that is certainly what a copy of the graph has of her; what is not known of a copy is found out, and not waited for. */
  isUntouched(user: string, liking: Liking, copy: GraphCopy): boolean;
  /** To be told whose interactions were written, or that anybody's may have been. */
  heard(users?: readonly string[]): void;
  readonly graph: Graph | undefined;
  /** The same, unless no question would be put to it now: what asks it beside `ask` waits for none that is gone. */
  readonly atHand: Graph | undefined;
  /** Whether a question would be put now: not in the pause after a failure. */
  readonly mayAsk: boolean;
  /** Whether a write would: it may before questions where it is said that writes are taken. */
  readonly mayWrite: boolean;
  /** Says that the graph takes writes again, of which nothing else may be asked yet. */
  takesWrites(): void;
  /** When it last answered anything, by `performance.now()`; -Infinity where a question has failed since. */
  readonly answeredAt: number;
  /** Aborted when the graph is gone, where it is not yet. */
  readonly lost: AbortSignal;
}

export interface KnownInteractions {
  /** Oldest first. */
  readonly interactions: readonly UserInteraction[];
  /** True where the graph did not say so just now, and nobody knows whether it still holds. */
  readonly isStale: boolean;
}

/** Gives what is remembered of a user's interactions, or asks. */
export type RecallInteractions = (
  user: string,
  liking: Liking,
  ask: () => Promise<readonly UserInteraction[] | undefined>,
) => Promise<KnownInteractions | undefined>;

export interface ReachOptions {
  readonly timeoutMs?: number;
  /** After a server that is silent or gone, no question is asked for this long, so that not every request waits for it. */
  readonly pauseMs?: number;
  /** Told of what fails; of a graph that stays gone once. */
  readonly onFailure?: (cause: unknown) => void;
  /** Nothing is remembered where absent. */
  readonly recall?: RecallInteractions | undefined;
  /** Whether `heard` is told at this moment whatever is written; it never is where absent. */
  readonly hears?: () => boolean;
}

const askAlways: RecallInteractions = async (_user, _liking, ask) => {
  const interactions = await ask();
  return interactions && { interactions, isStale: false };
};

// What the driver says where the server is gone, as against a statement that took too long or failed.
const goneCodes = new Set(['ServiceUnavailable', 'SessionExpired', 'neo4j/unreachable', 'neo4j/refused']);

/** The server ends a statement by itself when its time is over: what is later than that by so much is silence, ms. */
const silenceMs = 250;

/** Questions of what users have done: few enough statements that many share one under load, and short enough that none waits long. */
const together = { atOnce: 2, most: 64 };

export function reachOf(
  graph: Graph | undefined,
  { timeoutMs = 1500, pauseMs = 3000, onFailure, recall = askAlways, hears = () => false }: ReachOptions = {},
): GraphReach {
  let pausedUntil = 0;
  let gone = false;
  let answered = Number.NEGATIVE_INFINITY;
  let failed = Number.NEGATIVE_INFINITY;
  let takes = false;
  let loss = new AbortController();
  const byLiking = new WeakMap<Liking, (user: string) => Promise<readonly UserInteraction[] | undefined>>();
  const askedUnder = (liking: Liking) => {
    let ask = byLiking.get(liking);
    if (!ask) {
      ask = gathering((users) => reach.ask((known, ms) => interactionsOfUsers(known, users, ms, liking)), {
        ...together,
        patienceMs: timeoutMs,
      });
      byLiking.set(liking, ask);
    }
    return ask;
  };
  const answeredAt = () => Math.max(answered, graph?.answeredAt() ?? Number.NEGATIVE_INFINITY);
  const mayAsk = () => graph !== undefined && !(gone && performance.now() < pausedUntil);
  const reach: GraphReach = {
    graph,
    get state() {
      return graph ? (gone ? 'unreachable' : 'reached') : 'none';
    },
    get atHand() {
      return mayAsk() ? graph : undefined;
    },
    get mayAsk() {
      return mayAsk();
    },
    get mayWrite() {
      return mayAsk() || takes;
    },
    takesWrites() {
      if (gone && !takes) loss = new AbortController();
      takes = true;
    },
    get answeredAt() {
      const at = answeredAt();
      return at > failed ? at : Number.NEGATIVE_INFINITY;
    },
    get lost() {
      return loss.signal;
    },
    interactionsOf: (user, liking) =>
      recall(user, liking, async () => (mayAsk() ? await askedUnder(liking)(user) : undefined)),
    isUntouched: (user, liking, copy) =>
      untouched !== undefined && hears() && !expires(liking) && untouched.has(user, copy),
    heard: (users) => untouched?.heard(users),
    async ask(question, always = false, patienceMs = timeoutMs) {
      if (!graph || !(mayAsk() || always)) return undefined;
      const now = performance.now();
      if (gone) pausedUntil = now + pauseMs; // One question tries; the others go on without until it is answered.
      let timer: NodeJS.Timeout | undefined;
      const silence = new Promise<never>((_, reject) => {
        const late = () => {
          // Others were answered meanwhile: this one has waited for a connection, and the server is there.
          if (answeredAt() > now) reject(new Error('Neo4j is busy'));
          else reject(Object.assign(new Error('Neo4j is silent'), { code: 'ServiceUnavailable' }));
        };
        const due = now + patienceMs + silenceMs;
        // Where this process was busy itself, an answer may lie there unread.
        const look = () => {
          if (performance.now() - due < silenceMs) late();
          else timer = setTimeout(late, silenceMs);
        };
        timer = setTimeout(look, patienceMs + silenceMs);
      });
      try {
        const answer = await Promise.race([question(graph, patienceMs), silence]);
        if (gone && !takes) loss = new AbortController();
        gone = false;
        takes = false;
        answered = performance.now();
        return answer;
      } catch (cause) {
        const isKnown = gone;
        failed = performance.now();
        if (goneCodes.has((cause as { code?: string }).code ?? '')) {
          gone = true;
          takes = false;
          pausedUntil = performance.now() + pauseMs;
          loss.abort();
        }
        if (!isKnown) onFailure?.(cause);
        return undefined;
      } finally {
        clearTimeout(timer);
      }
    },
  };
  // Others' graphs have no marks of changes.
  const untouched = graph && !graph.schema.names ? openUntouched(reach.ask) : undefined;
  return reach;
}
