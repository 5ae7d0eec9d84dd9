/** Features one by one: what items and users share. */
import type { ManagedTransaction } from 'neo4j-driver';
import type { FeatureValue } from '../../data/records.ts';
import { TastegraphError } from '../../errors.ts';
import type { Graph } from '../driver.ts';
import { ascending, featureKey } from '../ingest/partition.ts';
import { refuseMapped } from '../schema.ts';
import { statement } from '../statements.ts';
import { refuseUnserved } from './nodes.ts';

export interface FeatureResource {
  readonly kind: string;
  readonly value: string;
  /** How many have it. */
  readonly items: number;
  readonly users: number;
}

/** Errors of all: mapping/unserved or mapping/read-only; those of the database. */
export async function readFeature(graph: Graph, feature: FeatureValue): Promise<FeatureResource | undefined> {
  refuseUnserved(graph);
  return await graph.read(async (tx) => {
    const { records } = await tx.run(statement('read/features-named'), { keys: [featureKey(feature)] });
    return records[0] && withoutKey(records[0].toObject() as KeyedFeature);
  }, 'that reads a feature');
}

type KeyedFeature = FeatureResource & { readonly key: string };
const withoutKey = ({ kind, value, items, users }: KeyedFeature): FeatureResource => ({ kind, value, items, users });

/** At most `limit` features, of one kind or all, that come after `after`, by kind and value. */
export async function pageOfFeatures(
  graph: Graph,
  kind: string | undefined,
  after: string,
  limit: number,
): Promise<FeatureResource[]> {
  refuseUnserved(graph);
  return await graph.read(async (tx) => {
    const prefix = kind === undefined ? '' : `${kind}:`;
    const { records } = await tx.run(statement('read/features-page'), { after, prefix, limit });
    return records.map((record) => withoutKey(record.toObject() as KeyedFeature));
  }, 'that lists features');
}

/** Sees to it that features exist; answers how many did not. */
export async function addFeatures(graph: Graph, features: readonly FeatureValue[]): Promise<number> {
  refuseMapped(graph, 'features');
  const rows = [...new Map(features.map(({ kind, value }) => [featureKey({ kind, value }), { kind, value }]))]
    .sort(([a], [b]) => ascending(a, b))
    .map(([key, feature]) => ({ key, ...feature }));
  return await graph.write(async (tx) => {
    const result = await tx.run(statement('write/features'), { rows });
    return result.summary.counters.updates().nodesCreated ?? 0;
  }, 'that adds features');
}

/** Looks at a feature as it is, before it is changed; what it throws is thrown, and nothing is written. */
export type FeatureCheck = (current: FeatureResource | undefined) => void;

async function lookAt(tx: ManagedTransaction, key: string, check: FeatureCheck): Promise<void> {
  await tx.run(statement('write/feature-lock'), { key });
  const { records } = await tx.run(statement('read/features-named'), { keys: [key] });
  check(records[0] && withoutKey(records[0].toObject() as KeyedFeature));
}

/**
 * Gives a feature another value: all that have it have the other one from then on. Answers how many, undefined where there is no
 * such feature. Errors: feature/exists; whatever `check` throws.
 */
export async function renameFeature(
  graph: Graph,
  { kind, value }: FeatureValue,
  to: string,
  check?: FeatureCheck,
): Promise<number | undefined> {
  refuseMapped(graph, 'features');
  const [key, newKey] = [featureKey({ kind, value }), featureKey({ kind, value: to })];
  return await graph.write(async (tx) => {
    if (check) await lookAt(tx, key, check);
    const there = await tx.run(statement('read/features-named'), { keys: [newKey] });
    if (there.records.length > 0 && newKey !== key) throw new TastegraphError('feature/exists', { kind, value: to });
    const { records } = await tx.run(statement('write/feature-rename'), { key, newKey, value: to });
    return records[0]?.get('nodes') as number | undefined;
  }, 'that renames a feature');
}

/** Removes a feature; answers how many had it, undefined where there is none. Errors: whatever `check` throws. */
export async function removeFeature(
  graph: Graph,
  feature: FeatureValue,
  check?: FeatureCheck,
): Promise<number | undefined> {
  refuseMapped(graph, 'what is removed');
  return await graph.write(async (tx) => {
    if (check) await lookAt(tx, featureKey(feature), check);
    const { records } = await tx.run(statement('write/feature-remove'), { key: featureKey(feature) });
    return records[0]?.get('nodes') as number | undefined;
  }, 'that removes a feature');
}
