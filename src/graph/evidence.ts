/** Paths in the graph that lead from a user to items: through other people, through shared features, through trusted people. */
import type { Graph } from './driver.ts';
import { type Liking, likingParameters } from './liking.ts';
import type { GraphSchema } from './schema.ts';
import { statement } from './statements.ts';

/** One way from the user to the item. `count` is of people, or of the user's items; never says who the people are. */
export interface EvidencePath {
  readonly kind: 'people' | 'feature' | 'trust';
  /** What lies on the way: an item that the user chose (people), a feature; nothing for trust. */
  readonly through?: { readonly id: string; readonly title: string; readonly kind?: string };
  readonly count: number;
  /** Only a part was looked at, to keep the cost bounded: `count` is the least it can be. */
  readonly capped: boolean;
  /** Overlap of the two sets that the path joins, from 0 to 1: |A ∩ B| / √(|A| |B|). */
  readonly score: number;
}

export interface EvidenceOptions extends Liking {
  /** Each statement is given up after this long, in ms. */
  readonly timeoutMs: number;
}

/** How much of the graph is looked at; more makes counts truer and answers slower. */
const bounds = { history: 100, audience: 100, trusted: 200, limit: 3 } as const;
/** Items of one question; the statements' cost is bounded for as many. */
export const mostEvidenceItems = 20;

interface Row {
  readonly item: string;
  readonly through?: string;
  readonly title?: string;
  readonly kind?: string;
  readonly value?: string;
  readonly count: number;
  readonly capped: boolean;
  readonly score: number;
}

/**
 * Evidence for each of up to 20 items, in the order of score; an item with none has an empty list. The graph as it is now, which
 * may know more than the published version. Throws RangeError for more items, and whatever the driver says where it fails.
 */
export async function findEvidence(
  graph: Graph,
  user: string,
  items: readonly string[],
  { timeoutMs, ...liking }: EvidenceOptions,
): Promise<Map<string, EvidencePath[]>> {
  if (items.length > mostEvidenceItems) throw new RangeError(`evidence for at most ${mostEvidenceItems} items at once`);
  const found = new Map<string, EvidencePath[]>(items.map((item) => [item, []]));
  if (items.length === 0) return found;
  const { schema } = graph;
  const keys = { user: schema.userKey(user), items: items.map(schema.itemKey) };
  const ask = async (name: string, names: GraphSchema, path: (row: Row) => EvidencePath): Promise<void> => {
    const session = graph.session();
    try {
      const parameters = { ...keys, ...likingParameters(liking), ...bounds };
      const { records } = await session.run(statement(name, names), parameters, { timeout: timeoutMs });
      for (const record of records) {
        const row = record.toObject() as unknown as Row;
        found.get(row.item)?.push(path(row));
      }
    } finally {
      await session.close();
    }
  };
  await Promise.all([
    ask('explain/through-people', schema, ({ through = '', title = '', count, capped, score }) => ({
      kind: 'people',
      through: { id: through, title },
      count,
      capped,
      score,
    })),
    ...schema.features
      .filter(({ of }) => of !== 'users')
      .map(({ schema: names }) =>
        ask('explain/through-features', names, ({ through = '', kind = '', value = '', count, capped, score }) => ({
          kind: 'feature',
          through: { id: through, title: value, kind },
          count,
          capped,
          score,
        })),
      ),
    ...(schema.isSocial
      ? [ask('explain/through-trust', schema, ({ count, capped, score }) => ({ kind: 'trust', count, capped, score }))]
      : []),
  ]);
  for (const paths of found.values()) paths.sort(byScore);
  return found;
}

/**
 * Lets the server plan the statements, which takes it a second or so the first time: asked before the first request comes, no request
 * is given up for it. Errors: whatever the driver says.
 */
export async function prepareEvidence(graph: Graph, liking: Liking, timeoutMs = 30_000): Promise<void> {
  // Plans are kept by the kinds and rough sizes of the parameters: a single item and a list are two.
  for (const items of [['-'], Array.from({ length: 10 }, (_, place) => `-${place}`)])
    await findEvidence(graph, '-', items, { ...liking, timeoutMs });
}

/** By score, and in a fixed order where scores are equal. */
function byScore(a: EvidencePath, b: EvidencePath): number {
  const key = ({ kind, through }: EvidencePath) => `${kind} ${through?.id ?? ''}`;
  return b.score - a.score || (key(a) < key(b) ? -1 : 1);
}
