/** Users and items one by one, with all that is said of each: what the API reads, replaces and patches. */
import { int, type ManagedTransaction } from 'neo4j-driver';
import type { FeatureValue } from '../../data/records.ts';
import { type Attributes, type AttributeValue, attributeKinds, attributeProperty } from '../../data/records.ts';
import { TastegraphError } from '../../errors.ts';
import { BlockedUsers } from '../blocked.ts';
import type { Graph } from '../driver.ts';
import { ascending, featureKey } from '../ingest/partition.ts';
import { refuseMapped } from '../schema.ts';
import { given, statement } from '../statements.ts';

export type NodeKind = 'user' | 'item';

/** A user or item as the graph has it. The same content is the same text in JSON: lists and names are in one order. */
export interface NodeResource {
  readonly id: string;
  /** Items alone. */
  readonly title?: string;
  /** Items alone: release or first availability, ms since 1970. */
  readonly at?: number;
  /** Items alone. */
  readonly available?: boolean;
  /** By kind and value; a weight of 1 is not said. */
  readonly features: readonly FeatureValue[];
  /** By name; of one name that has values of several kinds, the vector before the text before the number. */
  readonly attributes: Attributes;
}

interface NodeRow {
  readonly id: string;
  readonly title?: string | null;
  readonly at?: number | null;
  readonly available?: boolean | null;
  readonly keys: readonly string[];
  readonly values: readonly AttributeValue[];
  readonly edges: readonly (readonly [kind: string, value: string, weight: number | null])[];
}

function resourceOf(kind: NodeKind, { id, title, at, available, keys, values, edges }: NodeRow): NodeResource {
  const named = new Map<string, AttributeValue>();
  for (const { prefix } of attributeKinds) {
    for (const [n, key] of keys.entries()) if (key.startsWith(prefix)) named.set(key.slice(prefix.length), values[n]!);
  }
  const features = edges
    .map(([kind, value, weight]) => ({ kind, value, ...((weight ?? 1) !== 1 && { weight: weight! }) }))
    .sort((a, b) => ascending(a.kind, b.kind) || ascending(a.value, b.value));
  return {
    id,
    ...(typeof title === 'string' && { title }),
    ...(typeof at === 'number' && { at }),
    ...(kind === 'item' && { available: available ?? true }),
    features,
    attributes: Object.fromEntries([...named].sort(([a], [b]) => ascending(a, b))),
  };
}

/** A user or item of our own graph. Errors: mapping/unserved; those of the database. */
export async function readNode(graph: Graph, kind: NodeKind, id: string): Promise<NodeResource | undefined> {
  refuseUnserved(graph);
  return (await graph.read((tx) => named(tx, kind, [id]), `that reads a ${kind}`)).get(id);
}

