/** The graph of one explanation: user, the interactions that carry the score, and the ways that the graph knows. */
import { itemsWithFeatures, type ShownStatement, statementsShown } from '../graph/around.ts';
import type { EvidencePath } from '../graph/evidence.ts';
import type { GraphReach } from '../graph/reach.ts';
import type { Locale } from '../options.ts';
import type { ServedVersion } from '../serving/served.ts';
import type { Explainer, Explanation } from './explainer.ts';
import { peopleTitle, sentenceOfPart, sentenceOfPath, speechOf } from './sentences.ts';
import {
  Drawing,
  featureNode,
  type GraphEdge,
  itemNode,
  type Piece,
  peopleNode,
  type Subgraph,
  userNode,
} from './subgraph.ts';

/** Paths of a kind that are looked for. */
const pathsOfAKind = 10;
/** Items of the user that stand for a feature. */
const itemsOfAFeature = 4;

export interface DrawnExplanation extends Subgraph {
  readonly explanation: Explanation;
}

/** `limit` nodes at most. Errors: item/unknown. */
export async function drawExplanation(
  { explainer, reach }: { readonly explainer: Explainer; readonly reach: GraphReach },
  served: ServedVersion,
  user: string,
  item: string,
  { limit, locale }: { readonly limit: number; readonly locale?: Locale | undefined },
): Promise<DrawnExplanation> {
  const explanation = await explainer.explain(served, user, item, {
    paths: 3 * pathsOfAKind,
    ofAKind: pathsOfAKind,
    locale,
  });
  const speech = speechOf(served.manifest, locale);
  const { attribution, paths } = explanation;
  const keys = paths.filter(({ kind }) => kind === 'feature').map(({ through }) => through!.id);
  const havers = await reach.ask((graph, timeoutMs) =>
    itemsWithFeatures(graph, user, keys, { timeoutMs, limit: itemsOfAFeature }),
  );
  const [me, target] = [userNode(user), itemNode(item, explanation.title, 'recommended')];
  const shareOf = new Map(attribution?.parts.map((part) => [part.item, part]));

  /** What the user did: with its part of the score where it has one. */
  const interacted = (id: string, title: string): Piece => {
    const part = shareOf.get(id);
    const edge: GraphEdge = {
      source: me.id,
      target: `item:${id}`,
      kind: 'interacted',
      ...(part ? { of: 'attribution', weight: Math.abs(part.share), part: part.part } : { of: 'evidence', weight: 0 }),
      evidence: sentenceOfPart(speech, title, attribution?.method === 'exact' ? part?.share : undefined),
    };
    return { nodes: [itemNode(id, title, 'interacted')], edges: [edge] };
  };
  const pieceOf = (path: EvidencePath): Piece => {
    const { kind, through, score } = path;
    const evidence = { of: 'evidence', weight: Math.min(1, score), evidence: sentenceOfPath(speech, path) } as const;
    if (kind === 'feature') {
      const feature = featureNode(through!);
      const having = (havers?.rows ?? []).filter((row) => row.feature === through!.id && row.item !== item);
      const mine = having.map((row) => interacted(row.item, row.title));
      const has = (id: string): GraphEdge => ({ source: `item:${id}`, target: feature.id, kind: 'has', ...evidence });
      return {
        nodes: [feature, ...mine.flatMap(({ nodes }) => nodes)],
        edges: [...mine.flatMap(({ edges }) => edges), ...having.map((row) => has(row.item)), has(item)],
      };
    }
    const people = peopleNode(through?.id, peopleTitle(speech, path), path);
    const chose = (id: string): GraphEdge => ({ source: people.id, target: `item:${id}`, kind: 'chose', ...evidence });
    if (!through) {
      const trusts: GraphEdge = { source: me.id, target: people.id, kind: 'trusts', ...evidence };
      return { nodes: [people], edges: [trusts, chose(item)] };
    }
    const mine = interacted(through.id, through.title);
    return { nodes: [...mine.nodes, people], edges: [...mine.edges, chose(through.id), chose(item)] };
  };

  const drawing = new Drawing(limit);
  const recommended: GraphEdge = {
    source: me.id,
    target: target.id,
    kind: 'recommended',
    of: 'score',
    weight: 1,
    part: explanation.score,
    evidence: speech.words.score(explanation.title, explanation.score.toPrecision(3)),
  };
  drawing.add({ nodes: [me, target], edges: [recommended] });
  // By turns, so that neither crowds the other out.
  const parts = (attribution?.parts ?? []).toSorted((a, b) => Math.abs(b.share) - Math.abs(a.share));
  for (let n = 0; n < Math.max(parts.length, paths.length); n++) {
    if (paths[n]) drawing.add(pieceOf(paths[n]!));
    if (parts[n]) drawing.add(interacted(parts[n]!.item, parts[n]!.title));
  }
  const drawn = (kind: EvidencePath['kind']) =>
    paths.filter((path) => path.kind === kind && drawing.has(nodeOf(path))).map(({ through }) => through?.id);
  const cypher: readonly ShownStatement[] = reach.graph
    ? statementsShown(
        reach.graph,
        { user, item },
        {
          items: drawn('people') as string[],
          features: drawn('feature') as string[],
          isTrusted: drawn('trust').length > 0,
        },
        served.manifest,
      )
    : [];
  return { ...drawing.graph(cypher), explanation };
}

const nodeOf = ({ kind, through }: EvidencePath): string =>
  kind === 'feature' ? `feature:${through!.id}` : `people:${through?.id ?? ''}`;
