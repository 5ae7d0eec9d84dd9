/**
 * What connects some recommendations: a small tree over the user, the items and what lies between, as cheap as can be found.
 *
 * The graph it is sought in: the user, what she did, features, groups of people. Edges cost less the more they say (a path's score).
 * Items are joined to the tree one after another, each time the one that is nearest, by its cheapest way (Takahashi & Matsuyama, "An
 * approximate solution for the Steiner problem in graphs", Math. Japonica 1980: at most twice the cheapest tree).
 */
import { featuresAround, itemsWithFeatures, type ShownStatement } from '../graph/around.ts';
import type { EvidencePath } from '../graph/evidence.ts';
import type { GraphReach } from '../graph/reach.ts';
import type { Locale } from '../options.ts';
import type { ServedVersion } from '../serving/served.ts';
import type { Explainer } from './explainer.ts';
import { peopleTitle, type Speech, sentenceOfPart, sentenceOfPath, speechOf } from './sentences.ts';
import {
  featureNode,
  type GraphEdge,
  type GraphNode,
  itemNode,
  peopleNode,
  type Subgraph,
  userNode,
} from './subgraph.ts';

/** Features of an item that are looked at: those that few items have. */
const featuresOfAnItem = 12;
/** What an edge costs beside its weight: fewer nodes say more. */
const perEdge = 0.25;

export interface Connection extends Subgraph {
  /** What two or more of the items have in common, those of most items first. */
  readonly common: readonly {
    readonly node: string;
    readonly title: string;
    readonly items: readonly string[];
    readonly sentence: string;
  }[];
  readonly graph: GraphReach['state'];
}

/** Errors: item/unknown. */
export async function connect(
  { explainer, reach }: { readonly explainer: Explainer; readonly reach: GraphReach },
  served: ServedVersion,
  user: string,
  items: readonly string[],
  locale?: Locale,
): Promise<Connection> {
  const speech = speechOf(served.manifest, locale);
  const explanations = await explainer.explainAll(
    served,
    user,
    items.map((id) => ({ id })),
    { paths: 12, ofAKind: 6 },
  );
  const of = await reach.ask(async (graph, timeoutMs) => {
    const options = { timeoutMs, limit: featuresOfAnItem, anonymity: explainer.anonymity };
    const found = await Promise.all(items.map((item) => featuresAround(graph, item, options)));
    const keys = [...new Set(found.flatMap(({ rows }) => rows.map(({ key }) => key)))];
    const mine = await itemsWithFeatures(graph, user, keys, { timeoutMs, limit: 3 });
    return { found, mine };
  });
  const net = new Net();
  const me = net.add(userNode(user));
  const did = (id: string, title: string, weight: number) => {
    const node = net.add(itemNode(id, title, 'interacted'));
    net.join({
      source: me,
      target: node,
      kind: 'interacted',
      of: 'evidence',
      weight,
      evidence: sentenceOfPart(speech, title),
    });
    return node;
  };
  for (const { item, title } of explanations) net.add(itemNode(item, title, 'recommended'));
  for (const { item, paths } of explanations)
    for (const path of paths) addPath(net, speech, me, `item:${item}`, path, did);
  for (const [n, { rows }] of (of?.found ?? []).entries()) {
    const { item, title } = explanations[n]!;
    for (const { key, kind, value, items: having } of rows) {
      const node = net.add(featureNode({ id: key, title: value, kind }, having));
      const weight = 1 / Math.sqrt(Math.max(1, having));
      const evidence = speech.words.has(title, kind, value);
      net.join({ source: `item:${item}`, target: node, kind: 'has', of: 'evidence', weight, evidence });
    }
  }
  for (const { feature, item, title } of of?.mine.rows ?? []) {
    if (items.includes(item)) continue;
    const node = did(item, title, 0.5);
    const [kind, ...value] = feature.split(':') as [string, ...string[]];
    const evidence = speech.words.has(title, kind, value.join(':'));
    net.join({ source: node, target: `feature:${feature}`, kind: 'has', of: 'evidence', weight: 0.5, evidence });
  }
  const terminals = items.map((item) => `item:${item}`);
  const tree = net.tree(me, terminals);
  const asked: readonly ShownStatement[] = [
    ...(of?.found ?? []).flatMap(({ asked }) => asked),
    ...(of?.mine.asked ?? []),
  ];
  return {
    ...tree,
    cypher: asked,
    common: net.common(terminals).map(({ node, of: having }) => ({
      node: node.id,
      title: node.title,
      items: having.map((id) => id.slice('item:'.length)),
      sentence: speech.words.common(node.detail.feature, node.title, having.length, items.length),
    })),
    graph: of ? 'reached' : reach.graph ? 'unreachable' : 'none',
  };
}

