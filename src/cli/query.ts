import { readFileSync } from 'node:fs';
import { problemOf, TastegraphError } from '../errors.ts';
import type { CommandOptions } from '../options.ts';
import { askCatalogue, askCypher, catalogue, type Run, withGraph } from '../pipeline.ts';
import { command } from './command.ts';
import { formatTable } from './terminal.ts';
import { assignments, cellOf } from './values.ts';

export default command('query', async (options, { words, run, print, paint }) => {
  const [name] = words;
  const { cypher } = options;
  if (name !== undefined && cypher !== undefined) {
    const problem = 'it goes without a name: say either a question of the catalogue or Cypher';
    throw new TastegraphError('options/invalid', { name: '--cypher', where: 'the command line', problem, given: name });
  }
  if (name === undefined && cypher === undefined) {
    const queries = await catalogue();
    const rows = queries.map(({ name: known, cost, purpose }) => [
      paint.cyan(known),
      cost.class,
      firstSentence(purpose),
    ]);
    print(formatTable(['question', 'cost', ''], rows, paint));
    return { queries: queries.map(({ text: _, ...described }) => described) };
  }
  const text = cypher === undefined ? undefined : readCypher(cypher);
  const { columns, rows, more } = await collect(options, run, name, text);
  const cells = rows.map((row) => row.map(cellOf));
  print(rows.length > 0 ? formatTable(columns, cells, paint) : paint.dim('no rows'));
  if (more) print(paint.dim(`and more: these are the first ${rows.length}; --limit asks for more`));
  return { query: name ?? 'cypher', columns, rows, more };
});

/** All rows of a question of the catalogue, or of Cypher from outside where there is any. */
async function collect(options: CommandOptions<'query'>, run: Run, name: string | undefined, text: string | undefined) {
  const { limit, timeout, freeCypherMemoryMb: memoryMb } = options;
  const limits = { limit, timeoutMs: timeout * 1000, signal: run.signal, memoryMb };
  const given = assignments(options.param, '--param');
  return await withGraph(options, run, async (graph) => {
    const answer = await (text === undefined
      ? askCatalogue(graph, name ?? '', given, limits)
      : askCypher(graph, text, jsonValues(given), limits));
    const rows: (readonly unknown[])[] = [];
    for await (const row of answer.rows) {
      rows.push(row);
      run.report({ phase: name ?? 'cypher', done: rows.length, unit: 'rows' });
    }
    return { columns: answer.columns, rows, more: answer.more() };
  });
}

/** Cypher from outside declares no types: what is JSON is taken as such, the rest as text. */
const jsonValues = (given: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(given).map(([key, text]) => [key, jsonOrText(text)]));

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A file, or standard input for '-'. Errors: options/invalid. */
export function readCypher(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (cause) {
    const problem = problemOf(cause);
    throw new TastegraphError(
      'options/invalid',
      { name: '--cypher', where: 'the command line', problem, given: path },
      cause,
    );
  }
}

const firstSentence = (text: string): string => /^.*?[.:](?= |$)/.exec(text)?.[0].replace(/:$/, '.') ?? text;
