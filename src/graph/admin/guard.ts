/**
 * Cypher from outside that may only read. Three walls, each enough for most of what could be tried: the text, by its tokens; the
 * plan that the server makes of it, by its operators; and the read transaction in which it then runs.
 */
import type { Plan } from 'neo4j-driver';
import { TastegraphError } from '../../errors.ts';
import { type Graph, graphError } from '../driver.ts';
import { keywords, readFunctions, readOperators, readProcedures, refusedWords } from './allowed.ts';
import { callsOf, type Token, tokensOf } from './lexer.ts';
import { limitError } from './rows.ts';

export interface GuardedPlan {
  readonly columns: readonly string[];
  /** Names of the parameters that the text uses. */
  readonly parameters: ReadonlySet<string>;
  /** Rows that the planner expects to pass through all operators together. */
  readonly rows: number;
}

/** Longest text, in characters: planning takes longer than linear. */
const mostLetters = 20_000;

/**
 * Checks that a text is one statement that only reads, by itself and by its plan. It is planned (EXPLAIN), not run.
 * `parameters` are values to plan with. Errors: query/refused, query/timeout, neo4j/*.
 */
export async function guardCypher(
  graph: Graph,
  text: string,
  parameters: Readonly<Record<string, unknown>>,
  timeoutMs: number,
): Promise<GuardedPlan> {
  const tokens = guardText(text);
  const session = graph.session({ mode: 'READ' });
  try {
    // The one place where text is put before text: EXPLAIN takes no parameter.
    const result = session.run(`EXPLAIN ${text}`, { ...parameters }, { timeout: timeoutMs });
    const columns = await result.keys();
    const { plan, queryType } = await result.summary();
    if (!plan || queryType !== 'r') throw refused('the server does not take it for a statement that only reads');
    const rows = guardPlan(plan, graph.connection.database);
    const used = new Set(tokens.filter(({ kind }) => kind === 'parameter').map((token) => token.text));
    return { columns, parameters: used, rows };
  } catch (thrown) {
    if (thrown instanceof TastegraphError) throw thrown;
    const known = limitError(thrown, 'planning', timeoutMs) ?? graphError(thrown, graph.connection, 'that was sent');
    if (known instanceof TastegraphError && known.code === 'neo4j/query-failed')
      throw refused(String(known.details.problem), thrown);
    throw known;
  } finally {
    await session.close();
  }
}

const refused = (problem: string, cause?: unknown) => new TastegraphError('query/refused', { problem }, cause);

/** Refuses by the text alone, and answers its tokens. Errors: query/refused. */
export function guardText(text: string): readonly Token[] {
  if (text.length > mostLetters) throw refused(`it is longer than ${mostLetters} characters`);
  let tokens: readonly Token[];
  try {
    tokens = tokensOf(text);
  } catch (cause) {
    throw refused((cause as SyntaxError).message, cause);
  }
  const [first] = tokens;
  if (!first) throw refused('it is empty');
  if (first.kind === 'word' && /^(explain|profile|cypher)$/i.test(first.text))
    throw refused(`it begins with ${first.text.toUpperCase()}: give the statement alone`);
  const end = tokens.findIndex(({ kind, text: sign }) => kind === 'sign' && sign === ';');
  if (end >= 0 && end < tokens.length - 1) throw refused('it holds several statements: give one');
  for (const [at, { kind, text: word }] of tokens.entries()) {
    if (kind !== 'word' || !refusedWords.has(word.toLowerCase())) continue;
    const [before, after] = [tokens[at - 1]?.text ?? '', tokens[at + 1]?.text ?? ''];
    // A property, a label, or a key of a map may have any name.
    if (['.', ':', '|', '&', '!'].includes(before) || after === ':') continue;
    throw refused(`${word.toUpperCase()} is not allowed; as a name, put it in backticks`);
  }
  for (const name of callsOf(tokens)) guardCall(name);
  return tokens;
}

function guardCall(name: string): void {
  const lower = name.toLowerCase();
  if (readFunctions.has(lower) || readProcedures.has(lower) || keywords.has(lower)) return;
  throw refused(`'${name}' is no function or procedure that may be called here`);
}

/** Refuses by the operators of a plan, and answers how many rows are expected in all of them. */
function guardPlan({ operatorType, arguments: details, children }: Plan, database: string): number {
  const [, operator = '', where = database] = /^([^(@]+)(?:\(.*\))?(?:@(.+))?$/.exec(operatorType) ?? [];
  if (!readOperators.has(operator.toLowerCase()))
    throw refused(`its plan holds ${operator || operatorType}, which is not known to only read`);
  if (where.toLowerCase() !== database.toLowerCase()) throw refused('it reads another database');
  const about = String(details.Details ?? '');
  if (operator === 'ProcedureCall') {
    const procedure = /^[\w.]+/.exec(about)?.[0] ?? about;
    if (!readProcedures.has(procedure.toLowerCase())) throw refused(`procedure ${procedure} is not allowed`);
  } else guardDetails(about);
  const own = Number(details.EstimatedRows ?? 0);
  return children.reduce((sum, child) => sum + guardPlan(child, database), own);
}

/** What the server understood, in its own words: a second look at the functions. It shortens and marks names in ways that are no Cypher. */
function guardDetails(about: string): void {
  let calls: readonly string[];
  try {
    calls = callsOf(tokensOf(about));
  } catch {
    return; // Not Cypher any more; the text itself was looked at.
  }
  for (const name of calls) if (name.includes('.')) guardCall(name);
}
