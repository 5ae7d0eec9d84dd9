/** Whether a rule may be accepted: it only reads, is cheap enough for every request, and answers what a rule answers. */
import { TastegraphError } from '../../errors.ts';
import { askFreely } from '../admin/apart.ts';
import { guardCypher } from '../admin/guard.ts';
import { type Header, parseHeader } from '../admin/header.ts';
import { bindParameters, type GivenParameters } from '../admin/parameters.ts';
import { openRows } from '../admin/rows.ts';
import type { Graph } from '../driver.ts';
import { statement } from '../statements.ts';
import { collectRuleRows, mostRuleRows, type RuleRow, ruleColumns } from './ask.ts';
import type { RuleDraft } from './rule.ts';

export interface CheckLimits {
  /** Most rows that the planner may expect. */
  readonly maxRuleRows: number;
  readonly ruleTimeoutMs: number;
  readonly freeCypherMemoryMb: number;
}

export interface Trial {
  /** Somebody's id, or null in a graph without anybody who interacted. */
  readonly user: string | null;
  readonly given?: GivenParameters;
}

export interface CheckedRule {
  readonly purpose: string;
  readonly parameters: Header['parameters'];
  /** Rows that the planner expects. */
  readonly plannedRows: number;
  /** Whom it was tried with; absent where there was nobody. */
  readonly user?: string;
  readonly answered: readonly RuleRow[];
  readonly ms: number;
}

/** The trial plans the text for the first time, which takes the server a second or so that no later use does, ms. */
const firstPlanMs = 10_000;

/**
 * Checks a rule and tries it with a user, by default anybody who interacted. Parameters have their defaults, or what `trial` gives.
 * Errors: rule/refused, query/refused, query/timeout, query/memory, neo4j/*.
 */
export async function checkRule(
  graph: Graph,
  { name, kind, cypher }: RuleDraft,
  limits: CheckLimits,
  trial: Trial = { user: null },
): Promise<CheckedRule> {
  const refuse = (problem: string, cause?: unknown) =>
    new TastegraphError('rule/refused', { rule: name, problem }, cause);
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name))
    throw refuse('a name is made of a to z, 0 to 9 and -, and begins with a letter');
  const header = headerOf(cypher, refuse);
  const declared = header.parameters.filter((each) => each.name !== 'user' && each.name !== 'items');
  const [sample] = (await graph.read((tx) => tx.run(statement('read/rule-sample'), { user: trial.user }))).records;
  const user = (sample?.get('user') as string | null) ?? undefined;
  const items = (sample?.get('items') as string[] | undefined) ?? [];
  const parameters = { ...bindParameters(name, declared, trial.given ?? {}), user: user ?? '-', items };
  const patienceMs = Math.max(limits.ruleTimeoutMs, firstPlanMs);
  const plan = await guardCypher(graph, cypher, parameters, patienceMs);

  if (!plan.columns.includes('item'))
    throw refuse(`it must answer a column 'item', and answers ${plan.columns.join(', ')}`);
  const other = plan.columns.find((column) => !ruleColumns.some((known) => known === column));
  if (other !== undefined)
    throw refuse(`it answers '${other}'; a rule answers ${ruleColumns.join(', ')} and nothing else`);
  const known = new Set(['user', 'items', ...declared.map((each) => each.name)]);
  const undeclared = [...plan.parameters].find((each) => !known.has(each));
  if (undeclared !== undefined)
    throw refuse(
      `it uses $${undeclared}: declare it above the statement, as in '// $km: FLOAT = 20 (0 to 1000). How far'`,
    );
  const unused = declared.find((each) => !plan.parameters.has(each.name));
  if (unused) throw refuse(`it declares $${unused.name} and does not use it`);
  if (kind !== 'source' && !plan.parameters.has('items'))
    throw refuse(`a ${kind} must look at the candidates alone: match items whose id is in $items`);
  if (plan.rows > limits.maxRuleRows) {
    const rows = Math.round(plan.rows);
    throw refuse(`its plan expects ${rows} rows, over the bound of ${limits.maxRuleRows}. Begin at $user or at $items`);
  }
  // On the thread, since nobody knows yet what it answers.
  const rows = { limit: mostRuleRows, memoryMb: limits.freeCypherMemoryMb };
  const asked = await askFreely(graph, cypher, parameters, { ...rows, timeoutMs: patienceMs }, name);
  const answered = await collectRuleRows(name, asked);
  // Again, planned by now, in the time that a request gives it.
  const begun = performance.now();
  const timed = { ...rows, timeoutMs: limits.ruleTimeoutMs };
  await collectRuleRows(name, await openRows(graph, cypher, parameters, timed, name));
  const ms = performance.now() - begun;
  return {
    purpose: header.purpose,
    parameters: declared,
    plannedRows: plan.rows,
    ...(user !== undefined && { user }),
    answered,
    ms,
  };
}

function headerOf(cypher: string, refuse: (problem: string, cause?: unknown) => TastegraphError): Header {
  try {
    const header = parseHeader(cypher);
    if (header.purpose === '')
      throw new SyntaxError("a comment above it must say what it is for: '// Not from a seller I returned to.'");
    return header;
  } catch (cause) {
    if (cause instanceof SyntaxError) throw refuse(cause.message, cause);
    throw cause;
  }
}
