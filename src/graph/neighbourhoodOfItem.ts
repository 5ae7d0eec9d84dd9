/** What the graph knows of one item: enough for a model to give it a vector when it came after the training. */
import type { Graph } from './driver.ts';
import { type Liking, likingParameters } from './liking.ts';
import type { GraphSchema } from './schema.ts';
import { statement } from './statements.ts';

export interface ItemFeature {
  readonly kind: string;
  readonly value: string;
  readonly weight: number;
}

export interface ItemNeighbourhood {
  readonly id: string;
  readonly title: string;
  readonly features: readonly ItemFeature[];
  /** Items that its people chose too, by how much of their choosing leads there. */
  readonly neighbours: readonly { readonly item: string; readonly share: number }[];
}

export interface NeighbourhoodOptions extends Liking {
  readonly timeoutMs: number;
}

/** How much of the graph is looked at. */
const bounds = { audience: 200, limit: 100 } as const;

/** One attempt; undefined where the graph has no such item. Errors: whatever the driver says where the server does not answer. */
export async function neighbourhoodOfItem(
  graph: Graph,
  item: string,
  { timeoutMs, ...liking }: NeighbourhoodOptions,
): Promise<ItemNeighbourhood | undefined> {
  const { schema } = graph;
  const session = graph.session({ mode: 'READ' });
  const rows = async <T>(
    name: string,
    names: GraphSchema,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<T[]> => {
    const parameters = { item: schema.itemKey(item), ...more };
    const { records } = await session.run(statement(name, names), parameters, { timeout: timeoutMs });
    return records.map((record) => record.toObject() as T);
  };
  try {
    const [found] = await rows<Omit<ItemNeighbourhood, 'features'>>('read/item-neighbourhood', schema, {
      ...likingParameters(liking),
      ...bounds,
    });
    if (!found) return undefined;
    const features: ItemFeature[] = [];
    for (const { of, schema: names } of schema.features)
      if (of !== 'users') features.push(...(await rows<ItemFeature>('read/features-of-item', names)));
    for (const { of, kind, schema: names } of schema.properties) {
      if (of === 'users') continue;
      const [held] = await rows<{ readonly values: readonly (string | null)[] }>('read/property-of-item', names);
      for (const value of held?.values ?? []) if (value !== null) features.push({ kind, value, weight: 1 });
    }
    return { ...found, features };
  } finally {
    await session.close();
  }
}
