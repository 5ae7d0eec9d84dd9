/** What lies around one node of an explanation's graph. */
import { TastegraphError } from '../errors.ts';
import {
  type AroundItem,
  type AroundOptions,
  chosenAround,
  chosenByTrusted,
  featuresAround,
  itemsAround,
  type ShownStatement,
} from '../graph/around.ts';
import type { Graph } from '../graph/driver.ts';
import type { CurrentUser } from '../serving/foldIn/current.ts';
import { peopleTitle, type Speech, sentenceOfPart } from './sentences.ts';
import {
  Drawing,
  featureNode,
  type GraphEdge,
  type GraphNode,
  itemNode,
  type NodeKind,
  peopleNode,
  type Subgraph,
  trustedNode,
  userNode,
} from './subgraph.ts';

/** What a node's id says. Errors: explain/no-node, also for users who are not the one asked for. */
export function parseNode(node: string, user: string): NodeName {
  const colon = node.indexOf(':');
  const [kind, id] = [node.slice(0, colon), node.slice(colon + 1)];
  const isKind = kind === 'item' || kind === 'feature' || kind === 'people' || (kind === 'user' && id === user);
  if (!isKind) throw new TastegraphError('explain/no-node', { node });
  return { kind, id };
}

export interface NodeName {
  readonly kind: NodeKind;
  readonly id: string;
}

/** Whose explanation it is, and of what. */
export interface ExpansionOf {
  readonly user: string;
  readonly item: string;
  readonly current: CurrentUser;
  readonly speech: Speech;
}

/** More around a node, itself not counted: at most `options.limit` nodes. Errors: whatever the driver says. */
export async function expandNode(
  graph: Graph,
  of: ExpansionOf,
  { kind, id }: NodeName,
  options: AroundOptions,
): Promise<Subgraph> {
  // One more than is shown: whether there are more is then known.
  const asking = { ...options, limit: options.limit + 1 };
  switch (kind) {
    case 'user':
      return ownInteractions(of, options.limit);
    case 'item':
      return await aroundItem(graph, of, id, asking);
    case 'feature':
      return await aroundFeature(graph, of, id, asking);
    case 'people':
      return await aroundPeople(graph, of, id, asking);
  }
}

/** Within what was asked for, from one more than that. */
function drawn(
  { limit }: AroundOptions,
  rows: readonly { readonly node: GraphNode; readonly edge: GraphEdge }[],
  cypher: readonly ShownStatement[],
): Subgraph {
  const drawing = new Drawing(limit - 1);
  for (const { node, edge } of rows) drawing.add({ nodes: [node], edges: [edge] });
  return drawing.graph(cypher);
}

export function ownInteractions(
  { user, current: { served, deeds }, speech }: Omit<ExpansionOf, 'item'>,
  limit: number,
): Subgraph {
  const { snapshot } = served.published;
  const known = deeds.length > 0 ? deeds.map((deed) => deed.item).reverse() : [...served.liked(user)];
  const drawing = new Drawing(limit);
  for (const index of new Set(known)) {
    const [id, title] = [snapshot.items.id(index), snapshot.items.title(index)];
    const edge: GraphEdge = {
      source: userNode(user).id,
      target: `item:${id}`,
      kind: 'interacted',
      of: 'evidence',
      weight: 0,
      evidence: sentenceOfPart(speech, title),
    };
    drawing.add({ nodes: [itemNode(id, title, 'interacted')], edges: [edge] });
  }
  return drawing.graph([]);
}

async function aroundItem(
  graph: Graph,
  { user, current: { served }, speech }: ExpansionOf,
  item: string,
  options: AroundOptions,
): Promise<Subgraph> {
  const { items } = served.published.snapshot;
  const index = items.index(item);
  const title = index === undefined ? item : items.title(index);
  const [features, people] = await Promise.all([
    featuresAround(graph, item, options),
    chosenAround(graph, user, [item], options),
  ]);
  const group = people.rows[0];
  const rows: { node: GraphNode; edge: GraphEdge }[] = [];
  if (group) {
    const node = peopleNode(item, peopleTitle(speech, { ...group, count: group.people }), {
      ...group,
      count: group.people,
    });
    const evidence = speech.words.chose({ ...group, count: group.people }, title);
    rows.push({
      node,
      edge: { source: node.id, target: `item:${item}`, kind: 'chose', of: 'evidence', weight: 1, evidence },
    });
  }
  for (const { key, kind, value, items: count } of features.rows) {
    const node = featureNode({ id: key, title: value, kind }, count);
    const evidence = speech.words.has(title, kind, value);
    rows.push({
      node,
      edge: { source: `item:${item}`, target: node.id, kind: 'has', of: 'evidence', weight: 1 / count, evidence },
    });
  }
  return drawn(options, rows, [...features.asked, ...people.asked]);
}

async function aroundFeature(
  graph: Graph,
  { speech }: ExpansionOf,
  feature: string,
  options: AroundOptions,
): Promise<Subgraph> {
  const { rows, asked } = await itemsAround(graph, feature, options);
  const colon = feature.indexOf(':');
  const [kind, value] = [feature.slice(0, colon), feature.slice(colon + 1)];
  const all = rows.map(({ id, title, items }) => ({
    node: itemNode(id, title),
    edge: {
      source: `item:${id}`,
      target: `feature:${feature}`,
      kind: 'has',
      of: 'evidence',
      weight: 1 / items,
      evidence: speech.words.has(title, kind, value),
    } as const,
  }));
  return drawn(options, all, asked);
}

/** What a group chose beside: those who chose the one item and the recommended one, or whom the user trusts. */
async function aroundPeople(
  graph: Graph,
  { user, item, speech }: ExpansionOf,
  through: string,
  options: AroundOptions,
): Promise<Subgraph> {
  const group = `people:${through}`;
  const { rows, asked } =
    group === trustedNode
      ? await chosenByTrusted(graph, user, options)
      : await chosenAround(graph, user, through === item ? [item] : [through, item], options);
  const most = Math.max(1, ...rows.map(({ count }) => count ?? 0));
  const all = rows.map(({ id, title, count, capped = false }: AroundItem & { readonly capped?: boolean }) => ({
    node: itemNode(id, title),
    edge: {
      source: group,
      target: `item:${id}`,
      kind: 'chose',
      of: 'evidence',
      weight: (count ?? 0) / most,
      evidence: speech.words.chose({ count, capped }, title),
    } as const,
  }));
  return drawn(options, all, asked);
}
