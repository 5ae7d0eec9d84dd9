/** The catalogue of questions to the graph: `cypher/admin/*.cypher`, each described by its own header. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import neo4j from 'neo4j-driver';
import { TastegraphError } from '../../errors.ts';
import { packageRoot } from '../../package.ts';
import type { Graph } from '../driver.ts';
import { type Header, parseHeader } from './header.ts';
import { bindParameters, type GivenParameters } from './parameters.ts';
import { openRows, type RowLimits, type Rows } from './rows.ts';

export interface CatalogueQuery extends Required<Header> {
  /** The file's name without its ending. */
  readonly name: string;
  readonly text: string;
  /** Most rows that it answers: the greatest $limit. */
  readonly mostRows: number;
}

export const catalogueFolder = join(packageRoot, 'cypher', 'admin');

let catalogue: readonly CatalogueQuery[] | undefined;

/** All of the catalogue, by name. Read once a process. */
export function listQueries(): readonly CatalogueQuery[] {
  catalogue ??= readdirSync(catalogueFolder)
    .filter((file) => file.endsWith('.cypher'))
    .sort()
    .map((file) => ({
      name: file.slice(0, -'.cypher'.length),
      text: readFileSync(join(catalogueFolder, file), 'utf8'),
    }))
    // A statement of the program's own, which nobody asks by name, has no hint.
    .filter(({ text }) => text.includes('\n// :param '))
    .map(readQuery);
  return catalogue;
}

/** Errors: query/unknown. */
export function findQuery(name: string): CatalogueQuery {
  const found = listQueries().find((query) => query.name === name);
  if (found) return found;
  const known = listQueries().map((query) => query.name);
  throw new TastegraphError('query/unknown', { query: name, known: known.join(', ') });
}

/**
 * Asks a question of the catalogue. Of `limits.limit` and the question's own greatest limit the smaller counts.
 * Errors: query/unknown, query/parameter, query/timeout, query/memory, neo4j/*; the signal's reason.
 */
export async function askQuery(graph: Graph, name: string, given: GivenParameters, limits: RowLimits): Promise<Rows> {
  const { text, parameters, mostRows } = findQuery(name);
  const limit = Math.min(limits.limit, mostRows);
  const bound = bindParameters(name, parameters, { ...given, limit });
  // One row over the limit tells that there are more.
  return await openRows(graph, text, { ...bound, limit: neo4j.int(limit + 1) }, { ...limits, limit }, name);
}

function readQuery({ name, text }: { readonly name: string; readonly text: string }): CatalogueQuery {
  const { purpose, parameters, cost, hint } = parseHeader(text);
  const mostRows = parameters.find((parameter) => parameter.name === 'limit')?.range?.most;
  if (purpose === '' || !cost || hint === undefined || mostRows === undefined)
    throw new SyntaxError(
      `cypher/admin/${name}.cypher lacks its purpose, 'Cost: …', ':param {…}' or the range of $limit`,
    );
  return { name, text, purpose, parameters, cost, hint, mostRows };
}
