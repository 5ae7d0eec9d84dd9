/**
 * Vector indexes over the vectors of published versions, one for each slot and kind of node. They go by the cosine of two vectors:
 * Neo4j knows no dot product, by which most models rank, so an index answers what is alike and not what to recommend.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import neo4j from 'neo4j-driver';
import { TastegraphError } from '../errors.ts';
import { type Report, silent } from '../progress.ts';
import type { Graph } from './driver.ts';
import { changeSchema } from './migrations.ts';
import { statement } from './statements.ts';

/** Two properties on User and Item; one holds the current version's vectors while the other is written. */
export type Slot = 'vectorA' | 'vectorB';

/** How an index stands. */
export interface VectorIndexState {
  readonly name: string;
  /** 'POPULATING', 'ONLINE', 'FAILED'. */
  readonly state: string;
  /** Filled up to, %. */
  readonly percent: number;
  readonly dimensions: number;
  readonly similarity: string;
}

/** Widest vector that Neo4j indexes. */
const mostDimensions = 4096;

/** The names of a slot's indexes. Labels and properties cannot be parameters, so each has statements of its own. */
export const vectorIndexes = {
  vectorA: { items: 'item_vector_a', users: 'user_vector_a' },
  vectorB: { items: 'item_vector_b', users: 'user_vector_b' },
} as const;
const statements = {
  vectorA: ['write/items-vector-index-a', 'write/users-vector-index-a'],
  vectorB: ['write/items-vector-index-b', 'write/users-vector-index-b'],
} as const;

/** The indexes that there are, by name. */
export async function readVectorIndexes(graph: Graph): Promise<ReadonlyMap<string, VectorIndexState>> {
  const { records } = await graph.read((tx) => tx.run(statement('read/vector-indexes')), 'read/vector-indexes');
  const states = records.map((record) => record.toObject() as VectorIndexState);
  return new Map(states.map((state) => [state.name, state]));
}

/** Drops a slot's indexes: vectors are written faster without, and the index of a whole table is built better at once. */
export async function dropVectorIndexes(graph: Graph, slot: Slot): Promise<void> {
  for (const name of Object.values(vectorIndexes[slot]))
    await changeSchema(graph, statement('write/vector-index-drop'), { name });
}

/** Makes a slot's indexes, in place of those of another width. They fill in the background. */
export async function makeVectorIndexes(graph: Graph, slot: Slot, dimensions: number): Promise<void> {
  if (dimensions > mostDimensions) return;
  const there = await readVectorIndexes(graph);
  for (const name of Object.values(vectorIndexes[slot])) {
    const state = there.get(name);
    if (state && (state.dimensions !== dimensions || state.state === 'FAILED'))
      await changeSchema(graph, statement('write/vector-index-drop'), { name });
  }
  for (const name of statements[slot])
    await changeSchema(graph, statement(name, graph.schema), { dimensions: neo4j.int(dimensions) });
}

/** Waits until a slot's indexes, as far as there are any, are filled. Errors: neo4j/index-failed; abort of `signal`. */
export async function awaitVectorIndexes(
  graph: Graph,
  slot: Slot,
  report: Report = silent,
  signal?: AbortSignal,
): Promise<void> {
  for (let wait = 10; ; wait = Math.min(500, wait * 2)) {
    const there = await readVectorIndexes(graph);
    const states = Object.values(vectorIndexes[slot]).flatMap((name) => there.get(name) ?? []);
    const failed = states.find(({ state }) => state === 'FAILED');
    if (failed) throw new TastegraphError('neo4j/index-failed', { name: failed.name });
    const percent = states.reduce((sum, state) => sum + state.percent, 0) / (states.length || 1);
    report({ phase: 'vector indexes', done: Math.floor(percent), total: 100, unit: '%' });
    if (states.every(({ state }) => state === 'ONLINE')) return;
    await sleep(wait, undefined, { signal });
  }
}
