/** Reads the whole graph out, column by column: lists of numbers for each user instead of a row for each edge. */
import { availableParallelism } from 'node:os';
import type { ManagedTransaction, Record as NeoRecord, RecordShape, Result } from 'neo4j-driver';
import type { Part } from '../data/records.ts';
import { type Report, silent } from '../progress.ts';
import { type Graph, graphError } from './driver.ts';
import type { GraphSchema } from './schema.ts';
import { statement } from './statements.ts';

/** Interactions of one user as parallel lists [n], or [1] where all are the same; null where the graph does not say. */
export interface InteractionColumns {
  readonly items: readonly number[]; // [n]
  readonly times: readonly (number | null)[];
  readonly values: readonly (number | null)[];
  readonly types: readonly (string | null)[];
  /** Where a run of interactions of one part begins, the first at 0, and that part. */
  readonly partStarts: readonly number[];
  readonly parts: readonly (Part | null)[];
  /** Keys of the features of each one's context; [0] where none has any. */
  readonly contexts: readonly (readonly string[] | null)[];
}

/**
 * Takes in what is read. Nodes come before their edges, which name them by `node`, a number that lasts for this export only. What
 * names a node is null where others have made it without.
 */
export interface GraphSink {
  user(node: number, id: string | null): void;
  item(
    node: number,
    id: string | null,
    is: { readonly title?: string; readonly at?: number; readonly available: boolean },
  ): void;
  feature(node: number, kind: string | null, value: string | null): void;
  /** One user's interactions. */
  interactions(user: number, columns: InteractionColumns): void;
  userFeatures(user: number, features: readonly number[], weights: readonly number[]): void;
  itemFeatures(item: number, features: readonly number[], weights: readonly number[]): void;
  trust(user: number, trusted: readonly number[], weights: readonly number[]): void;
  /** Values of a property of a user or item that is a feature of this kind. */
  property(of: 'users' | 'items', node: number, kind: string, values: readonly string[]): void;
}

export interface GraphExport<S extends GraphSink> {
  readonly sink: S;
  /** ms since 1970: all that was committed before this moment is in the export. */
  readonly asOf: number;
  /** True where nothing at all was committed while it was read: what was read is the graph of one moment. */
  readonly consistent: boolean;
  /** Of the graph's own counters, as the reading began. */
  readonly counts?: GraphCounts | undefined;
}

export interface ExportOptions {
  /** How often to read at most until no commit falls into the reading. */
  readonly attempts?: number;
  /** What the reading must see at least. */
  readonly bookmarks?: readonly string[];
}

// Rows asked for at a time. A row holds a whole user, so this is some hundred thousand edges, enough to keep both sides busy.
const fetchSize = 10_000;

/** How many read at once, each its share of the nodes: the server gives a transaction one thread. */
const lanes = Math.min(4, Math.max(2, availableParallelism()));

/**
 * Reads everything, in a few transactions at once, into a new sink for each attempt. Neo4j reads what is committed at each
 * moment, not as of a transaction's start, so whether the view is of one moment is proved by bookmarks: a bookmark names the
 * last commit of the database, and is equal before and after exactly if nothing was committed between. Where writers never
 * pause, the last attempt is given as it is: everything from before its start, and some of what came during it.
 * Errors: neo4j/unreachable, neo4j/query-failed; the signal's reason where it stops the reading.
 */
export async function exportGraph<S extends GraphSink>(
  graph: Graph,
  newSink: () => S,
  { attempts = 3, bookmarks = [] }: ExportOptions = {},
  report: Report = silent,
  signal?: AbortSignal,
): Promise<GraphExport<S>> {
  const session = graph.session({ fetchSize, mode: 'READ', bookmarks });
  try {
    for (let attempt = 1; ; attempt++) {
      await session.executeRead((tx) => tx.run(statement('read/bookmark')));
      const before = session.lastBookmarks();
      const asOf = Date.now();
      const others = Array.from({ length: lanes - 1 }, () =>
        graph.session({ fetchSize, mode: 'READ', bookmarks: before }),
      );
      try {
        // The transactions beside the first are not retried on their own: what fails in one is read again as a whole.
        const read = await session.executeRead(async (tx) => {
          const beside = await Promise.all(others.map((other) => other.beginTransaction()));
          try {
            const sink = newSink();
            const counts = await readAll([tx, ...beside], graph.schema, sink, report, signal);
            await Promise.all(beside.map((other) => other.commit()));
            return { sink, counts };
          } finally {
            await Promise.all(beside.map((other) => other.close()));
          }
        });
        const consistent = [session, ...others].every((each) => each.lastBookmarks().join() === before.join());
        if (consistent || attempt >= attempts) return { ...read, asOf, consistent };
      } finally {
        await Promise.all(others.map((other) => other.close()));
      }
      report({
        phase: 'reading again',
        done: attempt,
        total: attempts,
        unit: 'attempts',
        note: 'the graph changed meanwhile',
      });
    }
  } catch (cause) {
    throw graphError(cause, graph.connection, 'of the export');
  } finally {
    await session.close();
  }
}

