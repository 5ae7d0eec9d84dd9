/** The graph as far as it answers: asked for a short time only, and left alone for a while after it did not answer at all. */
import type { Graph } from './driver.ts';

export interface GraphReach {
  /** 'none' where the program runs without a database. */
  readonly state: 'none' | 'reached' | 'unreachable';
  /**
   * The answer to one question, asked once; undefined where there is no graph, it does not answer in time or the question fails.
   * `question` gets the time it may take, in ms. `always` asks also in the pause after a failure.
   */
  ask<T>(question: (graph: Graph, timeoutMs: number) => Promise<T>, always?: boolean): Promise<T | undefined>;
  readonly graph: Graph | undefined;
}

export interface ReachOptions {
  readonly timeoutMs?: number;
  /** After a server that is silent or gone, no question is asked for this long, so that not every request waits for it. */
  readonly pauseMs?: number;
  readonly onFailure?: (cause: unknown) => void;
}

// What the driver says where the server is gone, as against a statement that took too long or failed.
const goneCodes = new Set(['ServiceUnavailable', 'SessionExpired', 'neo4j/unreachable', 'neo4j/refused']);

export function reachOf(
  graph: Graph | undefined,
  { timeoutMs = 1500, pauseMs = 3000, onFailure }: ReachOptions = {},
): GraphReach {
  let pausedUntil = 0;
  let gone = false;
  return {
    graph,
    get state() {
      return graph ? (gone ? 'unreachable' : 'reached') : 'none';
    },
    async ask(question, always = false) {
      if (!graph) return undefined;
      const now = performance.now();
      if (gone && now < pausedUntil && !always) return undefined;
      if (gone) pausedUntil = now + pauseMs; // One question tries; the others go on without until it is answered.
      let timer: NodeJS.Timeout | undefined;
      const silence = new Promise<never>((_, reject) => {
        // The server ends a statement by itself after timeoutMs: what is later than that is silence.
        const late = () => reject(Object.assign(new Error('Neo4j is silent'), { code: 'ServiceUnavailable' }));
        timer = setTimeout(late, timeoutMs + 250);
      });
      try {
        const answer = await Promise.race([question(graph, timeoutMs), silence]);
        gone = false;
        return answer;
      } catch (cause) {
        if (goneCodes.has((cause as { code?: string }).code ?? '')) {
          gone = true;
          pausedUntil = performance.now() + pauseMs;
        }
        onFailure?.(cause);
        return undefined;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
