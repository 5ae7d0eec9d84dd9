/**
 * Hears of what others write: one look at the marks of changes now and then (`changes.ts` says why none is missed). Plain Cypher
 * leaves no marks; where it adds or removes interactions their number tells. It also notices first that the graph is gone, or back.
 */
import { int } from 'neo4j-driver';
import { clockSlack } from './changes.ts';
import type { Graph } from './driver.ts';
import { interactionsOfUser, writeInteractions } from './interactions.ts';
import type { GraphReach } from './reach.ts';
import { statement } from './statements.ts';

export interface GraphWatch {
  /** Whether the last look was answered: what has been heard of by then is all that there was. */
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
}

interface Marks {
  readonly users: readonly (readonly [id: string, changed: number])[];
  readonly items: number | null;
  readonly removed: number | null;
  readonly interactions: number;
}

/** A server that has just come back takes seconds for its first answers, and nobody's request waits for these. */
const patienceMs = 10_000;
/** A look that takes longer says nothing of this moment, ms. */
const longestLook = 2_500;
/** More users than this at a time, and anything may have changed. */
const mostUsers = 2000;

export function watchGraph(reach: GraphReach, { everyMs, onChange }: WatchOptions): GraphWatch {
  let isAnswered = false;
  let answeredAt = 0;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  /** From where on the next look must look, and what the last one saw. */
  let last: { readonly since: number; readonly seen: ReadonlyMap<string, number>; readonly marks: Marks } | undefined;

  async function look(graph: Graph, timeoutMs: number): Promise<void> {
    const session = graph.session({ mode: 'WRITE' }); // whose clock the marks are set by
    const ask = async <T>(name: string, parameters = {}): Promise<T> =>
      (await session.run(statement(name), parameters, { timeout: timeoutMs })).records[0]!.toObject() as T;
    try {
      // Others' graphs have no marks: that it answers is all that is heard of.
      if (graph.schema.names) return void (await ask('read/bookmark'));
      if (!isAnswered) await prepare(graph, timeoutMs);
      const { now, oldest } = await ask<{ readonly now: number; readonly oldest: number | null }>('read/moment');
      const since = Math.min(now, oldest ?? now) - clockSlack;
      const marks = await ask<Marks>('read/changed-marks', { since: int(last?.since ?? since), most: int(mostUsers) });
      if (isStopped) return;
      const change = last && changeBetween(last.seen, last.marks, marks);
      last = { since, seen: new Map(marks.users), marks };
      if (change) onChange(change);
    } finally {
      await session.close();
    }
  }

  const next = async (): Promise<void> => {
    const answered = await reach.ask(
      async (graph, timeoutMs) => {
        await look(graph, timeoutMs);
        return true;
      },
      true,
      patienceMs,
    );
    isAnswered = answered === true;
    answeredAt = performance.now();
    if (!isStopped) timer = setTimeout(next, everyMs).unref();
  };
  void next();
  return {
    get isCurrent() {
      return isAnswered && performance.now() - answeredAt < everyMs + longestLook;
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/**
 * What requests ask most, so that the first of them after a pause need not wait for plans: a server that has just come back makes them
 * quicker while nobody else asks. Who may only read is refused the writing of nothing, and reads.
 */
async function prepare(graph: Graph, timeoutMs: number): Promise<void> {
  const writing = writeInteractions(graph, []).catch(() => {});
  await interactionsOfUser(graph, '-', timeoutMs);
  await writing;
}

/** Undefined where nothing was heard of. */
function changeBetween(seen: ReadonlyMap<string, number>, before: Marks, now: Marks): HeardChange | undefined {
  const users = now.users.filter(([id, changed]) => seen.get(id) !== changed).map(([id]) => id);
  const nodes = now.items !== before.items;
  const isUnmarked = now.interactions !== before.interactions && users.length === 0;
  if (now.removed !== before.removed || isUnmarked || now.users.length === mostUsers) return {};
  return users.length > 0 || nodes ? { users, ...(nodes && { nodes: true as const }) } : undefined;
}
