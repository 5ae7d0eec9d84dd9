/** Users, items, features and interactions one by one and in pages: what the API shows and takes in. */
import type { DataRecord, FeatureValue } from '../data/records.ts';
import type { Graph } from '../graph/driver.ts';
import type { PostedInteraction } from '../graph/interactions.ts';
import type { FeatureCheck, FeatureResource } from '../graph/resources/features.ts';
import type { InteractionChoice, InteractionPlace } from '../graph/resources/interactions.ts';
import type { ChangedNodes, NodeChange, NodeKind, NodeResource } from '../graph/resources/nodes.ts';
import type { RecordCounts } from '../graph/resources/records.ts';
import type { Found } from '../graph/resources/search.ts';

export type { FeatureCheck, FeatureResource } from '../graph/resources/features.ts';
export type { InteractionChoice, InteractionPlace } from '../graph/resources/interactions.ts';
export type { ChangedNodes, NodeChange, NodeKind, NodeResource } from '../graph/resources/nodes.ts';
export type { RecordCounts } from '../graph/resources/records.ts';
export type { Found } from '../graph/resources/search.ts';

const nodes = () => import('../graph/resources/nodes.ts');
const features = () => import('../graph/resources/features.ts');
const interactions = () => import('../graph/resources/interactions.ts');

/** A user or an item; undefined where there is none. Errors of all here: mapping/unserved, mapping/read-only; those of the database. */
export async function readNode(graph: Graph, kind: NodeKind, id: string): Promise<NodeResource | undefined> {
  return await (await nodes()).readNode(graph, kind, id);
}

/** Of these users or items those that there are, in their order. */
export async function readNodes(graph: Graph, kind: NodeKind, ids: readonly string[]): Promise<NodeResource[]> {
  return await (await nodes()).readNodes(graph, kind, ids);
}

/** At most `limit` users or items after an id, by id. */
export async function pageOfNodes(graph: Graph, kind: NodeKind, after: string, limit: number): Promise<NodeResource[]> {
  return await (await nodes()).pageOfNodes(graph, kind, after, limit);
}

/** Makes users or items what `change` says, all or nothing. Errors: data/forgotten; whatever `change` throws. */
export async function changeNodes(
  graph: Graph,
  kind: NodeKind,
  ids: readonly string[],
  change: NodeChange,
): Promise<ChangedNodes> {
  return await (await nodes()).changeNodes(graph, kind, ids, change);
}

/** Writes records as an ingest would, all or nothing. Errors: data/forgotten. */
export async function writeRecords(graph: Graph, records: readonly DataRecord[]): Promise<RecordCounts> {
  return await (await import('../graph/resources/records.ts')).writeRecords(graph, records);
}

/** Undefined where there is none. */
export async function readFeature(graph: Graph, feature: FeatureValue): Promise<FeatureResource | undefined> {
  return await (await features()).readFeature(graph, feature);
}

/** At most `limit` features after a key (kind, colon, value), of one kind or all. */
export async function pageOfFeatures(
  graph: Graph,
  kind: string | undefined,
  after: string,
  limit: number,
): Promise<FeatureResource[]> {
  return await (await features()).pageOfFeatures(graph, kind, after, limit);
}

/** True where there was none. */
export async function addFeature(graph: Graph, feature: FeatureValue): Promise<boolean> {
  return (await (await features()).addFeatures(graph, [feature])) > 0;
}

/** Gives a feature another value; answers how many have it, undefined where there is none. Errors: feature/exists; whatever `check` throws. */
export async function renameFeature(
  graph: Graph,
  feature: FeatureValue,
  to: string,
  check?: FeatureCheck,
): Promise<number | undefined> {
  return await (await features()).renameFeature(graph, feature, to, check);
}

/** Answers how many had it, undefined where there is none. Errors: whatever `check` throws. */
export async function removeFeature(
  graph: Graph,
  feature: FeatureValue,
  check?: FeatureCheck,
): Promise<number | undefined> {
  return await (await features()).removeFeature(graph, feature, check);
}

/** At most `limit` interactions after a place. */
export async function pageOfInteractions(
  graph: Graph,
  choice: InteractionChoice,
  after: InteractionPlace | undefined,
  limit: number,
): Promise<PostedInteraction[]> {
  return await (await interactions()).pageOfInteractions(graph, choice, after, limit);
}

/** Sets values of interactions that are there; answers how many were. */
export async function changeValues(graph: Graph, rows: readonly PostedInteraction[]): Promise<number> {
  return await (await interactions()).changeValues(graph, rows);
}

/** Users, items and features by how their ids begin, or by words of titles and values; at most `limit` of each. */
export async function search(graph: Graph, text: string, limit: number): Promise<Found> {
  return await (await import('../graph/resources/search.ts')).search(graph, text, limit);
}