/** How much the graph holds, by its own counters. */
export interface GraphCounts extends RecordShape {
  users: number;
  items: number;
  features: number;
  interactions: number;
  /** Of users and items together. */
  featureEdges: number;
  trust: number;
}

async function readAll(
  transactions: readonly Pick<ManagedTransaction, 'run'>[],
  schema: GraphSchema,
  sink: GraphSink,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<GraphCounts | undefined> {
  /** Runs a statement on each transaction with its share of the nodes; `take` answers how many of `phase` a row holds. */
  const each = async (
    name: string,
    {
      phase,
      total,
      names = schema,
    }: { readonly phase: string; readonly total?: number | undefined; readonly names?: GraphSchema },
    take: (row: Row) => number,
  ): Promise<void> => {
    if (total === 0) return;
    let done = 0;
    let rows = 0;
    const say = () => report({ phase, done, unit: phase, ...(total !== undefined && { total }) });
    say();
    const takeRecord = (record: NeoRecord): void => {
      done += take((column) => record.get(column));
      if (++rows % fetchSize === 0) {
        signal?.throwIfAborted();
        say();
      }
    };
    await Promise.all(
      transactions.map((tx, lane) => {
        const result = tx.run(statement(name, names), { lanes: transactions.length, lane });
        return eachRecord(result, takeRecord);
      }),
    );
    signal?.throwIfAborted();
    say();
  };

  // Of a graph that somebody else modelled, the counters do not know what is mapped.
  const counts = schema.names
    ? undefined
    : (await transactions[0]!.run<GraphCounts>(statement('read/counts'))).records[0]!.toObject();
  // How many are whose, the counts do not say.
  const featureEdges = counts?.featureEdges === 0 ? 0 : undefined;
  await each('read/items', { phase: 'items', total: counts?.items }, (row) => {
    const ids: (string | null)[] = row('ids');
    const nodes: number[] = row('nodes');
    const titles: (string | null)[] = row('titles');
    const times: (number | null)[] = row('times');
    const available: (boolean | null)[] = row('available');
    for (const [i, id] of ids.entries()) {
      if (id === null) continue;
      const [title, at] = [titles[i]!, times[i]!];
      sink.item(nodes[i]!, id, {
        ...(title !== null && { title }),
        ...(at !== null && { at }),
        available: available[i] ?? true,
      });
    }
    return ids.length;
  });
  for (const names of schema.interactions) {
    const total = counts?.users && counts.interactions;
    await each('read/interactions', { phase: 'interactions', total, names }, (row) => {
      const node: number = row('node');
      sink.user(node, row('id'));
      const items: number[] = row('items');
      if (items.length === 0) return 0;
      sink.interactions(node, {
        items,
        times: row('times'),
        values: row('values'),
        types: row('types'),
        partStarts: row('partStarts'),
        parts: row('parts'),
        contexts: row('contexts'),
      });
      return items.length;
    });
  }
  for (const { of, schema: names } of schema.features) {
    await each('read/features', { phase: 'features', total: counts?.features, names }, (row) => {
      sink.feature(row('node'), row('kind'), row('value'));
      return 1;
    });
    if (of !== 'items')
      await each('read/user-features', { phase: 'features of users', total: featureEdges, names }, (row) => {
        const features: number[] = row('features');
        sink.userFeatures(row('node'), features, row('weights'));
        return features.length;
      });
    if (of !== 'users')
      await each('read/item-features', { phase: 'features of items', total: featureEdges, names }, (row) => {
        const features: number[] = row('features');
        sink.itemFeatures(row('node'), features, row('weights'));
        return features.length;
      });
  }
  for (const { of, kind, schema: names } of schema.properties) {
    const name = of === 'users' ? 'read/user-property' : 'read/item-property';
    await each(name, { phase: `${kind} of ${of}`, names }, (row) => {
      const values = row<(string | null)[]>('values').filter((value) => value !== null);
      sink.property(of, row('node'), kind, values);
      return values.length;
    });
  }
  if (schema.isSocial)
    await each('read/trust', { phase: 'trust ties', total: counts?.trust }, (row) => {
      const trusted: number[] = row('trusted');
      sink.trust(row('user'), trusted, row('weights'));
      return trusted.length;
    });
  return counts;
}

/**
 * Gives each record to `take` as it is unpacked: no promise and no queue a record, and nothing more is read while it is taken.
 * What `take` throws ends it; the records that still come are dropped.
 */
function eachRecord(result: Result, take: (record: NeoRecord) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let hasFailed = false;
    result.subscribe({
      onNext: (record) => {
        if (hasFailed) return;
        try {
          take(record);
        } catch (thrown) {
          hasFailed = true;
          reject(thrown);
        }
      },
      onCompleted: () => resolve(),
      onError: reject,
    });
  });
}

/** A column of a row, typed by where it goes: the statements in `cypher/read/` say what each holds. */
type Row = <T>(column: string) => T;
