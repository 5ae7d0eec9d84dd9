/** Rules: registering them, trying them, and naming them in a request. */
import type { Graph } from '../graph/driver.ts';
import type { RuleRow } from '../graph/rules/ask.ts';
import type { CheckedRule, CheckLimits, Trial } from '../graph/rules/check.ts';
import type { Rule, RuleDraft, RuleVersion } from '../graph/rules/rule.ts';
import type { RuleRequest } from '../serving/rules.ts';

/** The rules in use, by name. */
export async function listRules(graph: Graph): Promise<readonly Rule[]> {
  return await (await import('../graph/rules/rule.ts')).readRules(graph);
}

/** Every version of a rule, newest first. Errors: rule/unknown where there never was one. */
export async function showRule(graph: Graph, name: string): Promise<readonly RuleVersion[]> {
  const { findRules, ruleVersions } = await import('../graph/rules/rule.ts');
  const versions = await ruleVersions(graph, name);
  if (versions.length === 0) await findRules(graph, [name]);
  return versions;
}

/** Checks a rule, and registers it as its next version. Errors: rule/refused, query/*, neo4j/*. */
export async function addRule(
  graph: Graph,
  draft: RuleDraft,
  limits: CheckLimits,
  user: string | null = null,
): Promise<{ readonly rule: Rule; readonly checked: CheckedRule }> {
  const { checkRule } = await import('../graph/rules/check.ts');
  const { writeRule } = await import('../graph/rules/rule.ts');
  const checked = await checkRule(graph, draft, limits, { user });
  return { rule: await writeRule(graph, draft, checked.purpose, checked.parameters), checked };
}

/** What a rule in use answers for a user, over a few items. Errors: rule/unknown, rule/refused, query/*, neo4j/*. */
export async function tryRule(graph: Graph, name: string, limits: CheckLimits, trial: Trial): Promise<CheckedRule> {
  const { checkRule } = await import('../graph/rules/check.ts');
  const { findRules } = await import('../graph/rules/rule.ts');
  const [rule] = await findRules(graph, [name]);
  return await checkRule(graph, rule!, limits, trial);
}

/** Takes a rule out of use; its versions stay. Errors: rule/unknown. */
export async function removeRule(graph: Graph, name: string): Promise<void> {
  await (await import('../graph/rules/rule.ts')).removeRule(graph, name);
}

/** Rules as a command line or a URL names them: NAME or NAME:param=value,param=value. Undefined for none. Errors: rule/refused. */
export async function ruleRequest(named: readonly string[], timeoutMs: number): Promise<RuleRequest | undefined> {
  if (named.length === 0) return undefined;
  const { parseRuleUse } = await import('../graph/rules/ask.ts');
  return { uses: named.map(parseRuleUse), timeoutMs };
}

export type { CheckedRule, CheckLimits, Rule, RuleRow, RuleVersion };
