/** What a rule answers for a user. */
import { TastegraphError } from '../../errors.ts';
import { guardCypher } from '../admin/guard.ts';
import { bindParameters, type GivenParameters } from '../admin/parameters.ts';
import { openRows, type Rows } from '../admin/rows.ts';
import type { Graph } from '../driver.ts';
import type { Rule } from './rule.ts';

/** A rule as a request names it. */
export interface RuleUse {
  readonly name: string;
  readonly parameters: GivenParameters;
}

export interface RuleRow {
  readonly item: string;
  readonly score?: number;
  readonly reason?: string;
}

/** Columns that a rule may answer; `item` it must. */
export const ruleColumns = ['item', 'score', 'reason'] as const;
/** Most rows of one answer, and most letters of a reason. */
export const mostRuleRows = 10_000;
const mostReason = 300;

/** 'NAME' or 'NAME:param=value,param=value', values percent-encoded where they hold a comma. Errors: rule/refused. */
export function parseRuleUse(text: string): RuleUse {
  const colon = text.indexOf(':');
  if (colon < 0) return { name: text, parameters: {} };
  const name = text.slice(0, colon);
  const problem = 'expected NAME or NAME:param=value,param=value';
  const pairs = text.slice(colon + 1).split(',');
  const parameters = pairs.map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new TastegraphError('rule/refused', { rule: name, problem });
    try {
      return [pair.slice(0, equals), decodeURIComponent(pair.slice(equals + 1))] as const;
    } catch (cause) {
      throw new TastegraphError('rule/refused', { rule: name, problem: `${problem}, percent-encoded` }, cause);
    }
  });
  return { name, parameters: Object.fromEntries(parameters) };
}

/** Texts that the guard has let through in this process: a rule is planned once more before it is first used, since nodes can be edited. */
const guarded = new Set<string>();

/**
 * Asks a rule. `items` are the candidates, for a filter and an exclusion; rows about other items are passed over.
 * Errors: query/parameter, query/refused, query/timeout, query/memory, neo4j/*; rule/refused for rows that are none of a rule's.
 */
export async function askRule(
  graph: Graph,
  rule: Rule,
  given: GivenParameters,
  user: string,
  items: readonly string[],
  timeoutMs: number,
): Promise<readonly RuleRow[]> {
  const parameters = { ...bindParameters(rule.name, rule.parameters, given), user, items: [...items] };
  if (!guarded.has(rule.cypher)) {
    await guardCypher(graph, rule.cypher, parameters, Math.max(timeoutMs, planningMs));
    guarded.add(rule.cypher);
  }
  const limits = { timeoutMs, limit: Math.max(mostRuleRows, items.length) };
  const rows = await openRows(graph, rule.cypher, parameters, limits, rule.name);
  const answered = await collectRuleRows(rule.name, rows);
  // What a source has not said is not missed; an exclusion cut short would let items through.
  if (rows.more() && rule.kind !== 'source') {
    const problem = `it answered more than ${limits.limit} rows: match items whose id is in $items`;
    throw new TastegraphError('rule/refused', { rule: rule.name, problem });
  }
  return answered;
}

/** The first time that a server plans a statement takes it a second or so, ms. */
const planningMs = 10_000;

/** Rows as a rule answers them, the first of each item. Errors: rule/refused. */
export async function collectRuleRows(name: string, { columns, rows }: Rows): Promise<readonly RuleRow[]> {
  const found = new Map<string, RuleRow>();
  for await (const row of rows) {
    const { item, score, reason } = Object.fromEntries(columns.map((column, at) => [column, row[at]]));
    const problem = (what: string, kind: string) =>
      new TastegraphError('rule/refused', { rule: name, problem: `it answered a ${what} that is no ${kind}` });
    if (typeof item !== 'string') throw problem('item', 'text');
    if (typeof score !== 'number' && score !== null && score !== undefined) throw problem('score', 'number');
    if (typeof reason !== 'string' && reason !== null && reason !== undefined) throw problem('reason', 'text');
    if (found.has(item)) continue;
    found.set(item, {
      item,
      ...(typeof score === 'number' && { score }),
      ...(typeof reason === 'string' && { reason: reason.slice(0, mostReason) }),
    });
  }
  return [...found.values()];
}
