/** Lineage and vectors of published versions in the graph: what was trained on what, and each node's place in its space. */
import { type Report, silent } from '../progress.ts';
import { type Graph, graphError } from './driver.ts';
import { flatProperties } from './properties.ts';
import { statement } from './statements.ts';
import { awaitVectorIndexes, dropVectorIndexes, makeVectorIndexes, type Slot } from './vectorIndexes.ts';

export type { Slot } from './vectorIndexes.ts';

/** Vectors of one kind of node. */
export interface NodeVectors {
  readonly count: number;
  id(index: number): string;
  has(id: string): boolean;
  readonly vectors: Float32Array; // [count, dim]
}

/** What the graph keeps of a version. */
export interface VersionRecord {
  readonly id: string;
  readonly model: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** On the test part. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly seed: number;
  /** ms since 1970. */
  readonly at: number;
  readonly dim: number;
  readonly snapshot: {
    readonly digest: string;
    readonly asOf: number;
    readonly users: number;
    readonly items: number;
    readonly features: number;
    readonly interactions: number;
  };
  /** Where the model has any. */
  readonly vectors?: { readonly users: NodeVectors; readonly items: NodeVectors };
}

export interface SlotContent {
  readonly slot: Slot;
  readonly version: string;
  readonly current: boolean;
  readonly digest: string;
}

// Labels and properties cannot be parameters, so each slot has statements of its own.
const vectorStatements = {
  vectorA: { users: 'write/users-vector-a', items: 'write/items-vector-a' },
  vectorB: { users: 'write/users-vector-b', items: 'write/items-vector-b' },
} as const;

const batch = 2000; // 2,000 vectors of 64 floats are 1.2 MB of Bolt: a transaction of about 0.1 s

interface Claim {
  readonly slot: Slot;
  /** It is the current version already. */
  readonly published: boolean;
  /** All its vectors lie in the slot. */
  readonly whole: boolean;
  /** Vectors that a publisher which was cut off has written. */
  readonly done: number;
}

/**
 * Writes a version, its snapshot and its vectors, into the slot that is not current, indexes them, and then switches. Can be
 * repeated, and goes on where it was cut off. Returns the slot; undefined where there are no vectors, or another publisher took the
 * slot over, and so came later.
 * Errors: neo4j/*; abort of `signal`.
 */
export async function writeVersion(
  graph: Graph,
  version: VersionRecord,
  report: Report = silent,
  signal?: AbortSignal,
): Promise<Slot | undefined> {
  const claim = await writeRecord(graph, version);
  if (!claim) return undefined;
  const { id, dim } = version;
  const { slot, published, whole } = claim;
  if (!whole && !(await writeVectors(graph, version, claim, report, signal))) return undefined;
  if (!(await whileHeld(graph, slot, id, () => makeVectorIndexes(graph, slot, dim)))) return undefined;
  await awaitVectorIndexes(graph, slot, report, signal);
  if (published) return slot;
  return await graph.write(async (tx) => {
    const at = Date.now();
    const { records } = await tx.run(statement('write/slot-switch'), { slot, version: id, at });
    if (records.length === 0) return undefined;
    await tx.run(statement('write/version-current'), { version: id, at });
    return slot;
  }, 'write/slot-switch');
}

/** Writes the version and its snapshot; where it has vectors it claims a slot for them, else it is current with that. */
async function writeRecord(graph: Graph, version: VersionRecord): Promise<Claim | undefined> {
  const { id, model, options, metrics, seed, at, dim, snapshot, vectors } = version;
  const record = { id, model, seed, at, dim, options: JSON.stringify(options), metrics: JSON.stringify(metrics) };
  const properties = { ...flatProperties('option', options), ...flatProperties('metric', metrics) };
  return await graph.write(async (tx) => {
    await tx.run(statement('write/version'), { version: record, properties, snapshot });
    if (!vectors) {
      await tx.run(statement('write/version-current'), { version: id, at: Date.now() });
      return undefined;
    }
    const { records } = await tx.run(statement('write/slot-claim'), { version: id });
    return records[0]!.toObject() as Claim;
  }, 'write/version');
}

/** A node's vector by its outside id; null where it is to have none. */
interface VectorRow {
  readonly id: string;
  readonly vector: readonly number[] | null;
}