function addPath(
  net: Net,
  speech: Speech,
  me: string,
  target: string,
  path: EvidencePath,
  did: (id: string, title: string, weight: number) => string,
): void {
  const { kind, through, score } = path;
  const evidence = { of: 'evidence', weight: Math.min(1, score), evidence: sentenceOfPath(speech, path) } as const;
  if (kind === 'feature') return; // features are looked up for all items alike
  const group = net.add(peopleNode(through?.id, peopleTitle(speech, path), path));
  net.join({ source: group, target, kind: 'chose', ...evidence });
  if (!through) net.join({ source: me, target: group, kind: 'trusts', ...evidence });
  else net.join({ source: group, target: did(through.id, through.title, score), kind: 'chose', ...evidence });
}

/** Nodes and edges, in which trees are sought without regard to directions. */
class Net {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge[]>();

  /** The id. What is there stays as it is. */
  add(node: GraphNode): string {
    if (!this.#nodes.has(node.id)) {
      this.#nodes.set(node.id, node);
      this.#edges.set(node.id, []);
    }
    return node.id;
  }

  join(edge: GraphEdge): void {
    const [from, to] = [this.#edges.get(edge.source), this.#edges.get(edge.target)];
    if (!from || !to || from.some((other) => other.source === edge.source && other.target === edge.target)) return;
    from.push(edge);
    to.push(edge);
  }

  /** Features and groups that two or more of the terminals touch. */
  common(terminals: readonly string[]) {
    const between = [...this.#nodes.values()].filter(({ kind }) => kind === 'feature' || kind === 'people');
    return between
      .map((node) => ({ node, of: terminals.filter((each) => this.#touches(node.id, each)) }))
      .filter(({ of }) => of.length > 1)
      .sort((a, b) => b.of.length - a.of.length || (a.node.id < b.node.id ? -1 : 1));
  }

  #touches(node: string, other: string): boolean {
    return this.#edges.get(node)!.some(({ source, target }) => source === other || target === other);
  }

  /** A tree from a root to all terminals that can be reached; those that cannot stand alone. */
  tree(root: string, terminals: readonly string[]): Pick<Subgraph, 'nodes' | 'edges' | 'capped'> {
    const inTree = new Set([root]);
    const edges: GraphEdge[] = [];
    const open = new Set(terminals);
    while (open.size > 0) {
      const way = this.#nearest(inTree, open);
      if (!way) break;
      for (const edge of way) {
        edges.push(edge);
        inTree.add(edge.source).add(edge.target);
      }
      for (const each of [...open]) if (inTree.has(each)) open.delete(each);
    }
    const ids = new Set([...inTree, ...terminals]);
    return { nodes: [...ids].map((id) => this.#nodes.get(id)!), edges, capped: false };
  }

  /** The cheapest way from any node of `from` to any of `to`; by Dijkstra. */
  #nearest(from: ReadonlySet<string>, to: ReadonlySet<string>): readonly GraphEdge[] | undefined {
    const cost = new Map([...from].map((id) => [id, 0]));
    const came = new Map<string, GraphEdge>();
    const open = new Set(from);
    while (open.size > 0) {
      const next = [...open].reduce((a, b) => (cost.get(b)! < cost.get(a)! ? b : a));
      open.delete(next);
      if (to.has(next)) return wayTo(next, came, from);
      for (const edge of this.#edges.get(next)!) {
        const other = edge.source === next ? edge.target : edge.source;
        const through = cost.get(next)! + perEdge + 1 - edge.weight;
        if (through >= (cost.get(other) ?? Number.POSITIVE_INFINITY)) continue;
        cost.set(other, through);
        came.set(other, edge);
        open.add(other);
      }
    }
    return undefined;
  }
}

function wayTo(end: string, came: ReadonlyMap<string, GraphEdge>, from: ReadonlySet<string>): readonly GraphEdge[] {
  const way: GraphEdge[] = [];
  for (let at = end; !from.has(at); ) {
    const edge = came.get(at)!;
    way.push(edge);
    at = edge.source === at ? edge.target : edge.source;
  }
  return way;
}