/** Of these users or items those that there are, in their order. Errors: mapping/unserved; those of the database. */
export async function readNodes(graph: Graph, kind: NodeKind, ids: readonly string[]): Promise<NodeResource[]> {
  refuseUnserved(graph);
  const found = await graph.read((tx) => named(tx, kind, [...new Set(ids)]), `that reads ${kind}s`);
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** At most `limit` users or items whose ids come after `after`, by id: what is written meanwhile moves nothing on later pages. */
export async function pageOfNodes(graph: Graph, kind: NodeKind, after: string, limit: number): Promise<NodeResource[]> {
  refuseUnserved(graph);
  return await graph.read(async (tx) => {
    const { records } = await tx.run(statement(`read/export-${kind}s`), { after, limit });
    const edges = await tx.run(statement(`read/export-${kind}-features`), { after, limit });
    const edgesOf = new Map(
      edges.records.map((row) => [row.get('id') as string, row.get('edges') as NodeRow['edges']]),
    );
    return records.map((record) => {
      const row = record.toObject() as Omit<NodeRow, 'edges'>;
      return resourceOf(kind, { ...row, edges: edgesOf.get(row.id) ?? [] });
    });
  }, `that lists ${kind}s`);
}

/** Of these users or items those that there are, by id. */
export async function named(
  tx: ManagedTransaction,
  kind: NodeKind,
  ids: readonly string[],
): Promise<ReadonlyMap<string, NodeResource>> {
  const { records } = await tx.run(statement(`read/${kind}s-named`), { ids });
  return new Map(
    records.map((record) => {
      const row = record.toObject() as NodeRow;
      return [row.id, resourceOf(kind, row)];
    }),
  );
}

/** What a node is to be, by what it is; undefined where there was none. What it throws is thrown, and nothing is written. */
export type NodeChange = (current: NodeResource | undefined, id: string) => NodeResource;

export interface ChangedNodes {
  /** How many were not there before. */
  readonly created: number;
  /** As they are now, in the order of the ids that were given. */
  readonly nodes: readonly NodeResource[];
}

/**
 * Makes users or items what `change` says, all in one transaction: while it is asked nobody else can change them. Marks them as
 * changed. Errors: mapping/read-only; data/forgotten; whatever `change` throws; those of the database.
 */
export async function changeNodes(
  graph: Graph,
  kind: NodeKind,
  ids: readonly string[],
  change: NodeChange,
): Promise<ChangedNodes> {
  refuseMapped(graph, `${kind}s`);
  const ordered = [...new Set(ids)].sort(ascending);
  return await graph.write(async (tx) => {
    const before = await named(tx, kind, ordered);
    // Asked before anything is written, so that what does not exist and is not to be made is refused without a trace.
    for (const id of ordered) if (!before.has(id)) change(undefined, id);
    const made = await tx.run(statement(`write/${kind}s`), given({ ids: ordered }));
    const created = made.summary.counters.updates().nodesCreated ?? 0;
    if (kind === 'user' && created > 0) {
      const blocked = new BlockedUsers();
      await blocked.look(tx);
      blocked.refuse(ordered);
    }
    await tx.run(statement(`write/${kind}s-mark`), { ids: ordered });
    // Locked now: this is what they are.
    const current = await named(tx, kind, ordered);
    const wanted = ordered.map((id) => {
      const known = current.get(id)!;
      const isNew = created === ordered.length || (created > 0 && !before.has(id));
      return { known, wanted: { ...change(isNew ? undefined : known, id), id } };
    });
    await write(tx, kind, wanted);
    const after = await named(tx, kind, ordered);
    return { created, nodes: ids.map((id) => after.get(id)!) };
  }, `that changes ${kind}s`);
}

interface Change {
  readonly known: NodeResource;
  readonly wanted: NodeResource;
}

async function write(tx: ManagedTransaction, kind: NodeKind, changes: readonly Change[]): Promise<void> {
  const rows = changes.map((each) => ({ id: each.wanted.id, attributes: properties(kind, each) }));
  await tx.run(statement(`write/${kind}-attributes`), { rows });
  const keep = changes.map(({ wanted: { id, features } }) => ({ id, keys: features.map(featureKey) }));
  await tx.run(statement(`write/${kind}-features-keep`), { rows: keep });
  const features = new Map(changes.flatMap(({ wanted }) => wanted.features.map((each) => [featureKey(each), each])));
  if (features.size === 0) return;
  const sorted = [...features].sort(([a], [b]) => ascending(a, b));
  await tx.run(statement('write/features'), { rows: sorted.map(([key, { kind, value }]) => ({ key, kind, value })) });
  const weights = changes
    .filter(({ wanted }) => wanted.features.length > 0)
    .map(({ wanted: { id, features } }) => ({
      id,
      keys: features.map(featureKey),
      weights: features.map(({ weight = 1 }) => weight),
    }));
  await tx.run(statement(`write/${kind}-features`), { rows: weights });
}

/** Properties to set, and those to take away as null: a property of each kind that the name had and has not any more. */
function properties(kind: NodeKind, { known, wanted }: Change): Readonly<Record<string, unknown>> {
  const gone = Object.keys({ ...known.attributes, ...wanted.attributes }).flatMap((name) =>
    attributeKinds.map(({ prefix }) => [prefix + name, null] as const),
  );
  const kept = Object.entries(wanted.attributes).map(([name, value]) => [attributeProperty(name, value), value]);
  const { title = null, at, available = true } = wanted;
  const ofItem = kind === 'item' ? { title, at: at === undefined ? null : int(at), available } : {};
  return { ...ofItem, ...Object.fromEntries(gone), ...Object.fromEntries(kept) };
}

/** For what is read one by one, which no mapping leads to. Errors: mapping/unserved. */
export function refuseUnserved({ schema }: Pick<Graph, 'schema'>): void {
  if (schema.names) throw new TastegraphError('mapping/unserved');
}