/** Fills a slot, and clears it of what an earlier version left there; false where another publisher has taken it over. */
async function writeVectors(
  graph: Graph,
  { id: version, dim, vectors }: VersionRecord,
  { slot, done: start }: Claim,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (start === 0 && !(await whileHeld(graph, slot, version, () => dropVectorIndexes(graph, slot)))) return false;
  const { users, items } = vectors!;
  const total = users.count + items.count;
  const { schema } = graph;
  const write = async (
    kind: 'users' | 'items',
    rows: readonly VectorRow[],
    from: number,
  ): Promise<number | undefined> => {
    const name = vectorStatements[slot][kind];
    const keyOf = kind === 'users' ? schema.userKey : schema.itemKey;
    const keyed = rows.map(({ id, vector }) => ({ id: keyOf(id), vector }));
    const parameters = { version, rows: keyed, from, to: from + rows.length };
    const { records } = await graph.write((tx) => tx.run(statement(name, schema), parameters), name);
    return records[0]?.get('written') as number | undefined;
  };
  let first = 0; // The place of a kind's first node among all of the version.
  for (const [kind, nodes] of [
    ['users', users],
    ['items', items],
  ] as const) {
    for (let from = Math.max(0, start - first); from < nodes.count; from += batch) {
      signal?.throwIfAborted();
      const rows = rowsOf(nodes, dim, from, Math.min(from + batch, nodes.count));
      if ((await write(kind, rows, first + from)) === undefined) return false;
      report({ phase: 'vectors', done: first + from + rows.length, total, unit: 'vectors' });
    }
    first += nodes.count;
  }
  // Ids of a graph that somebody else modelled have an order of their own: there, what an earlier version left on other nodes stays.
  if (schema.names || !(await holdsOthers(graph, slot))) return true;
  for (const [kind, nodes] of [
    ['users', users],
    ['items', items],
  ] as const) {
    for await (const ids of pagesWithVector(graph, slot, kind, report)) {
      signal?.throwIfAborted();
      const rows = ids.filter((id) => !nodes.has(id)).map((id) => ({ id, vector: null }));
      if (rows.length > 0 && (await write(kind, rows, total)) === undefined) return false;
    }
  }
  return true;
}

/** Whether the slot holds vectors that are not of the version written to it: of nodes that this version does not know. */
async function holdsOthers(graph: Graph, slot: Slot): Promise<boolean> {
  const { records } = await graph.read((tx) => tx.run(statement('read/slot-excess'), { slot }), 'read/slot-excess');
  return (records[0]?.get('excess') as number) > 0;
}

async function* pagesWithVector(
  graph: Graph,
  slot: Slot,
  kind: 'users' | 'items',
  report: Report,
): AsyncIterable<readonly string[]> {
  const name = `read/${kind}-with-vector`;
  let done = 0;
  for (let after: string | null = ''; after !== null; ) {
    const page: { ids: string[]; last: string | null } = await graph.read(async (tx) => {
      const { records } = await tx.run(statement(name), { slot, after, limit: 10 * batch });
      return records[0]!.toObject() as { ids: string[]; last: string | null };
    }, name);
    yield page.ids;
    after = page.last;
    done += page.ids.length;
    report({ phase: `earlier vectors of ${kind}`, done, unit: kind });
  }
}

/**
 * Runs `work`, which changes the schema and therefore cannot stand in a transaction with data, while nobody else can claim the slot;
 * false where it is another version's already.
 */
async function whileHeld(graph: Graph, slot: Slot, version: string, work: () => Promise<void>): Promise<boolean> {
  const session = graph.session({ mode: 'WRITE' });
  try {
    // Held by an open transaction, so that the server gives the slot back however its holder ends.
    const holder = await session.beginTransaction();
    const { records } = await holder.run(statement('write/slot-hold'), { slot, version });
    if (records.length > 0) await work();
    await holder.commit();
    return records.length > 0;
  } catch (thrown) {
    throw graphError(thrown, graph.connection, 'write/slot-hold');
  } finally {
    await session.close();
  }
}

/** Which versions' vectors the graph holds. */
export async function readSlots(graph: Graph): Promise<SlotContent[]> {
  return await graph.read(async (tx) => {
    const { records } = await tx.run(statement('read/slots'));
    return records.map((record) => record.toObject() as SlotContent);
  });
}

/** How many nodes there are, and how many of them have a vector in each slot. */
export async function readCoverage(graph: Graph) {
  return await graph.read(async (tx) => {
    const { records } = await tx.run(statement('read/vector-coverage'));
    const { users, items, usersA, usersB, itemsA, itemsB } = records[0]!.toObject() as Readonly<Record<string, number>>;
    return {
      users: users!,
      items: items!,
      vectorA: { users: usersA!, items: itemsA! },
      vectorB: { users: usersB!, items: itemsB! },
    };
  }, 'read/vector-coverage');
}

/** The float32 numbers as they are, which float64 properties hold exactly. */
function rowsOf({ id, vectors }: NodeVectors, dim: number, from: number, to: number) {
  return Array.from({ length: to - from }, (_, place) => ({
    id: id(from + place),
    vector: Array.from(vectors.subarray((from + place) * dim, (from + place + 1) * dim)),
  }));
}
