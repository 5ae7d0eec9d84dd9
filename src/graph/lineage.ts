/** Where versions come from, as the graph tells it: snapshots, options, metrics, and which version followed which. */
import type { Graph } from './driver.ts';
import { statement } from './statements.ts';
import type { Slot } from './vectorIndexes.ts';

/** One change of what was current. */
export interface Succession {
  readonly version: string;
  /** ms since 1970. */
  readonly at: number;
}

export interface Lineage {
  readonly version: string;
  readonly model: string;
  readonly seed: number;
  /** Width of the vectors; 0 where the model has none. */
  readonly dim: number;
  /** When it was published, ms since 1970. */
  readonly at: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly current: boolean;
  /** Every moment at which it became the current one, ms since 1970, oldest first. */
  readonly publishedAt: readonly number[];
  /** There where its files were removed, ms since 1970. */
  readonly removedAt?: number;
  readonly snapshot?: {
    readonly digest: string;
    readonly asOf: number;
    readonly users: number;
    readonly items: number;
    readonly features: number;
    readonly interactions: number;
  };
  /** Where its vectors lie. */
  readonly slots: readonly { readonly slot: Slot; readonly current: boolean }[];
  /** What was current before it, each time that it became so, oldest first. */
  readonly follows: readonly Succession[];
  readonly followedBy: readonly Succession[];
  /** Other versions that were trained on the same snapshot. */
  readonly siblings: readonly string[];
}

type Properties = Readonly<Record<string, unknown>>;

/** The lineage of one version, or of all, newest first; none where the graph does not know it. */
export async function readLineage(
  graph: Graph,
  { version = null, limit = 1000 }: { readonly version?: string | null; readonly limit?: number } = {},
): Promise<Lineage[]> {
  return await graph.read(async (tx) => {
    const { records } = await tx.run(statement('read/lineage'), { version, limit });
    return records.map((record) => lineageOf(record.toObject() as unknown as Row));
  }, 'read/lineage');
}

/** Marks a version as removed; false where the graph does not know it. */
export async function markRemoved(graph: Graph, version: string, at: number): Promise<boolean> {
  return await graph.write(async (tx) => {
    const { records } = await tx.run(statement('write/version-removed'), { version, at });
    return records.length > 0;
  }, 'write/version-removed');
}

interface Row extends Pick<Lineage, 'slots' | 'follows' | 'followedBy' | 'siblings'> {
  readonly version: Properties;
  readonly snapshot: Properties | null;
}

function lineageOf({ version, snapshot, slots, follows, followedBy, siblings }: Row): Lineage {
  const { id, model, seed, dim, at, options, metrics, current, publishedAt, removedAt } = version;
  const oldestFirst = (list: readonly Succession[]) => list.toSorted((a, b) => a.at - b.at);
  return {
    version: id as string,
    model: model as string,
    seed: seed as number,
    dim: dim as number,
    at: at as number,
    options: JSON.parse(options as string) as Properties,
    metrics: JSON.parse(metrics as string) as Readonly<Record<string, number>>,
    current: current === true,
    publishedAt: (publishedAt ?? []) as number[],
    ...(removedAt !== undefined && { removedAt: removedAt as number }),
    ...(snapshot && { snapshot: snapshot as unknown as NonNullable<Lineage['snapshot']> }),
    slots,
    follows: oldestFirst(follows),
    followedBy: oldestFirst(followedBy),
    siblings: siblings.toSorted(),
  };
}
