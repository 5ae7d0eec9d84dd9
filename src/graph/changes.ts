/**
 * What has changed since a moment: the nodes whose mark says so, read whole, and those that were removed.
 *
 * A mark is the server's time of the statement that set it, and is seen only once its transaction has committed. So a reading is
 * told, before it begins, from where on the next one has to look again: from the server's time now, or from when the oldest
 * transaction began that is open now. A transaction that is not open any more has committed, and is seen by this reading; one that
 * is open, or begins later, sets no mark before that moment, and is seen by the next reading. However long a writer takes, nothing
 * is missed; what is marked in between is read twice. Only writers that set no mark are not seen: `reconcile` finds those.
 */
import { int, type ManagedTransaction } from 'neo4j-driver';
import type { Part } from '../data/records.ts';
import { type Report, silent } from '../progress.ts';
import { type Graph, graphError } from './driver.ts';
import type { GraphCounts } from './export.ts';
import { statement } from './statements.ts';

/** Where a reading stands among the graph's changes. */
export interface Moment {
  /** The database's own id. */
  readonly graph: string;
  /** ms since 1970 of the server's clock: what was marked before it is committed. */
  readonly since: number;
  /** The newest mark that there was, ms since 1970; 0 without any. It never goes back, unless an older graph was put in place. */
  readonly newest: number;
}

/** How far clocks are trusted, ms: they are set right now and then, and each server of a cluster has its own. */
export const clockSlack = 2_000;
/** Where somebody may lack the right to see others' transactions, they are taken to last no longer than this, ms. */
const longestUnseen = 600_000;

export interface ReadingStart {
  readonly moment: Moment;
  /** What the reading must see at least. */
  readonly bookmarks: readonly string[];
}

/** The moment before a reading. Asked of who writes, in a cluster, so that its clock is the one that marks are set by. */
export async function graphMoment(graph: Graph): Promise<ReadingStart> {
  const session = graph.session({ mode: 'WRITE' });
  try {
    const moment = await session.executeWrite(async (tx) => {
      const { now, oldest } = (await tx.run(statement('read/moment'))).records[0]!.toObject() as {
        now: number;
        oldest: number | null;
      };
      const marks = (await tx.run(statement('read/change-marks'))).records[0]!.toObject() as {
        graph: string;
        edition: string;
        newest: number | null;
      };
      const slack = marks.edition === 'community' ? clockSlack : longestUnseen;
      return { graph: marks.graph, since: Math.min(now, oldest ?? now) - slack, newest: marks.newest ?? 0 };
    });
    return { moment, bookmarks: session.lastBookmarks() };
  } catch (cause) {
    throw graphError(cause, graph.connection, 'of the moment');
  } finally {
    await session.close();
  }
}

/** A user as it is now, with parallel lists; null where the graph does not say. */
export interface ChangedUser extends ChangedFeatures {
  readonly id: string | null;
  /** Null for ends that are no items. */
  readonly items: readonly (string | null)[];
  readonly times: readonly (number | null)[];
  readonly values: readonly (number | null)[];
  readonly types: readonly (string | null)[];
  readonly parts: readonly (Part | null)[];
  /** Keys of the features of each interaction's context. */
  readonly contexts: readonly (readonly string[] | null)[];
  readonly trusted: readonly (string | null)[];
  readonly trustWeights: readonly number[];
}

export interface ChangedFeatures {
  readonly kinds: readonly (string | null)[];
  readonly featureValues: readonly (string | null)[];
  readonly weights: readonly number[];
}

export interface ChangedItem extends ChangedFeatures {
  readonly id: string | null;
  readonly title: string | null;
  readonly at: number | null;
  readonly available: boolean;
}

/** What a reading of changes found. */
export interface Changes {
  readonly users: readonly ChangedUser[];
  readonly items: readonly ChangedItem[];
  /** Hashes of the ids of removed nodes (`removedKey`), some of which may be there again. */
  readonly removedUsers: ReadonlySet<string>;
  readonly removedItems: ReadonlySet<string>;
  /** All features that the graph has, where they were asked for. */
  readonly features?: readonly Feature[];
  /** Of the whole graph, from its own counters. */
  readonly counts: GraphCounts;
  /** ms since 1970, of this machine: all that was committed before this moment is there. */
  readonly asOf: number;
  /** True where nothing at all was committed while it was read. */
  readonly consistent: boolean;
}

export interface ChangesOptions {
  /** ms since 1970, of the server's clock. */
  readonly since: number;
  readonly bookmarks: readonly string[];
  /** More changed users than this are not read. */
  readonly mostUsers: number;
  /** Whether all features are to be read, by how many the graph has. */
  readonly readFeatures: (count: number) => boolean;
}

// A commit in a reading of what has changed costs a repetition, which is cheap where little has changed.
const attempts = 3;

/** Reads what was marked since; undefined where too much was. Errors: those of the database; the signal's reason. */
export async function readChanges(
  graph: Graph,
  options: ChangesOptions,
  report: Report = silent,
  signal?: AbortSignal,
): Promise<Changes | undefined> {
  const session = graph.session({ mode: 'READ', bookmarks: options.bookmarks, fetchSize: 1000 });
  try {
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      report({ phase: 'changes', done: 0, unit: 'nodes' });
      await session.executeRead((tx) => tx.run(statement('read/bookmark')));
      const before = session.lastBookmarks().join();
      const asOf = Date.now();
      const read = await session.executeRead((tx) => readOnce(tx, options));
      if (!read) return undefined;
      const consistent = session.lastBookmarks().join() === before;
      if (!consistent && attempt < attempts) continue;
      const nodes = read.users.length + read.items.length;
      report({ phase: 'changes', done: nodes, total: nodes, unit: 'nodes' });
      return { ...read, asOf, consistent };
    }
  } catch (cause) {
    throw graphError(cause, graph.connection, 'of the changes');
  } finally {
    await session.close();
  }
}

async function readOnce(
  tx: ManagedTransaction,
  { since, mostUsers, readFeatures }: ChangesOptions,
): Promise<Omit<Changes, 'asOf' | 'consistent'> | undefined> {
  const rows = async <T>(name: string): Promise<T[]> =>
    (await tx.run(statement(`read/${name}`), { since: int(since) })).records.map((row) => row.toObject() as T);
  const [changed] = await rows<{ users: number }>('changed-count');
  if (changed!.users > mostUsers) return undefined;
  const [counts] = await rows<GraphCounts>('counts');
  // Nodes before the edges that name them.
  const items = await rows<ChangedItem>('changed-items');
  const features = readFeatures(counts!.features)
    ? (await tx.run(statement('read/features'), { lanes: 1, lane: 0 })).records.map((row) => row.toObject() as Feature)
    : undefined;
  const users = await rows<ChangedUser>('changed-users');
  const removed = await rows<{ kind: 'user' | 'item'; key: string }>('removed');
  const removedOf = (kind: string) => new Set(removed.filter((node) => node.kind === kind).map(({ key }) => key));
  return {
    users,
    items,
    removedUsers: removedOf('user'),
    removedItems: removedOf('item'),
    ...(features && { features }),
    counts: counts!,
  };
}

type Feature = { readonly kind: string | null; readonly value: string | null };
