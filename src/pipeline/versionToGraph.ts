/** A version, what it was trained on, and its vectors, in the graph that its data came from. */
import type { Graph } from '../graph/driver.ts';
import type { NodeTable } from '../sampling/snapshot.ts';
import type { PublishedVersion } from '../serving/published.ts';
import { withGraph } from './database.ts';
import type { GraphOptions, Run } from './run.ts';

type StoredVersion = Pick<PublishedVersion, 'manifest' | 'snapshot' | 'vectors'>;

/** A graph that somebody else modelled gets nothing unless it is asked for: versions then are files alone. */
const mayWrite = ({ mapping, writeBack }: GraphOptions): boolean => !mapping || writeBack === true;

/** Nothing is written of versions of files. Into `open`, where it is given; else into the database of the options. Errors: neo4j/*. */
export async function versionToGraph(
  version: StoredVersion,
  options: GraphOptions,
  run: Run,
  open?: Graph,
): Promise<void> {
  if (version.snapshot.source !== 'neo4j' || !mayWrite(options)) return;
  const into = (graph: Graph) => write(graph, version, run);
  await (open ? into(open) : withGraph(options, run, into));
}

async function write(graph: Graph, { manifest, snapshot, vectors }: StoredVersion, run: Run): Promise<void> {
  const { writeVersion } = await import('../graph/versions.ts');
  const { id, model, options, test, seed, at } = manifest;
  const { digest, asOf, users, items, features, interactions } = snapshot;
  const counts = { users: users.count, items: items.count, features: features.count, interactions: interactions.count };
  const nodes = (table: NodeTable, rows: Float32Array) => ({
    count: table.count,
    id: (at: number) => table.id(at),
    has: (id: string) => table.index(id) !== undefined,
    vectors: rows,
  });
  const record = {
    id,
    model,
    options,
    metrics: test,
    seed,
    at,
    dim: vectors?.dim ?? 0,
    snapshot: { digest, asOf, ...counts },
  };
  const tables = vectors && { users: nodes(users, vectors.users), items: nodes(items, vectors.items) };
  await writeVersion(graph, { ...record, ...(tables && { vectors: tables }) }, run.report, run.signal);
}
