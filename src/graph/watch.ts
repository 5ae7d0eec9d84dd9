/**
 * Hears of what others write: one look at the marks of changes now and then (`changes.ts` says why none is missed). Plain Cypher
 * leaves no marks; where it adds or removes interactions their number tells. It also notices first that the graph is gone, or back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { int } from 'neo4j-driver';
import { asking } from './asking.ts';
import { clockSlack } from './changes.ts';
import type { Graph } from './driver.ts';
import { interactionsOfUser, rehearseWrite } from './interactions.ts';
import type { GraphReach } from './reach.ts';
import { statement } from './statements.ts';

export interface GraphWatch {
  /** Whether the graph has just been looked at: what has been heard of is all that there was. */
  readonly isCurrent: boolean;
  stop(): void;
}

/** What was heard of; without `users`, anything may have changed. */
export interface HeardChange {
  readonly users?: readonly string[];
  readonly nodes?: true;
}

export interface WatchOptions {
  /** ms from one look to the next. */
  readonly everyMs: number;
  readonly onChange: (change: HeardChange) => void;
  /** Called after each look that was answered. */
  readonly onLook?: () => void;
  /** Number of this process among those that serve together. */
  readonly worker?: number | undefined;
}

type Marked = readonly (readonly [id: string, changed: number])[];

interface Marks {
  readonly users: Marked;
  readonly items: Marked;
  readonly newestRemoved: number | null;
  readonly removed: number;
  readonly interactions: number;
}

/** A server that has just come back takes seconds for its first answers, and nobody's request waits for these. */
const patienceMs = 10_000;
/** For a reach that is watched: longer than a look takes, so that no request tries a server whose plans are being made. */
export const watchedPauseMs = patienceMs + 2_000;
/** While the server is gone it is asked so often whether it is back, ms: to be refused costs next to nothing. */
const goneMs = 250;
/** Within this time the first worker's plan of what users have done is made, ms. */
const neighbourMs = 1000;
/** A look that takes longer says nothing of this moment, ms. */
const longestLook = 2_500;
/** More users than this at a time, and anything may have changed; more items, and any of them. */
const mostMarked = 2000;

export function watchGraph(reach: GraphReach, { everyMs, onChange, onLook, worker = 0 }: WatchOptions): GraphWatch {
  let isAnswered = false;
  let lookedAt = Number.NEGATIVE_INFINITY;
  /** Whether it has looked, while requests do not ask yet. */
  let isBeginning = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  /** From where on the next look must look, and what the last one saw. */
  let last: { readonly since: number; readonly marks: Marks } | undefined;

  async function look(graph: Graph, timeoutMs: number): Promise<void> {
    await hear(graph, timeoutMs);
    lookedAt = performance.now();
  }

  const hear = (graph: Graph, timeoutMs: number): Promise<void> =>
    asking(graph, timeoutMs, async (rows) => {
      // Others' graphs have no marks: that it answers is all that is heard of.
      if (graph.schema.names) return void (await rows('bookmark'));
      const [moment] = await rows<{ readonly now: number; readonly oldest: number | null }>('moment');
      const since = Math.min(moment!.now, moment!.oldest ?? moment!.now) - clockSlack;
      const [marks] = await rows<Marks>('changed-marks', { since: int(last?.since ?? since), most: int(mostMarked) });
      if (isStopped) return;
      const change = last && changeBetween(last.marks, marks!);
      last = { since, marks: marks! };
      if (change) onChange(change);
    });

  /**
   * The look; a write, so that writes are taken from then on; what users have done, before requests may ask that: a server that has just
   * come back makes its plans quicker while nobody else asks. It makes one for each that asks before it has one: so every second worker
   * begins with the look, and finds the plans that its neighbour had made for the write, and one alone asks for the last at first. Who may
   * only read is refused the write, and reads.
   */
  async function beginAgain(graph: Graph, timeoutMs: number): Promise<void> {
    if (graph.schema.names) return await look(graph, timeoutMs);
    // First whether it answers at all, in one attempt: a write is attempted again and again, and none is to wait for a server that is gone.
    const session = graph.session();
    await session.run(statement('server/ping'), {}, { timeout: timeoutMs }).finally(() => session.close());
    const first = [
      async () => {
        await rehearseWrite(graph).catch(() => {});
        reach.takesWrites();
      },
      async () => {
        await look(graph, timeoutMs);
        isBeginning = true;
      },
    ];
    for (const ask of worker % 2 === 0 ? first : first.reverse()) await ask();
    if (worker > 1) await sleep(neighbourMs, undefined, { ref: false });
    await interactionsOfUser(graph, '-', timeoutMs);
    await look(graph, timeoutMs); // of this moment, not of when the plans were made
  }

  const next = async (): Promise<void> => {
    const question = isAnswered ? look : beginAgain;
    const answered = await reach.ask(
      async (graph, timeoutMs) => {
        await question(graph, timeoutMs);
        return true;
      },
      true,
      patienceMs,
    );
    isAnswered = answered === true;
    isBeginning = false;
    if (!isAnswered) lookedAt = Number.NEGATIVE_INFINITY;
    if (isAnswered && !isStopped) onLook?.();
    if (!isStopped) timer = setTimeout(next, isAnswered ? everyMs : Math.min(everyMs, goneMs)).unref();
  };
  void next();
  return {
    get isCurrent() {
      return (isBeginning || reach.state === 'reached') && performance.now() - lookedAt < everyMs + longestLook;
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** Undefined where nothing was heard of. */
function changeBetween(before: Marks, now: Marks): HeardChange | undefined {
  const users = newIn(now.users, before.users);
  // A transaction that took long comes with marks that are older than others': their list tells, and not the newest alone.
  const nodes = now.items.length === mostMarked || newIn(now.items, before.items).length > 0;
  const isRemoved = now.newestRemoved !== before.newestRemoved || now.removed !== before.removed;
  const isUnmarked = now.interactions !== before.interactions && users.length === 0;
  if (isRemoved || isUnmarked || now.users.length === mostMarked) return {};
  return users.length > 0 || nodes ? { users, ...(nodes && { nodes: true as const }) } : undefined;
}

/** Ids that are marked otherwise than before. */
function newIn(now: Marked, before: Marked): string[] {
  const seen = new Map(before);
  return now.filter(([id, changed]) => seen.get(id) !== changed).map(([id]) => id);
}
