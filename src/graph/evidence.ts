/** Paths in the graph that lead from a user to items: through other people, through shared features, through trusted people. */
import type { Graph } from './driver.ts';
import { type Liking, likingParameters } from './liking.ts';
import type { GraphSchema } from './schema.ts';
import { statement } from './statements.ts';

/** One way from the user to the item. Never says who the people are, nor how many where they are few. */
export interface EvidencePath {
  readonly kind: 'people' | 'feature' | 'trust';
  /** What lies on the way: an item that the user chose (people), a feature; nothing for trust. */
  readonly through?: { readonly id: string; readonly title: string; readonly kind?: string };
  /** Of people, or of the user's items. Absent where the people are so few that it would tell who they are. */
  readonly count?: number;
  /** Only a part was looked at, to keep the cost bounded: `count` is the least it can be. */
  readonly capped: boolean;
  /** The count is an estimate from a sample. */
  readonly estimated?: boolean;
  /** Share of the item's people, of the user's items or of the trusted people that the path goes over, 0 to 1. */
  readonly support: number;
  /** Share of what lies on the way that it goes over: what everybody chose, or every item has, says little. 0 to 1. */
  readonly rarity: number;
  /** 1 where the user met what lies on the way last of all, half of it for each 90 days before; 1 where no time is known. */
  readonly recency: number;
  /** √(support · rarity) · (1 + recency) / 2. */
  readonly score: number;
}

export interface EvidenceOptions extends Liking {
  /** Each statement is given up after this long, in ms. */
  readonly timeoutMs: number;
  /** Least number of people that is told. */
  readonly anonymity: number;
  /** Most paths of a kind, at most 10. */
  readonly limit?: number | undefined;
}

/** How much of the graph is looked at; more makes counts truer and answers slower. */
const bounds = { history: 100, audience: 100, trusted: 200, limit: 3 } as const;
/** Items of one question; the statements' cost is bounded for as many. */
export const mostEvidenceItems = 20;
/** Time after which what was met counts half, ms. */
const halfLifeMs = 90 * 86_400_000;

interface Row {
  readonly item: string;
  readonly through?: string;
  readonly title?: string;
  readonly kind?: string;
  readonly value?: string;
  readonly count: number;
  /** Of the people, of the user's items or of the trusted people. */
  readonly looked: number;
  readonly ofItem?: number;
  readonly ofThrough?: number;
  readonly at?: number | null;
  readonly newest?: number | null;
  readonly capped: boolean;
}

/**
 * Evidence for each of up to 20 items, in the order of score; an item with none has an empty list. The graph as it is now, which
 * may know more than the published version. Throws RangeError for more items, and whatever the driver says where it fails.
 */
export async function findEvidence(
  graph: Graph,
  user: string,
  items: readonly string[],
  { timeoutMs, anonymity, limit = bounds.limit, ...liking }: EvidenceOptions,
): Promise<Map<string, EvidencePath[]>> {
  if (items.length > mostEvidenceItems) throw new RangeError(`evidence for at most ${mostEvidenceItems} items at once`);
  const found = new Map<string, EvidencePath[]>(items.map((item) => [item, []]));
  if (items.length === 0) return found;
  const { schema } = graph;
  const keys = { user: schema.userKey(user), items: items.map(schema.itemKey) };
  const parameters = { ...keys, ...likingParameters(liking), ...bounds, limit };
  const ask = async (name: string, names: GraphSchema, path: (row: Row) => EvidencePath | undefined): Promise<void> => {
    const session = graph.session();
    try {
      const { records } = await session.run(statement(name, names), parameters, { timeout: timeoutMs });
      for (const record of records) {
        const row = record.toObject() as unknown as Row;
        const made = path(row);
        if (made) found.get(row.item)?.push(made);
      }
    } finally {
      await session.close();
    }
  };
  await Promise.all([
    ask('explain/through-people', schema, (row) => throughPeople(row, anonymity)),
    ...schema.features
      .filter(({ of }) => of !== 'users')
      .map(({ schema: names }) => ask('explain/through-features', names, throughFeature)),
    ...(schema.isSocial ? [ask('explain/through-trust', schema, (row) => throughTrust(row, anonymity))] : []),
  ]);
  for (const paths of found.values()) paths.sort(byScore);
  return found;
}

/** A number of people as it may be told, and as shares are made of it, which would else tell it too. */
export function toldPeople(count: number, anonymity: number) {
  return count < anonymity ? { count: anonymity - 1 } : { count, told: count };
}

function throughPeople(row: Row, anonymity: number): EvidencePath {
  const { through = '', title = '', looked, ofItem = looked, ofThrough = 1, capped } = row;
  const { count, told } = toldPeople(row.count, anonymity);
  const scale = capped ? Math.max(1, ofItem / looked) : 1;
  const support = Math.min(1, count / looked);
  return scored({
    kind: 'people',
    through: { id: through, title },
    ...(told !== undefined && { count: told }),
    capped,
    support,
    rarity: Math.min(1, (count * scale) / ofThrough),
    recency: recencyOf(row),
  });
}

function throughFeature(row: Row): EvidencePath {
  const { through = '', kind = '', value = '', count, looked, ofThrough = 1, capped } = row;
  return scored({
    kind: 'feature',
    through: { id: through, title: value, kind },
    count,
    capped,
    support: Math.min(1, count / looked),
    rarity: Math.min(1, count / ofThrough),
    recency: recencyOf(row),
  });
}

/** Nothing where the user trusts so few that any word of them is a word of one. */
function throughTrust(row: Row, anonymity: number): EvidencePath | undefined {
  const { looked, ofItem = 1, capped } = row;
  if (looked < anonymity) return undefined;
  const { count, told } = toldPeople(row.count, anonymity);
  return scored({
    kind: 'trust',
    ...(told !== undefined && { count: told }),
    capped,
    support: Math.min(1, count / looked),
    rarity: Math.min(1, count / ofItem),
    recency: 1,
  });
}

const recencyOf = ({ at, newest }: Row): number =>
  typeof at === 'number' && typeof newest === 'number' ? 2 ** ((at - newest) / halfLifeMs) : 1;

/** A path with its score. */
export const scored = (path: Omit<EvidencePath, 'score'>): EvidencePath => ({
  ...path,
  score: (Math.sqrt(path.support * path.rarity) * (1 + path.recency)) / 2,
});

/**
 * Lets the server plan the statements, which takes it a second or so the first time: asked before the first request comes, no request
 * is given up for it. Errors: whatever the driver says.
 */
export async function prepareEvidence(graph: Graph, liking: Liking, timeoutMs = 30_000): Promise<void> {
  // Plans are kept by the kinds and rough sizes of the parameters: a single item and a list are two.
  for (const items of [['-'], Array.from({ length: 10 }, (_, place) => `-${place}`)])
    await findEvidence(graph, '-', items, { ...liking, timeoutMs, anonymity: 1 });
}

/** By score, and in a fixed order where scores are equal. */
function byScore(a: EvidencePath, b: EvidencePath): number {
  const key = ({ kind, through }: EvidencePath) => `${kind} ${through?.id ?? ''}`;
  return b.score - a.score || (key(a) < key(b) ? -1 : 1);
}
