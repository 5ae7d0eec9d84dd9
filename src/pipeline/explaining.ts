/** Explanations beyond a list's reasons: as a graph that can be drawn, and what would be otherwise. */
import type { Subgraph } from '../explain/subgraph.ts';
import type { WhatIf, WhatIfOptions } from '../explain/whatIf.ts';
import type { VersionManifest } from '../serving/manifest.ts';
import type { Service } from './service.ts';

type Ground = Pick<Service, 'recommender' | 'explainer' | 'reach'>;

/** Which version an answer is of. */
export interface AnsweringVersion {
  readonly id: string;
  readonly model: string;
  /** ms since 1970. */
  readonly publishedAt: number;
}

const noGraph: Subgraph = { nodes: [], edges: [], capped: false, cypher: [] };
const versionOf = ({ id, model, at }: VersionManifest): AnsweringVersion => ({ id, model, publishedAt: at });

export interface GraphAnswer extends Subgraph {
  readonly user: string;
  readonly item: string;
  readonly version: AnsweringVersion;
  readonly graph: 'none' | 'reached' | 'unreachable';
}

/** Why an item suits a user, as a graph of at most `limit` nodes. Errors: item/unknown. */
export async function explanationGraphFor(
  { recommender, explainer, reach }: Ground,
  user: string,
  item: string,
  { limit }: { readonly limit: number },
): Promise<GraphAnswer> {
  const { currentUser } = await import('../serving/foldIn/current.ts');
  const { drawExplanation } = await import('../explain/drawnExplanation.ts');
  const { served, release } = recommender.acquire();
  try {
    const current = await currentUser(reach, served, user);
    const { explanation, ...drawn } = await drawExplanation({ explainer, reach }, current.served, user, item, limit);
    return { user, item, version: versionOf(served.manifest), graph: explanation.graph, ...drawn };
  } finally {
    release();
  }
}

/** What lies around a node of such a graph; nothing where the graph does not answer. Errors: explain/no-node. */
export async function expandExplanation(
  { recommender, explainer, reach }: Ground,
  user: string,
  item: string,
  { node, limit }: { readonly node: string; readonly limit: number },
): Promise<GraphAnswer> {
  const { currentUser } = await import('../serving/foldIn/current.ts');
  const { expandNode, ownInteractions, parseNode } = await import('../explain/expansion.ts');
  const named = parseNode(node, user);
  const { served, release } = recommender.acquire();
  try {
    const current = await currentUser(reach, served, user);
    const { minValue, interactions } = served.manifest;
    const options = { limit, anonymity: explainer.anonymity, minValue, interactions };
    const nothing = named.kind === 'user' ? ownInteractions(current.served, user, [], limit) : noGraph;
    const found = await reach.ask((graph, timeoutMs) =>
      expandNode(graph, { user, item, current }, named, { ...options, timeoutMs }),
    );
    const state = found ? 'reached' : reach.graph ? 'unreachable' : 'none';
    return { user, item, version: versionOf(served.manifest), graph: state, ...(found ?? nothing) };
  } finally {
    release();
  }
}

/** The list as it would be had the user done other things. Errors: explain/fixed-taste, item/unknown. */
export async function whatIfFor(
  { recommender, reach }: Pick<Service, 'recommender' | 'reach'>,
  user: string,
  options: Omit<WhatIfOptions, 'done'>,
): Promise<WhatIf & { readonly version: AnsweringVersion }> {
  const { currentUser } = await import('../serving/foldIn/current.ts');
  const { whatIf } = await import('../explain/whatIf.ts');
  const { served, release } = recommender.acquire();
  try {
    const { served: current, done } = await currentUser(reach, served, user);
    return { version: versionOf(served.manifest), ...whatIf(current, user, { ...options, done }) };
  } finally {
    release();
  }
}
