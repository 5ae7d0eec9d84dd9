/** Explanations beyond a list's reasons: of one item, as a graph that can be drawn, and what would be otherwise. */
import type { Connection } from '../explain/connection.ts';
import type { Contrast } from '../explain/contrast.ts';
import type { Counterfactual } from '../explain/counterfactual.ts';
import type { Explanation } from '../explain/explainer.ts';
import type { Retrained } from '../explain/retrained.ts';
import type { RuleVerdict } from '../explain/rules.ts';
import type { Subgraph } from '../explain/subgraph.ts';
import type { WhatIf, WhatIfOptions } from '../explain/whatIf.ts';
import type { WhatWouldChange } from '../explain/whatWouldChange.ts';
import type { Locale } from '../options.ts';
import type { VersionManifest } from '../serving/manifest.ts';
import type { RuleRequest } from '../serving/rules.ts';
import type { ServedVersion } from '../serving/served.ts';
import type { Run } from './run.ts';
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

/** Why an item suits a user, and what the rules that are named do with it. Errors: item/unknown, rule/unknown, rule/failed. */
export async function explainFor(
  { recommender, explainer, reach }: Ground,
  user: string,
  item: string,
  { rules, locale }: { readonly rules?: RuleRequest | undefined; readonly locale?: Locale | undefined } = {},
): Promise<Explanation & { readonly rules?: readonly RuleVerdict[] }> {
  const { explainByVerdicts, judgeByRules } = await import('../explain/rules.ts');
  const { currentUser } = await import('../serving/foldIn/current.ts');
  const { served, release } = recommender.acquire();
  try {
    const current = await currentUser(reach, served, user);
    const explanation = await explainer.explain(current.served, user, item, { locale });
    if (!rules) return explanation;
    return explainByVerdicts(explanation, await judgeByRules(reach.atHand, user, item, rules));
  } finally {
    release();
  }
}

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
  options: { readonly limit: number; readonly locale?: Locale | undefined },
): Promise<GraphAnswer> {
  const { currentUser } = await import('../serving/foldIn/current.ts');
  const { drawExplanation } = await import('../explain/drawnExplanation.ts');
  const { served, release } = recommender.acquire();
  try {
    const current = await currentUser(reach, served, user);
    const { explanation, ...drawn } = await drawExplanation({ explainer, reach }, current.served, user, item, options);
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
  { node, limit, locale }: { readonly node: string; readonly limit: number; readonly locale?: Locale | undefined },
): Promise<GraphAnswer> {
  const { currentUser } = await import('../serving/foldIn/current.ts');
  const { expandNode, ownInteractions, parseNode } = await import('../explain/expansion.ts');
  const { speechOf } = await import('../explain/sentences.ts');
  const named = parseNode(node, user);
  const { served, release } = recommender.acquire();
  try {
    const current = await currentUser(reach, served, user);
    const { minValue, interactions } = served.manifest;
    const options = { limit, anonymity: explainer.anonymity, minValue, interactions };
    const of = { user, item, current, speech: speechOf(served.manifest, locale) };
    const nothing = named.kind === 'user' ? ownInteractions(of, limit) : noGraph;
    const found = await reach.ask((graph, timeoutMs) => expandNode(graph, of, named, { ...options, timeoutMs }));
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

export interface CounterfactualAnswer extends Counterfactual {
  readonly version: AnsweringVersion;
  /** There, where the model was trained anew to see. */
  readonly retrained?: Retrained;
  readonly sentences: readonly string[];
}

/**
 * The smallest set of interactions without which an item is not among the first `limit`. With `retrain`, also whether that holds after
 * training anew. Errors: explain/fixed-taste, explain/not-listed, item/unknown; those of a training.
 */
export async function counterfactualFor(
  { recommender, reach }: Pick<Service, 'recommender' | 'reach'>,
  user: string,
  item: string,
  {
    limit,
    locale,
    retrain,
  }: { readonly limit: number; readonly locale?: Locale | undefined; readonly retrain?: Run | undefined },
): Promise<CounterfactualAnswer> {
  const { currentUser } = await import('../serving/foldIn/current.ts');
  const { counterfactual } = await import('../explain/counterfactual.ts');
  const { speechOf } = await import('../explain/sentences.ts');
  const { served, release } = recommender.acquire();
  try {
    const { served: current, done } = await currentUser(reach, served, user);
    const found = await counterfactual(current, user, item, { limit, done });
    const retrained =
      retrain && found.found
        ? await retrainedFor(current, user, found, { limit, done, signal: retrain.signal })
        : undefined;
    const { words } = speechOf(served.manifest, locale);
    const { title, without, instead } = found;
    const titles = (named: readonly { readonly title: string }[]) => named.map((each) => each.title);
    const sentences = found.found
      ? [words.counterfactual(title, limit, titles(without), titles(instead)), words.fixedWeights(found.exact)]
      : [words.noCounterfactual(title, limit)];
    if (retrained) sentences.push(words.retrained(retrained.holds, title, retrained.rank));
    return { version: versionOf(served.manifest), ...found, ...(retrained && { retrained }), sentences };
  } finally {
    release();
  }
}

async function retrainedFor(
  served: ServedVersion,
  user: string,
  { item, without }: Counterfactual,
  options: { readonly limit: number; readonly done: readonly string[] | undefined; readonly signal: AbortSignal },
): Promise<Retrained> {
  const { retrainWithout } = await import('../explain/retrained.ts');
  const { findModel } = await import('../models/registry.ts');
  const { kernels } = served.base;
  const needsTensors = findModel(served.manifest.model).tensors === true;
  const tensors = needsTensors ? await (await import('../compute/tensors/wasm.ts')).openWasm(kernels) : undefined;
  try {
    const ids = without.map((each) => each.item);
    return await retrainWithout(served, user, ids, item, { ...options, kernels, tensors });
  } finally {
    tensors?.close();
  }
}

export interface ContrastAnswer extends Contrast {
  readonly version: AnsweringVersion;
  readonly sentence: string;
}

/** Why one of two items scores more than the other for a user. Errors: item/unknown, explain/fixed-taste. */
export async function contrastFor(
  { recommender, explainer, reach }: Ground,
  user: string,
  items: readonly [string, string],
  { locale }: { readonly locale?: Locale | undefined } = {},
): Promise<ContrastAnswer> {
  const { currentUser } = await import('../serving/foldIn/current.ts');
  const { contrast } = await import('../explain/contrast.ts');
  const { speechOf } = await import('../explain/sentences.ts');
  const { served, release } = recommender.acquire();
  try {
    const { served: current } = await currentUser(reach, served, user);
    const found = await contrast(explainer, current, user, items);
    const { words } = speechOf(served.manifest, locale);
    const most = found.parts.find(({ difference }) => difference > 0);
    const sentence = words.contrast(found.above.title, found.below.title, most?.title, true);
    return { version: versionOf(served.manifest), ...found, sentence };
  } finally {
    release();
  }
}

export interface ChangeAnswer extends WhatWouldChange {
  readonly version: AnsweringVersion;
  readonly sentences: readonly string[];
}

/** Which items to like for one to rise most, each tried by ranking anew. Errors: explain/fixed-taste, item/unknown. */
export async function whatWouldChangeFor(
  { recommender, reach }: Pick<Service, 'recommender' | 'reach'>,
  user: string,
  item: string,
  { limit, locale }: { readonly limit: number; readonly locale?: Locale | undefined },
): Promise<ChangeAnswer> {
  const { currentUser } = await import('../serving/foldIn/current.ts');
  const { whatWouldChange } = await import('../explain/whatWouldChange.ts');
  const { speechOf } = await import('../explain/sentences.ts');
  const { served, release } = recommender.acquire();
  try {
    const { served: current, done } = await currentUser(reach, served, user);
    const found = whatWouldChange(current, user, item, { limit, done });
    const { words } = speechOf(served.manifest, locale);
    const [first] = found.likes;
    const sentences = first
      ? [words.change(found.title, found.rank, first.title, first.rank), words.fixedWeights(found.exact)]
      : [words.noChange(found.title)];
    return { version: versionOf(served.manifest), ...found, sentences };
  } finally {
    release();
  }
}

export interface ConnectionAnswer extends Connection {
  readonly user: string;
  readonly items: readonly string[];
  readonly version: AnsweringVersion;
}

/** What connects some items for a user, as a small graph. Errors: item/unknown. */
export async function connectionFor(
  { recommender, explainer, reach }: Ground,
  user: string,
  items: readonly string[],
  { locale }: { readonly locale?: Locale | undefined } = {},
): Promise<ConnectionAnswer> {
  const { currentUser } = await import('../serving/foldIn/current.ts');
  const { connect } = await import('../explain/connection.ts');
  const { served, release } = recommender.acquire();
  try {
    const { served: current } = await currentUser(reach, served, user);
    const found = await connect({ explainer, reach }, current, user, [...new Set(items)], locale);
    return { user, items: [...new Set(items)], version: versionOf(served.manifest), ...found };
  } finally {
    release();
  }
}
