/** What lies around one node of an explanation, and the statements that show in Neo4j Browser what is drawn. */
import { isInt } from 'neo4j-driver';
import type { Graph } from './driver.ts';
import { type Liking, likingParameters } from './liking.ts';
import type { GraphSchema } from './schema.ts';
import { statement } from './statements.ts';

/** A statement as it can be pasted: `parameters` hold nothing that JSON cannot. */
export interface ShownStatement {
  /** Path of its file under cypher/, without ending. */
  readonly name: string;
  readonly statement: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface AroundOptions extends Liking {
  readonly timeoutMs: number;
  readonly anonymity: number;
  /** Most rows of each question. */
  readonly limit: number;
}

export interface AroundFeature {
  readonly key: string;
  readonly kind: string;
  readonly value: string;
  /** How many items have it. */
  readonly items: number;
}

export interface AroundItem {
  readonly id: string;
  readonly title: string;
  /** Of people; absent where the item is there for another reason. */
  readonly count?: number;
}

/** What was found, with what was asked. */
export interface Around<T> {
  readonly rows: readonly T[];
  readonly asked: readonly ShownStatement[];
}

/** How much of the graph is looked at. */
const bounds = { audience: 500, looked: 2000 } as const;

type Parameters = Readonly<Record<string, unknown>>;

/** One attempt at each question, as all of what an explanation asks. Errors: whatever the driver says. */
async function asked<T>(
  graph: Graph,
  timeoutMs: number,
  name: string,
  schemas: readonly GraphSchema[],
  parameters: Parameters,
): Promise<Around<T>> {
  const session = graph.session();
  try {
    const rows: T[] = [];
    const statements: ShownStatement[] = [];
    for (const schema of schemas) {
      const { records } = await session.run(statement(name, schema), parameters, { timeout: timeoutMs });
      for (const record of records) rows.push(record.toObject() as T);
      statements.push(shown(name, schema, parameters));
    }
    return { rows, asked: statements };
  } finally {
    await session.close();
  }
}

const featureSchemas = (schema: GraphSchema): readonly GraphSchema[] =>
  schema.features.filter(({ of }) => of !== 'users').map(({ schema: names }) => names);

/** Features of an item, those that few have first. */
export async function featuresAround(graph: Graph, item: string, { timeoutMs, limit }: AroundOptions) {
  const parameters = { item: graph.schema.itemKey(item), limit };
  return await asked<AroundFeature>(graph, timeoutMs, 'explain/around-item', featureSchemas(graph.schema), parameters);
}

/** Items that have a feature, those that most people chose first. */
export async function itemsAround(graph: Graph, feature: string, { timeoutMs, limit }: AroundOptions) {
  const parameters = { feature, looked: bounds.looked, limit };
  return await asked<AroundItem & { readonly items: number }>(
    graph,
    timeoutMs,
    'explain/around-feature',
    featureSchemas(graph.schema),
    parameters,
  );
}

/** What people chose who chose an item (and another), without the user; nothing of groups that are too small to be told of. */
export async function chosenAround(
  graph: Graph,
  user: string,
  [first, second]: readonly [string, string?],
  { timeoutMs, anonymity, limit, ...liking }: AroundOptions,
) {
  const { itemKey } = graph.schema;
  return await asked<AroundItem & { readonly count: number; readonly people: number; readonly capped: boolean }>(
    graph,
    timeoutMs,
    'explain/around-people',
    [graph.schema],
    {
      first: itemKey(first),
      second: second === undefined ? null : itemKey(second),
      self: user,
      known: second === undefined ? [first] : [first, second],
      ...likingParameters(liking),
      audience: bounds.audience,
      least: anonymity,
      limit,
    },
  );
}

/** What those chose whom the user trusts. */
export async function chosenByTrusted(
  graph: Graph,
  user: string,
  { timeoutMs, anonymity, limit, ...liking }: AroundOptions,
) {
  const parameters = {
    user: graph.schema.userKey(user),
    ...likingParameters(liking),
    audience: bounds.audience,
    least: anonymity,
    limit,
  };
  const schemas = graph.schema.isSocial ? [graph.schema] : [];
  return await asked<AroundItem & { readonly count: number }>(
    graph,
    timeoutMs,
    'explain/around-trusted',
    schemas,
    parameters,
  );
}

/** Which of the user's items have each of some features. */
export async function itemsWithFeatures(
  graph: Graph,
  user: string,
  features: readonly string[],
  { timeoutMs, limit }: Pick<AroundOptions, 'timeoutMs' | 'limit'>,
) {
  const parameters = { user: graph.schema.userKey(user), features, limit };
  const schemas = features.length > 0 ? featureSchemas(graph.schema) : [];
  return await asked<{ readonly feature: string; readonly item: string; readonly title: string }>(
    graph,
    timeoutMs,
    'explain/items-with-features',
    schemas,
    parameters,
  );
}

/** What was drawn, as statements that draw it in Neo4j Browser. */
export function statementsShown(
  { schema }: Graph,
  { user, item }: { readonly user: string; readonly item: string },
  through: { readonly items: readonly string[]; readonly features: readonly string[]; readonly isTrusted: boolean },
  liking: Liking,
): readonly ShownStatement[] {
  const keys = { user: schema.userKey(user), item: schema.itemKey(item), limit: 100 };
  const { minValue, likedFrom, countsFrom } = likingParameters(liking);
  return [
    ...(through.items.length > 0
      ? [
          shown('explain/shown-people', schema, {
            ...keys,
            through: through.items,
            minValue,
            likedFrom,
            countsFrom,
          }),
        ]
      : []),
    ...(through.features.length > 0
      ? featureSchemas(schema).map((names) =>
          shown('explain/shown-features', names, { ...keys, through: through.features }),
        )
      : []),
    ...(through.isTrusted ? [shown('explain/shown-trust', schema, keys)] : []),
  ];
}

const shown = (name: string, schema: GraphSchema, parameters: Parameters): ShownStatement => ({
  name,
  statement: statement(name, schema),
  parameters: plain(parameters) as Parameters,
});

/** Numbers beyond all others, which JSON has not, as the greatest that it has; the database's whole numbers as those of JSON. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));
  if (isInt(value)) return value.toNumber();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  return value;
}
