/** What administrators ask of the graph: questions of the catalogue, and Cypher of their own that only reads. */
import type { ApartLimits } from '../graph/admin/apart.ts';
import type { CatalogueQuery } from '../graph/admin/catalogue.ts';
import type { GivenParameters } from '../graph/admin/parameters.ts';
import type { RowLimits, Rows } from '../graph/admin/rows.ts';
import type { Graph } from '../graph/driver.ts';

/** The catalogue, by name. */
export async function catalogue(): Promise<readonly CatalogueQuery[]> {
  return (await import('../graph/admin/catalogue.ts')).listQueries();
}

/** Asks a question of the catalogue. Errors: query/unknown, query/parameter, query/timeout, query/memory, neo4j/*. */
export async function askCatalogue(
  graph: Graph,
  name: string,
  given: GivenParameters,
  limits: RowLimits,
): Promise<Rows> {
  const { askQuery } = await import('../graph/admin/catalogue.ts');
  return await askQuery(graph, name, given, limits);
}

/**
 * Runs Cypher from outside that only reads, on a thread of its own.
 * Errors: query/refused, query/timeout, query/memory, neo4j/*.
 */
export async function askCypher(
  graph: Graph,
  text: string,
  parameters: GivenParameters,
  limits: ApartLimits,
): Promise<Rows> {
  const { askFreely } = await import('../graph/admin/apart.ts');
  return await askFreely(graph, text, parameters, limits);
}
