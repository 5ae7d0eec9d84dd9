/**
 * Rules: Cypher patterns that administrators register and that requests use by name. A source brings candidates, a filter says which
 * of $items may stay, an exclusion which of them must go. Kept in the graph, each change a new version.
 */
import { TastegraphError } from '../../errors.ts';
import type { Parameter } from '../admin/header.ts';
import type { Graph } from '../driver.ts';
import { statement } from '../statements.ts';

export const ruleKinds = ['source', 'filter', 'exclude'] as const;
export type RuleKind = (typeof ruleKinds)[number];

/** What is registered. The comment above the Cypher declares its parameters, as in the catalogue. */
export interface RuleDraft {
  readonly name: string;
  readonly kind: RuleKind;
  readonly cypher: string;
}

export interface Rule extends RuleDraft {
  readonly version: number;
  readonly purpose: string;
  /** Beside $user and $items. */
  readonly parameters: readonly Parameter[];
  /** ms since 1970. */
  readonly at: number;
}

export interface RuleVersion extends RuleDraft {
  readonly version: number;
  readonly purpose: string;
  readonly at: number;
  /** ms since 1970; null where it is in use. */
  readonly removed: number | null;
}

/** The rules in use, by name; only those of `names` where given. */
export async function readRules(graph: Graph, names?: readonly string[], timeoutMs?: number): Promise<readonly Rule[]> {
  const session = graph.session({ mode: 'READ' });
  try {
    const limits = timeoutMs === undefined ? {} : { timeout: timeoutMs };
    const { records } = await session.run(statement('read/rules'), { names: names ?? null }, limits);
    return records.map((record) => {
      const row = record.toObject() as unknown as Rule & { readonly parameters: string };
      return { ...row, parameters: JSON.parse(row.parameters) as Parameter[] };
    });
  } finally {
    await session.close();
  }
}

/** These rules in the order named. Errors: rule/unknown. */
export async function findRules(graph: Graph, names: readonly string[], timeoutMs?: number): Promise<readonly Rule[]> {
  const found = new Map((await readRules(graph, names, timeoutMs)).map((rule) => [rule.name, rule]));
  const missing = names.find((name) => !found.has(name));
  if (missing !== undefined) {
    const known = (await readRules(graph)).map(({ name }) => name).join(', ') || 'none';
    throw new TastegraphError('rule/unknown', { rule: missing, known });
  }
  return names.map((name) => found.get(name)!);
}

/** Every version that a rule ever had, newest first; none where there never was one. */
export async function ruleVersions(graph: Graph, name: string): Promise<readonly RuleVersion[]> {
  const { records } = await graph.read((tx) => tx.run(statement('read/rule-versions'), { name }));
  return records.map((record) => ({ name, ...(record.toObject() as Omit<RuleVersion, 'name'>) }));
}

/** Writes a rule that was checked, as its next version. */
export async function writeRule(
  graph: Graph,
  draft: RuleDraft,
  purpose: string,
  parameters: readonly Parameter[],
): Promise<Rule> {
  const row = { ...draft, purpose, parameters: JSON.stringify(parameters) };
  const { records } = await graph.write((tx) => tx.run(statement('write/rule-add'), row));
  return { ...draft, purpose, parameters, ...(records[0]!.toObject() as { version: number; at: number }) };
}

/** Takes a rule out of use. Errors: rule/unknown. */
export async function removeRule(graph: Graph, name: string): Promise<void> {
  const { records } = await graph.write((tx) => tx.run(statement('write/rule-remove'), { name }));
  if (records[0]?.get('removed') === 0) await findRules(graph, [name]);
}
