/** Lists for one user: made, or kept from before. */
import type { Explanation } from '../explain/explainer.ts';
import type { GraphReach } from '../graph/reach.ts';
import { lazily } from '../lazily.ts';
import type { Locale } from '../options.ts';
import type { Made, Recalled } from '../serving/answerMemory.ts';
import type { FoldedIn } from '../serving/foldIn/taste.ts';
import type { RuleMark, RuleRequest } from '../serving/rules.ts';
import type { Recommendations, ServedVersion } from '../serving/served.ts';
import { onlyOf } from './listAsked.ts';
import { type ChosenByPipeline, chooseItems, type PipelineChoice } from './pipelines.ts';
import type { Service } from './service.ts';

export interface Answer
  extends Recommendations,
    Pick<ChosenByPipeline, 'pipeline' | 'experiment' | 'degraded' | 'trace'> {
  readonly user: string;
  /** There, where the graph does not answer: what has been done meanwhile may be missing. */
  readonly stale?: true;
  readonly version: string;
  /** There, where the user is ranked by what she has done up to now, which the version was not made with. */
  readonly foldedIn?: FoldedIn;
  /** One for each item, in their order, where reasons were asked for. */
  readonly explanations: readonly Explanation[];
  /** Where rules were named: for each item, in their order, what brought or allowed it. */
  readonly rules?: readonly (readonly RuleMark[])[];
  /** Rules that could not be asked and were left out. */
  readonly notes?: readonly string[];
}

export interface AnswerOptions extends PipelineChoice {
  readonly limit: number;
  readonly explain: boolean;
  readonly locale?: Locale | undefined;
  /** Rules that the items go by. */
  readonly rules?: RuleRequest | undefined;
  /** Which items may be among them, in the language of `serving/filter`. */
  readonly filter?: string | undefined;
}

/**
 * The best items for a user by what the graph says that she has done up to now, and without it, by the rules and the pipeline that are
 * named; and why each. Errors: pipeline/unknown, experiment/*, rule/unknown, rule/failed, query/parameter, filter/invalid, filter/type.
 */
export async function recommendFor(
  { recommender, ...ground }: Omit<Service, 'close' | 'index'>,
  user: string,
  options: AnswerOptions,
): Promise<Answer> {
  const { explainByRules } = await import('../explain/rules.ts');
  const { served, release } = recommender.acquire();
  try {
    const { chosen, foldedIn, graph, explained = [] } = await listFor(ground, served, user, options);
    const { items, marks, draws: _, isMomentary: __, ...rest } = chosen;
    const stale = graph === 'unreachable' && { stale: true as const };
    const about = { ...rest, ...(foldedIn && { foldedIn }), ...stale };
    const explanations = explained.map((each) => explainByRules(each, marks.get(each.item) ?? []));
    const rulesOf = options.rules?.uses.length ? items.map(({ id }) => marks.get(id) ?? []) : undefined;
    return { user, version: served.manifest.id, items, ...about, explanations, ...(rulesOf && { rules: rulesOf }) };
  } finally {
    release();
  }
}

/** What a list for a user is made of, before it is put into words or JSON. */
export interface UserList {
  readonly chosen: ChosenByPipeline;
  /** There, where she is ranked by what she has done up to now. */
  readonly foldedIn?: FoldedIn;
  /** Whether the graph said what she has done up to now. */
  readonly graph: GraphReach['state'];
  /** One for each item, in their order, where reasons were asked for. */
  readonly explained?: readonly Explanation[];
}

/** A list, and whether it was made for this request. */
export type AnsweredList = UserList & Omit<Recalled<UserList>, 'value'>;

/** The list for a user over a version that the caller holds, kept or made. Errors: those of `recommendFor`. */
export async function listFor(
  ground: Pick<Service, 'explainer' | 'reach' | 'pipelines' | 'memory'>,
  version: ServedVersion,
  user: string,
  options: AnswerOptions,
): Promise<AnsweredList> {
  const { memory } = ground;
  if (!memory || options.trace) return { ...(await makeList(ground, version, user, options)), from: 'made', age: 0 };
  const { limit, explain, locale, rules, filter, pipeline, experiment, arm } = options;
  const what = JSON.stringify(['list', limit, explain, locale, filter, pipeline, experiment, arm, rules?.uses]);
  const make = async (): Promise<Made<UserList>> => {
    const value = await makeList(ground, version, user, options);
    const ofItems = filter === undefined ? 'items' : 'contents';
    const dependsOn = value.chosen.pipeline || rules?.uses.length ? 'anything' : explain ? 'nodes' : ofItems;
    return { value, dependsOn, bytes: bytesToKeep(value), isStale: value.graph === 'unreachable' };
  };
  const recalled = await memory.recall('lists', { user, what, basis: version.manifest }, make);
  const { value, ...how } = recalled!; // a list is always made
  return { ...value, ...(how.from === 'stale' && { graph: 'unreachable' as const }), ...how };
}

/** In memory, with the text that is sent; undefined for a list that the same question might not get again. */
function bytesToKeep({ chosen, explained, graph }: UserList): number | undefined {
  const { propensity, degraded, notes, isMomentary } = chosen;
  if (propensity !== undefined || degraded || notes || isMomentary) return undefined;
  if (graph !== 'unreachable' && lacksReasons(explained)) return undefined; // the next request gets them
  return 2 * JSON.stringify([chosen.items, [...chosen.marks], explained]).length;
}

/** Whether the graph did not say in time why the items suit. */
const lacksReasons = (explained: readonly Explanation[] = []): boolean => explained[0]?.graph === 'unreachable';

const current = lazily(() => import('../serving/foldIn/current.ts'));

async function makeList(
  { explainer, reach, pipelines }: Pick<Service, 'explainer' | 'reach' | 'pipelines'>,
  version: ServedVersion,
  user: string,
  { explain, locale, rules, filter, ...options }: AnswerOptions,
): Promise<UserList> {
  const { currentUser } = await current();
  const { served, done, deeds, foldedIn, isStale } = await currentUser(reach, version, user);
  const only = await onlyOf(served, filter);
  const chosen = await chooseItems({ reach, pipelines }, served, user, {
    ...options,
    exclude: done ?? [],
    only,
    deeds,
    rules,
  });
  const explained = explain ? await explainer.explainAll(served, user, chosen.items, { locale }) : undefined;
  // Reasons that came too late make no list stale; that the graph is gone does.
  const isGone = reach.state === 'unreachable' && lacksReasons(explained);
  const asked = done && !isStale && !isGone ? 'reached' : reach.graph ? 'unreachable' : 'none';
  return { chosen, graph: asked, ...(foldedIn && { foldedIn }), ...(explained && { explained }) };
}
