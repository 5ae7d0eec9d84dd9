/** Lineage and vectors of published versions in the graph: what was trained on what, and each node's place in its space. */
import type { Report } from '../progress.ts';
import { silent } from '../progress.ts';
import type { Graph } from './driver.ts';
import { statement } from './statements.ts';

/** Vectors of one kind of node. */
export interface NodeVectors {
  readonly count: number;
  id(index: number): string;
  readonly vectors: Float32Array; // [count, dim]
}

/** What the graph keeps of a version. */
export interface VersionRecord {
  readonly id: string;
  readonly model: string;
  readonly options: Readonly<Record<string, unknown>>;
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

/** Two properties on User and Item; one holds the current version's vectors while the other is written. */
export type Slot = 'vectorA' | 'vectorB';

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

/**
 * Writes a version, its snapshot and its vectors, into the slot that is not current, and then switches. Can be repeated, also
 * after being cut off. Returns the slot; undefined where there are no vectors, or another publisher took the slot over, and so came
 * later.
 * Errors: neo4j/*; abort of `signal`.
 */
export async function writeVersion(
  graph: Graph,
  version: VersionRecord,
  report: Report = silent,
  signal?: AbortSignal,
): Promise<Slot | undefined> {
  const { id, model, options, metrics, seed, at, dim, snapshot, vectors } = version;
  const record = { id, model, seed, at, dim, options: JSON.stringify(options), metrics: JSON.stringify(metrics) };
  const claimed = await graph.write(async (tx) => {
    await tx.run(statement('write/version'), { version: record, snapshot });
    if (!vectors) return undefined;
    const { records } = await tx.run(statement('write/slot-claim'), { version: id });
    return records[0]!.toObject() as { slot: Slot; published: boolean };
  });
  if (!claimed || !vectors) return undefined;
  const { slot, published } = claimed;
  if (published) return slot;
  const { users, items } = vectors;
  const total = users.count + items.count;
  let done = 0;
  for (const [nodes, text] of [
    [users, vectorStatements[slot].users],
    [items, vectorStatements[slot].items],
  ] as const) {
    for (let from = 0; from < nodes.count; from += batch) {
      signal?.throwIfAborted();
      const rows = rowsOf(nodes, dim, from, Math.min(from + batch, nodes.count));
      const { records } = await graph.write((tx) => tx.run(statement(text), { version: id, rows }));
      if (records.length === 0) return undefined;
      done += rows.length;
      report({ phase: 'vectors', done, total, unit: 'vectors' });
    }
  }
  return await graph.write(async (tx) => {
    const { records } = await tx.run(statement('write/slot-switch'), { slot, version: id, at: Date.now() });
    return records.length > 0 ? slot : undefined;
  });
}

/** Which versions' vectors the graph holds. */
export async function readSlots(graph: Graph): Promise<SlotContent[]> {
  return await graph.read(async (tx) => {
    const { records } = await tx.run(statement('read/slots'));
    return records.map((record) => record.toObject() as SlotContent);
  });
}

/** The float32 numbers as they are, which float64 properties hold exactly. */
function rowsOf({ id, vectors }: NodeVectors, dim: number, from: number, to: number) {
  return Array.from({ length: to - from }, (_, place) => ({
    id: id(from + place),
    vector: Array.from(vectors.subarray((from + place) * dim, (from + place + 1) * dim)),
  }));
}
