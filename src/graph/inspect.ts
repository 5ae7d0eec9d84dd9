/** What a database holds that somebody else modelled: labels, relationship types and properties with counts and samples. */
import type { ManagedTransaction } from 'neo4j-driver';
import { type Report, silent } from '../progress.ts';
import type { Graph } from './driver.ts';
import { lookingAt } from './mappedSchema.ts';
import type { GraphSchema } from './schema.ts';
import { statement } from './statements.ts';

/** A property as some nodes or relationships have it. */
export interface SeenProperty {
  readonly name: string;
  /** As Cypher calls them: INTEGER, STRING, LIST<STRING>, ZONED DATETIME, … */
  readonly types: readonly string[];
  /** How many were looked at, and how many of those have it. */
  readonly looked: number;
  readonly present: number;
  /** Different values among those that were looked at. */
  readonly distinct: number;
  /** A few, cut short. */
  readonly values: readonly string[];
}

export interface SeenLabel {
  readonly label: string;
  readonly count: number;
  readonly properties: readonly SeenProperty[];
}

export interface SeenType {
  readonly type: string;
  readonly count: number;
  /** Labels of both ends, the most frequent first. */
  readonly ends: readonly {
    readonly from: readonly string[];
    readonly to: readonly string[];
    readonly count: number;
  }[];
  readonly properties: readonly SeenProperty[];
}

export interface SeenIndex {
  readonly labels: readonly string[];
  readonly properties: readonly string[];
  readonly isUnique: boolean;
}

export interface Inspection {
  readonly labels: readonly SeenLabel[];
  readonly types: readonly SeenType[];
  readonly indexes: readonly SeenIndex[];
  /** Labels and types beyond the most that are looked at. */
  readonly leftOut: readonly string[];
}

/** Nodes of a label, or relationships of a type, that are looked at. */
const sample = 1000;
/** Labels and types that are looked at: a graph with more is hardly one to recommend from. */
const most = 60;
const timeoutMs = 20_000;

/** Labels of our own notes of migrations, which are no part of anybody's graph. */
const ours = new Set(['Migration', 'MigrationLock']);

/** Names alone. */
export async function readNames(graph: Graph): Promise<{ readonly labels: string[]; readonly types: string[] }> {
  const [found] = await rows<{ labels: string[]; types: string[] }>(graph, 'admin/inspect-names');
  return found!;
}

export async function readIndexes(graph: Graph): Promise<SeenIndex[]> {
  return await rows<SeenIndex>(graph, 'admin/inspect-indexes');
}

/** A label that the database knows. */
export async function lookAtLabel(graph: Graph, label: string): Promise<SeenLabel> {
  const schema = lookingAt({ label });
  const [counted] = await rows<{ count: number }>(graph, 'admin/inspect-label', schema);
  const properties = await rows<SeenProperty>(graph, 'admin/inspect-label-properties', schema, { sample });
  return { label, count: counted!.count, properties };
}

/** A relationship type that the database knows. */
export async function lookAtType(graph: Graph, type: string): Promise<SeenType> {
  const schema = lookingAt({ type });
  const [counted] = await rows<{ count: number }>(graph, 'admin/inspect-type', schema);
  const ends = await rows<SeenType['ends'][number]>(graph, 'admin/inspect-type-ends', schema, { sample });
  const properties = await rows<SeenProperty>(graph, 'admin/inspect-type-properties', schema, { sample });
  return { type, count: counted!.count, ends, properties };
}

/** Only reads, within limits: names from the store's list, counts from its counters, and samples. Errors: neo4j/*. */
export async function inspectGraph(graph: Graph, report: Report = silent, signal?: AbortSignal): Promise<Inspection> {
  const names = await readNames(graph);
  const known = names.labels.filter((label) => !ours.has(label));
  const total = Math.min(known.length, most) + Math.min(names.types.length, most);
  let done = 0;
  const each = async <T>(all: readonly string[], look: (name: string) => Promise<T>): Promise<T[]> => {
    const seen: T[] = [];
    for (const name of all.slice(0, most)) {
      signal?.throwIfAborted();
      report({ phase: 'looking at the graph', done: done++, total, unit: 'labels and types' });
      seen.push(await look(name));
    }
    return seen;
  };
  const labels = await each(known, (label) => lookAtLabel(graph, label));
  const types = await each(names.types, (type) => lookAtType(graph, type));
  return {
    labels: labels.filter(({ count }) => count > 0),
    types: types.filter(({ count }) => count > 0),
    indexes: await readIndexes(graph),
    leftOut: [...known.slice(most), ...names.types.slice(most)],
  };
}

/** All rows of a statement that reads, within a time limit. Errors: neo4j/*. */
export async function rows<T>(
  graph: Graph,
  name: string,
  schema?: GraphSchema,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<T[]> {
  const work = async (tx: ManagedTransaction): Promise<T[]> => {
    const { records } = await tx.run(statement(name, schema), parameters);
    return records.map((record) => record.toObject() as T);
  };
  return await graph.read(work, name, timeoutMs);
}
