/** What the graph says of items that filters ask for: titles, times and features, in one form whoever modelled the graph. */
import { int } from 'neo4j-driver';
import { asking } from './asking.ts';
import type { Graph } from './driver.ts';
import { ascending, featureKey } from './ingest/partition.ts';

export interface ContentFeature {
  readonly kind: string;
  readonly value: string;
}

export interface ItemContent {
  readonly title?: string;
  /** ms since 1970. */
  readonly at?: number;
  /** By key, each once. */
  readonly features: readonly ContentFeature[];
}

/** Of more changed items than this the last ones alone are read and kept: some tens of MB. */
export const mostContents = 50_000;

/** As statements answer it. */
export interface ContentRow {
  readonly id: string | null;
  readonly title: string | null;
  readonly at: number | null;
  readonly features: readonly FeaturePair[];
}
type FeaturePair = readonly [kind: string | null, value: string | null];

/** By outside id, in the order of the rows. What many items have is one object. */
export function contentsOf(rows: readonly ContentRow[]): Map<string, ItemContent> {
  const known = new Map<string, ContentFeature>();
  const contents = new Map<string, ItemContent>();
  for (const { id, title, at, features } of rows) {
    if (typeof id !== 'string') continue;
    const own = new Set<string>();
    for (const [kind, value] of features) {
      if (kind === null || value === null) continue;
      const key = featureKey({ kind, value });
      own.add(key);
      if (!known.has(key)) known.set(key, { kind, value });
    }
    contents.set(id, {
      ...(typeof title === 'string' && { title }),
      ...(typeof at === 'number' && { at }),
      features: [...own].sort(ascending).map((key) => known.get(key)!),
    });
  }
  return contents;
}

export function isSameContent(a: ItemContent, b: ItemContent): boolean {
  if (a.title !== b.title || a.at !== b.at || a.features.length !== b.features.length) return false;
  return a.features.every(({ kind, value }, n) => kind === b.features[n]!.kind && value === b.features[n]!.value);
}

/** Of all items, in several statements; undefined where there are more than `most`. Errors: those of the driver. */
export async function allContents(
  graph: Graph,
  most: number,
  timeoutMs: number,
): Promise<ReadonlyMap<string, ItemContent> | undefined> {
  const { schema } = graph;
  return await asking(graph, timeoutMs, async (rows) => {
    const items = await rows<Omit<ContentRow, 'features'>>('items-contents', { most: int(most + 1) });
    if (items.length > most) return undefined;
    const featuresOf = new Map<string | null, FeaturePair[]>(items.map(({ id }) => [id, []]));
    for (const { of, schema: named } of schema.features) {
      if (of === 'users') continue;
      for (const { id, features } of await rows<ContentRow>('items-contents-features', {}, named))
        featuresOf.get(id)?.push(...features);
    }
    for (const { of, kind, schema: named } of schema.properties) {
      if (of === 'users') continue;
      type Valued = { readonly id: string; readonly values: readonly (string | null)[] };
      for (const { id, values } of await rows<Valued>('items-contents-property', {}, named))
        featuresOf.get(id)?.push(...values.map((value): FeaturePair => [kind, value]));
    }
    return contentsOf(items.map((item) => ({ ...item, features: featuresOf.get(item.id)! })));
  });
}
