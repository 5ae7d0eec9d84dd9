/** What is alike by the vector index in the graph, in place of the version's own. */
import type { TopK } from '../compute/kernels.ts';
import type { Graph } from '../graph/driver.ts';
import { unitRows } from '../serving/index/scores.ts';
import type { VectorIndex } from '../serving/index/vectorIndex.ts';
import { rowOf } from '../serving/ranking.ts';
import type { RankedItem, ServedVersion } from '../serving/served.ts';
import type { Service } from './service.ts';

interface Known {
  readonly graph: Graph;
  readonly slot: string;
  readonly index: VectorIndex<Promise<TopK>>;
}
const known = new WeakMap<ServedVersion, Known>();

/**
 * The available items whose vectors point most the way of a vector, without one; undefined where the graph does not answer, or holds the
 * vectors of other versions: the version's own index is to be asked then.
 */
export async function nearestInGraph(
  { reach }: Pick<Service, 'reach'>,
  served: ServedVersion,
  vector: Float32Array,
  limit: number,
  without?: number,
): Promise<readonly RankedItem[] | undefined> {
  const { items } = served.published.snapshot;
  const exclude = rowOf(without === undefined ? [] : [without], items.count);
  const { allowed } = served.base.availability();
  return await reach.ask(async (graph, timeoutMs) => {
    const index = await indexOf(graph, served, timeoutMs);
    if (!index) return undefined;
    // Of length 1, so that what it scores are cosines.
    const { ids, scores } = await index.search(unitRows(vector, vector.length), limit, { exclude, allowed });
    const found = [...ids.keys()].filter((place) => ids[place]! >= 0);
    return found.map((place) => {
      const item = ids[place]!;
      return { id: items.id(item), title: items.title(item), score: scores[place]! };
    });
  });
}

/** The index of the slot that holds the version's vectors. */
async function indexOf(graph: Graph, served: ServedVersion, timeoutMs: number): Promise<Known['index'] | undefined> {
  const [{ neo4jIndex }, { readSlots }] = await Promise.all([
    import('../serving/index/neo4j.ts'),
    import('../graph/versions.ts'),
  ]);
  const { vectors, snapshot, manifest } = served.published;
  const slot = (await readSlots(graph)).find(({ version }) => version === manifest.id);
  if (!slot || !vectors) return undefined;
  let one = known.get(served);
  if (one?.graph !== graph || one.slot !== slot.slot) {
    const table = { rows: vectors.items, dim: vectors.dim };
    const index = neo4jIndex(table, { graph, slot, indexOf: (id) => snapshot.items.index(id), timeoutMs });
    one = { graph, slot: slot.slot, index };
    known.set(served, one);
  }
  return one.index;
}
