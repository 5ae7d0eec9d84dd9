/** What the graph knows of published versions: where they come from, where their vectors lie, and what is near by them. */
import { TastegraphError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import type { Lineage } from '../graph/lineage.ts';
import type { NearItem } from '../graph/near.ts';
import type { VectorIndexState } from '../graph/vectorIndexes.ts';
import type { Slot } from '../graph/versions.ts';
import { withGraph } from './database.ts';
import type { GraphOptions, Run } from './run.ts';
import type { Service } from './service.ts';

export interface KnownVersion extends Lineage {
  /** Its files lie under this home. */
  readonly stored: boolean;
}

/** Where a version comes from. Errors: version/no-lineage, neo4j/*. */
export async function lineageOf(graph: Graph, version: string): Promise<Lineage> {
  const { readLineage } = await import('../graph/lineage.ts');
  const [found] = await readLineage(graph, { version });
  if (!found) throw new TastegraphError('version/no-lineage', { version });
  return found;
}

/** Where one version comes from, or each, newest first. Errors: version/no-lineage, neo4j/*. */
export async function versionLineage(
  version: string | undefined,
  options: GraphOptions,
  run: Run,
): Promise<readonly KnownVersion[]> {
  const [{ readLineage }, { isStored }] = await Promise.all([
    import('../graph/lineage.ts'),
    import('../serving/versions.ts'),
  ]);
  const found = await withGraph(options, run, async (graph) =>
    version === undefined ? readLineage(graph) : [await lineageOf(graph, version)],
  );
  return found.map((one) => ({ ...one, stored: isStored(options.home, one.version) }));
}

/** Removes a version's files, and marks it so in the graph that it was trained on. Errors: version/not-found, version/is-current. */
export async function removeVersion(id: string, options: GraphOptions, run: Run): Promise<void> {
  const [{ listVersions, remove }, { listSnapshots }] = await Promise.all([
    import('../serving/versions.ts'),
    import('../sampling/store.ts'),
  ]);
  const { home } = options;
  // A version whose manifest is damaged is not listed; its files can be removed all the same.
  const digest = listVersions(home).find(({ manifest }) => manifest.id === id)?.manifest.snapshot;
  const source = listSnapshots(home).find((snapshot) => snapshot.digest === digest)?.source;
  await remove(home, id);
  if (source !== 'neo4j') return;
  const { markRemoved } = await import('../graph/lineage.ts');
  await withGraph(options, run, (graph) => markRemoved(graph, id, Date.now()));
}

/** One of the two slots, of which one holds the current version's vectors. */
export interface VectorSlot {
  readonly slot: Slot;
  /** Absent where the slot is empty, or being written. */
  readonly version?: string;
  readonly current: boolean;
  readonly indexes: readonly VectorIndexState[];
  /** Nodes that have a vector here. */
  readonly users: number;
  readonly items: number;
}

export interface VectorSlots {
  readonly slots: readonly VectorSlot[];
  /** All nodes. */
  readonly users: number;
  readonly items: number;
}

/** How the vectors in the graph stand. */
export async function vectorSlots(options: GraphOptions, run: Run): Promise<VectorSlots> {
  const [{ readCoverage, readSlots }, { readVectorIndexes, vectorIndexes }] = await Promise.all([
    import('../graph/versions.ts'),
    import('../graph/vectorIndexes.ts'),
  ]);
  return await withGraph(options, run, async (graph) => {
    const [contents, indexes, coverage] = await Promise.all([
      readSlots(graph),
      readVectorIndexes(graph),
      readCoverage(graph),
    ]);
    const slots = (['vectorA', 'vectorB'] as const).map((slot): VectorSlot => {
      const content = contents.find((one) => one.slot === slot);
      return {
        slot,
        ...(content && { version: content.version }),
        current: content?.current ?? false,
        indexes: Object.values(vectorIndexes[slot]).flatMap((name) => indexes.get(name) ?? []),
        ...coverage[slot],
      };
    });
    return { slots, users: coverage.users, items: coverage.items };
  });
}

/**
 * The items nearest to an item by the graph's vector index, from the slot that holds the version that the service answers from.
 * Errors: neo4j/unreachable where there is no graph; version/no-slot.
 */
export async function itemsNearInGraph(
  { reach, recommender }: Pick<Service, 'reach' | 'recommender'>,
  item: string,
  { limit }: { readonly limit: number },
): Promise<readonly NearItem[]> {
  const { graph } = reach;
  if (!graph) throw new TastegraphError('neo4j/unreachable', { uri: 'none', problem: 'there is no database here' });
  const [{ itemsNear }, { readSlots }] = await Promise.all([
    import('../graph/near.ts'),
    import('../graph/versions.ts'),
  ]);
  const { id: version } = recommender.version;
  const slot = (await readSlots(graph)).find((one) => one.version === version);
  if (!slot) throw new TastegraphError('version/no-slot', { version });
  return await itemsNear(graph, item, slot, limit);
}
