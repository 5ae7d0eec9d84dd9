/** Where an item was lost on the way to a user's list. */
import { randomUUID } from 'node:crypto';
import type { RuleRequest } from '../serving/rules.ts';
import type { ServedVersion } from '../serving/served.ts';
import type { WhyNot } from '../serving/stages/whyNot.ts';
import { type ListAsked, onlyOf } from './listAsked.ts';
import { chooseItems, type ListGround, type ListOptions, pipelineAsked, screenOf, stagesAsked } from './pipelines.ts';
import type { Service } from './service.ts';

export interface WhyNotOptions extends Omit<ListAsked, 'trace'> {
  readonly limit: number;
  readonly version?: string | undefined;
}

export interface WhyNotAnswer extends WhyNot {
  /** Which chose the pipeline, where one did. */
  readonly experiment?: { readonly name: string; readonly arm: string };
}

/**
 * Follows an item through the list as a request with the same options would get it: made of the same deeds and of what was shown, by
 * the same filter, rules and arm. Errors: filter/*, pipeline/unknown, experiment/*, rule/*, query/parameter.
 */
export async function whyNotFor(
  { recommender, ...ground }: Pick<Service, 'recommender'> & ListGround,
  user: string,
  item: string,
  { version, filter, seed = randomUUID(), ...options }: WhyNotOptions,
): Promise<WhyNotAnswer> {
  const [{ currentUser }, { whyNot }] = await Promise.all([
    import('../serving/foldIn/current.ts'),
    import('../serving/stages/whyNot.ts'),
  ]);
  const { served: base, release } = recommender.acquire(version);
  try {
    const { served, done = [], deeds } = await currentUser(ground.reach, base, user);
    const { pipeline, isOwnRanking, about } = await pipelineAsked(ground.pipelines, user, options);
    const only = await onlyOf(served, filter);
    const asked = { ...options, seed, exclude: done, only, deeds };
    const { request } = await stagesAsked(ground, served, user, pipeline, asked);
    const rules = options.rules?.uses.length ? await ruledList(ground, served, user, asked, options.rules) : undefined;
    const found = await whyNot(ground.pipelines, served, { ...request, ...rules, user }, item);
    const experiment = about && { experiment: about.experiment };
    const isRuled = found.stage === 'rules' || (isOwnRanking && lostAtSources.has(found.lost)); // which ranks all items
    const verdict = options.rules && rules && isRuled ? await removalOf(ground, user, item, options.rules) : undefined;
    return { ...found, ...verdict, ...experiment };
  } finally {
    release();
  }
}

const lostAtSources: ReadonlySet<string> = new Set(['not-found', 'below-quota']);

/** What rules do to a list: which candidates stay, and what the list is once their sources took turns with it. */
async function ruledList(
  ground: ListGround,
  served: ServedVersion,
  user: string,
  options: Omit<ListOptions, 'rules'>,
  rules: RuleRequest,
) {
  const [{ screenByRules }, { items }] = await Promise.all([
    import('../serving/rules.ts'),
    chooseItems(ground, served, user, { ...options, rules }),
  ]);
  const { atHand: graph } = ground.reach;
  const screen = screenOf(served, (candidates) => screenByRules(graph, user, candidates, rules));
  return { screen, listed: items.map(({ id }) => id) };
}

/** The rule that leaves an item out, where one does. */
async function removalOf({ reach }: ListGround, user: string, item: string, rules: RuleRequest) {
  const { judgeByRules } = await import('../explain/rules.ts');
  const by = (await judgeByRules(reach.atHand, user, item, rules)).find(({ verdict }) => verdict === 'removes');
  if (!by) return undefined;
  const why = by.reason === undefined ? '' : `: ${by.reason.replace(/\.$/, '')}`;
  return {
    lost: 'removed' as const,
    stage: 'rules',
    because: `Removed by the rule '${by.rule}'${why}.`,
    rule: by.rule,
  };
}
