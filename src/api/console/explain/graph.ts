/** The part of the graph that is shown: it begins with an explanation's own and grows by what lies around its nodes. */
import type { AnswerOf } from '../../../client.ts';

export const graphPath = '/v1/users/{id}/recommendations/{item}/explanation/graph';
export type GraphAnswer = AnswerOf<'get', typeof graphPath>;
export type GraphNode = GraphAnswer['nodes'][number];
export type GraphEdge = GraphAnswer['edges'][number];
export type ShownStatement = GraphAnswer['cypher'][number];

/** The most that is drawn: beyond it nobody sees anything, and a layout takes its time. */
export const mostShown = 500;
/** How many nodes may be asked for to begin with. */
export const amounts = [40, 100, mostShown] as const;
/** What one expansion brings at most. */
export const mostAround = 12;

export interface Shown {
  readonly user: string;
  readonly item: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** The explanation itself has more than was asked for. */
  readonly capped: boolean;
  readonly cypher: readonly ShownStatement[];
  /** What expanding a node brought. */
  readonly expanded: ReadonlyMap<string, { readonly added: number; readonly capped: boolean }>;
}

export const keyOf = ({ source, kind, target }: GraphEdge): string => JSON.stringify([source, kind, target]);
export const userNode = ({ user }: Pick<Shown, 'user'>): string => `user:${user}`;
export const itemNode = ({ item }: Pick<Shown, 'item'>): string => `item:${item}`;

export const shownFirst = ({ user, item, nodes, edges, capped, cypher }: GraphAnswer): Shown => ({
  user,
  item,
  nodes,
  edges,
  capped,
  cypher,
  expanded: new Map(),
});

/** With what lies around `node`; what was there stays as it was, and no more than `mostShown` nodes are taken in. */
export function grown(before: Shown, node: string, more: GraphAnswer): Shown {
  const nodes = new Map(before.nodes.map((each) => [each.id, each]));
  let left = 0;
  for (const each of more.nodes) {
    const known = nodes.get(each.id);
    if (known) nodes.set(each.id, { ...known, detail: { ...each.detail, ...known.detail } });
    else if (nodes.size < mostShown) nodes.set(each.id, each);
    else left += 1;
  }
  const edges = new Map(before.edges.map((each) => [keyOf(each), each]));
  for (const each of more.edges)
    if (!edges.has(keyOf(each)) && nodes.has(each.source) && nodes.has(each.target)) edges.set(keyOf(each), each);
  const cypher = new Map([...before.cypher, ...more.cypher].map((each) => [JSON.stringify(each), each]));
  const added = nodes.size - before.nodes.length;
  return {
    ...before,
    nodes: [...nodes.values()],
    edges: [...edges.values()],
    cypher: [...cypher.values()],
    expanded: new Map(before.expanded).set(node, { added, capped: more.capped || left > 0 }),
  };
}

/**
 * The edges on the shortest ways from the recommended item through a node to the user. The score's own edge is no way, but where
 * there is no other.
 */
export function edgesOnWays(shown: Shown, through: string): ReadonlySet<string> {
  const ways = shown.edges.filter(({ of }) => of !== 'score');
  const from = distances(ways, through);
  const found = new Set<string>();
  for (const end of [userNode(shown), itemNode(shown)]) {
    const to = distances(ways, end);
    const length = from.get(end);
    if (length === undefined) {
      for (const edge of shown.edges) if (edge.of === 'score') found.add(keyOf(edge));
      continue;
    }
    for (const edge of ways)
      for (const [a, b] of [
        [edge.source, edge.target],
        [edge.target, edge.source],
      ] as const)
        if ((from.get(a) ?? Number.NaN) + 1 + (to.get(b) ?? Number.NaN) === length) found.add(keyOf(edge));
  }
  return found;
}

/** Steps from a node to each that can be reached. */
function distances(edges: readonly GraphEdge[], from: string): ReadonlyMap<string, number> {
  const near = new Map<string, string[]>();
  const link = (a: string, b: string) => near.set(a, [...(near.get(a) ?? []), b]);
  for (const { source, target } of edges) {
    link(source, target);
    link(target, source);
  }
  const steps = new Map([[from, 0]]);
  for (const [node, step] of steps)
    for (const next of near.get(node) ?? []) if (!steps.has(next)) steps.set(next, step + 1);
  return steps;
}

/** What is said of a node by the edges that touch it, the weightiest first. */
export function evidenceOf({ edges }: Pick<Shown, 'edges'>, node: string, most = 4): readonly string[] {
  const said = edges
    .filter(({ source, target }) => source === node || target === node)
    .toSorted((a, b) => rank[a.of] - rank[b.of] || b.weight - a.weight)
    .map(({ evidence }) => evidence);
  return [...new Set(said)].slice(0, most);
}
const rank = { score: 0, attribution: 1, evidence: 2 } as const;

/** What a node is, in a word or two. */
export function kindOf({ kind, detail }: GraphNode): string {
  if (kind === 'item') {
    if (detail.role === 'recommended') return 'Recommended';
    return detail.role === 'interacted' ? 'Chosen before' : 'Item';
  }
  if (kind === 'people') return detail.trusted ? 'Trusted people' : 'People';
  return kind === 'user' ? 'User' : (detail.feature ?? 'Feature');
}

/** Statements as Neo4j Browser takes them, parameters first. */
export function cypherText(statements: readonly ShownStatement[]): string {
  return statements
    .map(({ name, statement, parameters }) => `// ${name}\n:params ${literal(parameters)};\n${statement.trim()};`)
    .join('\n\n');
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value === null || typeof value !== 'object') return `${value}`;
  const entries = Object.entries(value).map(
    ([key, each]) => `${/^\w+$/.test(key) ? key : `\`${key}\``}: ${literal(each)}`,
  );
  return `{${entries.join(', ')}}`;
}
